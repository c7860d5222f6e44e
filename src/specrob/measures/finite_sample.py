"""What a finite sample of images makes of a spectrum.

The activations of image i are modelled as ``x_i = sqrt(rho_i) T^(1/2) z_i``: T the covariance of
the population, with eigenvalues t; rho_i the image's own scale, 1 for all where activations are
Gaussian and spread where their tails are heavy; z_i independent, of unit variance. The spectrum
of the sample is then known up to fluctuations of order 1/B, [1]_ and for scales [2]_. With

    h(w) = (1/B) sum_j t_j / (w - t_j),   mean_i rho_i g / (1 + rho_i g) = -h(w),   z = -w h / g

every complex w has a place z in the spectrum of the sample; where z is real, it is a place
on the real axis, and the phase of the deterministic equivalent of ``log det (z - S)``,

    sum_j log(w - t_j) - N log w + B mean_i log(1 + rho_i g) + B h + N log z,

is pi times the number of eigenvalues that lie above it. Without scales g is ``-h / (1 + h)`` and
z is ``w (1 + h)``, the equation of Marchenko and Pastur for any population.

Letters: ``A`` groups of scales, ``B`` images less 1, ``N`` units, ``T`` groups of eigenvalues,
``P`` places.

References
----------
.. [1] J. W. Silverstein and S. I. Choi, "Analysis of the limiting spectral distribution of large
   dimensional random matrices", J. Multivariate Analysis 54, 1995, DOI 10.1006/jmva.1995.1058.
.. [2] R. Couillet and W. Hachem, "Analysis of the limiting spectral measure of large random
   matrices of the separable covariance type", Random Matrices: Theory and Applications 3, 2014,
   arXiv:1310.8094.
.. [3] O. Ledoit and S. Peche, "Eigenvectors of some large sample covariance matrix ensembles",
   Probability Theory and Related Fields 151, 2011, DOI 10.1007/s00440-010-0298-3.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]
Complex = NDArray[np.complexfloating]
TINY, ROUND_OFF = 1e-30, 1e-13
DESCENT = np.log(1.6)  # step of log Im w, small enough for Newton's method to follow g
WIDER = 1.5  # how much further than without scales w may be from the eigenvalues
NEWTON, HALVINGS = 3, 14  # iterations for g at each step, and for Im w after the descent


@dataclass(frozen=True)
class Scales:
    """How the variances of images spread, in groups.

    Parameters
    ----------
    values : ndarray, (A,), positive, mean 1 when weighted by shares
    shares : ndarray, (A,)
        Share of the images that have this scale; they add up to 1.
    """

    values: Array
    shares: Array

    @property
    def second_moment(self) -> float:
        """Return ``mean rho^2``, 1 where all images have one scale."""
        return float(self.shares @ self.values**2)


EQUAL_SCALES = Scales(np.ones(1), np.ones(1))


@dataclass(frozen=True)
class Places:
    """Places in the spectrum of the sample, and the solution of the equations there, (P,) each."""

    w: Complex
    g: Complex
    z: Complex


@dataclass(frozen=True)
class Equation:
    """The equations of a population that is sampled by so many images.

    Parameters
    ----------
    eigenvalues : ndarray, (T,), descending, positive
    times : ndarray, (T,)
        How often each occurs.
    freedom : int
        Images less 1.
    scales : Scales
    """

    eigenvalues: Array
    times: Array
    freedom: int
    scales: Scales = EQUAL_SCALES

    @classmethod
    def of(cls, population: Array, times: Array, images: int, scales: Scales) -> "Equation":
        """Return the equations of a population in units of its first eigenvalue."""
        return cls(np.maximum(population / population[0], TINY), times, images - 1, scales)

    def interpolate(self, ranks: Array, values: Array) -> Array:
        """Return values of the groups of eigenvalues, (T,), at ranks counted from 0."""
        return np.interp(ranks, np.cumsum(self.times) - self.times / 2, values)

    def at(self, w: Complex, g: Complex | None = None) -> Places:
        """Return the place of each w; Newton's method for g starts from a g near by."""
        h = (1 / (w[:, None] - self.eigenvalues)) @ (self.times * self.eigenvalues / self.freedom)
        rho, weight = self.scales.values, self.scales.values * self.scales.shares
        g = -h / (1 + h) if g is None else g
        for _ in range(NEWTON):
            inverse = 1 / (1 + rho * g[:, None])
            g = g - ((inverse @ weight) * g + h) / (inverse**2 @ weight)
        return Places(w, g, -w * h / g)

    def on_axis(self, real_parts: Array) -> Places:
        """Return the places on the real axis whose w have these real parts, (P,).

        Im w is lowered until z reaches the real axis, or w does.
        """
        second = self.scales.second_moment
        reach = np.sqrt(second * (self.times @ self.eigenvalues**2) / self.freedom)
        floor = np.log(np.abs(real_parts) + TINY) - np.log(self.freedom) / 2 - 9
        high = np.full_like(real_parts, np.log(5 * reach * self.scales.values.max()))
        low, g = np.minimum(floor, high), None
        for _ in range(2):  # so far up, g is found from nothing
            g = self.at(real_parts + 1j * np.exp(high), g).g
        live = np.arange(len(high))
        while len(live):
            lower = high[live] - DESCENT
            found = self.at(real_parts[live] + 1j * np.exp(lower), g[live])
            above = (found.z.imag > 0) & (found.g.imag > 0)
            low[live[~above]] = lower[~above]
            live, lower = live[above], lower[above]
            g[live], high[live] = found.g[above], lower
            live = live[lower > floor[live]]
        for _ in range(HALVINGS):
            middle = (low + high) / 2
            found = self.at(real_parts + 1j * np.exp(middle), g)
            above = (found.z.imag > 0) & (found.g.imag > 0)
            low, high = np.where(above, low, middle), np.where(above, middle, high)
            g = np.where(above, found.g, g)
        return self.at(real_parts + 1j * np.exp(high), g)

    def count_above(self, places: Places) -> Array:
        """Return how many eigenvalues of the sample lie above each place on the axis, (P,)."""
        w, g = places.w, places.g
        h = -(places.z * g / w).imag * self.freedom
        of_images = np.angle(1 + self.scales.values * g[:, None]) @ self.scales.shares
        of_units = np.angle(w[:, None] - self.eigenvalues) @ self.times
        units = self.times.sum() * (np.angle(places.z) - np.angle(w))
        return (of_units + units + self.freedom * of_images + h) / np.pi


