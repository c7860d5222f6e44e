"""The covariance of eigenvalues over finite samples of images.

Gaussian fluctuations of the linear statistics of the model of `finite_sample`, [1]_, given the
scales of the images: with ``D(1, 2) = 1 - P Q`` of two places,

    P = (w1 w2 / z1 z2) (1/B) sum_j t_j^2 / ((w1 - t_j) (w2 - t_j))
    Q = mean_i rho_i^2 / ((1 + rho_i g1) (1 + rho_i g2)),

the numbers of eigenvalues above two places have covariance ``log |D(1, 2) / D(1, 2*)| / pi^2``.
Eigenvalues that the sample mixes repel one another, so that a sum over many of them varies less
than if each had the variance ``2 t^2 / B`` by itself.

References
----------
.. [1] Z. D. Bai and J. W. Silverstein, "CLT for linear spectral statistics of large-dimensional
   sample covariance matrices", Annals of Probability 32, 2004, DOI 10.1214/aop/1078415845.
"""

import numpy as np

from specrob.measures.finite_sample import Equation, Places
from specrob.results import Array

MAX_RANKS = 150  # ranks that stand for all others
RESOLUTION = 0.3  # distance of places from the real axis, relative to that of neighbours
FIRST_PHASE = 2.5  # phase of z, far from the axis, at which its path starts
STEPS_INWARDS, STEPS_DOWNWARDS = 40, 20  # of the path of z, in modulus and in phase
NEWTON_STEPS = 3  # at each step of z


def covariance_of_sums(sums: Array, expected: Array, equation: Equation) -> Array:
    """Return the covariance over samples of weighted sums of log eigenvalues, (K, K).

    Parameters
    ----------
    sums : ndarray, (K, N)
        Weight of each rank in each sum.
    expected : ndarray, (N,), descending, positive
        Expected eigenvalues of the sample, in units of the equation's.
    equation : Equation
        The population and how it is sampled.

    Examples
    --------
    >>> t = 2.0 ** -np.arange(9)
    >>> (found,), = covariance_of_sums(np.eye(9)[4:5], t, Equation(t, np.ones(9), freedom=2000))
    >>> f"{found:.4f}"  # 2 / 2000, as for an eigenvalue far from its neighbours
    '0.0010'
    """
    ranks, weights = _representatives(sums)
    logs, places = np.log(expected), np.arange(1, len(expected) + 1)
    steps = -np.gradient(logs)
    own = np.exp(np.interp(np.log(ranks), np.log(places), logs))
    phases = RESOLUTION * np.interp(np.log(ranks), np.log(places), steps) * _widths(ranks)
    counts = _covariance(_off_axis(equation, own, phases), equation)
    moved = weights * np.interp(np.log(ranks), np.log(places), steps)
    raw = moved @ counts @ moved.T
    alone = 2 / equation.freedom * equation.scales.second_moment * (sums**2).sum(1)
    variances = np.diag(raw)
    too_large = variances > alone
    shrink = np.sqrt(np.where(too_large, alone, 1) / np.where(too_large, variances, 1))
    covariance: Array = raw * np.outer(shrink, shrink)
    return covariance


def _representatives(sums: Array) -> tuple[Array, Array]:
    """Return at most MAX_RANKS ranks that stand for all, and the summed weights of each."""
    count = sums.shape[1]
    edges = np.unique(np.geomspace(1, count + 1, MAX_RANKS).round().astype(int)) - 1
    weights = np.add.reduceat(sums, edges[:-1], axis=1)
    ranks = (edges[:-1] + 1 + edges[1:]) / 2
    return ranks, weights


def _widths(ranks: Array) -> Array:
    return np.gradient(ranks) if len(ranks) > 1 else np.ones(1)


def _off_axis(equation: Equation, moduli: Array, phases: Array) -> Places:
    """Return the solution at ``z = modulus exp(i phase)``, followed from far away.

    Far from the axis w is z and g is -h; the path goes inwards at a large phase, then down to
    the phases given.
    """
    phases = np.minimum(phases, 1)
    far = 10 * moduli.max() * equation.scales.second_moment
    inwards = [moduli ** (1 - s) * far**s for s in np.linspace(1, 0, STEPS_INWARDS)]
    downwards = np.geomspace(max(1, FIRST_PHASE / phases.min()), 1, STEPS_DOWNWARDS)
    path = [r * np.exp(1j * FIRST_PHASE) for r in inwards]
    path += [moduli * np.exp(1j * np.minimum(s * phases, FIRST_PHASE)) for s in downwards]
    places = equation.at(path[0])
    for z in path:
        places = _solve(equation, Places(places.w, places.g, z))
    return places


def _solve(equation: Equation, start: Places) -> Places:
    """Return the solution at z by Newton's method in w and g."""
    rho, weight = equation.scales.values, equation.scales.values * equation.scales.shares
    t, share = equation.eigenvalues, equation.times * equation.eigenvalues / equation.freedom
    w, g, z = start.w, start.g, start.z
    for _ in range(NEWTON_STEPS):
        inverse, resolvent = 1 / (1 + rho * g[:, None]), 1 / (w[:, None] - t)
        h, slope = resolvent @ share, -(resolvent**2) @ share
        first, second = (inverse @ weight) * g + h, z * g + w * h  # both are to be 0
        by_g, by_w = inverse**2 @ weight, h + w * slope
        determinant = by_g * by_w - slope * z
        g = g - (by_w * first - slope * second) / determinant
        w = w - (by_g * second - z * first) / determinant
    return Places(w, g, z)


def _covariance(places: Places, equation: Equation) -> Array:
    """Return the covariance of the numbers of eigenvalues above the places, (P, P)."""
    ratio = places.w / places.z
    of_units = (1 / (places.w[:, None] - equation.eigenvalues)) * ratio[:, None]
    of_images = 1 / (1 + equation.scales.values * places.g[:, None])
    units = of_units * (equation.times * equation.eigenvalues**2 / equation.freedom)
    images = of_images * (equation.scales.shares * equation.scales.values**2)
    same = 1 - (units @ of_units.T) * (images @ of_images.T)
    conjugate = 1 - (units @ of_units.conj().T) * (images @ of_images.conj().T)
    covariance: Array = np.log(np.abs(same / conjugate)) / np.pi**2
    return covariance
