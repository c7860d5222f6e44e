"""Images as stored, of which some at a time become float32, and the digest of what is stored.

Letters: ``B`` images, ``b`` of them, ``C`` channels, ``H`` and ``W`` pixels, ``D = C H W``.
"""

import math
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from specrob.artifacts import digest
from specrob.artifacts.artifact import Stack
from specrob.data.image_folder import ImageFolderSplit
from specrob.data.minibatches import row_slices, rows_at_a_time
from specrob.data.raw_split import Array, RawSplit
from specrob.data.resizing import keeps_size, resize
from specrob.errors import DataError
from specrob.settings.images import Resize, resize_sides

Rows = NDArray[np.int64]  # positions of images in their split


@dataclass(frozen=True)
class StoredImages:
    """The first images of a split.

    Parameters
    ----------
    shape : (C, H, W)
        Of an image, after resizing.
    digest : str
        SHA-256 of the whole split as stored.
    resized : bool
        Whether sizes are changed.
    read : callable, (b,) -> (b, C, H, W), float32, in [0, 1]
        Returns the pixels of the images at some rows.
    """

    shape: tuple[int, ...]
    digest: str
    resized: bool
    read: Callable[[Rows], Tensor]


def stored_images(
    raw: RawSplit, spec: str, count: int, to: Resize | None, *, keep: int
) -> StoredImages:
    """Return the first images of a split.

    Parameters
    ----------
    spec : str
        The data specification, for messages.
    to : int, str or None, pixels
        How images are resized.
    keep : int
        Up to so many numbers, pictures in files are read only once.

    Raises
    ------
    DataError
        If they are no images, or their pixels are out of range.
    """
    if isinstance(raw.images, ImageFolderSplit):
        return _pictures(raw.images, count, to, keep)
    images = _channels_first(raw.images, spec)[:count]
    if not images.size:
        raise DataError(f"expected pixels in {spec}, found images {raw.images.shape}")
    _check_numbers(images, raw.bounded, spec)
    whole, shape = _digest(raw.images, raw.labels), images.shape[1:]
    if to is None or keeps_size(shape[1:], to):
        return StoredImages(shape, whole, False, lambda rows: _to_float(images[rows]))
    if min(shape[1:]) == 1:
        raise DataError(
            f"expected images to resize in {spec}, found rows of {math.prod(shape)} numbers; "
            "drop `resize`"
        )
    square = (shape[0], *[resize_sides(to)[1]] * 2)
    return StoredImages(square, whole, True, lambda rows: resize(_to_float(images[rows]), to))


def _digest(images: Array | Stack, labels: Array) -> str:
    return digest({"images": images, "labels": labels})


def _pictures(
    pictures: ImageFolderSplit, count: int, to: Resize | None, keep: int
) -> StoredImages:
    """Return the same for pictures, of which only one at a time is in memory as stored."""
    first = pictures[0]
    sizes: set[tuple[int, ...]] = set()
    sides = first.shape[:2] if to is None else [resize_sides(to)[1]] * 2
    shape = (3, *sides)
    kept = torch.empty(count, *shape) if count * math.prod(shape) <= keep else None

    def read(picture: Array) -> Tensor:
        pixels = _to_float(np.moveaxis(picture, 2, 0)[None])
        return pixels if to is None else resize(pixels, to)

    def stored() -> Iterator[Array]:
        for at, picture in enumerate(pictures):
            sizes.add(picture.shape[:2])
            if to is None:
                pictures.check_sizes(sizes)
            if kept is not None and at < count:
                kept[at] = read(picture)[0]
            if picture.shape != first.shape:
                yield np.array(picture.shape)
            yield picture

    whole = _digest(Stack(first.dtype, (*pictures.shape, *first.shape), stored()), pictures.labels)
    resized = to is not None and not (len(sizes) == 1 and keeps_size(first.shape[:2], to))

    def read_rows(rows: Rows) -> Tensor:
        if kept is not None:
            return kept[torch.from_numpy(rows)]
        return torch.cat([read(pictures[int(row)]) for row in rows])

    return StoredImages(shape, whole, resized, read_rows)


def _check_numbers(images: Array, bounded: bool, spec: str) -> None:
    """Raise DataError unless the images, (B, C, H, W), are bytes, or numbers in [0, 1]."""
    if images.dtype == np.uint8:
        return
    if images.dtype.kind != "f":
        raise DataError(
            f"expected uint8 or float images in {spec}, found {images.dtype}; convert them"
        )
    slices = row_slices(len(images), rows_at_a_time(images.shape[1:]))
    ends = torch.stack([end for rows in slices for end in _to_float(images[rows]).aminmax()])
    low, high = ends.aminmax()
    if not (low.isfinite() and high.isfinite()):
        raise DataError(f"expected finite pixels in {spec}, found NaN or inf; mend the images")
    if bounded and (low < 0 or high > 1):
        raise DataError(
            f"expected pixels in [0, 1] in {spec}, found {low:g} to {high:g}; "
            "divide float images by 255, or save uint8"
        )


def _to_float(images: Array) -> Tensor:
    """Return a copy as float32, bytes divided by 255."""
    if images.dtype == np.uint8:
        return torch.from_numpy(np.array(images, order="C")).float().div_(255)
    return torch.from_numpy(np.array(images, np.float32, order="C"))


def _channels_first(images: Array, spec: str) -> Array:
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
        f"expected images (N, H, W), (N, H, W, C), (N, C, H, W) or (N, D) in {spec}, "
        f"found {images.shape}"
    )
