"""How far the units of a local layer have come.

Letters: ``B`` images, ``D`` pixels, ``N`` hidden units.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.linalg import lp_norms, signed_power


@dataclass(frozen=True)
class Convergence:
    """How far the units have come.

    Parameters
    ----------
    converged : Tensor, (N,), bool
        The row's p-norm is within 0.01 of R.
    wrong_attractor : Tensor, (N,), bool
        The row's mean is below ``-(R/2) D^(-1/p)``.
    """

    converged: Tensor
    wrong_attractor: Tensor


def convergence(synapses: Tensor, p: float, radius: float) -> Convergence:
    """Return which units have converged, and which fell into the all-negative attractor.

    >>> convergence(torch.tensor([[1.0, 0.0], [-0.8, -0.8], [0.3, 0.3]]), 3, 1).wrong_attractor
    tensor([False,  True, False])
    """
    norms, mean = lp_norms(synapses, p), synapses.mean(1)
    lowest = -(radius / 2) * synapses.shape[1] ** (-1 / p)
    return Convergence((norms - radius).abs() < 0.01, mean < lowest)


def never_winning(synapses: Tensor, images: Tensor, p: float, *, batch_size: int = 1000) -> Tensor:
    """Return which units have the largest input for no image, (N,), bool.

    >>> never_winning(torch.eye(3), torch.tensor([[1.0, 0.0, 0.0], [0.0, 0.0, 1.0]]), 3.0)
    tensor([False,  True, False])
    """
    weight = signed_power(synapses, p - 1)
    never = torch.ones(len(synapses), dtype=torch.bool, device=synapses.device)
    for part in images.flatten(1).split(batch_size):
        never[(part @ weight.T).argmax(1)] = False
    return never
