"""The equation that relates the spectrum of a finite sample to that of its population.

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
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from specrob.results import Array

Complex = NDArray[np.complexfloating]
TINY = 1e-30
DESCENT = np.log(1.6)  # step of log Im w, small enough for Newton's method to follow g
NEWTON_STEPS = 3  # for g, at each step of Im w
BISECTIONS = 14  # of Im w, after the descent
FLOOR = 9  # Im w ends at exp(-9) |w| / sqrt(B), where no eigenvalue of the sample is near


@dataclass(frozen=True)
class Scales:
    """The scales of images, in groups.

    Parameters
    ----------
    values : ndarray, (A,), positive, mean 1 when weighted by shares
    shares : ndarray, (A,)
        Share of the images in each group; they add up to 1.
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
    """The equations of a population and its sample of images.

    Parameters
    ----------
    eigenvalues : ndarray, (T,), descending, positive
    times : ndarray, (T,)
        How often each occurs.
    freedom : int
        Number of images minus 1.
    scales : Scales
        Scales of the images.
    """

    eigenvalues: Array
    times: Array
    freedom: int
    scales: Scales = EQUAL_SCALES

    @classmethod
    def of(cls, population: Array, times: Array, images: int, scales: Scales) -> "Equation":
        """Return the equations of a population, in units of its first eigenvalue."""
        return cls(np.maximum(population / population[0], TINY), times, images - 1, scales)

    def interpolate(self, ranks: Array, values: Array) -> Array:
        """Return values of the groups of eigenvalues, (T,), at ranks counted from 0."""
        return np.interp(ranks, np.cumsum(self.times) - self.times / 2, values)

    def at(self, w: Complex, g: Complex | None = None) -> Places:
        """Return the place of each w; Newton's method for g starts from `g`, if given."""
        apart = w.real[:, None] - self.eigenvalues
        terms = self.times * self.eigenvalues / self.freedom / (apart**2 + w.imag[:, None] ** 2)
        h = (terms * apart).sum(1) - 1j * w.imag * terms.sum(1)
        rho, weight = self.scales.values, self.scales.values * self.scales.shares
        g = -h / (1 + h) if g is None else g
        for _ in range(NEWTON_STEPS):
            inverse = 1 / (1 + rho * g[:, None])
            g = g - ((inverse @ weight) * g + h) / (inverse**2 @ weight)
        return Places(w, g, -w * h / g)

    def on_axis(self, real_parts: Array) -> Places:
        """Return the places on the real axis whose w have these real parts, (P,).

        Im w is lowered until z reaches the real axis, or w does.
        """
        second = self.scales.second_moment
        reach = np.sqrt(second * (self.times @ self.eigenvalues**2) / self.freedom)
        floor = np.log(np.abs(real_parts) + TINY) - np.log(self.freedom) / 2 - FLOOR
        high = np.full_like(real_parts, np.log(5 * reach * self.scales.values.max()))
        low, w = np.minimum(floor, high), real_parts + 1j * np.exp(high)
        g = self.at(w, self.at(w).g).g  # far from the axis, Newton's method needs no start near by
        live = np.arange(len(high))
        while len(live):
            lower = high[live] - DESCENT
            place = self.at(real_parts[live] + 1j * np.exp(lower), g[live])
            above = (place.z.imag > 0) & (place.g.imag > 0)
            low[live[~above]] = lower[~above]
            live, lower = live[above], lower[above]
            g[live], high[live] = place.g[above], lower
            live = live[lower > floor[live]]
        for _ in range(BISECTIONS):
            middle = (low + high) / 2
            place = self.at(real_parts + 1j * np.exp(middle), g)
            above = (place.z.imag > 0) & (place.g.imag > 0)
            low, high = np.where(above, low, middle), np.where(above, middle, high)
            g = np.where(above, place.g, g)
        return self.at(real_parts + 1j * np.exp(high), g)

    def count_above(self, places: Places) -> Array:
        """Return how many eigenvalues of the sample lie above each place on the axis, (P,)."""
        w, g = places.w, places.g
        h = -(places.z * g / w).imag * self.freedom
        of_images = np.angle(1 + self.scales.values * g[:, None]) @ self.scales.shares
        of_units = np.angle(w[:, None] - self.eigenvalues) @ self.times
        units = self.times.sum() * (np.angle(places.z) - np.angle(w))
        above: Array = (of_units + units + self.freedom * of_images + h) / np.pi
        return above
