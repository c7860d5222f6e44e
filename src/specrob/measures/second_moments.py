"""Eigenvalues of second moments, of which no mean is subtracted, from the sums of a covariance.

Letters: ``B`` images, ``N`` units.
"""

import torch
from torch import Tensor

from specrob.errors import MeasureError
from specrob.linalg import add_products_, symmetric_eigenvalues
from specrob.measures.activation_sums import ActivationSums
from specrob.measures.covariance import BLOCK, COLUMNS, Covariance


def second_moment_eigenvalues(sums: ActivationSums, units: Tensor) -> Tensor:
    """Return the eigenvalues of ``mean_b x_b x_b^T`` over some units, (min(N, B),), descending.

    Parameters
    ----------
    sums : Covariance
        Of all images.
    units : Tensor, (N,)

    Returns
    -------
    Tensor, float64, activation squared

    Raises
    ------
    MeasureError
        If the layer is too large for its covariance, or an activation is not finite.

    Examples
    --------
    >>> sums = Covariance(2)
    >>> sums.add_(torch.tensor([[1.0, 2.0], [3.0, 2.0]]))
    >>> second_moment_eigenvalues(sums, torch.tensor([0]))  # (1 + 9) / 2
    tensor([5.], dtype=torch.float64)
    """
    if not isinstance(sums, Covariance):
        raise MeasureError(
            f"expected a layer whose covariance fits into memory, found {len(sums.shift)} units; "
            "drop `uncentred` or lower `limit`"
        )
    sums.require_whole()
    if sums.keep:
        moments = _products(sums.activations, units) / sums.count
    else:
        mean, share = sums.mean[units], (sums.count - 1) / sums.count
        moments = torch.addr(sums.covariance()[units][:, units], mean, mean, beta=share)
    return symmetric_eigenvalues(moments).clamp(min=0)


def _products(x: Tensor, units: Tensor) -> Tensor:
    """Return ``x^T x`` over units, or ``x x^T`` where images are fewer, in blocks of float64."""
    size = min(len(x), len(units))
    products = torch.zeros(size, size, dtype=torch.float64, device=x.device)
    if len(x) >= len(units):
        for rows in torch.split(x, max(1, BLOCK // len(units))):
            add_products_(products, rows[:, units].double())
    else:
        for columns in torch.split(units, COLUMNS):
            part = x[:, columns].double()
            products.addmm_(part, part.T)
    return products
