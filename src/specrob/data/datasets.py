"""A data specification to tensors of images and labels.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels.
"""

import math
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor

from specrob.artifacts import Data, digest
from specrob.data.normalization import normalize_
from specrob.data.sources import Place, Raw, parse
from specrob.data.transforms import Transform
from specrob.errors import DataError, UsageError
from specrob.linalg import Bounds

SPLITS = ("train", "test")
MOST_CLASSES = 2**20


@dataclass(frozen=True)
class Images:
    """One split, ready to be seen.

    Parameters
    ----------
    images : Tensor, (B, C, H, W), float32
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

    Examples
    --------
    >>> three = load("digits", "test", limit=3)
    >>> len(three), three.high
    (3, tensor([1., 1., 1.]))
    """

    images: Tensor
    labels: Tensor
    index: Tensor
    high: Tensor
    classes: int
    name: str
    digest: str

    def __len__(self) -> int:
        return len(self.images)

    @property
    def selection(self) -> str:
        """SHA-256 of the split, and of which of its images these are."""
        return digest({"index": self.index.cpu().numpy()}, {"images": self.digest})

    def to(self, device: torch.device) -> "Images":
        """Return the same images on a device."""
        parts = {n: getattr(self, n).to(device) for n in ("images", "labels", "index", "high")}
        return replace(self, **parts)

    def take(self, rows: Tensor | slice) -> "Images":
        """Return some of the images.

        >>> load("digits", "test", limit=3).take(slice(1, 3)).index
        tensor([1, 2])
        """
        parts = {n: getattr(self, n)[rows] for n in ("images", "labels", "index", "high")}
        return replace(self, **parts)

    def bounds(self, wanted: str = "valid") -> Bounds:
        """Return the box of "valid", "none" or "LO:HI" for every image.

        Raises
        ------
        UsageError
            If it is none of these.

        Examples
        --------
        >>> box = load("digits", "test", limit=1).bounds("-1:2")
        >>> box.low, box.high
        (tensor([-1.]), tensor([2.]))
        """
        if wanted == "valid":
            return Bounds(torch.where(self.high.isinf(), -torch.inf, 0.0), self.high)
        try:
            ends = "-inf:inf" if wanted == "none" else wanted
            low, high = map(float, ends.split(":"))
            if not low < high:
                raise ValueError
        except ValueError:
            raise UsageError(
                f"--bounds: expected valid, none or LO:HI with LO below HI, found `{wanted}`"
            ) from None
        return Bounds(torch.full_like(self.high, low), torch.full_like(self.high, high))


def load(
    spec: str,
    split: str,
    *,
    normalize: str = "none",
    limit: int | None = None,
    root: str = "data",
    download: bool = False,
    change: Transform | None = None,
) -> Images:
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
    change : callable, optional
        Applied to the pixels before they are normalized; their range is then unbounded.

    Raises
    ------
    UsageError, DataError
        If the images are not there or not what they should be.

    Examples
    --------
    >>> digits = load("digits", "test", limit=5)
    >>> digits.images.shape, digits.classes
    (torch.Size([5, 1, 8, 8]), 10)
    """
    place = parse(spec)
    raw = place.read(split, root, download)
    labels = _labels(raw, place)
    count = min(limit or len(labels), len(labels))
    images = _to_tensor(raw, place, count)
    if change is not None:
        images = change(images, range(count))
    return Images(
        images=images,
        labels=torch.from_numpy(labels[:count]),
        index=torch.arange(count),
        high=normalize_(images, normalize) * (math.inf if change or not raw.bounded else 1.0),
        classes=int(labels.max()) + 1,
        name=raw.name,
        digest=digest({"images": raw.images, "labels": raw.labels}),
    )


def describe(spec: str, *, root: str, name: str, digests: dict[str, str]) -> Data:
    """Return the record of the images that goes into provenance; paths become absolute.

    Raises
    ------
    UsageError, DataError
        If it names no images.

    Examples
    --------
    >>> describe("digits", root="/sets", name="scikit-learn's digits", digests={}).root
    '/sets'
    """
    path = parse(spec).path
    home = str(Path(root).resolve())  # so that a model's images are found from any folder
    return Data(str(path.resolve()) if path else spec, name, home, digests)


def _labels(raw: Raw, place: Place) -> np.ndarray:
    labels = np.asarray(raw.labels)
    if labels.ndim != 1 or labels.shape != raw.images.shape[:1] or not len(labels):
        raise DataError(
            f"expected one label an image in {place.spec}, found labels {labels.shape} "
            f"for images {raw.images.shape}"
        )
    if labels.dtype.kind not in "iu" or labels.min() < 0 or labels.max() >= MOST_CLASSES:
        raise DataError(
            f"expected labels that are integers from 0 to {MOST_CLASSES - 1} in {place.spec}, "
            f"found {labels.dtype} from {labels.min()} to {labels.max()}"
        )
    return labels.astype(np.int64)


def _to_tensor(raw: Raw, place: Place, count: int) -> Tensor:
    images = _channels_first(raw.images, place)[:count]
    if not images.size:
        raise DataError(f"expected pixels in {place.spec}, found images {raw.images.shape}")
    if images.dtype == np.uint8:
        return torch.from_numpy(np.ascontiguousarray(images)).float().div_(255)
    if images.dtype.kind != "f":
        raise DataError(f"expected uint8 or float images in {place.spec}, found {images.dtype}")
    tensor = torch.from_numpy(np.array(images, np.float32, order="C"))
    low, high = tensor.aminmax()
    if not (low.isfinite() and high.isfinite()) or (raw.bounded and (low < 0 or high > 1)):
        raise DataError(
            f"expected pixels in [0, 1] in {place.spec}, found {low:g} to {high:g}; "
            "divide float images by 255, or save uint8"
        )
    return tensor


def _channels_first(images: np.ndarray, place: Place) -> np.ndarray:
    """Return (B, C, H, W) of (B, H, W), (B, H, W, C), (B, C, H, W) or flattened (B, D)."""
    colours = (1, 3, 4)
    if images.ndim == 2:
        squares = [(c, math.isqrt(images.shape[1] // c)) for c in (1, 3)]
        c, side = next((s for s in squares if s[0] * s[1] ** 2 == images.shape[1]), (1, 0))
        return images.reshape(len(images), c, side or 1, side or images.shape[1])
    if images.ndim == 3:
        return images[:, None]
    if images.ndim == 4:
        _, first, height, last = images.shape
        if first in colours and (last not in colours or first != height == last):
            return images
        if last in colours:
            return np.moveaxis(images, 3, 1)
    raise DataError(
        f"expected images (N, H, W), (N, H, W, C), (N, C, H, W) or (N, D) in {place.spec}, "
        f"found {images.shape}"
    )
