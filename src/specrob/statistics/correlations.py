"""Rank correlations over networks, also with a third quantity held fixed, with intervals.

Letters: ``N`` networks.

References
----------
.. [1] C. Spearman, "The proof and measurement of association between two things", Am. J. Psychol.
   15, 1904, DOI 10.2307/1412159.
.. [2] W. J. Conover, Practical Nonparametric Statistics, 3rd ed., 1999, section 5.4: the partial
   coefficient is that of the ranks' residuals.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata

FEWEST = 4  # networks, below which no interval is given


@dataclass(frozen=True)
class Correlation:
    """A rank correlation, its 95% interval, and the number of networks.

    The interval is NaN for fewer than four networks, and where too few resamples have one.
    """

    value: float
    low: float
    high: float
    networks: int


def rank_correlation(
    x: ArrayLike,
    y: ArrayLike,
    rng: np.random.Generator,
    *,
    given: ArrayLike | None = None,
    replicates: int = 2000,
) -> Correlation:
    """Return Spearman's coefficient, [1]_, with an interval from resampled networks.

    Parameters
    ----------
    x, y : array_like, (N,)
    rng : numpy.random.Generator
    given : array_like, (N,), optional
        A quantity held fixed: the coefficient is then the partial one, [2]_.
    replicates : int
        Number of resamples.

    Raises
    ------
    ValueError
        If the lengths differ.

    Examples
    --------
    >>> found = rank_correlation([1, 2, 3, 4, 5], [2, 4, 6, 9, 8], np.random.default_rng(0))
    >>> round(found.value, 2), found.networks
    (0.9, 5)
    """
    columns = [np.asarray(c, dtype=float) for c in (x, y, *([] if given is None else [given]))]
    table = np.stack(columns)  # (2 or 3, N)
    value, n = _coefficient(table), table.shape[1]
    if n < FEWEST or np.isnan(value):
        return Correlation(value, np.nan, np.nan, n)
    samples = np.array(
        [_coefficient(table[:, rng.integers(n, size=n)]) for _ in range(replicates)]
    )
    there = samples[~np.isnan(samples)]
    if len(there) < replicates / 2:
        return Correlation(value, np.nan, np.nan, n)
    low, high = np.quantile(there, [0.025, 0.975])
    return Correlation(value, float(low), float(high), n)


def _coefficient(table: NDArray[np.float64]) -> float:
    """Return the correlation of the ranks of two rows, given those of a third where there is one.

    NaN where one of them does not vary.
    """
    ranks = np.stack([rankdata(row) for row in table])
    ranks -= ranks.mean(1, keepdims=True)
    if len(ranks) == 3:
        fixed = ranks[2]
        power = float(fixed @ fixed)
        if power > 0:
            ranks = ranks[:2] - np.outer(ranks[:2] @ fixed, fixed) / power
    norms = np.sqrt((ranks[:2] ** 2).sum(1))
    if norms.min() <= 1e-9 * table.shape[1]:
        return float("nan")
    return float(np.clip(ranks[0] @ ranks[1] / norms.prod(), -1, 1))
