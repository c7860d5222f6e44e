"""The search for the population behind a finite sample of images.

Letters: ``N`` units, ``R`` replicates, ``T`` groups of eigenvalues, ``n`` ranks of the range.

References
----------
.. [1] D. G. Anderson, "Iterative procedures for nonlinear integral equations", J. ACM 12, 1965,
   DOI 10.1145/321296.321305.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from specrob.measures.expected_spectrum import expected_eigenvalues, expected_shared_eigenvalues
from specrob.measures.finite_sample import TINY, Scales
from specrob.measures.power_law import WEIGHTINGS, PowerLaw

Array = NDArray[np.floating]
HALF_STEPS, STEPS, MEMORY = 12, 100, 4  # of the search for the population
SETTLED = 1e-4  # last step of alpha, level and curvature
COARSELY = 30, 100  # times that of logs before the range, and of the steepness beyond it
GROUPS, STEEPEST, HALVINGS = 100, 50.0, 30  # of the eigenvalues beyond the range
DIFFERENCE = 1e-2  # of finite differences


@dataclass(frozen=True)
class Sampling:
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

    def spread(self) -> tuple["Sampling", "Sampling", float]:
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


class Search:
    """The populations among which one is sought.

    Parameters of a place: logarithms of the eigenvalues before the range; minus the slope, the
    level and the curvature of log lambda against log n within it; steepness beyond it.
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

    def sample(self, population: Array, sampling: Sampling | None = None) -> Array:
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

    def settle(self) -> tuple[Array, bool]:
        """Return where `better` stays, by Anderson's method, [1]_, and whether that was found."""
        at, places, steps = self.start(), [], []
        for _ in range(STEPS):
            step = self.better(at) - at
            if not np.isfinite(step).all():
                break
            if (np.abs(step) < self.close).all():
                return at, True
            places, steps = [*places[-MEMORY:], at], [*steps[-MEMORY:], step]
            at = at + step
            if len(steps) > 1:
                turns = np.diff(steps, axis=0).T
                share = np.linalg.lstsq(turns, step, rcond=1e-8)[0]
                at = at - (np.diff(places, axis=0).T + turns) @ share
            at = at.clip(self.lowest)
            at[-1] = min(at[-1], STEEPEST)
        return at, False


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
