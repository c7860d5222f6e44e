"""Images and labels as tensors, loaded from a data specification.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from specrob.artifacts import Data, digest
from specrob.data.normalization import normalize_
from specrob.data.pixels import to_pixels
from specrob.data.raw_split import RawSplit
from specrob.data.sources import parse_source
from specrob.data.transforms import Transform
from specrob.errors import DataError, UsageError
from specrob.geometry import Bounds
from specrob.settings.images import Split

MOST_CLASSES = 2**20


@dataclass(frozen=True)
class ImageSet:
    """One split, ready to be shown to a network.

    Parameters
    ----------
    pixels : Tensor, (B, C, H, W), float32
        In [0, 1], or divided by their own norm.
    labels : Tensor, (B,), int64
    index : Tensor, (B,), int64
        Positions in the whole split.
    high : Tensor, (B,)
        The highest valid pixel of each image, the lowest being 0; inf where there is none.
    classes : int
        One more than the highest label of the whole split.
    name : str
        Title for figures.
    digest : str
        SHA-256 of the whole split as stored.
    resize : int or None, pixels
        The size to which they were brought, where they had another.

    Examples
    --------
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
        """Return the same of some of these images.

        >>> digits = load_image_set("digits", "test", limit=3)
        >>> digits.selection_of(np.array([True, False, True])) == digits.selection
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


def load_image_set(
    spec: str,
    split: Split,
    *,
    normalize: str = "none",
    limit: int | None = None,
    root: str = "data",
    download: bool = False,
    resize: int | None = None,
    change: Transform | None = None,
) -> ImageSet:
    """Return one split of a data source as float32 tensors.

    Parameters
    ----------
    spec : str
        A name, an NPZ file, a folder of class folders, or noise:CxHxW[:STD].
    split : {"train", "test"}
    normalize : str
        "none", "standard" (which a model does itself) or "lP".
    limit : int, optional
        Only the first so many images.
    root : str
        Where torchvision's sets lie.
    download : bool
        Whether they may be fetched.
    resize : int, optional, pixels
        Side of the square that images become before all else; see `resizing.resize`.
    change : callable, optional
        Applied to the pixels before they are normalized; their range is then unbounded.

    Raises
    ------
    UsageError, DataError
        If the images are not there or not what they should be.

    Examples
    --------
    >>> digits = load_image_set("digits", "test", limit=5)
    >>> digits.pixels.shape, digits.classes
    (torch.Size([5, 1, 8, 8]), 10)
    """
    raw = parse_source(spec).read(split, root, download)
    labels = _labels(raw, spec)
    count = min(limit or len(labels), len(labels))
    images, stored_digest, resized = to_pixels(raw, spec, count, resize)
    if change is not None:
        images = change(images, range(count))
    return ImageSet(
        pixels=images,
        labels=torch.from_numpy(labels[:count]),
        index=torch.arange(count),
        high=normalize_(images, normalize) * (math.inf if change or not raw.bounded else 1.0),
        classes=int(labels.max()) + 1,
        name=f"{raw.name}, {resize}x{resize}" if resized else raw.name,
        digest=stored_digest,
        resize=resize if resized else None,
    )


def describe_source(
    spec: str, *, root: str, name: str, digests: dict[str, str], resize: int | None = None
) -> Data:
    """Return the record of images for provenance; paths become absolute.

    Raises
    ------
    UsageError, DataError
        If it names no images.

    Examples
    --------
    >>> describe_source("digits", root="/sets", name="scikit-learn's digits", digests={}).root
    '/sets'
    """
    path = parse_source(spec).path
    home = str(Path(root).resolve())  # so that a model's images are found from any folder
    return Data(str(path.resolve()) if path else spec, name, home, digests, resize)


def _labels(raw: RawSplit, spec: str) -> NDArray[np.int64]:
    labels = np.asarray(raw.labels)
    if labels.ndim != 1 or labels.shape != raw.images.shape[:1] or not len(labels):
        raise DataError(
            f"expected one label an image in {spec}, found labels {labels.shape} "
            f"for images {raw.images.shape}"
        )
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= MOST_CLASSES:
        raise DataError(
            f"expected labels that are integers from 0 to {MOST_CLASSES - 1} in {spec}, "
            f"found {labels.dtype} from {labels.min()} to {labels.max()}"
        )
    return labels.astype(np.int64)
