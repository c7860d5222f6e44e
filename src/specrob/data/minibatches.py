"""Batches of images: how large they are, and in which order they come."""

import math
from collections.abc import Iterator, Sequence
from typing import Protocol

import torch
from torch import Tensor

BATCH_SIZE = 1000  # images of one batch, where its size is not given
NUMBERS = 2**24  # pixels of one batch, 64 MiB as float32, where its size is not given


class Images(Protocol):
    """Images of which some at a time, (b, ...), are taken: a tensor, or an ImageSet."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice | Tensor, /) -> Tensor: ...

    @property
    def device(self) -> torch.device:
        """Where those that are taken are."""


def minibatches(count: int, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield the indices 0..count-1 once, shuffled, `size` at a time.

    >>> sorted(torch.cat(list(minibatches(5, 2, torch.Generator()))).tolist())
    [0, 1, 2, 3, 4]
    """
    yield from torch.split(torch.randperm(count, generator=generator), size)


def default_batch_size(size: int | None, count: int, default: int = BATCH_SIZE) -> int:
    """Return the given batch size, or a default that leaves at least ten batches.

    >>> default_batch_size(None, 50_000), default_batch_size(32, 1437)
    (1000, 32)
    """
    return size or min(default, max(1, math.ceil(count / 10)))


def rows_at_a_time(shape: Sequence[int], most: int = BATCH_SIZE) -> int:
    """Return how many images of a shape (C, H, W) are computed at a time, fewer of large ones.

    >>> rows_at_a_time((3, 64, 64)), rows_at_a_time((3, 224, 224))
    (1000, 111)
    """
    return max(1, min(most, NUMBERS // math.prod(shape)))


class Batches:
    """All images in order, `size` at a time; it can be gone through again and again.

    >>> [len(part) for part in Batches(torch.zeros(5, 2), 3)]
    [3, 2]
    """

    def __init__(self, images: Images, size: int):
        self.images, self.size = images, size

    def __iter__(self) -> Iterator[Tensor]:
        return (self.images[rows] for rows in row_slices(len(self.images), self.size))


def in_batches(images: Images) -> Batches:
    """Return images in order, 1,000 at a time, or fewer of large ones."""
    return Batches(images, rows_at_a_time(images[:1].shape[1:]))


def row_slices(count: int, size: int) -> Iterator[slice]:
    """Yield slices of 0..count-1, in order, `size` at a time.

    >>> list(row_slices(5, 3))
    [slice(0, 3, None), slice(3, 5, None)]
    """
    yield from (slice(start, min(start + size, count)) for start in range(0, count, size))
