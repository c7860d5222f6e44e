"""Bias and interval of a fitted exponent, and whether the spectrum is a power law at all.

Letters: ``N`` units, ``R`` replicates, ``n`` ranks of the range. The constants were chosen on the
simulated populations of ``tests/benchmarks/coverage_of_exponents.py`` and the real images of
``tests/benchmarks/coverage_of_images.py``, so that 95% intervals hold the exponent 95% of times.
"""

from dataclasses import dataclass

import numpy as np
from scipy.special import stdtrit

from specrob.measures.bias_correction import (
    Corrected,
    Sample,
    correct_for_sampling,
    is_mostly_noise,
)
from specrob.measures.power_law import WEIGHTINGS, PowerLaw
from specrob.results import Array
from specrob.statistics.intervals import NORMAL_975

BIAS_ERROR = 0.05  # relative error of the predicted bias: activations are only nearly elliptical
# Errors are larger by these powers of `own_spread` where directions have scales of their own.
# Independent units need 1/2; replicates contain that spread, and need 1/4 for the bias.
MODEL_SPREAD_POWER, RESAMPLED_SPREAD_POWER = 0.5, 0.25
MAX_BIAS = 0.5  # standard errors, beyond which an exponent is called biased
MAX_AMPLIFICATION = 2.0  # factor by which the correction may increase the standard error
MAX_CURVATURE = 0.1  # change of the local exponent, relative to alpha, that a power law may have
SIGNIFICANCE = 3.0  # standard errors by which that change must be resolved
MAX_UNRESOLVED = (
    0.5  # change relative to alpha that may go unnoticed in what is called a power law
)
HEAVY_TAILS = 1.2  # second moment of scales above which the model needs more images than units
EXACT = "the spectrum is exact: it has no sampling error"
AMBIGUOUS = "too few images for the range: many populations would give this sample"
AMPLIFIED = "too few images for the range: a correction would more than double the error"
NOISY = "cross-validated eigenvalues of the range are mostly noise"
TAILS = "fewer images than units, with heavy tails: the error needs resampled images"


@dataclass(frozen=True)
class Uncertainty:
    """Bias, interval and curvature of a fitted exponent.

    Parameters
    ----------
    alpha_corrected : float
        alpha minus its bias.
    ci : tuple of float, or None
        95% interval of alpha over samples of images, around the corrected value.
    ci_reason : str
        Why there is no interval.
    bias : float
        How far the finite sample moves alpha, by `correct_for_sampling`. It is NaN, as are
        alpha_corrected and bend, where too few images leave that open.
    biased : bool
        Whether the bias exceeds half a standard error: alpha should then not be read without
        its correction.
    sampling_stderr : float
        Standard error of alpha_corrected over samples of images; 0 where the spectrum is exact.
    bend : float
        Change of the local exponent from the first to the last rank, corrected for its bias.
    bend_stderr : float
        Standard error of bend over samples of images.
    power_law : bool or None
        False where bend exceeds a tenth of alpha and three standard errors. None where alpha
        cannot be corrected, or a bend of half of alpha would go unnoticed: the range has too
        few images.
    """

    alpha_corrected: float
    ci: tuple[float, float] | None
    ci_reason: str
    bias: float
    biased: bool
    sampling_stderr: float
    bend: float
    bend_stderr: float
    power_law: bool | None


def estimate_uncertainty(eigenvalues: Array, law: PowerLaw, sample: Sample) -> Uncertainty:
    """Return bias, interval and bend of an exponent fitted to eigenvalues, (N,), descending.

    The bias comes from the equation of a finite sample, `correct_for_sampling`: resampled images
    would repeat it. The error comes from the replicates where there are any, else from the same
    equation. The interval reaches 1.96 errors to either side of the corrected exponent, or as
    many as Student's t has for few replicates, with a twentieth of the bias added in quadrature.
    Without a correction `ci_reason` says why; cross-validated exponents are corrected however
    much that increases the error.

    Examples
    --------
    >>> from specrob.measures.power_law import fit_power_law
    >>> n = np.arange(1, 501.0)
    >>> exact = estimate_uncertainty(n**-1, fit_power_law(n**-1), Sample(images=0))
    >>> exact.power_law, f"{exact.bend:.3f}"
    (True, '0.000')
    >>> broken = np.where(n < 100, n**-1, 10 * n**-1.5)
    >>> estimate_uncertainty(broken, fit_power_law(broken), Sample(images=0)).power_law
    False
    """
    first, last = law.range
    weights = contrasts(first, last, law.weighting)
    alpha, bend = weights @ np.log(eigenvalues[first - 1 : last])
    if not sample.images:
        straight = _is_power_law(alpha, bend, 0.0)
        return Uncertainty(alpha, None, EXACT, 0.0, False, 0.0, bend, 0.0, straight)
    is_noisy = sample.noise is not None and is_mostly_noise(sample.replicates, law)
    corrected = None if is_noisy else correct_for_sampling(eigenvalues, law, sample)
    if corrected is None:
        return _unknown(weights, sample, NOISY if is_noisy else AMBIGUOUS)
    if sample.noise is None and corrected.amplified > MAX_AMPLIFICATION:
        return _unknown(weights, sample, AMPLIFIED)
    return _corrected(alpha, corrected, sample, sample.units or len(eigenvalues))


