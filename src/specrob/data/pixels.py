"""Stored images as float32 tensors, and the digest of what is stored.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels, ``D = C H W``.
"""

import math
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor

from specrob.artifacts import digest
from specrob.artifacts.artifact import Stack
from specrob.data.image_folder import ImageFolderSplit
from specrob.data.raw_split import Array, RawSplit
from specrob.data.resizing import chunk_size, resize
from specrob.errors import DataError


def to_pixels(raw: RawSplit, spec: str, count: int, side: int | None) -> tuple[Tensor, str, bool]:
    """Return the first images, the digest of all as stored, and whether sizes were changed.

    Parameters
    ----------
    spec : str
        The data specification, for messages.
    side : int or None, pixels
        The side to which images are resized, a few at a time.

    Returns
    -------
    images : Tensor, (B, C, H, W), float32, in [0, 1]
    digest : str
    resized : bool

    Raises
    ------
    DataError
        If they are no images, or their pixels are out of range.
    """
    stored = raw.images
    if isinstance(stored, ImageFolderSplit):
        if side is not None:
            return _resized_pictures(stored, count, side)
        stored = stored.stack()
    images, stored_digest = _channels_first(stored, spec)[:count], _digest(stored, raw.labels)
    if not images.size:
        raise DataError(f"expected pixels in {spec}, found images {stored.shape}")
    if side is None or images.shape[2:] == (side, side):
        return _to_tensor(images, raw.bounded, spec), stored_digest, False
    if min(images.shape[2:]) == 1:
        raise DataError(
            f"expected images to resize in {spec}, found rows of {images[0].size} numbers; "
            "drop `resize`"
        )
    resized = torch.empty(len(images), images.shape[1], side, side)
    for rows in torch.split(torch.arange(len(images)), chunk_size(images.shape[1:], side)):
        part = slice(int(rows[0]), int(rows[-1]) + 1)
        resized[part] = resize(_to_tensor(images[part], raw.bounded, spec), side)
    return resized, stored_digest, True


def _digest(images: Array | Stack, labels: Array) -> str:
    return digest({"images": images, "labels": labels})


def _resized_pictures(
    pictures: ImageFolderSplit, count: int, side: int
) -> tuple[Tensor, str, bool]:
    """Return the same for pictures, of which only one at a time is in memory as stored."""
    resized = torch.empty(count, 3, side, side)
    first = next(iter(pictures))
    sizes: set[tuple[int, ...]] = set()

    def stored() -> Iterator[Array]:
        for at, picture in enumerate(pictures):
            sizes.add(picture.shape[:2])
            if at < count:
                tensor = torch.from_numpy(np.moveaxis(picture, 2, 0)[None].copy())
                resized[at] = resize(tensor.float().div_(255), side)[0]
            if picture.shape != first.shape:
                yield np.array(picture.shape)
            yield picture

    stack = Stack(first.dtype, (*pictures.shape, *first.shape), stored())
    return resized, _digest(stack, pictures.labels), sizes != {(side, side)}


def _to_tensor(images: Array, bounded: bool, spec: str) -> Tensor:
    if images.dtype == np.uint8:
        return torch.from_numpy(np.ascontiguousarray(images)).float().div_(255)
    if images.dtype.kind != "f":
        raise DataError(
            f"expected uint8 or float images in {spec}, found {images.dtype}; convert them"
        )
    tensor = torch.from_numpy(np.array(images, np.float32, order="C"))
    low, high = tensor.aminmax()
    if not (low.isfinite() and high.isfinite()) or (bounded and (low < 0 or high > 1)):
        raise DataError(
            f"expected pixels in [0, 1] in {spec}, found {low:g} to {high:g}; "
            "divide float images by 255, or save uint8"
        )
    return tensor


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
