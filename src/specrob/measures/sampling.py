"""What a sample of images makes of a spectrum: which eigenvalues are to be expected.

The equation of Marchenko and Pastur for any population, [1]_. For ``w = a + i b`` it says where
the sample's eigenvalue x lies and how many lie above it; b is not 0 where eigenvalues are so
close that the sample mixes them. Where they are far apart, it is Lawley's expansion, [2]_. It is
exact to order 1 / images for Gaussian activations, and for all that behave alike.

Letters: ``B`` images less 1, ``N`` units, ``t`` eigenvalues of the population.

References
----------
.. [1] J. W. Silverstein and S. I. Choi, "Analysis of the limiting spectral distribution of large
   dimensional random matrices", J. Multivariate Analysis 54, 1995, DOI 10.1006/jmva.1995.1058.
.. [2] D. N. Lawley, "Tests of significance for the latent roots of covariance and correlation
   matrices", Biometrika 43, 1956, DOI 10.1093/biomet/43.1-2.128.
.. [3] D. G. Anderson, "Iterative procedures for nonlinear integral equations", J. ACM 12, 1965,
   DOI 10.1145/321296.321305.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import NDArray

from specrob.measures.power_law import WEIGHTINGS, PowerLaw

Array = NDArray[np.floating]
STRAIGHT, STEPS, MEMORY, SETTLED = 12, 100, 4, 1e-4  # of the search for what was sampled
GROUPS, STEEPEST = 100, 50.0  # of what lies beyond the range
HALVINGS, TINY, ROUND_OFF = 30, 1e-30, 1e-13


def sampling_bias(
    eigenvalues: Array,
    law: PowerLaw,
    images: int,
    *,
    units: int | None = None,
    variance: float | None = None,
) -> Array:
    """Return how far a sample moves log eigenvalues in the range of a law, (n,).

    The population that is sampled is a line within the range, whose sample is fitted by the law;
    before it, what gives the eigenvalues that were measured; beyond it, another power law, which
    gives the variance that was measured there. NaN where no such population is settled on: near
    white noise, many give almost the same sample.

    Parameters
    ----------
    eigenvalues : ndarray, (N,), descending
    law : PowerLaw
    images : int
    units : int, optional
    variance : float, optional

    Examples
    --------
    >>> from specrob.measures.power_law import fit_power_law
    >>> values = np.arange(1, 101.0) ** -2
    >>> bias = sampling_bias(values, fit_power_law(values, first=5, last=30), images=1000)
    >>> f"{bias[-1] - bias[0]:.3f}"
    '-0.008'
    """
    first, last = law.range
    n = np.log(np.arange(1, last + 1))
    design, weight = np.stack([-n, np.ones_like(n)], 1), WEIGHTINGS[law.weighting](np.exp(n))
    own, weight, head = design[first - 1 :], weight[first - 1 :, None] ** 0.5, first - 1
    fit = np.linalg.pinv(own * weight) * weight[:, 0]
    measured = np.array([*np.log(eigenvalues[:head]), law.alpha, law.intercept])
    ranks, times = _groups(last, units or len(eigenvalues))
    beyond = (eigenvalues.sum() if variance is None else variance) - eigenvalues[:last].sum()
    once = np.concatenate([np.ones(last), times])

    def bias(at: Array) -> tuple[Array, Array]:
        """Return how far the eigenvalues move, and those found beyond the range."""
        known = np.sort(np.exp(np.concatenate([at[:head], own @ at[head:-1]])))[::-1]
        if not (np.isfinite(known).all() and known[-1] > 0):
            return np.full(last, np.nan), np.empty(0)
        found = expected_eigenvalues(
            np.concatenate([known, known[-1] * ranks ** -at[-1]]), images, times=once
        )
        return np.log(found[:last] / known), found[last:]

    def better(at: Array) -> Array:
        moved, after = bias(at)
        line = measured[head:] - fit @ moved[head:]
        steepness = at[-1]
        if len(after):  # else it goes on as it began
            wanted = times @ ranks**-steepness * beyond / max(after.sum(), TINY)
            steepness = _steepness(ranks, times, wanted)
        before = measured[:head] - moved[:head]
        return np.array([*before, max(line[0], 0), line[1], steepness])

    lowest = np.array([-np.inf] * head + [0, -np.inf, 0])
    at = np.array([*measured, law.alpha]).clip(lowest)
    with np.errstate(all="ignore"):  # a search that goes astray settles on nothing
        for _ in range(STRAIGHT):  # as if the line went on before the range
            at[:head] = design[:head] @ at[head:-1]
            at[head:] = (at + better(at))[head:] / 2
        at[:head] = design[:head] @ at[head:-1]
        at, settled = _fixed_point(better, at, lowest)
        return bias(at)[0][head:] if settled else np.full(last - head, np.nan)


def _fixed_point(better: Callable[[Array], Array], at: Array, lowest: Array) -> tuple[Array, bool]:
    """Return where better(at) is at, and whether that was found, by Anderson's method, [3]_."""
    places, steps = [], []
    for _ in range(STEPS):
        step = better(at) - at
        if not np.isfinite(step).all():
            break
        if np.abs(step).max() < SETTLED:
            return at, True
        places, steps = [*places[-MEMORY:], at], [*steps[-MEMORY:], step]
        at = at + step
        if len(steps) > 1:
            turns = np.diff(steps, axis=0).T
            share = np.linalg.lstsq(turns, step, rcond=1e-8)[0]
            at = at - (np.diff(places, axis=0).T + turns) @ share
        at = at.clip(lowest)
        at[-1] = min(at[-1], STEEPEST)
    return at, False


