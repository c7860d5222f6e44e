"""Resizing: the shorter side becomes N pixels, and a square in the centre is kept.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import interpolate

from specrob.settings.images import Resize, resize_sides

CHUNK = 2**22  # numbers resized at a time, to bound memory


def resize(images: Tensor, to: Resize) -> Tensor:
    """Return squares of the images, antialiased by a triangle filter.

    The shorter side becomes N pixels, and a square of N or of CROP pixels is kept around the
    centre, as by torchvision's Resize and CenterCrop. Images of N by N pixels that are not
    cropped are returned unchanged.

    Parameters
    ----------
    images : Tensor, (B, C, H, W)
    to : int or str, pixels
        N, or "N:CROP".

    Returns
    -------
    Tensor, (B, C, CROP, CROP)
        Weighted means of pixels, clamped to the range of each image.

    Examples
    --------
    >>> halves = torch.tensor([0.0, 0.0, 1.0, 1.0]).expand(1, 1, 4, 4)
    >>> resize(halves, 2)[0, 0, 0]
    tensor([0.1429, 0.8571])
    >>> resize(torch.ones(1, 3, 20, 30), 10).shape
    torch.Size([1, 3, 10, 10])
    >>> resize(torch.ones(1, 3, 20, 30), "10:8").shape
    torch.Size([1, 3, 8, 8])
    """
    if keeps_size(images.shape[2:], to):
        return images
    side, crop = resize_sides(to)
    resized = images.new_empty((*images.shape[:2], crop, crop))
    for rows in torch.split(torch.arange(len(images)), chunk_size(images.shape[1:], side)):
        resized[rows] = _resize(images[rows], side, crop)
    return resized


def keeps_size(shape: Sequence[int], to: Resize) -> bool:
    """Return whether images of H by W pixels stay as they are.

    >>> keeps_size((8, 8), 8), keeps_size((8, 8), "8:6")
    (True, False)
    """
    side, crop = resize_sides(to)
    return tuple(shape) == (side, side) and side == crop


def chunk_size(shape: Sequence[int], side: int) -> int:
    """Return how many images of a shape (C, H, W) are resized at a time to a side.

    >>> chunk_size((3, 32, 32), 16), chunk_size((3, 32, 32), 320)
    (1365, 13)
    """
    return max(1, CHUNK // max(math.prod(shape), shape[0] * side**2))


def _resize(images: Tensor, side: int, crop: int) -> Tensor:
    height, width = images.shape[2:]
    shorter = min(height, width)
    sides = [side * n // shorter for n in (height, width)]
    large = interpolate(images, sides, mode="bilinear", antialias=True)
    top, left = (round((n - crop) / 2) for n in sides)
    square = large[:, :, top : top + crop, left : left + crop]
    low, high = images.amin((1, 2, 3), keepdim=True), images.amax((1, 2, 3), keepdim=True)
    return square.clamp(low, high)  # weights sum to 1 but for round-off
