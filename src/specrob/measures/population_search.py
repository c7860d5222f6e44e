"""The search for the population behind a finite sample of images.

Letters: ``N`` units, ``R`` replicates, ``T`` groups of eigenvalues, ``n`` ranks of the range.

References
----------
.. [1] D. G. Anderson, "Iterative procedures for nonlinear integral equations", J. ACM 12, 1965,
   DOI 10.1145/321296.321305.
"""

from dataclasses import dataclass, replace

import numpy as np

from specrob.measures.expected_spectrum import expected_eigenvalues, expected_shared_eigenvalues
from specrob.measures.finite_sample import TINY, Scales
from specrob.measures.power_law import WEIGHTINGS, PowerLaw
from specrob.results import Array

DAMPED_STEPS = 12  # steps of half the length, with a straight line before the range, at the start
MAX_STEPS = 100  # of Anderson's method
ANDERSON_DEPTH = 4  # earlier steps that Anderson's method combines
TOLERANCE = 1e-4  # of alpha, level and curvature
HEAD_TOLERANCE, TAIL_TOLERANCE = 10, 100  # times that, for logs before and steepness beyond
TAIL_GROUPS = 100  # of neighbouring eigenvalues beyond the range
MAX_STEEPNESS, BISECTIONS = 50.0, 30  # of the exponent beyond the range
DIFFERENCE = 1e-2  # of finite differences, in log eigenvalues and in the scales' second moment


@dataclass(frozen=True)
class Sampling:
    """How a population is sampled: by images with scales, or by noisy repeats of images."""

    images: int
    scales: Scales
    noise: float | None

    def of(self, population: Array, times: Array) -> Array:
        """Return the eigenvalues that a sample is expected to show, (N,)."""
        if self.noise is None:
            return expected_eigenvalues(population, self.images, times=times, scales=self.scales)
        return expected_shared_eigenvalues(population, self.noise, self.images, times=times)

    def spread(self) -> tuple["Sampling", "Sampling", float]:
        """Return these images, images with wider scales, and the change of their second moment."""
        values, shares = self.scales.values, self.scales.shares
        if self.scales.second_moment < 1 + 5 * DIFFERENCE:
            values, shares = np.ones(2), np.full(2, 0.5)
            wider = values + DIFFERENCE**0.5 * np.array([1, -1])
        else:
            wider = values ** (1 + 5 * DIFFERENCE)
            wider = wider / (shares @ wider)
        given, other = Scales(values, shares), Scales(wider, shares)
        change = other.second_moment - given.second_moment
        return replace(self, scales=given), replace(self, scales=other), change


class Search:
    """The search for the population whose expected sample is the measured one.

    Parameters of a population: logarithms of the eigenvalues before the range; minus the slope,
    the level and the curvature of log lambda against log n within it; steepness beyond it.
    """

    def __init__(
        self,
        eigenvalues: Array,
        law: PowerLaw,
        sampling: Sampling,
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
        head = [HEAD_TOLERANCE] * self.head
        self.tolerance = TOLERANCE * np.array([*head, 1, 1, 1, TAIL_TOLERANCE])
        self.lowest = np.array([*[-np.inf] * self.head, 0, -np.inf, -np.inf, 0])
        self.ranks, times = _groups(self.last, units)
        self.times = np.concatenate([np.ones(self.last), times])

    def start(self) -> Array:
        """Return a first population, with the line of the range continued before it."""
        at, head = self.measured.clip(self.lowest), self.head
        line = self.design[:head, :2]
        for _ in range(DAMPED_STEPS):
            at[:head] = line @ at[head : head + 2]
            at[head:] = (at + self.improved(at))[head:] / 2
        at[:head] = line @ at[head : head + 2]
        return at

    def population(self, at: Array) -> Array:
        """Return the eigenvalues of a population, (T,), those beyond the range in groups."""
        logs = np.concatenate([at[: self.head], self.design[self.head :] @ at[self.head : -1]])
        known = np.sort(np.exp(logs))[::-1]
        return np.concatenate([known, known[-1] * self.ranks ** -at[-1]])

    def sample(self, population: Array, sampling: Sampling | None = None) -> Array:
        """Return the eigenvalues that a sample is expected to show, (N,)."""
        if not (np.isfinite(population).all() and population[-1] > 0):
            return np.full(self.last, np.nan)
        return (sampling or self.sampling).of(population, self.times)

    def improved(self, at: Array) -> Array:
        """Return a population whose sample is nearer to what was measured."""
        population_values, head, steepness = self.population(at), self.head, at[-1]
        shown = self.sample(population_values)
        moved = np.log(shown[: self.last] / population_values[: self.last])
        alpha, level, curve = self.measured[head:-1] - self.fit @ moved[head:]
        if len(shown) > self.last:
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

    def solve(self) -> tuple[Array, bool]:
        """Return the fixed point of `improved` and whether Anderson's method [1]_ found it."""
        at = self.start()
        places: list[Array] = []
        steps: list[Array] = []
        for _ in range(MAX_STEPS):
            step = self.improved(at) - at
            if not np.isfinite(step).all():
                break
            if (np.abs(step) < self.tolerance).all():
                return at, True
            places, steps = [*places[-ANDERSON_DEPTH:], at], [*steps[-ANDERSON_DEPTH:], step]
            at = at + step
            if len(steps) > 1:
                turns = np.diff(steps, axis=0).T
                share = np.linalg.lstsq(turns, step, rcond=1e-8)[0]
                at = at - (np.diff(places, axis=0).T + turns) @ share
            at = at.clip(self.lowest)
            at[-1] = min(at[-1], MAX_STEEPNESS)
        return at, False


def _parabola(n: Array, head: int, weighting: str) -> tuple[Array, Array]:
    """Return the terms -n, 1 and a square orthogonal to both in the range, and their fit."""
    within = n[head:]
    weight = WEIGHTINGS[weighting](np.exp(within))
    weight = weight / weight.sum()
    x = n - weight @ within
    x_within = x[head:]
    square = x**2 - weight @ x_within**2 - x * (weight @ x_within**3) / (weight @ x_within**2)
    design = np.stack([-n, np.ones_like(n), square], 1)
    root = weight**0.5
    return design, np.linalg.pinv(design[head:] * root[:, None]) * root


def _groups(last: int, units: int) -> tuple[Array, Array]:
    """Return the mean ranks of groups past the last rank, in units of it, and their sizes."""
    edges = np.unique(np.geomspace(last + 1, max(units, last) + 1, TAIL_GROUPS).round())
    return np.sqrt(edges[1:] * edges[:-1]) / last, np.diff(edges)


def _steepness(ranks: Array, times: Array, wanted: float) -> float:
    """Return the exponent, 0 to MAX_STEEPNESS, of groups of eigenvalues with a given sum."""
    low, high = 0.0, MAX_STEEPNESS
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        more = times @ ranks**-middle > wanted
        low, high = (middle, high) if more else (low, middle)
    return high
