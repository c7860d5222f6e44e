"""Cross-validated PCA: the spectrum of what two repeats of the same stimuli share.

Letters: ``B`` images, ``N`` units.

References
----------
.. [1] C. Stringer et al., "High-dimensional geometry of population responses in visual cortex",
   Nature 571, 2019, DOI 10.1038/s41586-019-1346-5.
"""

import torch
from torch import Tensor

from specrob.errors import MeasureError
from specrob.linalg import symmetric_eigenvectors
from specrob.measures.activation_sums import require_finite
from specrob.measures.bootstrap import Replicates, scale_moments


def cv_products(first: Tensor, second: Tensor) -> Tensor:
    """Return what each image adds to the shared variance along each principal component.

    Eigenvectors come from one repeat, and the variance along each is the covariance of the two
    repeats projected on it, so that noise, independent between repeats, averages out, [1]_. Both
    repeats take their turn, and the mean is returned. The sum over images, divided by B - 1, is
    in the order of the repeats' own eigenvalues: neither sorted nor always positive.

    Parameters
    ----------
    first, second : Tensor, (B, N), activations
        The same images in the same order.

    Returns
    -------
    Tensor, (B, min(B, N)), float64, activation squared

    Raises
    ------
    MeasureError
        If there is only one image, or an activation is not finite.

    Examples
    --------
    >>> signal = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> cv_products(signal, signal + 5).sum(0) / 3
    tensor([2.6667, 0.6667], dtype=torch.float64)
    """
    if len(first) < 2:
        raise MeasureError(
            f"expected at least 2 images for a covariance, found {len(first)}; use more images"
        )
    x, y = (r.double() - r.mean(0, dtype=torch.float64) for r in (first, second))
    require_finite(x.sum() + y.sum())
    return (_shared(x, y) + _shared(y, x)) / 2


def noise_variance(first: Tensor, second: Tensor) -> float:
    """Return the variance of a unit that two repeats, (B, N) each, do not share, mean of units.

    >>> signal = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> noise_variance(signal, signal)
    0.0
    """
    return float((first.double() - second.double()).var(0).mean() / 2)


def resample_products(products: Tensor, replicates: int, generator: torch.Generator) -> Replicates:
    """Return cross-validated eigenvalues over images drawn with replacement.

    Axes and means stay those of all images.

    Parameters
    ----------
    products : Tensor, (B, N)
    generator : torch.Generator
        On the CPU.

    Examples
    --------
    >>> same = torch.ones(5, 2, dtype=torch.float64)
    >>> resample_products(same, 1, torch.Generator().manual_seed(0)).eigenvalues
    tensor([[1.2500, 1.2500]], dtype=torch.float64)
    """
    images = len(products)
    drawn = torch.randint(images, (replicates, images), generator=generator).to(products.device)
    times = products.new_zeros(replicates, images)
    times.scatter_add_(1, drawn, products.new_ones(()).expand_as(drawn))
    return Replicates(times @ products / (images - 1), scale_moments(times))


def _shared(x: Tensor, y: Tensor) -> Tensor:
    """Return (x u) (y u) of each image for the eigenvectors u of x^T x, descending."""
    products: Tensor
    if len(x) >= x.shape[1]:
        axes = symmetric_eigenvectors(x.T @ x)[1].flip(1)
        products = (x @ axes) * (y @ axes)
    else:  # fewer images: the scores x u = s w, with w of x x^T, and y u = y x^T w / s
        _, w = symmetric_eigenvectors(x @ x.T)
        products = (w * (y @ (x.T @ w))).flip(1)
    return products
