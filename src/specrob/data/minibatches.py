"""Batches of images in random order."""

import math
from collections.abc import Iterator

import torch
from torch import Tensor


def minibatches(count: int, size: int, generator: torch.Generator) -> Iterator[Tensor]:
    """Yield the indices 0..count-1 once, shuffled, `size` at a time.

    >>> sorted(torch.cat(list(minibatches(5, 2, torch.Generator()))).tolist())
    [0, 1, 2, 3, 4]
    """
    yield from torch.split(torch.randperm(count, generator=generator), size)


def default_batch_size(size: int | None, count: int, default: int = 1000) -> int:
    """Return the given batch size, or a default that leaves at least ten batches.

    >>> default_batch_size(None, 50_000), default_batch_size(32, 1437)
    (1000, 32)
    """
    return size or min(default, max(1, math.ceil(count / 10)))
