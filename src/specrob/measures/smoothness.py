"""How much weights and layers stretch what goes into them.

Letters: ``B`` images, ``N`` units, ``D`` pixels.
"""

from dataclasses import dataclass
from typing import Any

from torch import Tensor

from specrob.linalg import symmetric_eigenvalues


@dataclass(frozen=True)
class Smoothness:
    """Norms of the first linear map W, (N, D), and of the Jacobians of some layers over images.

    Parameters
    ----------
    spectral_norm, frobenius_norm : float or None, activation / attacked space
        Of W; None where W is too large to be held.
    n_images : int
        B.
    jacobian : list of dict
        For every layer what `spread` says of its Jacobian norms.
    """

    spectral_norm: float | None
    frobenius_norm: float | None
    n_images: int
    jacobian: list[dict[str, Any]]


def spectral_norm(weight: Tensor) -> float:
    """Return the largest singular value of W, (N, D), in float64.

    >>> import torch
    >>> f"{spectral_norm(torch.tensor([[3.0, 0.0], [0.0, -4.0]])):.3f}"
    '4.000'
    """
    wide = weight.double() if len(weight) <= weight.shape[1] else weight.double().T
    return float(symmetric_eigenvalues(wide @ wide.T).clamp(min=0).max().sqrt())


def spread(norms: Tensor) -> dict[str, float | None]:
    """Return mean with standard error, median, smallest and largest of norms, (B,).

    >>> import torch
    >>> spread(torch.tensor([1.0, 3.0, 8.0]))["mean"], spread(torch.tensor([1.0]))["stderr"]
    (4.0, None)
    """
    values = norms.double()
    several = len(values) > 1
    return {
        "mean": float(values.mean()),
        "stderr": float(values.std() / len(values) ** 0.5) if several else None,
        "median": float(values.quantile(0.5)),
        "min": float(values.min()),
        "max": float(values.max()),
    }
