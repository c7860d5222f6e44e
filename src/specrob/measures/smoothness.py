"""Norms of weights and of Jacobians.

Letters: ``B`` images, ``N`` units, ``D`` pixels.
"""

from torch import Tensor

from specrob.linalg import symmetric_eigenvalues
from specrob.results import JacobianNorms


def spectral_norm(weight: Tensor) -> float:
    """Return the largest singular value of W, (N, D), in float64.

    >>> import torch
    >>> f"{spectral_norm(torch.tensor([[3.0, 0.0], [0.0, -4.0]])):.3f}"
    '4.000'
    """
    wide = weight.double() if len(weight) <= weight.shape[1] else weight.double().T
    return float(symmetric_eigenvalues(wide @ wide.T).clamp(min=0).max().sqrt())


def jacobian_norms(layer: str, norms: Tensor) -> JacobianNorms:
    """Return mean with standard error, median, smallest and largest of norms, (B,).

    >>> import torch
    >>> jacobian_norms("latent", torch.tensor([1.0, 3.0, 8.0])).mean
    4.0
    """
    values = norms.double()
    return JacobianNorms(
        layer=layer,
        mean=float(values.mean()),
        stderr=float(values.std() / len(values) ** 0.5) if len(values) > 1 else None,
        median=float(values.quantile(0.5)),
        min=float(values.min()),
        max=float(values.max()),
    )