def _unknown(weights: Array, sample: Sample, reason: str) -> Uncertainty:
    """Return what can be said without a correction: errors of independent eigenvalues."""
    variances = 2 / sample.images * sample.grouped.second_moment * (weights**2).sum(1)
    alpha_error, bend_error = np.sqrt(variances)
    nan = float("nan")
    return Uncertainty(nan, None, reason, nan, True, alpha_error, nan, bend_error, None)


def _corrected(alpha: float, corrected: Corrected, sample: Sample, units: int) -> Uncertainty:
    """Return bias, interval and verdict of an exponent whose population is known."""
    resampled = sample.replicates is not None
    power = RESAMPLED_SPREAD_POWER if resampled else MODEL_SPREAD_POWER
    wider = sample.image_scales.own_spread**power
    alpha_error, bend_error = wider * corrected.alpha_error, wider * corrected.bend_error
    bias = alpha - corrected.alpha
    reach = _quantile(sample) * np.hypot(alpha_error, BIAS_ERROR * bias)
    heavy = sample.grouped.second_moment > HEAVY_TAILS and sample.images < units
    is_open = heavy and not resampled
    interval = float(corrected.alpha - reach), float(corrected.alpha + reach)
    return Uncertainty(
        alpha_corrected=corrected.alpha,
        ci=None if is_open else interval,
        ci_reason=TAILS if is_open else "",
        bias=float(bias),
        biased=bool(abs(bias) > MAX_BIAS * alpha_error),
        sampling_stderr=alpha_error,
        bend=corrected.bend,
        bend_stderr=bend_error,
        power_law=_is_power_law(corrected.alpha, corrected.bend, bend_error),
    )


def _quantile(sample: Sample) -> float:
    """Return how many errors a 95% interval reaches: Student's t of an error from replicates."""
    if sample.replicates is None:
        return NORMAL_975
    explained = 0 if sample.scale_moments is None else sample.scale_moments.shape[1]
    return float(stdtrit(len(sample.replicates) - 1 - explained, 0.975))


def _is_power_law(alpha: float, bend: float, error: float) -> bool | None:
    """Return whether the local exponent is constant; None where the error is too large to say."""
    if abs(bend) > max(SIGNIFICANCE * error, MAX_CURVATURE * abs(alpha)):
        return False
    return True if SIGNIFICANCE * error <= MAX_UNRESOLVED * abs(alpha) else None


def contrasts(first: int, last: int, weighting: str = "none") -> Array:
    """Return the weights, (2, n), whose products with log eigenvalues are alpha and bend.

    A line and a parabola are fitted by least squares with the same weights; the bend is the
    parabola's change of ``-d log lambda / d log n`` over the range.

    >>> n = np.arange(5, 51.0)
    >>> alpha, bend = contrasts(5, 50) @ (-2 * np.log(n) - 0.1 * np.log(n) ** 2)
    >>> f"{bend:.4f} {2 * 0.1 * np.log(10):.4f}"
    '0.4605 0.4605'
    """
    n = np.arange(first, last + 1, dtype=np.float64)
    w, x = WEIGHTINGS[weighting](n), np.log(n)
    w = w / w.sum()
    dx = x - w @ x
    square = dx**2 - w @ dx**2
    square -= dx * ((w * dx) @ square) / (w @ dx**2)
    slope, curve = w * dx / (w @ dx**2), w * square / (w @ square**2)
    return np.stack([-slope, -2 * (x[-1] - x[0]) * curve])
