"""How much weights and layers stretch what goes into them.

Letters: ``B`` images, ``N`` units, ``D`` pixels.
"""

from dataclasses import dataclass

from torch import Tensor

from specrob.linalg import symmetric_eigenvalues


@dataclass(frozen=True)
class JacobianNorms:
    """What is said of the Frobenius norms of a layer's Jacobians over images.

    Parameters
    ----------
    layer : str
    mean, stderr, median, min, max : float, activation / attacked space
        The standard error of the mean is None of one image.
    """

    layer: str
    mean: float
    stderr: float | None
    median: float
    min: float
    max: float


@dataclass(frozen=True)
class Smoothness:
    """Norms of the first linear map W, (N, D), and of the Jacobians of some layers over images.

    Parameters
    ----------
    spectral_norm, frobenius_norm : float or None, activation / attacked space
        Of W; None where W is too large to be held.
    n_images : int
        B.
    jacobian : tuple of JacobianNorms
        One for every layer.
    """

    spectral_norm: float | None
    frobenius_norm: float | None
    n_images: int
    jacobian: tuple[JacobianNorms, ...]


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
        layer,
        mean=float(values.mean()),
        stderr=float(values.std() / len(values) ** 0.5) if len(values) > 1 else None,
        median=float(values.quantile(0.5)),
        min=float(values.min()),
        max=float(values.max()),
    )
