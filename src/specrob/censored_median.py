"""Medians of distances, some of which are only known to be larger than what was tried.

References
----------
.. [1] E. L. Kaplan and P. Meier, "Nonparametric estimation from incomplete observations",
   J. Am. Stat. Assoc. 53, 1958, DOI 10.1080/01621459.1958.10501452.
.. [2] R. Brookmeyer and J. Crowley, "A confidence interval for the median survival time",
   Biometrics 38, 1982, DOI 10.2307/2530286.
"""

import warnings
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import CensoredData, ecdf


@dataclass(frozen=True)
class Median:
    """A median with its 95% interval; infinite where more than half were never fooled.

    The upper end is also infinite where too few images were fooled to estimate one.
    """

    value: float
    low: float
    high: float
    fooled: int
    censored: int


def median_distance(
    distance: NDArray[np.floating], eps: NDArray[np.floating], confidence: float = 0.95
) -> Median:
    """Return the Kaplan-Meier median, [1]_, and its interval, [2]_ (log-log).

    Parameters
    ----------
    distance : ndarray, (B,)
        Inf where censored, NaN where the image was never attacked.
    eps : ndarray, (B,)
        Where censored, the radius up to which nothing fooled; may be inf. Images are left out
        where it is NaN, so that nothing is known of them.
    confidence : float, 0 to 1

    Examples
    --------
    >>> median_distance(np.array([1.0, 2.0, 3.0, np.inf, np.inf]), np.full(5, 10.0)).value
    3.0
    """
    fooled = distance[np.isfinite(distance)].astype(np.float64)
    censored = eps[np.isinf(distance) & ~np.isnan(eps)].astype(np.float64)
    if not len(fooled):
        unknown = np.inf if len(censored) else np.nan
        return Median(unknown, unknown, unknown, 0, len(censored))
    # lengths are measured, budgets are set: round-off must not end a budget below its lengths
    censored = np.clip(1.001 * censored, fooled.max(), np.finfo(np.float64).max)
    survival = ecdf(CensoredData(uncensored=fooled, right=censored)).sf
    with warnings.catch_warnings(), np.errstate(divide="ignore", invalid="ignore"):
        warnings.simplefilter("ignore", RuntimeWarning)  # undefined where all or none survive
        band = survival.confidence_interval(confidence, method="log-log")

    def crossing(probabilities: NDArray[np.floating]) -> float:
        below = np.flatnonzero(probabilities <= 0.5 + 1e-12)
        return float(survival.quantiles[below[0]]) if len(below) else np.inf

    # undefined where nobody or everybody survives: below lies the estimate itself, above nothing
    likely, low, high = (s.probabilities for s in (survival, band.low, band.high))
    ends = np.where(np.isfinite(low), low, likely), np.where(np.isfinite(high), high, 1.0)
    bottom, top = map(crossing, ends)
    return Median(crossing(likely), bottom, top, len(fooled), len(censored))
