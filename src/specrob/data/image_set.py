"""Images and labels as tensors; many large images stay as stored, and batches are made of them.

Letters: ``B`` images, ``b`` of them, ``C`` channels, ``H`` and ``W`` pixels.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from specrob.artifacts import digest
from specrob.data.minibatches import row_slices, rows_at_a_time
from specrob.errors import UsageError
from specrob.norms import Bounds
from specrob.settings.images import Resize, Split


@dataclass(frozen=True)
class StoredPixels:
    """Images that are read, and become float32, each time that they are used.

    Parameters
    ----------
    shape : (C, H, W)
    read : callable, (b,) -> (b, C, H, W), float32
        Returns the pixels of the images at some positions of the split.
    """

    shape: tuple[int, ...]
    read: Callable[[NDArray[np.int64]], Tensor]


@dataclass(frozen=True)
class ImageSet:
    """One split, normalized for a network.

    Images are taken by `images[rows]`, a few at a time, as (b, C, H, W), float32; by `pixels` all
    at once.

    Parameters
    ----------
    source : Tensor, (B, C, H, W), float32, or StoredPixels
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
    resize : int, str or None, pixels
        How the images were resized, if they were.
    transform : tuple of str
        What was done to the pixels, with the seed of what is random.
    split : {"train", "test"}

    Examples
    --------
    >>> from specrob.data import load_image_set
    >>> three = load_image_set("digits", "test", limit=3)
    >>> len(three), three.high
    (3, tensor([1., 1., 1.]))
    """

    source: Tensor | StoredPixels
    labels: Tensor
    index: Tensor
    high: Tensor
    classes: int
    name: str
    digest: str
    resize: Resize | None = None
    transform: tuple[str, ...] = ()
    split: Split = "test"

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, rows: slice | Tensor | Sequence[int]) -> Tensor:
        """Return the pixels of some images, (b, C, H, W), float32."""
        if isinstance(self.source, Tensor):
            return self.source[rows]
        return self.source.read(self.index[rows].cpu().numpy()).to(self.device)

    def parts(self) -> Iterator[Tensor]:
        """Yield the pixels of all images, (b, C, H, W) each, in as few parts as memory allows."""
        size = len(self) if isinstance(self.source, Tensor) else rows_at_a_time(self.shape)
        return (self[rows] for rows in row_slices(len(self), size))

    @property
    def pixels(self) -> Tensor:
        """All images, (B, C, H, W), float32."""
        return self[:]

    @property
    def shape(self) -> tuple[int, ...]:
        """Channels, height and width of an image."""
        shape = self.source.shape
        return tuple(shape[1:] if isinstance(self.source, Tensor) else shape)

    @property
    def device(self) -> torch.device:
        """Where the images are used."""
        return self.labels.device

    @property
    def selection(self) -> str:
        """SHA-256 of the split, of which of its images these are, and of what was done to them."""
        return self.selection_of(slice(None))

    def selection_of(self, rows: NDArray[Any] | slice) -> str:
        """Return the same SHA-256 for some of these images.

        >>> from specrob.data import load_image_set
        >>> digits = load_image_set("digits", "test", limit=3)
        >>> digits.selection_of(slice(2)) == digits.selection
        False
        """
        facts: dict[str, object] = {"images": self.digest}
        if self.resize:
            facts["resize"] = self.resize
        if self.transform:
            facts["transform"] = self.transform
        return digest({"index": self.index.cpu().numpy()[rows]}, facts)

    def to(self, device: torch.device) -> "ImageSet":
        """Return the same images on a device."""
        source = self.source.to(device) if isinstance(self.source, Tensor) else self.source
        return replace(
            self,
            source=source,
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
            source=self[rows] if isinstance(self.source, Tensor) else self.source,
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
