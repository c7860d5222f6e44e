"""The exponent of the population behind a finite sample of images, and its error.

Letters: ``N`` units, ``R`` replicates, ``T`` groups of eigenvalues, ``n`` ranks of the range.

References
----------
.. [1] D. G. Anderson, "Iterative procedures for nonlinear integral equations", J. ACM 12, 1965,
   DOI 10.1145/321296.321305.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from specrob.measures.finite_sample import (
    EQUAL_SCALES,
    TINY,
    Equation,
    Scales,
    expected_eigenvalues,
    expected_shared_eigenvalues,
)
from specrob.measures.finite_sample_error import covariance_of_sums
from specrob.measures.power_law import WEIGHTINGS, PowerLaw

Array = NDArray[np.floating]
HALF_STEPS, STEPS, MEMORY = 12, 100, 4  # of the search for the population
SETTLED = 1e-4  # last step of alpha, level and curvature
COARSELY = 30, 100  # times that of logs before the range, and of the steepness beyond it
GROUPS, STEEPEST, HALVINGS = 100, 50.0, 30  # of the eigenvalues beyond the range
DIFFERENCE = 1e-2  # of finite differences


@dataclass(frozen=True)
class Corrected:
    """Exponent and bend of the population, and the standard errors of both.

    Parameters
    ----------
    alpha, bend : float
        See `power_law_errors.contrasts`.
    alpha_error, bend_error : float
        Over samples of images, of the corrected numbers. They are larger than those of the
        numbers before correction where a small change of the sample stands for a large one of
        the population.
    amplified : float
        By how much the error of alpha is larger than before correction, the scales being known.
    """

    alpha: float
    bend: float
    alpha_error: float
    bend_error: float
    amplified: float


def correct_for_sampling(
    eigenvalues: Array,
    law: PowerLaw,
    images: int,
    *,
    units: int | None = None,
    variance: float | None = None,
    scales: Scales = EQUAL_SCALES,
    scale_error: float = 0.0,
    noise: float | None = None,
    replicates: Array | None = None,
    scale_moments: Array | None = None,
) -> Corrected | None:
    """Return exponent and bend of the population of which a sample with a fitted law was taken.

    In log-log coordinates the population is a parabola within the range, whose sample has the
    alpha, level and bend that were measured; before the range it is what gives the eigenvalues
    measured there; beyond, a power law that gives the variance measured there. None where no such
    population is settled on: near white noise, many give almost the same sample.

    Parameters
    ----------
    eigenvalues : ndarray, (N,), descending
    law : PowerLaw
    images : int
    units : int, optional
        Where there are fewer eigenvalues than units.
    variance : float, optional
        The sum of all eigenvalues, also of those that are not known.
    scales : Scales
        Of the images.
    scale_error : float
        Standard error of the scales' second moment.
    noise : float, optional
        The eigenvalues are cross-validated: what two repeats share, each of whose units has so
        much variance more. Replicates are then needed.
    replicates : ndarray, (R, N), optional
        The eigenvalues over resampled images. The covariance of the measured numbers is then
        theirs, else that of the model.
    scale_moments : ndarray, (R, M), optional
        How the scales of each replicate's images spread. What of the covariance they explain is
        left out: resampled images are more spread than the images, which no sample would be.

    Examples
    --------
    >>> from specrob.measures.power_law import fit_power_law
    >>> values = np.arange(1, 101.0) ** -2
    >>> law = fit_power_law(values, first=5, last=30)
    >>> found = correct_for_sampling(values, law, images=1000)
    >>> f"{found.alpha - law.alpha:.3f} {found.alpha_error:.3f}"
    '-0.003 0.018'
    """
    last = law.range[1]
    total = eigenvalues.sum() if variance is None else variance
    tail = max(total - eigenvalues[:last].sum(), 0)
    sampling = _Sampling(images, scales, noise)
    search = _Search(eigenvalues, law, sampling, tail, units or len(eigenvalues))
    if noise is not None:  # the mean of a logarithm is less than that of the mean
        search.measured[search.head : -1] += search.fit @ _log_variances(replicates, law) / 2
    with np.errstate(all="ignore"):  # a search that goes astray settles on nothing
        at, settled = _fixed_point(search.better, search.start(), search.lowest, search.close)
        if not settled:
            return None
        resampled = None
        if replicates is not None:
            resampled = _residual_covariance(search.statistics(replicates), scale_moments)
        errors = search.errors(at, scale_error, resampled)
    if not np.isfinite(errors).all():
        return None
    alpha, _, curve = at[search.head : -1]
    return Corrected(float(alpha), float(search.bend * curve), *map(float, errors))


@dataclass(frozen=True)
class _Sampling:
    """How a population is sampled: by so many images of some scales, or by noisy repeats."""

    images: int
    scales: Scales
    noise: float | None

    def of(self, population: Array, times: Array) -> Array:
        """Return the eigenvalues that a sample is expected to show, (N,)."""
        if self.noise is None:
            how = {"times": times, "scales": self.scales}
            return expected_eigenvalues(population, self.images, **how)
        return expected_shared_eigenvalues(population, self.noise, self.images, times=times)

    def spread(self) -> tuple["_Sampling", "_Sampling", float]:
        """Return images like these, more spread ones, and by how much their second moment rose."""
        values, shares = self.scales.values, self.scales.shares
        if self.scales.second_moment < 1 + 5 * DIFFERENCE:
            values, shares = np.ones(2), np.full(2, 0.5)
            wider = values + DIFFERENCE**0.5 * np.array([1, -1])
        else:
            wider = values ** (1 + 5 * DIFFERENCE)
            wider = wider / (shares @ wider)
        own, other = Scales(values, shares), Scales(wider, shares)
        change = other.second_moment - own.second_moment
        return replace(self, scales=own), replace(self, scales=other), change


class _Search:
    """The populations among which one is sought.

    Parameters of a place: logarithms of the eigenvalues before the range; minus the slope, the
    level and the curvature of log lambda against log n within it; steepness beyond it.
    """

    def __init__(
        self,
        eigenvalues: Array,
        law: PowerLaw,
        sampling: _Sampling,
        tail: float,
        units: int,
    ):
        self.sampling, self.tail = sampling, tail
        self.head, self.last = law.range[0] - 1, law.range[1]
        n = np.log(np.arange(1, self.last + 1))
        self.design, self.fit = _parabola(n, self.head, law.weighting)
        self.bend = -2 * (n[-1] - n[self.head])  # change of the local exponent per curvature
        logs = np.log(eigenvalues[: self.last])
        self.measured = np.array([*logs[: self.head], *(self.fit @ logs[self.head :]), law.alpha])
        before, beyond = COARSELY
        self.close = SETTLED * np.array([*[before] * self.head, 1, 1, 1, beyond])
        self.lowest = np.array([*[-np.inf] * self.head, 0, -np.inf, -np.inf, 0])
        self.ranks, times = _groups(self.last, units)
        self.times = np.concatenate([np.ones(self.last), times])

    def start(self) -> Array:
        """Return where to start: as if the line went on before the range."""
        at, head = self.measured.clip(self.lowest), self.head
        line = self.design[:head, :2]
        for _ in range(HALF_STEPS):
            at[:head] = line @ at[head : head + 2]
            at[head:] = (at + self.better(at))[head:] / 2
        at[:head] = line @ at[head : head + 2]
        return at

    def population(self, at: Array) -> Array:
        """Return the eigenvalues of a place of the search, (T,), those beyond by neighbours."""
        logs = np.concatenate([at[: self.head], self.design[self.head :] @ at[self.head : -1]])
        known = np.sort(np.exp(logs))[::-1]
        return np.concatenate([known, known[-1] * self.ranks ** -at[-1]])

    def sample(self, population: Array, sampling: _Sampling | None = None) -> Array:
        """Return the eigenvalues that a sample is expected to show, (N,)."""
        if not (np.isfinite(population).all() and population[-1] > 0):
            return np.full(self.last, np.nan)
        return (sampling or self.sampling).of(population, self.times)

    def better(self, at: Array) -> Array:
        """Return a place whose sample is nearer to what was measured."""
        own, head, steepness = self.population(at), self.head, at[-1]
        shown = self.sample(own)
        moved = np.log(shown[: self.last] / own[: self.last])
        alpha, level, curve = self.measured[head:-1] - self.fit @ moved[head:]
        if len(shown) > self.last:  # else it goes on as it began
            times = self.times[self.last :]
            wanted = times @ self.ranks**-steepness * self.tail
            steepness = _steepness(self.ranks, times, wanted / max(shown[self.last :].sum(), TINY))
        before = self.measured[:head] - moved[:head]
        return np.array([*before, max(alpha, 0), level, curve, steepness])

    def statistics(self, shown: Array) -> Array:
        """Return alpha, level, curvature and log variance beyond the range, (..., 4)."""
        within = np.log(shown[..., self.head : self.last]) @ self.fit.T
        beyond = np.nansum(shown[..., self.last :], axis=-1, keepdims=True)
        return np.concatenate([within, np.log(np.maximum(beyond, TINY))], axis=-1)

    def errors(self, at: Array, scale_error: float, noise: Array | None) -> Array:
        """Return standard errors of the population's alpha and bend, and how much larger, (3,).

        The measured statistics s depend on the population's parameters q and the second moment m
        of the scales; to first order ``dq = (ds/dq)^-1 (ds - ds/dm dm)``. The covariance of s is
        `noise`, (4, 4), or that of the model.
        """
        population = self.population(at)
        shown = self.sample(population)
        own = self.statistics(shown)
        by_parameter = np.empty((4, 4))
        for place in range(4):
            moved = at.copy()
            moved[self.head + place] += DIFFERENCE
            by_parameter[:, place] = self.statistics(self.sample(self.population(moved))) - own
        inverse = np.linalg.pinv(by_parameter / DIFFERENCE)
        noise = self._covariance(population, shown) if noise is None else noise
        covariance = inverse @ noise @ inverse.T
        amplified = np.sqrt(covariance[0, 0] / noise[0, 0])
        if scale_error:
            *pair, change = self.sampling.spread()
            like, wider = (self.statistics(self.sample(population, one)) for one in pair)
            by_scale = (wider - like) / change
            shift = inverse @ by_scale * scale_error
            covariance = covariance + np.outer(shift, shift)
        alpha, _, curve, _ = np.sqrt(np.diag(covariance))
        return np.array([alpha, abs(self.bend) * curve, amplified])

    def _covariance(self, population: Array, shown: Array) -> Array:
        """Return the covariance of the statistics over samples of the population, (4, 4)."""
        sums = np.zeros((4, len(shown)))
        sums[:3, self.head : self.last] = self.fit
        beyond = shown[self.last :]
        sums[3, self.last :] = beyond / max(beyond.sum(), TINY)
        equation = Equation.of(population, self.times, self.sampling.images, self.sampling.scales)
        return covariance_of_sums(sums, shown / population[0], equation)


def _parabola(n: Array, head: int, weighting: str) -> tuple[Array, Array]:
    """Return log lambda as -n, 1 and a square orthogonal to both in the range, and their fit."""
    within = n[head:]
    weight = WEIGHTINGS[weighting](np.exp(within))
    weight = weight / weight.sum()
    x = n - weight @ within
    own = x[head:]
    square = x**2 - weight @ own**2 - x * (weight @ own**3) / (weight @ own**2)
    design = np.stack([-n, np.ones_like(n), square], 1)
    root = weight**0.5
    return design, np.linalg.pinv(design[head:] * root[:, None]) * root


def _residual_covariance(statistics: Array, explained_by: Array | None) -> Array:
    """Return the covariance of statistics, (R, K), that others, (R, M), do not explain, (K, K)."""
    design = np.ones((len(statistics), 1))
    if explained_by is not None:
        design = np.concatenate([design, explained_by], axis=1)
    residual = statistics - design @ np.linalg.lstsq(design, statistics, rcond=None)[0]
    return residual.T @ residual / (len(statistics) - design.shape[1])


def _log_variances(replicates: Array, law: PowerLaw) -> Array:
    """Return the variance of each log eigenvalue in the range over replicates, (n,)."""
    first, last = law.range
    return np.log(replicates[:, first - 1 : last]).var(0, ddof=1)


def _fixed_point(
    better: Callable[[Array], Array], at: Array, lowest: Array, close: Array
) -> tuple[Array, bool]:
    """Return where better(at) is at, and whether it came so close, by Anderson's method, [1]_."""
    places, steps = [], []
    for _ in range(STEPS):
        step = better(at) - at
        if not np.isfinite(step).all():
            break
        if (np.abs(step) < close).all():
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
