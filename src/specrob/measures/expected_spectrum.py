"""The expected eigenvalues of a finite sample of images.

Letters: ``N`` units, ``P`` places, ``T`` groups of eigenvalues.

References
----------
.. [1] O. Ledoit and S. Peche, "Eigenvectors of some large sample covariance matrix ensembles",
   Probability Theory and Related Fields 151, 2011, DOI 10.1007/s00440-010-0298-3.
"""

import numpy as np

from specrob.measures.finite_sample import EQUAL_SCALES, TINY, Equation, Places, Scales
from specrob.results import Array

ROUND_OFF = 1e-13  # smallest place that is kept, in units of the first eigenvalue
SCALED_REACH = 1.5  # factor by which scales of images move w further from the eigenvalues


def expected_eigenvalues(
    population: Array,
    images: int,
    *,
    times: Array | None = None,
    scales: Scales = EQUAL_SCALES,
    points: int = 100,
) -> Array:
    """Return the expected eigenvalues of a sample of images, descending.

    Parameters
    ----------
    population : ndarray, (T,), descending, at least 0
        Eigenvalues of the covariance itself.
    images : int
        Number of images, at least 2.
    times : ndarray, (T,), optional
        How often each occurs; by default once.
    scales : Scales
        Scales of the images.
    points : int
        Number of eigenvalues, and of places outside them, at which the equation is solved; the
        solution is interpolated.

    Returns
    -------
    ndarray, (min(images - 1, N),)

    Examples
    --------
    >>> flat = expected_eigenvalues(np.ones(1), 4001, times=np.array([1000.0]))
    >>> f"{flat[0]:.2f} {flat[-1]:.2f}"  # (1 +- sqrt(N / B))^2
    '2.24 0.25'
    """
    times = np.ones(len(population)) if times is None else times
    equation = Equation.of(population, times, images, scales)
    places, above = _on_spectrum(equation, points)
    moved = np.log(places.z.real) - equation.interpolate(above, np.log(equation.eigenvalues))
    logs = _at_ranks(equation, above, moved, equation.eigenvalues)
    expected: Array = population[0] * np.exp(logs)
    return expected


def expected_shared_eigenvalues(
    signal: Array, noise: float, images: int, *, times: Array | None = None, points: int = 100
) -> Array:
    """Return the expected cross-validated eigenvalues of two noisy repeats.

    The eigenvectors of one repeat, of covariance ``t = s + noise``, overlap with those of the
    population in the proportions ``t_j / |t_j - w|^2``, [1]_; along them the repeats share
    ``z sum_j (s_j / t_j) of these``.

    Parameters
    ----------
    signal : ndarray, (T,), descending, at least 0
        Eigenvalues s of the covariance of what the repeats share; its distribution is Gaussian.
    noise : float
        Variance of what they do not share, independent and the same for every unit.
    images : int
        Number of images, at least 2.
    times : ndarray, (T,), optional
        How often each occurs; by default once.
    points : int
        As for `expected_eigenvalues`.

    Returns
    -------
    ndarray, (min(images - 1, N),)

    Examples
    --------
    >>> s = np.arange(1, 101.0) ** -1
    >>> shared = expected_shared_eigenvalues(s, 0.05, 1000)
    >>> f"{shared[0]:.2f} of {s[0]:.2f}, {shared[79]:.4f} of {s[79]:.4f}"
    '1.01 of 1.00, 0.0127 of 0.0125'
    """
    times = np.ones(len(signal)) if times is None else times
    equation = Equation.of(signal + noise, times, images, EQUAL_SCALES)
    places, above = _on_spectrum(equation, points)
    overlaps = times * equation.eigenvalues / np.abs(places.w[:, None] - equation.eigenvalues) ** 2
    parts = np.maximum(signal, TINY) / (signal + noise)
    shared = np.log(places.z.real) + np.log(overlaps @ parts / overlaps.sum(1))
    population_values = equation.eigenvalues * parts
    moved = shared - equation.interpolate(above, np.log(population_values))
    expected: Array = (signal[0] + noise) * np.exp(
        _at_ranks(equation, above, moved, population_values)
    )
    return expected


def _on_spectrum(equation: Equation, points: int) -> tuple[Places, Array]:
    """Return places where the sample has eigenvalues, and how many lie above each, ascending."""
    t, times = equation.eigenvalues, equation.times
    spread = equation.scales.second_moment * (times @ t**2) / equation.freedom
    factor = SCALED_REACH if len(equation.scales.values) > 1 else 1.0  # 1 for a flat spectrum
    places = equation.on_axis(_real_parts(t, float(factor * np.sqrt(spread)), points))
    above = equation.count_above(places)
    order = np.argsort(above)
    order = order[(places.z.real > ROUND_OFF)[order] & np.isfinite(above)[order]]
    return Places(places.w[order], places.g[order], places.z[order]), above[order]


def _at_ranks(equation: Equation, above: Array, moved: Array, population_values: Array) -> Array:
    """Return log eigenvalues at the ranks of the sample: the population's, moved."""
    ranks = np.arange(min(equation.freedom, equation.times.sum())) + 0.5
    return np.interp(ranks, above, moved) + equation.interpolate(ranks, np.log(population_values))


def _real_parts(t: Array, reach: float, points: int) -> Array:
    """Return real parts of w, descending: some of t, and some up to `reach` beyond them."""
    population_values = t[np.unique(np.geomspace(1, len(t), points).astype(int)) - 1]
    first, last = population_values[0], population_values[-1]
    steps, small = np.linspace(0, 1, points), max(last, 1e-9)
    lower = small * np.sinh(np.arcsinh(-reach / small) * steps[1:])
    parts = [population_values, last + lower, first + reach * steps[1:] ** 2]
    return np.unique(np.concatenate(parts))[::-1]
