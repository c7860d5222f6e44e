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
from specrob.measures.covariance import require_finite


def cv_eigenvalues(first: Tensor, second: Tensor) -> Tensor:
    """Return the signal variance along each principal component, of two repeats.

    Eigenvectors come from one repeat, and the variance along each is the covariance of the two
    repeats projected on it, so that noise, independent between repeats, averages out, [1]_. Both
    repeats take their turn, and the mean is returned.

    Parameters
    ----------
    first, second : Tensor, (B, N), activations
        The same images in the same order.

    Returns
    -------
    Tensor, (min(B, N),), float64, activation squared
        In the order of the repeats' own eigenvalues: neither sorted nor always positive.

    Raises
    ------
    MeasureError
        If there is one image only, or an activation is not finite.

    Examples
    --------
    >>> signal = torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]])
    >>> cv_eigenvalues(signal, signal + 5)
    tensor([2.6667, 0.6667], dtype=torch.float64)
    """
    if len(first) < 2:
        raise MeasureError(f"expected at least 2 images for a covariance, found {len(first)}")
    x, y = (r.double() - r.mean(0, dtype=torch.float64) for r in (first, second))
    require_finite(x.sum() + y.sum())
    return (_shared(x, y) + _shared(y, x)) / 2


def _shared(x: Tensor, y: Tensor) -> Tensor:
    """Return u^T x^T y u / (B - 1) for the eigenvectors u of x^T x, descending."""
    if len(x) >= x.shape[1]:
        axes = torch.linalg.eigh(x.T @ x).eigenvectors.flip(1)
        return ((x @ axes) * (y @ axes)).sum(0) / (len(x) - 1)
    # fewer images: the scores x u = s w, with w of x x^T, and y u = y x^T w / s
    squared, w = torch.linalg.eigh(x @ x.T)
    return (w * (y @ (x.T @ w))).sum(0).flip(0) / (len(x) - 1)
