"""The exponent of the population behind a finite sample of images, and its error.

Letters: ``K`` statistics, ``N`` units, ``R`` replicates.
"""

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from specrob.measures.finite_sample import TINY, Equation, Scales
from specrob.measures.finite_sample_error import covariance_of_sums
from specrob.measures.image_scales import ImageScales
from specrob.measures.population_search import DIFFERENCE, Sampling, Search
from specrob.measures.power_law import PowerLaw
from specrob.results import Array

MAX_LOG_VARIANCE = 0.1  # of a cross-validated eigenvalue, past which it may well be negative
SCALE_ERROR = 0.15  # relative error of how far the scales' second moment is from 1


@dataclass(frozen=True)
class Sample:
    """The images behind a spectrum.

    Parameters
    ----------
    images : int
        Number of images; 0 for an exact spectrum.
    units : int, optional
        Number of units; by default that of the eigenvalues.
    variance : float, optional
        Sum of all eigenvalues, also of unknown ones; by default that of the known eigenvalues.
    scales : ImageScales, optional
        Scale of each image; by default all are 1, as for Gaussian activations.
    noise : float, optional
        For cross-validated eigenvalues, the variance of a unit that two repeats do not share.
        Replicates are then needed.
    replicates : ndarray, (R, N), optional
        Eigenvalues of resampled images, all positive within the range. The covariance of the
        measured numbers is then theirs, else that of the model.
    scale_moments : ndarray, (R, M), optional
        Moments of the scales of each replicate's images, see `bootstrap.scale_moments`. The
        covariance that they explain is left out: resampled images are more spread than images.
    """

    images: int
    units: int | None = None
    variance: float | None = None
    scales: ImageScales | None = None
    noise: float | None = None
    replicates: Array | None = None
    scale_moments: Array | None = None

    @cached_property
    def image_scales(self) -> ImageScales:
        """Return the scales of the images, 1 where none are known."""
        return self.scales or ImageScales(np.ones(self.images), 0.0)

    @cached_property
    def grouped(self) -> Scales:
        """Return the scales of the images in groups."""
        return self.image_scales.grouped()

    @property
    def scale_error(self) -> float:
        """Return the standard error of the scales' second moment."""
        excess = self.grouped.second_moment - 1
        return float(np.hypot(self.image_scales.error, SCALE_ERROR * excess))


@dataclass(frozen=True)
class Corrected:
    """Exponent and bend of the population, and the standard errors of both.

    Parameters
    ----------
    alpha, bend : float
        See `uncertainty.contrasts`.
    alpha_error, bend_error : float
        Standard errors over samples of images. They exceed those of the uncorrected numbers
        where a small change of the sample stands for a large one of the population.
    amplified : float
        Ratio of the error of alpha to that before correction, for known scales.
    """

    alpha: float
    bend: float
    alpha_error: float
    bend_error: float
    amplified: float


def correct_for_sampling(eigenvalues: Array, law: PowerLaw, sample: Sample) -> Corrected | None:
    """Return exponent and bend of the population behind a sample with a fitted law.

    In log-log coordinates the population is a parabola within the range, whose sample has the
    measured alpha, level and bend; before the range it is what gives the eigenvalues measured
    there; beyond, a power law that gives the variance measured there. None where no such
    population is found: near white noise, many give almost the same sample.

    Examples
    --------
    >>> from specrob.measures.power_law import fit_power_law
    >>> values = np.arange(1, 101.0) ** -2
    >>> law = fit_power_law(values, first=5, last=30)
    >>> population = correct_for_sampling(values, law, Sample(images=1000))
    >>> f"{population.alpha - law.alpha:.3f} {population.alpha_error:.3f}"
    '-0.003 0.018'
    """
    unit = eigenvalues[0]
    replicates = None if sample.replicates is None else sample.replicates / unit
    search = _search(eigenvalues, law, sample)
    if sample.noise is not None and replicates is not None:
        # the mean of a logarithm is less than the logarithm of the mean
        search.measured[search.head : -1] += search.fit @ _log_variances(replicates, law) / 2
    with np.errstate(all="ignore"):  # a search that diverges finds no population
        at, converged = search.solve()
        if not converged:
            return None
        covariance = None
        if replicates is not None:
            statistics = search.statistics(replicates)
            covariance = _residual_covariance(statistics, sample.scale_moments)
        errors = _errors(search, at, sample.scale_error, covariance)
    if not np.isfinite(errors).all():
        return None
    alpha, _, curve = at[search.head : -1]
    return Corrected(float(alpha), float(search.bend * curve), *map(float, errors))


