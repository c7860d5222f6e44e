"""How far to trust an exponent: its bias, its interval, and whether it is one at all.

Letters: ``B`` images, ``N`` units, ``R`` replicates, ``n`` ranks of the range.
"""

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.special import stdtrit

from specrob.measures.bias_correction import correct_for_sampling, is_mostly_noise
from specrob.measures.image_scales import ImageScales
from specrob.measures.power_law import WEIGHTINGS, PowerLaw, numerical_rank

Array = NDArray[np.floating]
NORMAL_95 = 1.959964
DOUBT = 0.05  # share of a bias that is itself in doubt: activations are not quite elliptical
SCALE_DOUBT = 0.15  # the same of how far the scales' second moment is from 1
MODEL_WIDER, RESAMPLED_WIDER = 0.5, 0.25  # powers of the own spread by which errors are larger
MOST_BIAS = 0.5  # standard errors beyond which an exponent is called biased
MOST_AMPLIFIED = 2.0  # times that a correction may make the error larger
MOST_BEND, SURE = 0.1, 3.0  # share of alpha, and standard errors, beyond which it is no power law
MOST_HIDDEN = 0.5  # share of alpha by which it may bend unseen where it is still called one
HEAVY = 1.2  # second moment of scales above which the model needs more images than units
OPEN = "too few images for the range: many populations would give this sample"
AMPLIFIED = "too few images for the range: a correction would more than double the error"
NOISY = "cross-validated eigenvalues of the range are mostly noise"
TAILS = "fewer images than units, with heavy tails: the error needs resampled images"


@dataclass(frozen=True)
class Uncertainty:
    """What is known of an exponent besides its value.

    Parameters
    ----------
    alpha_corrected : float
        alpha less its bias.
    ci : tuple of float, or None
        95% interval of alpha over samples of images, around the corrected value.
    ci_reason : str
        Why there is none.
    bias : float
        How far the finite sample moves alpha, by `correct_for_sampling`. NaN, as are
        alpha_corrected and bend, where too few images leave that open.
    biased : bool
        Whether that is more than half a standard error: alpha should then not be read without
        its correction.
    sampling_stderr : float
        Standard error of alpha_corrected over samples of images; 0 where the spectrum is exact.
    bend : float
        Change of the local exponent from the first to the last rank, its own bias taken away.
    bend_stderr : float
    power_law : bool or None
        False where the bend is more than a tenth of alpha and more than three standard errors.
        None where alpha is not corrected, or a bend by half of alpha would not be seen: too few
        images for the range.
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


def estimate_uncertainty(
    eigenvalues: Array,
    law: PowerLaw,
    *,
    images: int,
    units: int | None = None,
    variance: float | None = None,
    scales: ImageScales | None = None,
    noise: float | None = None,
    replicates: Array | None = None,
    scale_moments: Array | None = None,
) -> Uncertainty:
    """Return bias, interval and bend of a fitted exponent.

    The bias comes from the equation of a finite sample, `correct_for_sampling`; resampling the
    images would repeat it rather than show it. The error comes from the replicates where there
    are any, else from the same equation. Where directions do not share the images' scales, errors
    of the equation rise by the root of their own spread, as they do for independent units, and
    those of replicates, which show that by themselves, by its fourth root for the bias that is
    then in doubt: pixels of natural images need as much. The interval reaches 1.96 errors on
    either side of the corrected exponent, or as many as Student's t has for few replicates, a
    twentieth of the bias added in quadrature. ``tests/benchmarks/coverage.py`` has the
    populations it was tried on.
    Without a correction, `ci_reason` says why; cross-validated exponents are corrected however
    much that makes the error larger.

    Parameters
    ----------
    eigenvalues : ndarray, (N,), descending
    law : PowerLaw
        Fitted to them.
    images : int
        0 for an exact spectrum.
    units : int, optional
        Where there are fewer eigenvalues than units.
    variance : float, optional
        The sum of all eigenvalues, also of those that are not known.
    scales : ImageScales, optional
        By default all 1, as Gaussian activations have them.
    noise : float, optional
        Of cross-validated eigenvalues: variance of a unit that two repeats do not share.
    replicates : ndarray, (R, N), optional
        The same eigenvalues over resampled images, all with the range.
    scale_moments : ndarray, (R, 3), optional
        Of the images of each replicate, see `bootstrap.scale_moments`.

    Examples
    --------
    >>> from specrob.measures.power_law import fit_power_law
    >>> n = np.arange(1, 501.0)
    >>> found = estimate_uncertainty(n**-1, fit_power_law(n**-1), images=0)
    >>> found.power_law, f"{found.bend:.3f}"
    (True, '0.000')
    >>> broken = np.where(n < 100, n**-1, 10 * n**-1.5)
    >>> estimate_uncertainty(broken, fit_power_law(broken), images=0).power_law
    False
    """
    first, last = law.range
    weights = contrasts(first, last, law.weighting)
    alpha, bend = weights @ np.log(eigenvalues[first - 1 : last])
    if not images:
        reason = "the spectrum is exact: it has no sampling error"
        return Uncertainty(
            alpha, None, reason, 0.0, False, 0.0, bend, 0.0, _straight(alpha, bend, 0.0)
        )
    scales = scales or ImageScales(np.ones(images), 0.0)
    grouped = scales.grouped()
    how = {"units": units, "variance": variance, "noise": noise, "scales": grouped}
    logit_error = float(np.hypot(scales.error, SCALE_DOUBT * (grouped.second_moment - 1)))
    how |= {"scale_error": logit_error, "replicates": replicates, "scale_moments": scale_moments}
    noisy = noise is not None and is_mostly_noise(replicates, law)
    found = None if noisy else correct_for_sampling(eigenvalues, law, images, **how)
    alone = np.sqrt(2 / images * grouped.second_moment * (weights**2).sum(1))
    reason = NOISY if noisy else OPEN if found is None else AMPLIFIED
    if found is None or (noise is None and found.amplified > MOST_AMPLIFIED):
        nothing = float("nan")
        return Uncertainty(nothing, None, reason, nothing, True, alone[0], nothing, alone[1], None)
    wider = scales.own_spread ** (MODEL_WIDER if replicates is None else RESAMPLED_WIDER)
    errors = {"alpha_error": wider * found.alpha_error, "bend_error": wider * found.bend_error}
    found = replace(found, **errors)
    bias = alpha - found.alpha
    reach = _quantile(replicates, scale_moments) * np.hypot(found.alpha_error, DOUBT * bias)
    heavy = grouped.second_moment > HEAVY and images < (units or len(eigenvalues))
    unsure = replicates is None and heavy
    return Uncertainty(
        alpha_corrected=found.alpha,
        ci=None if unsure else (float(found.alpha - reach), float(found.alpha + reach)),
        ci_reason=TAILS if unsure else "",
        bias=float(bias),
        biased=bool(abs(bias) > MOST_BIAS * found.alpha_error),
        sampling_stderr=found.alpha_error,
        bend=found.bend,
        bend_stderr=found.bend_error,
        power_law=_straight(found.alpha, found.bend, found.bend_error),
    )


def _quantile(replicates: Array | None, scale_moments: Array | None) -> float:
    """Return how many errors a 95% interval reaches: Student's t of an error from replicates."""
    if replicates is None:
        return NORMAL_95
    explained = 0 if scale_moments is None else scale_moments.shape[1]
    return float(stdtrit(len(replicates) - 1 - explained, 0.975))


