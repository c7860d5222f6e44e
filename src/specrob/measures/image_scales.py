"""The scales of images: how much they differ in the size of their activations.

Activations are modelled as ``x_i = mean + sqrt(rho_i) y_i`` with Gaussian y and image scales
rho_i of mean 1 (elliptical distributions, of which multivariate t is one). A sample of images
with spread scales moves eigenvalues further than a Gaussian one.

Where each direction has heavy tails of its own (independent or sparse units), directions share
only part of the spread. How well two groups of directions agree measures that part.

Letters: ``B`` images, ``I`` images whose scale is measured, ``N`` units.
"""

from dataclasses import dataclass

import numpy as np
from scipy.optimize import brentq

from specrob.measures.finite_sample import Scales
from specrob.measures.power_law import numerical_rank
from specrob.results import Array

SCALE_GROUPS = 32  # of neighbouring scales
EQUAL = 1e-9  # range of scales that count as one
SAME_RIDGE = 1e-6  # variance of a ratio of distances, below which two ridges are one
FEWEST_RATIOS = 3  # images, for the variance of that ratio
SMALLEST_LEVERAGE = 1e-3  # of an image left out; keeps its distance finite


@dataclass(frozen=True)
class ImageScales:
    """The scales of images, and the error of their spread.

    Parameters
    ----------
    values : ndarray, (I,), at least 0, mean 1
    error : float
        Standard error of ``mean rho^2``.
    own_spread : float
        Variance of the squared activation along a direction, without the scales, relative to
        that of a Gaussian: 1 for elliptical distributions.
    """

    values: Array
    error: float
    own_spread: float = 1.0

    def grouped(self) -> Scales:
        """Return the scales in at most 32 groups of neighbours, the largest by themselves.

        >>> ImageScales(np.array([3.0, 0.5, 0.5, 0.0]), 0.0).grouped().values
        array([3. , 0.5, 0.5, 0. ])
        """
        if np.ptp(self.values) < EQUAL:
            return Scales(np.ones(1), np.ones(1))
        ordered = np.sort(self.values)[::-1]
        edges = np.unique(np.geomspace(1, len(ordered) + 1, SCALE_GROUPS).round().astype(int)) - 1
        counts = np.diff(edges)
        return Scales(np.add.reduceat(ordered, edges[:-1]) / counts, counts / len(ordered))


def ridges_of(eigenvalues: Array) -> tuple[float, float] | None:
    """Return the eigenvalues at a half and at a sixteenth of the rank; None where all are 0.

    In the distances of `image_scales`, directions above a ridge count alike and others little.

    >>> ridges_of(np.array([4.0, 3.0, 2.0, 1.0, 0.0]))
    (3.0, 3.0)
    """
    rank = numerical_rank(eigenvalues)
    if not rank:
        return None
    return float(eigenvalues[(rank - 1) // 2]), float(
        eigenvalues[min(max(rank // 16, 1), rank - 1)]
    )


def image_scales(distances: Array, eigenvalues: Array, images: int) -> ImageScales:
    """Return the scales of images from how far their activations are from the mean.

    A distance is ``d = x^T (C + ridge)^-1 x``, x centred, C the covariance of all images. Leaving
    the image out of the covariance, ``q = d / (1 - d B / (B - 1)^2)`` is proportional to its
    scale, up to the spread along its directions: with ``v = w / sum w``,
    ``w = lambda / (lambda + ridge)``, ``E q^2 / (E q)^2 = E rho^2 (1 + 2 s sum v^2)``, s the own
    spread. The ratio of the q of two ridges does not depend on the scale and has the variance
    ``2 s sum (v_1 - v_2)^2``. The scales are the power of the q of the lower ridge that has the
    remaining second moment; 1 where none remains. Where s is above 1, directions share only part
    of their scales, between none and all of that moment: the middle is used, and the distance to
    either end is its error.

    Parameters
    ----------
    distances : ndarray, (2, I)
        Distances of some or all of the images, for the two ridges of `ridges_of`.
    eigenvalues : ndarray, (N,), descending
    images : int
        Number of images B of the covariance.

    Examples
    --------
    >>> image_scales(np.full((2, 5), 3.0), np.ones(3), images=10).values
    array([1., 1., 1., 1., 1.])
    """
    count, ridges = distances.shape[1], ridges_of(eigenvalues)
    if ridges is None or not distances.max(initial=0) > 0:
        return ImageScales(np.ones(count), 0.0)
    ratios = distances / np.maximum(1 - distances * images / (images - 1) ** 2, SMALLEST_LEVERAGE)
    ratios = ratios / ratios.mean(1, keepdims=True)
    weights = eigenvalues / (eigenvalues + np.array(ridges)[:, None])
    weights = weights / weights.sum(1, keepdims=True)
    own_spread = _own_spread(ratios, weights)
    concentration = own_spread * float((weights[0] ** 2).sum())
    second = float((ratios[0] ** 2).mean())
    whole = second / (1 + 2 * concentration)
    apart = min(own_spread - 1, 1.0)  # 0 where directions share their scales, 1 where they do not
    values = _with_second_moment(ratios[0], 1 + (whole - 1) * (1 - apart / 2))
    squares = 8 * concentration * (values**2 * (values - second) ** 2).mean()
    squares += 8 * concentration**2 * (values**4).mean()
    squares += (values**2).var() * (1 - count / images)  # of images without a scale
    unshared = max(whole - 1, 0) * apart / 2
    return ImageScales(values, float(np.hypot(np.sqrt(squares / count), unshared)), own_spread)


def _own_spread(ratios: Array, weights: Array) -> float:
    """Return the own spread from q and v of two ridges, at least 1; 1 if the ridges are equal."""
    expected = 2 * ((weights[1] - weights[0]) ** 2).sum()
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = ratios[1] / ratios[0]
    ratio = ratio[np.isfinite(ratio)]
    if not expected > SAME_RIDGE or len(ratio) < FEWEST_RATIOS:
        return 1.0
    return max(1.0, float((ratio / ratio.mean()).var() / expected))


def _with_second_moment(values: Array, wanted: float) -> Array:
    """Return the power of values, mean 1, with that mean square; all 1 where it is at most 1."""

    def excess(power: float) -> float:
        powers = values**power
        return float((powers**2).mean() / powers.mean() ** 2 - wanted)

    powers = values ** (brentq(excess, 0, 1) if wanted > 1 and excess(1) > 0 else 0.0)
    scales: Array = powers / powers.mean()
    return scales
