"""How much images differ in the size of their activations: the tails of a representation.

Activations are modelled as ``x_i = mean + sqrt(rho_i) y_i`` with Gaussian y and image scales
rho_i of mean 1 (elliptical distributions, of which multivariate t is one). A sample of images
with spread scales moves eigenvalues further than a Gaussian one.

Letters: ``B`` images.
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
    values : ndarray, (B,), at least 0, mean 1
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


def image_scales(lengths: Array, trace: float, squares: float) -> ImageScales:
    """Return the scale of each image from the squared length of its activations.

    Lengths of Gaussian activations spread too, the more the fewer dimensions they fill:
    ``E l^2 / (E l)^2 = E rho^2 (1 + 2 tr C^2 / (tr C)^2)``. The scales are the power of the
    lengths that has the second moment left when this is taken away; all are 1 where none is.

    Parameters
    ----------
    lengths : ndarray, (B,), activation squared
        ``||x_i - mean||^2`` over all units of a layer.
    trace, squares : float
        Sums of the eigenvalues of the sample's covariance and of their squares.

    Examples
    --------
    >>> image_scales(np.full(5, 3.0), trace=3.0, squares=3.0).values
    array([1., 1., 1., 1., 1.])
    """
    count = len(lengths)
    if not trace > 0:
        return ImageScales(np.ones(count), 0.0)
    lengths = lengths / lengths.mean()
    of_lengths = float((lengths**2).mean())
    wanted, concentration = _moments(of_lengths, squares / trace**2, count - 1)

    def excess(power: float) -> float:
        powers = lengths**power
        return float((powers**2).mean() / powers.mean() ** 2 - wanted)

    power = brentq(excess, 0, 1) if wanted > 1 and excess(1) > 0 else float(wanted > 1)
    values = lengths**power
    values = values / values.mean()
    linear = 8 * concentration * (values**2 * (values - of_lengths) ** 2).mean()
    error = np.sqrt((linear + 8 * concentration**2 * (values**4).mean()) / count)
    return ImageScales(values, float(error))


def _moments(of_lengths: float, concentration: float, freedom: int) -> tuple[float, float]:
    """Return ``E rho^2`` and ``tr C^2 / (tr C)^2`` of the population.

    Those of the sample are ``of_lengths = E rho^2 (1 + 2 tr C^2 / (tr C)^2)`` and
    ``concentration = tr C^2 / (tr C)^2 + E rho^2 / freedom``: a quadratic equation.
    """
    half = (1 + 2 * concentration) * freedom / 4
    second = min(half - np.sqrt(max(half**2 - of_lengths * freedom / 2, 0)), of_lengths)
    return float(second), max(concentration - second / freedom, 1 / (4 * freedom))
