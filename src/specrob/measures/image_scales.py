"""How much images differ in the size of their activations: the tails of a representation.

Activations are modelled as ``x_i = mean + sqrt(rho_i) y_i`` with Gaussian y and image scales
rho_i of mean 1 (elliptical distributions, of which multivariate t is one). A sample of images
with spread scales moves eigenvalues further than a Gaussian one.

Letters: ``B`` images, ``I`` those whose scale is found, ``N`` units.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from specrob.measures.finite_sample import Scales

Array = NDArray[np.floating]
GROUPS = 32


@dataclass(frozen=True)
class ImageScales:
    """The scales of images, and how well their spread is known.

    Parameters
    ----------
    values : ndarray, (I,), at least 0, mean 1
    error : float
        Standard error of ``mean rho^2``.
    """

    values: Array
    error: float

    def grouped(self) -> Scales:
        """Return the scales in at most 32 groups of neighbours, the largest by themselves.

        >>> ImageScales(np.array([3.0, 0.5, 0.5, 0.0]), 0.0).grouped().values
        array([3. , 0.5, 0.5, 0. ])
        """
        if np.ptp(self.values) < 1e-9:
            return Scales(np.ones(1), np.ones(1))
        ordered = np.sort(self.values)[::-1]
        edges = np.unique(np.geomspace(1, len(ordered) + 1, GROUPS).round().astype(int)) - 1
        counts = np.diff(edges)
        return Scales(np.add.reduceat(ordered, edges[:-1]) / counts, counts / len(ordered))


def ridge_of(eigenvalues: Array) -> float:
    """Return the eigenvalue at half of the rank, down to which directions count alike.

    >>> ridge_of(np.array([4.0, 3.0, 2.0, 1.0, 0.0]))
    3.0
    """
    rank = int((eigenvalues > len(eigenvalues) * 2.2e-16 * eigenvalues.max(initial=0)).sum())
    return float(eigenvalues[(rank - 1) // 2]) if rank else 0.0


def image_scales(distances: Array, eigenvalues: Array, images: int) -> ImageScales:
    """Return the scales of images from how far their activations are from the mean.

    A distance is ``d = x^T (C + ridge)^-1 x``, x centred, C the covariance of all images and the
    ridge that of `ridge_of`, so that it is no matter of the leading directions alone. Leaving the
    image out of the covariance, ``d / (1 - d B / (B - 1)^2)`` is its scale times what all have in
    common, up to the spread of Gaussian activations: with ``w = lambda / (lambda + ridge)``,
    ``E d^2 / (E d)^2 = E rho^2 (1 + 2 sum w^2 / (sum w)^2)``. The scales are the power of these
    distances that has the second moment left when this is taken away; 1 where none is.

    Parameters
    ----------
    distances : ndarray, (I,)
        Of some or all of the images.
    eigenvalues : ndarray, (N,), descending
    images : int
        B, of the covariance.

    Examples
    --------
    >>> image_scales(np.full(5, 3.0), np.ones(3), images=10).values
    array([1., 1., 1., 1., 1.])
    """
    count, ridge = len(distances), ridge_of(eigenvalues)
    if not ridge > 0 or not distances.max(initial=0) > 0:
        return ImageScales(np.ones(count), 0.0)
    found = distances / np.maximum(1 - distances * images / (images - 1) ** 2, 1e-3)
    found = found / found.mean()
    weights = eigenvalues / (eigenvalues + ridge)
    concentration = float((weights**2).sum() / weights.sum() ** 2)
    of_distances = float((found**2).mean())
    wanted = of_distances / (1 + 2 * concentration)

    def excess(power: float) -> float:
        powers = found**power
        return float((powers**2).mean() / powers.mean() ** 2 - wanted)

    values = found ** (brentq(excess, 0, 1) if wanted > 1 and excess(1) > 0 else 0.0)
    values = values / values.mean()
    squares = 8 * concentration * (values**2 * (values - of_distances) ** 2).mean()
    squares += 8 * concentration**2 * (values**4).mean()
    squares += (values**2).var() * (1 - count / images)  # of those whose scale is not found
    return ImageScales(values, float(np.sqrt(squares / count)))
