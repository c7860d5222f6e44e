"""Images and labels as tensors.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels.
"""

from dataclasses import dataclass, replace
from typing import Any

import torch
from numpy.typing import NDArray
from torch import Tensor

from specrob.artifacts import digest
from specrob.errors import UsageError
from specrob.norm_balls import Bounds


@dataclass(frozen=True)
class ImageSet:
    """One split as tensors, normalized for a network.

    Parameters
    ----------
    pixels : Tensor, (B, C, H, W), float32
        In [0, 1], or divided by the norm of each image.
    labels : Tensor, (B,), int64
    index : Tensor, (B,), int64
        Positions in the whole split.
    high : Tensor, (B,)
        The highest valid pixel of each image, where the lowest is 0; inf if unbounded.
    classes : int
        One more than the highest label of the whole split.
    name : str
        Title for figures.
    digest : str
        SHA-256 of the whole split as stored.
    resize : int or None, pixels
        Side to which the images were resized, if they were.

    Examples
    --------
    >>> from specrob.data import load_image_set
    >>> three = load_image_set("digits", "test", limit=3)
    >>> len(three), three.high
    (3, tensor([1., 1., 1.]))
    """

    pixels: Tensor
    labels: Tensor
    index: Tensor
    high: Tensor
    classes: int
    name: str
    digest: str
    resize: int | None = None

    def __len__(self) -> int:
        return len(self.pixels)

    @property
    def selection(self) -> str:
        """SHA-256 of the split, of which of its images these are, and of their size if changed."""
        return self.selection_of(slice(None))

    def selection_of(self, rows: NDArray[Any] | slice) -> str:
        """Return the same SHA-256 for some of these images.

        >>> from specrob.data import load_image_set
        >>> digits = load_image_set("digits", "test", limit=3)
        >>> digits.selection_of(slice(2)) == digits.selection
        False
        """
        facts: dict[str, str | int] = {"images": self.digest}
        if self.resize:
            facts["resize"] = self.resize
        return digest({"index": self.index.cpu().numpy()[rows]}, facts)

    def to(self, device: torch.device) -> "ImageSet":
        """Return the same images on a device."""
        return replace(
            self,
            pixels=self.pixels.to(device),
            labels=self.labels.to(device),
            index=self.index.to(device),
            high=self.high.to(device),
        )

    def take(self, rows: Tensor | slice) -> "ImageSet":
        """Return some of the images.

        >>> from specrob.data import load_image_set
        >>> load_image_set("digits", "test", limit=3).take(slice(1, 3)).index
        tensor([1, 2])
        """
        return replace(
            self,
            pixels=self.pixels[rows],
            labels=self.labels[rows],
            index=self.index[rows],
            high=self.high[rows],
        )

    def bounds(self, form: str = "valid") -> Bounds:
        """Return the box of "valid", "none" or "LO:HI" for every image.

        Raises
        ------
        UsageError
            If it is none of these.

        Examples
        --------
        >>> from specrob.data import load_image_set
        >>> box = load_image_set("digits", "test", limit=1).bounds("-1:2")
        >>> box.low, box.high
        (tensor([-1.]), tensor([2.]))
        """
        if form == "valid":
            return Bounds(torch.where(self.high.isinf(), -torch.inf, 0.0), self.high)
        try:
            ends = "-inf:inf" if form == "none" else form
            low, high = map(float, ends.split(":"))
            if not low < high:
                raise ValueError
        except ValueError:
            raise UsageError(
                f"`bounds`: expected valid, none or LO:HI with LO below HI, found `{form}`"
            ) from None
        return Bounds(torch.full_like(self.high, low), torch.full_like(self.high, high))
