"""Resizing: the shorter side becomes N pixels, and the image is cropped to its centred square.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels.
"""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn.functional import interpolate

CHUNK = 2**22  # numbers resized at a time, to bound memory


def resize(images: Tensor, side: int) -> Tensor:
    """Return images of side by side pixels, antialiased by a triangle filter.

    The shorter side becomes `side` pixels, and the longer one is cropped around its centre, as by
    torchvision's Resize and CenterCrop. Images of this size are returned unchanged.

    Parameters
    ----------
    images : Tensor, (B, C, H, W)
    side : int, pixels

    Returns
    -------
    Tensor, (B, C, side, side)
        Weighted means of pixels, clamped to the range of each image.

    Examples
    --------
    >>> halves = torch.tensor([0.0, 0.0, 1.0, 1.0]).expand(1, 1, 4, 4)
    >>> resize(halves, 2)[0, 0, 0]
    tensor([0.1429, 0.8571])
    >>> resize(torch.ones(1, 3, 20, 30), 10).shape
    torch.Size([1, 3, 10, 10])
    """
    if images.shape[2:] == (side, side):
        return images
    resized = images.new_empty((*images.shape[:2], side, side))
    for rows in torch.split(torch.arange(len(images)), chunk_size(images.shape[1:], side)):
        resized[rows] = _resize(images[rows], side)
    return resized


def chunk_size(shape: Sequence[int], side: int) -> int:
    """Return how many images of a shape (C, H, W) are resized at a time to a side.

    >>> chunk_size((3, 32, 32), 16), chunk_size((3, 32, 32), 320)
    (1365, 13)
    """
    return max(1, CHUNK // max(math.prod(shape), shape[0] * side**2))


def _resize(images: Tensor, side: int) -> Tensor:
    height, width = images.shape[2:]
    shorter = min(height, width)
    sides = [side * n // shorter for n in (height, width)]
    large = interpolate(images, sides, mode="bilinear", antialias=True)
    top, left = (round((n - side) / 2) for n in sides)
    square = large[:, :, top : top + side, left : left + side]
    low, high = images.amin((1, 2, 3), keepdim=True), images.amax((1, 2, 3), keepdim=True)
    return square.clamp(low, high)  # weights sum to 1 but for round-off