def _search(eigenvalues: Array, law: PowerLaw, sample: Sample) -> Search:
    """Return the search for the population, in units of the first eigenvalue."""
    last, unit = law.range[1], eigenvalues[0]
    total = eigenvalues.sum() if sample.variance is None else sample.variance
    tail = max(total - eigenvalues[:last].sum(), 0) / unit
    noise = None if sample.noise is None else sample.noise / unit
    sampling = Sampling(sample.images, sample.grouped, noise)
    return Search(eigenvalues / unit, law, sampling, tail, sample.units or len(eigenvalues))


def _errors(search: Search, at: Array, scale_error: float, noise: Array | None) -> Array:
    """Return standard errors of the population's alpha and bend, and the amplification, (3,).

    The measured statistics s depend on the population's parameters q and the second moment m
    of the scales; to first order ``dq = (ds/dq)^-1 (ds - ds/dm dm)``. The covariance of s is
    `noise`, (4, 4), or that of the model.
    """
    population = search.population(at)
    shown = search.sample(population)
    own = search.statistics(shown)
    by_parameter = np.empty((4, 4))
    for place in range(4):
        moved = at.copy()
        moved[search.head + place] += DIFFERENCE
        by_parameter[:, place] = search.statistics(search.sample(search.population(moved))) - own
    inverse = np.linalg.pinv(by_parameter / DIFFERENCE)
    noise = _covariance(search, population, shown) if noise is None else noise
    covariance = inverse @ noise @ inverse.T
    amplified = np.sqrt(covariance[0, 0] / noise[0, 0])
    if scale_error:
        *pair, change = search.sampling.spread()
        like, wider = (search.statistics(search.sample(population, one)) for one in pair)
        by_scale = (wider - like) / change
        shift = inverse @ by_scale * scale_error
        covariance = covariance + np.outer(shift, shift)
    alpha, _, curve, _ = np.sqrt(np.diag(covariance))
    return np.array([alpha, abs(search.bend) * curve, amplified])


def _covariance(search: Search, population: Array, shown: Array) -> Array:
    """Return the covariance of the statistics over samples of the population, (4, 4)."""
    sums = np.zeros((4, len(shown)))
    sums[:3, search.head : search.last] = search.fit
    beyond = shown[search.last :]
    sums[3, search.last :] = beyond / max(beyond.sum(), TINY)
    equation = Equation.of(
        population, search.times, search.sampling.images, search.sampling.scales
    )
    return covariance_of_sums(sums, shown / population[0], equation)


def _residual_covariance(statistics: Array, explained_by: Array | None) -> Array:
    """Return the covariance, (K, K), of (R, K) statistics that (R, M) others do not explain."""
    design = np.ones((len(statistics), 1))
    if explained_by is not None:
        design = np.concatenate([design, explained_by], axis=1)
    residual: Array = statistics - design @ np.linalg.lstsq(design, statistics, rcond=None)[0]
    return residual.T @ residual / (len(statistics) - design.shape[1])


def is_mostly_noise(replicates: Array | None, law: PowerLaw) -> bool:
    """Return whether cross-validated eigenvalues in the range may well be negative.

    >>> from specrob.measures.power_law import fit_power_law
    >>> law = fit_power_law(np.arange(1, 21.0) ** -1, first=1, last=20)
    >>> is_mostly_noise(np.array([[1.0] * 20, [2.0] * 20]), law)
    True
    """
    return replicates is None or not _log_variances(replicates, law).max() <= MAX_LOG_VARIANCE


def _log_variances(replicates: Array, law: PowerLaw) -> Array:
    """Return the variance of each log eigenvalue in the range over replicates, (n,)."""
    first, last = law.range
    with np.errstate(invalid="ignore", divide="ignore"):  # NaN where one is not positive
        variances: Array = np.log(replicates[:, first - 1 : last]).var(0, ddof=1)
    return variances