def expected_eigenvalues(
    population: Array,
    images: int,
    *,
    times: Array | None = None,
    scales: Scales = EQUAL_SCALES,
    points: int = 100,
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
    scales : Scales
    points : int
        The equation is solved at as many eigenvalues and at as many places outside, and its
        solution interpolated.

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
    return population[0] * np.exp(_at_ranks(equation, above, moved, equation.eigenvalues))


def expected_shared_eigenvalues(
    signal: Array, noise: float, images: int, *, times: Array | None = None, points: int = 100
) -> Array:
    """Return the cross-validated eigenvalues that two noisy repeats are expected to show.

    The eigenvectors of one repeat, of covariance ``t = s + noise``, overlap with those of the
    population in the proportions ``t_j / |t_j - w|^2``, [3]_; along them the repeats share
    ``z sum_j (s_j / t_j) of these``.

    Parameters
    ----------
    signal : ndarray, (T,), descending, at least 0
        Eigenvalues s of the covariance of what the repeats share; its distribution is Gaussian.
    noise : float
        Variance of what they do not share, independent and the same for every unit.
    images : int
    times : ndarray, (T,), optional
    points : int

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
    own = equation.eigenvalues * parts
    moved = shared - equation.interpolate(above, np.log(own))
    return (signal[0] + noise) * np.exp(_at_ranks(equation, above, moved, own))


def _on_spectrum(equation: Equation, points: int) -> tuple[Places, Array]:
    """Return places where the sample has eigenvalues, and how many lie above each, ascending."""
    t, times = equation.eigenvalues, equation.times
    spread = equation.scales.second_moment * (times @ t**2) / equation.freedom
    reach = WIDER if len(equation.scales.values) > 1 else 1.0  # of a flat spectrum it is exact
    places = equation.on_axis(_real_parts(t, reach * np.sqrt(spread), points))
    above = equation.count_above(places)
    order = np.argsort(above)
    order = order[(places.z.real > ROUND_OFF)[order] & np.isfinite(above)[order]]
    return Places(places.w[order], places.g[order], places.z[order]), above[order]


def _at_ranks(equation: Equation, above: Array, moved: Array, own: Array) -> Array:
    """Return logarithms at the ranks of the sample: those of the population, and how they move."""
    ranks = np.arange(min(equation.freedom, equation.times.sum())) + 0.5
    return np.interp(ranks, above, moved) + equation.interpolate(ranks, np.log(own))


def _real_parts(t: Array, reach: float, points: int) -> Array:
    """Return real parts of w, descending: some of t, and others as far as `reach` beyond them."""
    own = t[np.unique(np.geomspace(1, len(t), points).astype(int)) - 1]
    steps, small = np.linspace(0, 1, points), max(own[-1], 1e-9)
    lower = small * np.sinh(np.arcsinh(-reach / small) * steps[1:])
    return np.unique(np.concatenate([own, own[-1] + lower, own[0] + reach * steps[1:] ** 2]))[::-1]