def _groups(last: int, units: int) -> tuple[Array, Array]:
    """Return the ranks past the last, in units of it, by neighbours, and how many are in each."""
    edges = np.unique(np.geomspace(last + 1, max(units, last) + 1, GROUPS).round())
    return np.sqrt(edges[1:] * edges[:-1]) / last, np.diff(edges)


def _steepness(ranks: Array, times: Array, wanted: float) -> float:
    """Return the exponent, at least 0, of eigenvalues past 1 whose sum is as wanted."""
    low, high = 0.0, STEEPEST
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        more = times @ ranks**-middle > wanted
        low, high = (middle, high) if more else (low, middle)
    return high


def expected_eigenvalues(
    population: Array, images: int, *, times: Array | None = None, points: int = 100
) -> Array:
    """Return the eigenvalues that a sample of images is expected to show, descending.

    Parameters
    ----------
    population : ndarray, (T,), descending, at least 0
        Eigenvalues of the covariance itself.
    images : int
        At least 2.
    times : ndarray, (T,), optional
        How often each occurs; by default once.
    points : int
        The equation is solved at as many eigenvalues and at twice as many places outside, and
        its solution interpolated.

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
    freedom, t = images - 1, np.maximum(population / population[0], TINY)
    a = _places(t, np.sqrt((times * t**2).sum() / freedom), points)
    b = _heights(a, t, times, freedom)
    w = a + 1j * b
    # (w / B) sum t / (w - t), and the phase of Silverstein's potential
    x = (w * (1 + (times * t / (w[:, None] - t)).sum(1) / freedom)).real
    turns = (freedom - times.sum()) * np.angle(w) + (times * np.angle(w[:, None] - t)).sum(1)
    above = (turns - freedom * x * b / np.abs(w) ** 2) / np.pi
    known = x > ROUND_OFF
    places, middles = np.cumsum(times) - times / 2, np.arange(min(freedom, times.sum())) + 0.5
    moved = np.log(x[known]) - np.interp(above[known], places, np.log(t))
    moved = np.interp(middles, above[known], moved)
    return population[0] * np.exp(moved + np.interp(middles, places, np.log(t)))


def _places(t: Array, reach: float, points: int) -> Array:
    """Return real parts of w, descending: some of t, and others as far as `reach` beyond them."""
    own = t[np.unique(np.geomspace(1, len(t), points).astype(int)) - 1]
    steps, small = np.linspace(0, 1, points), max(own[-1], 1e-9)
    lower = small * np.sinh(np.arcsinh(-reach / small) * steps[1:])
    return np.unique(np.concatenate([own, own[-1] + lower, own[0] + reach * steps[1:] ** 2]))[::-1]


def _heights(a: Array, t: Array, times: Array, freedom: int) -> Array:
    """Return b of ``sum t^2 / ((a - t)^2 + b^2) = B``, or next to 0 where there is none."""
    apart, squares = (a[:, None] - t) ** 2, times * t**2
    high = np.full(len(a), np.log(squares.sum() / freedom) / 2)
    low = np.minimum(np.log(np.abs(a) + TINY) - np.log(freedom) / 2 - 9, high)
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        above = (squares / (apart + np.exp(2 * middle)[:, None])).sum(1) > freedom
        low, high = np.where(above, middle, low), np.where(above, high, middle)
    return np.exp(high)
