"""Decorrelation as a penalty.

Letters: ``B`` images, ``N`` units.

References
----------
.. [1] Schaeffer et al., "Towards unifying smooth neural codes with adversarially robust
   representations", eq. (1): c1 = 0.01, 0.05, 0.1 on the penultimate layer.
"""

import torch
from torch import Tensor

from specrob.learning.penalties.batch import Batch, Plain, coefficient_of

OVER = ("images", "batch")


class Covariance(Plain):
    """``c * mean over images of || offdiag(h h^T) ||_F``, as [1]_ writes it.

    With ``over=batch``, ``c * || offdiag(Cov) ||_F`` of the centred batch covariance.

    Parameters
    ----------
    coefficient : float, 0 or more
    over : {"images", "batch"}
    layer : str
    """

    def __init__(self, coefficient: float, over: str = "images", layer: str = "penultimate"):
        if over not in OVER:
            raise ValueError(f"over={' or '.join(OVER)}, not {over}")
        self.coefficient, self.over, self.layers = coefficient_of(coefficient), over, (str(layer),)

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty of a batch."""
        h = batch.layers[self.layers[0]]
        if self.over == "batch":
            centred = h - batch.share.mean(h)
            products = batch.share.sum(centred.T @ centred)
            covariance = products / max(1, batch.share.size(h) - 1)
            return self.coefficient * (covariance - covariance.diagonal().diag()).norm()
        # ||h h^T||_F^2 = (sum h^2)^2, of which sum h^4 lies on the diagonal
        squares = h.square()
        off = squares.sum(1).square() - squares.square().sum(1)
        norms = off.clamp(min=torch.finfo(h.dtype).tiny).sqrt()
        return self.coefficient * batch.share.mean(norms)
