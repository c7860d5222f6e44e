"""A plug-in of specrob: a local rule, a penalty and an attack that another package brings.

Letters: ``B`` images, ``D`` pixels, ``N`` units.

References
----------
.. [1] T. Moraitis, D. Toichkin, A. Journe, Y. Chua and Q. Guo, "SoftHebb: Bayesian inference in
   unsupervised Hebbian soft winner-take-all networks", arXiv:2107.05747.
"""

import math
from dataclasses import dataclass
from typing import Annotated

import torch
from torch import Tensor

from specrob.distributed import BatchShard
from specrob.learning.local_training import LocalRule
from specrob.learning.penalties import Batch, Penalty
from specrob.settings.flag import Flag
from specrob.settings.local import Rule


@dataclass(frozen=True)
class SoftHebb(Rule, LocalRule):
    """Soft winner-take-all: every unit learns as much as it is likely to have caused the image.

    With ``u = W x`` and the posterior ``y = softmax(u / temperature)``, the plasticity of [1]_ is
    ``dw_ik = rate y_k (x_i - u_k w_ik)``. Rows of W converge to norm 1, as under Oja's rule. The
    layer has no biases, which is [1]_ with equal priors, and a step takes the mean over the batch.

    >>> synapses = torch.eye(2)
    >>> SoftHebb().update_(synapses, torch.tensor([[1.0, 1.0]]), 0.5, BatchShard())
    >>> synapses
    tensor([[1.0000, 0.2500],
            [0.2500, 1.0000]])
    """

    temperature: Annotated[
        float, Flag("Softness of the competition; 0.145 is base 1000.", above=0)
    ] = 0.145

    def start(self) -> LocalRule:
        """Return the rule, which is this record itself."""
        return self

    @property
    def normalize(self) -> str:
        """Images have norm 1."""
        return "l2"

    def initial(
        self, units: int, pixels: int, *, std: float, generator: torch.Generator
    ) -> Tensor:
        """Return random rows of norm `std` on average: rows longer than 1 may diverge."""
        return torch.randn(units, pixels, generator=generator) * (std / math.sqrt(pixels))

    def update_(self, synapses: Tensor, images: Tensor, rate: float, shard: BatchShard) -> None:
        """Take one step; processes share the product."""
        u = shard.gather(images[shard.rows] @ synapses.T)
        y = torch.softmax(u / self.temperature, 1)
        change = y.T @ images - (y * u).sum(0)[:, None] * synapses
        synapses.add_(change, alpha=rate / len(images))

    def converged(self, synapses: Tensor) -> Tensor:
        """Return which rows have norm 1."""
        return (self.norms(synapses) - 1).abs() < 0.01


@dataclass(frozen=True)
class Activity(Penalty):
    """``c * mean over images of ||h||_1``: sparse activations of a layer."""

    of: Annotated[str, Flag("Layer whose activations should be sparse.")] = "latent"

    @property
    def layers(self) -> tuple[str, ...]:
        """The layer."""
        return (self.of,)

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch."""
        return self.coefficient * batch.shard.mean(batch.layers[self.of].abs().sum(1))
