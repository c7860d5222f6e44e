"""The exponent of an eigenspectrum, lambda_n ~ n^-alpha, by regression on the ranks.

It is the exponent of the ranks, not of the density of eigenvalues, which is 1 + 1/alpha.
Numpy and scipy only, so that fitting never waits for torch.

References
----------
.. [1] C. Stringer et al., "High-dimensional geometry of population responses in visual cortex",
   Nature 571, 2019, DOI 10.1038/s41586-019-1346-5.
.. [2] V. A. Marchenko and L. A. Pastur, "Distribution of eigenvalues for some sets of random
   matrices", Math. USSR-Sbornik 1, 1967, DOI 10.1070/SM1967v001n04ABEH001994.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from specrob.errors import MeasureError
from specrob.results import Array
from specrob.settings.power_law import FIRST_RANK, LAST_RANK

FEWEST_POINTS = 10  # ranks, for a regression with an error, and of a range in a map
WEIGHTINGS: dict[str, Callable[[Array], Array]] = {"none": np.ones_like, "1/n": np.reciprocal}


@dataclass(frozen=True)
class PowerLaw:
    """A fitted exponent.

    Parameters
    ----------
    alpha : float, positive for a falling spectrum
    stderr : float
        Standard error of the regression. Residuals of ordered eigenvalues are correlated, so it
        measures how straight the line is, not the error of alpha over images.
    r2 : float
        Share of the weighted variance of log lambda that the line explains.
    intercept : float
        Natural logarithm of the fitted lambda_1.
    range : tuple of int
        First and last rank, 1-based, inclusive.
    n_points : int
        Number of ranks in the range.
    weighting : {"none", "1/n"}
        Weight of each rank.
    """

    alpha: float
    stderr: float
    r2: float
    intercept: float
    range: tuple[int, int]
    n_points: int
    weighting: str


def fit_power_law(
    eigenvalues: Array, *, first: int = FIRST_RANK, last: int = LAST_RANK, weighting: str = "none"
) -> PowerLaw:
    """Return the least-squares exponent of ``log lambda_n = -alpha log n + const``.

    Parameters
    ----------
    eigenvalues : ndarray, (N,), descending, positive within the range
    first, last : int
        First and last rank of the fit, 1-based, inclusive.
    weighting : {"none", "1/n"}
        Weight of each rank; 1/n weights decades equally, as [1]_ does.

    Raises
    ------
    MeasureError
        If the range leaves fewer than 10 positive eigenvalues or goes past them.

    Examples
    --------
    >>> law = fit_power_law(np.arange(1, 101) ** -1.5, first=5, last=50)
    >>> f"{law.alpha:.3f}"
    '1.500'
    """
    rank = numerical_rank(eigenvalues)
    if first < 1 or last > rank:
        raise MeasureError(
            f"expected ranks within 1..{rank}, the eigenvalues above round-off, "
            f"found {first}..{last}; lower `last`"
        )
    if last - first + 1 < FEWEST_POINTS:
        raise MeasureError(
            f"expected at least {FEWEST_POINTS} ranks to fit, found {max(0, last - first + 1)} "
            f"in {first}..{last}; lower `first` or raise `last`"
        )
    n = np.arange(first, last + 1, dtype=np.float64)
    x, y = np.log(n), np.log(np.asarray(eigenvalues, np.float64)[first - 1 : last])
    w = WEIGHTINGS[weighting](n) / WEIGHTINGS[weighting](n).sum()
    dx, dy = x - w @ x, y - w @ y
    slope = (w @ (dx * dy)) / (w @ dx**2)
    residual = dy - slope * dx
    scatter = (w @ residual**2) * len(n) / (len(n) - 2)
    spread = (w**2 @ dx**2) / (w @ dx**2) ** 2  # variance of the slope per residual variance
    total = w @ dy**2
    return PowerLaw(
        alpha=float(-slope),
        stderr=float(np.sqrt(scatter * spread)),
        r2=float(1 - (w @ residual**2) / total) if total > 0 else 1.0,
        intercept=float(w @ y - slope * (w @ x)),
        range=(first, last),
        n_points=len(n),
        weighting=weighting,
    )


def numerical_rank(eigenvalues: Array, units: int | None = None) -> int:
    """Return how many leading eigenvalues lie above round-off, ``N * 2.2e-16 * lambda_1``.

    N is the number of units, by default that of the eigenvalues. Cross-validated ones need not
    fall: those past the first that is not positive do not count.

    >>> numerical_rank(np.array([1.0, 0.5, 1e-17]))
    2
    """
    values = np.asarray(eigenvalues, np.float64)
    values = values[np.isfinite(values)]
    floor = (units or len(values)) * np.finfo(np.float64).eps * values.max(initial=0)
    return int((values > floor).cumprod().sum())


def null_alpha(
    images: int, units: int, *, first: int, last: int, weighting: str = "none"
) -> float:
    """Return the exponent that a sample of a flat spectrum shows.

    The eigenvalues of white noise are put at the quantiles of the Marchenko-Pastur law [2]_.

    Parameters
    ----------
    images, units : int
        Size of the sample.
    first, last : int
        1-based ranks, at most min(images - 1, units).

    Examples
    --------
    >>> f"{null_alpha(10_000, 2_000, first=11, last=500):.3f}"
    '0.135'
    """
    values = marchenko_pastur_quantiles(images, units)
    return fit_power_law(values, first=first, last=last, weighting=weighting).alpha


def marchenko_pastur_quantiles(images: int, units: int) -> Array:
    """Return the expected eigenvalues of unit white noise, descending, (min(images - 1, units),).

    The density ``sqrt((b - x)(x - a)) / (2 pi ratio x)`` becomes smooth in theta with
    ``x = 1 + ratio - 2 sqrt(ratio) cos(theta)``, ``ratio = units / (images - 1)``.

    >>> f"{marchenko_pastur_quantiles(1001, 500).mean():.2f}"  # the variance of the noise
    '1.00'
    """
    ratio = units / (images - 1)
    theta = np.linspace(0, np.pi, 100_001)
    x = 1 + ratio - 2 * np.sqrt(ratio) * np.cos(theta)
    density = np.sin(theta) ** 2 / np.maximum(x, np.finfo(float).tiny)
    if ratio == 1:
        density[0] = density[1]  # the limit at the hard edge is finite
    below = np.concatenate([[0], np.cumsum(density[1:] + density[:-1])])
    count = min(images - 1, units)
    share = 1 - (np.arange(count) + 0.5) / count
    quantiles: Array = (
        1 + ratio - 2 * np.sqrt(ratio) * np.cos(np.interp(share, below / below[-1], theta))
    )
    return quantiles


def alpha_map(
    eigenvalues: Array, *, weighting: str = "none", points: int = 24
) -> tuple[NDArray[np.integer], Array]:
    """Return the exponent for every range between some ranks.

    Parameters
    ----------
    eigenvalues : ndarray, (N,), descending
        Only those above round-off are used.
    weighting : {"none", "1/n"}
        Weight of each rank.
    points : int
        Number of ranks on each side of the map, evenly spaced in log n.

    Returns
    -------
    ranks : ndarray, (P,)
    alpha : ndarray, (P, P)
        Row i, column j is the exponent over ranks[i]..ranks[j]; NaN where that is too short.

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
    long = ranks[None] - ranks[:, None] + 1 >= FEWEST_POINTS
    with np.errstate(divide="ignore", invalid="ignore"):
        alpha = (sx * sy - total * sxy) / (total * sxx - sx * sx)
    return ranks, np.where(long, alpha, np.nan)
