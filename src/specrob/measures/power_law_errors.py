"""How far to trust an exponent: its bias, its interval, and whether it is one at all.

Letters: ``N`` units, ``R`` replicates, ``n`` ranks of the range.

References
----------
.. [1] B. Efron and R. J. Tibshirani, "An introduction to the bootstrap", 1993, chapters 10, 13.
.. [2] N. El Karoui and E. Purdom, "The non-parametric bootstrap and spectral analysis in moderate
   and high-dimension", AISTATS 2019, arXiv:1608.00948.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from specrob.measures.power_law import WEIGHTINGS, PowerLaw, numerical_rank
from specrob.measures.sampling import sampling_bias

Array = NDArray[np.floating]
NORMAL_95 = 1.959964
DOUBT = 0.5  # share of a bias that is itself in doubt
MOST_BIAS = 0.5  # standard errors beyond which an exponent is called biased
MOST_BEND, SURE = 0.1, 3.0  # share of alpha, and standard errors, beyond which it is no power law


@dataclass(frozen=True)
class Trust:
    """What is known of an exponent besides its value.

    Parameters
    ----------
    alpha_corrected : float
        alpha less its bias.
    ci : tuple of float, or None
        95% interval of alpha over images, around the corrected value.
    bias : float
        How far the finite sample moves alpha, by the bootstrap or by `sampling_bias`. NaN, as are
        alpha_corrected and bend, where the latter settles on nothing.
    biased : bool
        Whether that is more than half a standard error: alpha should then not be read without
        its correction.
    sampling_stderr : float
        Standard error of alpha over samples of images; 0 where the spectrum is exact.
    bend : float
        Change of the local exponent from the first to the last rank, its own bias taken away.
    bend_stderr : float
    power_law : bool or None
        False where the bend is more than a tenth of alpha and more than three standard errors,
        with half of its bias to spare. None where half of its bias would decide, is by itself
        more than what would count as a bend, or is not known: too few images for the range.
    """

    alpha_corrected: float
    ci: tuple[float, float] | None
    bias: float
    biased: bool
    sampling_stderr: float
    bend: float
    bend_stderr: float
    power_law: bool | None


def trust(
    eigenvalues: Array,
    law: PowerLaw,
    *,
    images: int,
    units: int | None = None,
    variance: float | None = None,
    replicates: Array | None = None,
) -> Trust:
    """Return bias, interval and bend of a fitted exponent.

    Without replicates, bias and error are those of Gaussian activations whose true spectrum is a
    line within the range; heavier tails make larger errors. With them, bias and error are theirs,
    [1]_, the error at least the Gaussian one, since resampling understates the spread of
    eigenvalues that are close, [2]_. The interval is the bias-corrected exponent -+ 1.96 errors,
    with half of the bias added in quadrature: either correction rests on a model of the images
    (that they are Gaussian, or that those at hand stand for all), and on real images such models
    have been off by up to about that much. Where the sample is not biased that half is nothing.

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
    replicates : ndarray, (R, N), optional
        The same eigenvalues over resampled images.

    Examples
    --------
    >>> from specrob.measures.power_law import fit_power_law
    >>> n = np.arange(1, 501.0)
    >>> found = trust(n**-1, fit_power_law(n**-1), images=0)
    >>> found.power_law, f"{found.bend:.3f}"
    (True, '0.000')
    >>> broken = np.where(n < 100, n**-1, 10 * n**-1.5)
    >>> trust(broken, fit_power_law(broken), images=0).power_law
    False
    """
    first, last = law.range
    weights = contrasts(first, last, law.weighting)
    own = weights @ np.log(eigenvalues[first - 1 : last])
    bias, error = np.zeros(2), np.sqrt(2 / images * (weights**2).sum(1)) if images else np.zeros(2)
    usable = replicates is not None and min(map(numerical_rank, replicates), default=0) >= last
    if usable:
        found = np.log(replicates[:, first - 1 : last]) @ weights.T
        bias, error = found.mean(0) - own, np.maximum(found.std(0, ddof=1), error)
    elif images:
        how = {"units": units, "variance": variance}
        bias = weights @ sampling_bias(eigenvalues, law, images, **how)
    alpha, bend = own - bias
    reach = NORMAL_95 * np.hypot(error[0], DOUBT * bias[0])
    return Trust(
        alpha_corrected=float(alpha),
        ci=(float(alpha - reach), float(alpha + reach)) if usable else None,
        bias=float(bias[0]),
        biased=not abs(bias[0]) <= MOST_BIAS * error[0],  # NaN: nobody knows how far
        sampling_stderr=float(error[0]),
        bend=float(bend),
        bend_stderr=float(error[1]),
        power_law=_straight(bend, max(SURE * error[1], MOST_BEND * abs(alpha)), bias[1]),
    )


def _straight(bend: float, allowed: float, bias: float) -> bool | None:
    doubt = DOUBT * abs(bias)
    if abs(bend) > allowed + doubt:
        return False
    return True if max(abs(bend), doubt) <= allowed else None


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
