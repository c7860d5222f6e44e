"""What a penalty sees of one step of training, and what it may ask for.

Letters: ``B`` images, ``N`` units of a layer, ``D`` pixels; of several processes each sees its own
images, and sums and means over the batch are those of its `BatchShard`.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Protocol

import torch
from torch import Tensor, nn

from specrob.distributed import BatchShard
from specrob.models.layers import PointwiseMap

Answer = Callable[[nn.Module, Tensor, tuple[str, ...]], Mapping[str, Tensor]]


@dataclass(frozen=True)
class Batch:
    """One step's images and what the network makes of them.

    Parameters
    ----------
    model : nn.Module
    images : Tensor, (B, ...)
        Require a gradient where a penalty asked for it.
    losses : Tensor, (B,)
        Cross entropy of each image.
    layers : mapping of str to Tensor, (B, N)
        Activations of the layers that penalties asked for, and the logits.
    maps : mapping of str to PointwiseMap
        Of those layers that have one.
    generator : torch.Generator
        On the CPU; it draws for the whole batch.
    share : BatchShard
        Which part of the batch these images are; by default all of it.
    """

    model: nn.Module
    images: Tensor
    losses: Tensor
    layers: Mapping[str, Tensor]
    maps: Mapping[str, PointwiseMap]
    generator: torch.Generator
    share: BatchShard = BatchShard()


class Penalty(Protocol):
    """A number that is added to the loss.

    Parameters
    ----------
    layers : tuple of str
        Layers whose activations it needs.
    """

    layers: tuple[str, ...]

    def needs_image_gradient(self, maps: Mapping[str, PointwiseMap]) -> bool:
        """Return whether it differentiates by the images, the maps being known."""

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch, a scalar with a gradient."""


class Plain:
    """A penalty that does not differentiate by the images."""

    layers: tuple[str, ...] = ()

    def needs_image_gradient(self, maps: Mapping[str, PointwiseMap]) -> bool:
        """Return False."""
        return False


def coefficient_of(value: float) -> float:
    """Return the coefficient if it is a number of at least 0; else raise ValueError."""
    if not 0 <= value < float("inf"):
        raise ValueError(f"a coefficient of at least 0, not {value}")
    return value
