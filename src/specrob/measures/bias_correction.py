"""The exponent of the population behind a finite sample of images, and its error.

Letters: ``K`` statistics, ``N`` units, ``R`` replicates.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from specrob.measures.finite_sample import EQUAL_SCALES, TINY, Equation, Scales
from specrob.measures.finite_sample_error import covariance_of_sums
from specrob.measures.population import DIFFERENCE, Sampling, Search
from specrob.measures.power_law import PowerLaw

Array = NDArray[np.floating]
NOISIEST = 0.1  # variance of a cross-validated log eigenvalue, past which it may well be negative


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
    last, unit = law.range[1], eigenvalues[0]
    total = eigenvalues.sum() if variance is None else variance
    tail = max(total - eigenvalues[:last].sum(), 0) / unit
    eigenvalues = eigenvalues / unit
    replicates = None if replicates is None else replicates / unit
    sampling = Sampling(images, scales, None if noise is None else noise / unit)
    search = Search(eigenvalues, law, sampling, tail, units or len(eigenvalues))
    if noise is not None:  # the mean of a logarithm is less than that of the mean
        variances = _log_variances(replicates, law)
        search.measured[search.head : -1] += search.fit @ variances / 2
    with np.errstate(all="ignore"):  # a search that goes astray settles on nothing
        at, settled = search.settle()
        if not settled:
            return None
        resampled = None
        if replicates is not None:
            resampled = _residual_covariance(search.statistics(replicates), scale_moments)
        errors = _errors(search, at, scale_error, resampled)
    if not np.isfinite(errors).all():
        return None
    alpha, _, curve = at[search.head : -1]
    return Corrected(float(alpha), float(search.bend * curve), *map(float, errors))


def _errors(search: Search, at: Array, scale_error: float, noise: Array | None) -> Array:
    """Return standard errors of the population's alpha and bend, and how much larger, (3,).

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
    """Return the covariance of statistics, (R, K), that others, (R, M), do not explain, (K, K)."""
    design = np.ones((len(statistics), 1))
    if explained_by is not None:
        design = np.concatenate([design, explained_by], axis=1)
    residual = statistics - design @ np.linalg.lstsq(design, statistics, rcond=None)[0]
    return residual.T @ residual / (len(statistics) - design.shape[1])


def is_mostly_noise(replicates: Array, law: PowerLaw) -> bool:
    """Return whether cross-validated eigenvalues in the range may well be negative.

    >>> from specrob.measures.power_law import fit_power_law
    >>> law = fit_power_law(np.arange(1, 21.0) ** -1, first=1, last=20)
    >>> is_mostly_noise(np.array([[1.0] * 20, [2.0] * 20]), law)
    True
    """
    return not _log_variances(replicates, law).max() <= NOISIEST


def _log_variances(replicates: Array, law: PowerLaw) -> Array:
    """Return the variance of each log eigenvalue in the range over replicates, (n,)."""
    first, last = law.range
    with np.errstate(invalid="ignore", divide="ignore"):  # NaN where one is not positive
        return np.log(replicates[:, first - 1 : last]).var(0, ddof=1)