def _straight(alpha: float, bend: float, error: float) -> bool | None:
    if abs(bend) > max(SURE * error, MOST_BEND * abs(alpha)):
        return False
    return True if SURE * error <= MOST_HIDDEN * abs(alpha) else None


def contrasts(first: int, last: int, weighting: str = "none") -> Array:
    """Return what gives alpha and bend of log eigenvalues, (2, n), by a product.

    The line and the parabola are fitted by least squares with the same weights; the bend is the
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


def alpha_map(
    eigenvalues: Array, *, weighting: str = "none", points: int = 24, fewest: int = 10
) -> tuple[NDArray[np.integer], Array]:
    """Return the exponent for every range between some ranks.

    Parameters
    ----------
    eigenvalues : ndarray, (N,), descending
        Those above round-off are used.
    weighting : {"none", "1/n"}
    points : int
        Ranks a side, evenly spaced in log n.
    fewest : int
        Ranks in the shortest range.

    Returns
    -------
    ranks : ndarray, (P,)
    alpha : ndarray, (P, P)
        Row i, column j: over ranks[i]..ranks[j], NaN where that is too short.

    Examples
    --------
    >>> ranks, alpha = alpha_map(np.arange(1, 1001.0) ** -1.5, points=4)
    >>> ranks, bool(np.allclose(alpha[:3, 3], 1.5))
    (array([   1,   10,  100, 1000]), True)
    """
    rank = numerical_rank(eigenvalues)
    n = np.arange(1, rank + 1, dtype=np.float64)
    w, x, y = WEIGHTINGS[weighting](n), np.log(n), np.log(eigenvalues[:rank])
    sums = np.zeros((5, rank + 1))
    sums[:, 1:] = np.cumsum([w, w * x, w * y, w * x * x, w * x * y], axis=1)
    ranks = np.unique(np.geomspace(1, max(rank, 1), points).round().astype(int))[:rank]
    total, sx, sy, sxx, sxy = sums[:, None, ranks] - sums[:, ranks - 1, None]
    long = ranks[None] - ranks[:, None] + 1 >= fewest
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = (sx * sy - total * sxy) / (total * sxx - sx * sx)
    return ranks, np.where(long, alpha, np.nan)
