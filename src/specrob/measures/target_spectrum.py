"""Scales that give a covariance the eigenvalues of an exact power law.

Letters: ``N`` units, ``n`` ranks.
"""

import torch
from torch import Tensor


def power_law_scales(eigenvalues: Tensor, alpha: float, *, floor: float) -> Tensor:
    """Return ``sqrt(gamma_n / lambda_n)``, gamma_n proportional to ``n^-alpha``, (N,).

    The sum of the eigenvalues that are scaled stays as it is; those up to the floor keep their
    size and have no rank.

    Parameters
    ----------
    eigenvalues : Tensor, (N,), float64
        lambda_n in descending order.
    alpha : float, 0 or more
    floor : float, activation squared

    Examples
    --------
    >>> scales = power_law_scales(torch.tensor([4.0, 1.0, 0.0]).double(), 0.0, floor=1e-9)
    >>> scales.square() * torch.tensor([4.0, 1.0, 0.0])
    tensor([2.5000, 2.5000, 0.0000], dtype=torch.float64)
    """
    is_scaled = eigenvalues > floor
    kept = eigenvalues[is_scaled]
    law = torch.arange(1, len(kept) + 1).to(kept) ** -alpha
    scales = torch.ones_like(eigenvalues)
    scales[is_scaled] = (law * kept.sum() / law.sum() / kept).sqrt()
    return scales
