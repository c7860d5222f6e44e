"""Loading one split of a data source, as tensors where it fits into memory.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels.
"""

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from specrob.artifacts import Data
from specrob.data.image_set import ImageSet, StoredPixels
from specrob.data.minibatches import row_slices, rows_at_a_time
from specrob.data.normalization import image_norm, normalize_
from specrob.data.pixels import Rows, stored_images
from specrob.data.raw_split import RawSplit
from specrob.data.sources import parse_source
from specrob.data.transforms import Transform
from specrob.errors import DataError
from specrob.settings.images import DEFAULT_ROOT, Resize, Split, resize_sides

MAX_CLASSES = 2**20
KEEP = 2**28  # numbers of all images, 1 GiB as float32


def load_image_set(
    spec: str,
    split: Split,
    *,
    normalize: str = "none",
    limit: int | None = None,
    root: str = DEFAULT_ROOT,
    download: bool = False,
    resize: Resize | None = None,
    change: Transform | None = None,
    transform: tuple[str, ...] = (),
    keep: int = KEEP,
) -> ImageSet:
    """Return one split of a data source.

    Parameters
    ----------
    spec : str
        A name, an NPZ file, a folder of class folders, or noise:CxHxW[:STD].
    split : {"train", "test"}
    normalize : str
        "none", "lP", or "standard" and "mean=M,std=S", which a model does itself.
    limit : int, optional
        Number of images, from the first.
    root : str
        Folder of torchvision's data sets.
    download : bool
        Whether to download a missing data set.
    resize : int or str, optional, pixels
        Side of the square to which images are resized first; see `resizing.resize`.
    change : callable, optional
        Applied to the pixels before they are normalized; their range is then unbounded.
    transform : tuple of str
        What it does.
    keep : int
        Up to so many numbers images are float32 tensors; more stay as stored, and are made
        float32 whenever they are used.

    Raises
    ------
    UsageError, DataError
        If the images are missing or broken.

    Examples
    --------
    >>> digits = load_image_set("digits", "test", limit=5)
    >>> digits.pixels.shape, digits.classes
    (torch.Size([5, 1, 8, 8]), 10)
    """
    raw = parse_source(spec).read(split, root, download)
    labels = _labels(raw, spec)
    count = min(limit or len(labels), len(labels))
    stored = stored_images(raw, spec, count, resize, keep=keep)

    def read(rows: Rows) -> tuple[Tensor, Tensor]:
        pixels = stored.read(rows)
        pixels = pixels if change is None else change(pixels, rows.tolist())
        return pixels, normalize_(pixels, normalize)

    source: Tensor | StoredPixels = StoredPixels(stored.shape, lambda rows: read(rows)[0])
    high = torch.ones(count)
    is_kept = count * math.prod(stored.shape) <= keep
    if is_kept or image_norm(normalize) is not None:
        whole = torch.empty(count, *stored.shape) if is_kept else None
        for rows in row_slices(count, rows_at_a_time(stored.shape)):
            pixels, high[rows] = read(np.arange(count)[rows])
            if whole is not None:
                whole[rows] = pixels
        source = source if whole is None else whole
    return ImageSet(
        source=source,
        labels=torch.from_numpy(labels[:count]),
        index=torch.arange(count),
        high=high * (math.inf if change or not raw.bounded else 1.0),
        classes=int(labels.max()) + 1,
        name=f"{raw.name}, {_size(resize)}" if resize and stored.resized else raw.name,
        digest=stored.digest,
        resize=resize if stored.resized else None,
        transform=transform,
        split=split,
    )


def _size(resize: Resize) -> str:
    """Return a size as it is usually written.

    >>> _size(32), _size("256:224")
    ('32x32', '224x224 of 256')
    """
    side, crop = resize_sides(resize)
    return f"{crop}x{crop}" + (f" of {side}" if crop < side else "")


def describe_source(
    spec: str,
    *,
    root: str,
    name: str,
    digests: dict[str, str],
    resize: Resize | None = None,
    transform: tuple[str, ...] = (),
    used: Split | None = None,
) -> Data:
    """Return the record of images for provenance; paths become absolute.

    Raises
    ------
    UsageError, DataError
        If the specification names no images.

    Examples
    --------
    >>> describe_source("digits", root="/sets", name="scikit-learn's digits", digests={}).root
    '/sets'
    """
    path = parse_source(spec).path
    home = str(Path(root).resolve())  # absolute, for runs from any folder
    absolute = str(path.resolve()) if path else spec
    return Data(absolute, name, home, digests, resize, transform, used)


def _labels(raw: RawSplit, spec: str) -> NDArray[np.int64]:
    labels = np.asarray(raw.labels)
    if labels.ndim != 1 or labels.shape != raw.images.shape[:1] or not len(labels):
        raise DataError(
            f"expected one label per image in {spec}, found labels {labels.shape} "
            f"for images {raw.images.shape}"
        )
    wanted = f"expected labels that are integers from 0 to {MAX_CLASSES - 1} in {spec}, found"
    if labels.dtype.kind not in "iu":
        raise DataError(f"{wanted} {labels.dtype}; number the classes")
    if labels.min() < 0 or labels.max() >= MAX_CLASSES:
        raise DataError(f"{wanted} {labels.min()} to {labels.max()}; number the classes")
    return labels.astype(np.int64)
