"""Decorrelation as a penalty.

Letters: ``B`` images, ``N`` units.

References
----------
.. [1] Schaeffer et al., "Towards unifying smooth neural codes with adversarially robust
   representations", eq. (1): c1 = 0.01, 0.05, 0.1 on the penultimate layer.
"""

from dataclasses import dataclass
from typing import Annotated, Literal

import torch
from torch import Tensor

from specrob.learning.penalties.penalty import Batch, Penalty
from specrob.settings.flag import Flag


@dataclass(frozen=True)
class Covariance(Penalty):
    """``c * mean over images of || offdiag(h h^T) ||_F``, as [1]_ writes it.

    With ``over=batch``, ``c * || offdiag(Cov) ||_F`` of the centred batch covariance.
    """

    over: Annotated[
        Literal["images", "batch"],
        Flag("Outer product of each image, or covariance of the batch."),
    ] = "images"
    layer: Annotated[str, Flag("Layer whose units are decorrelated.")] = "penultimate"

    @property
    def layers(self) -> tuple[str, ...]:
        """Names of the layers whose activations it needs."""
        return (self.layer,)

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch."""
        h = batch.layers[self.layer]
        if self.over == "batch":
            centred = h - batch.shard.mean(h)
            products = batch.shard.sum(centred.T @ centred)
            covariance = products / max(1, batch.shard.size(h) - 1)
            off_diagonal: Tensor = (covariance - covariance.diagonal().diag()).norm()
            return self.coefficient * off_diagonal
        # ||h h^T||_F^2 = (sum h^2)^2, of which sum h^4 lies on the diagonal
        squares = h.square()
        off = squares.sum(1).square() - squares.square().sum(1)
        norms = off.clamp(min=torch.finfo(h.dtype).tiny).sqrt()
        return self.coefficient * batch.shard.mean(norms)
