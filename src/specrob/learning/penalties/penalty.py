"""Penalties on the loss, and the batch for which they are computed.

Letters: ``B`` images, ``N`` units of a layer, ``D`` pixels. Each of several processes has
some of the images; sums and means over the whole batch are those of its `BatchShard`.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Annotated, Self

import torch
from torch import Tensor, nn

from specrob import grammar
from specrob.distributed import BatchShard
from specrob.models.layers import PointwiseMap
from specrob.settings.flag import Flag, Settings


@dataclass(frozen=True)
class Batch:
    """The images of one step, and the losses and activations of the network.

    Parameters
    ----------
    images : Tensor, (B, ...)
        They require a gradient if a penalty needs it.
    losses : Tensor, (B,)
        Cross entropy of each image.
    layers : mapping of str to Tensor, (B, N)
        Activations of the layers that penalties need, and the logits.
    maps : mapping of str to PointwiseMap
        The pointwise maps of the layers that have one.
    generator : torch.Generator
        On the CPU; it draws for the whole batch.
    shard : BatchShard
        The part of the batch that these images are; by default all of it.
    """

    model: nn.Module
    images: Tensor
    losses: Tensor
    layers: Mapping[str, Tensor]
    maps: Mapping[str, PointwiseMap]
    generator: torch.Generator
    shard: BatchShard = BatchShard()


@dataclass(frozen=True)
class SpectrumEstimate:
    """The eigenvalues that a penalty estimates from a batch.

    Parameters
    ----------
    eigenvalues : Tensor, (N,)
    rank : int
        Number of eigenvalues that exceed round-off.
    images : int
        Number of images in the batch.
    drift : float or None, 0 to 1
        How far the eigenvectors behind the estimate turned when they were last renewed; None
        before the second renewal, and where every batch has its own.
    """

    eigenvalues: Tensor
    rank: int = 0
    images: int = 0
    drift: float | None = None


@dataclass(frozen=True)
class Penalty(Settings):
    """A number that is added to the loss: a record of options, and `__call__`.

    A penalty is a frozen dataclass derived from this class. Its fields are its options, as in
    ``NAME=coefficient,key=value``. Its state between steps is in fields made with
    ``field(init=False)``, and is written to checkpoints by `state` and `restore_`.
    """

    coefficient: Annotated[
        float, Flag("Factor of the penalty.", parse=grammar.parse_not_negative, low=0)
    ]

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers whose activations it needs."""
        return ()

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch, a scalar with a gradient."""
        raise NotImplementedError

    def needs_image_gradient(self, maps: Mapping[str, PointwiseMap]) -> bool:
        """Return whether it differentiates by the images, given the layers that have maps."""
        return False

    def for_network(self, hidden_layers: tuple[str, ...]) -> Self:
        """Return the penalty for a network with these hidden layers, its state empty."""
        return replace(self)

    def check(self, units: Mapping[str, int], batch_size: int) -> None:
        """Raise UsageError if it does not fit the sizes of its layers, or of a batch."""

    def is_due(self, step: int, steps_per_epoch: int) -> bool:
        """Return whether `refresh_` is called before a step, counted from 0."""
        return False

    def refresh_(self, covariances: Mapping[str, Tensor]) -> None:
        """Renew what depends on covariances, (N, N), of its layers over the training set."""

    def state(self) -> dict[str, Tensor]:
        """Return what the next step depends on, for checkpoints."""
        return {}

    def restore_(self, state: Mapping[str, Tensor]) -> None:
        """Go back to what `state` returned."""

    def estimates(self) -> dict[str, SpectrumEstimate]:
        """Return the spectra that it shapes, by layer; true ones are recorded beside them."""
        return {}
