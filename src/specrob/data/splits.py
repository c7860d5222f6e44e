"""Loading one split of a data source as tensors.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels.
"""

import math
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from specrob.artifacts import Data
from specrob.data.image_set import ImageSet
from specrob.data.normalization import normalize_
from specrob.data.pixels import to_pixels
from specrob.data.raw_split import RawSplit
from specrob.data.sources import parse_source
from specrob.data.transforms import Transform
from specrob.errors import DataError
from specrob.settings.images import DEFAULT_ROOT, Split

MAX_CLASSES = 2**20


def load_image_set(
    spec: str,
    split: Split,
    *,
    normalize: str = "none",
    limit: int | None = None,
    root: str = DEFAULT_ROOT,
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
        "none", "lP", or "standard" and "mean=M,std=S", which a model does itself.
    limit : int, optional
        Number of images, from the first.
    root : str
        Folder of torchvision's data sets.
    download : bool
        Whether to download a missing data set.
    resize : int, optional, pixels
        Side of the square to which images are resized first; see `resizing.resize`.
    change : callable, optional
        Applied to the pixels before they are normalized; their range is then unbounded.

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
        If the specification names no images.

    Examples
    --------
    >>> describe_source("digits", root="/sets", name="scikit-learn's digits", digests={}).root
    '/sets'
    """
    path = parse_source(spec).path
    home = str(Path(root).resolve())  # absolute, for runs from any folder
    return Data(str(path.resolve()) if path else spec, name, home, digests, resize)


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
