"""Rank correlations over networks, also with a third quantity held fixed, with intervals.

Letters: ``N`` networks, or kinds of networks.

References
----------
.. [1] C. Spearman, "The proof and measurement of association between two things", Am. J. Psychol.
   15, 1904, DOI 10.2307/1412159.
.. [2] W. J. Conover, Practical Nonparametric Statistics, 3rd ed., 1999, section 5.4: the partial
   coefficient is that of the ranks' residuals.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import rankdata
from scipy.stats import t as student

MIN_NETWORKS = 6  # networks, below which no interval is given
MAX_EXACT_NETWORKS = 7  # networks up to which every order is tried


@dataclass(frozen=True)
class Correlation:
    """A rank correlation, its 95% interval, the number of networks, and a two-sided p.

    The interval is NaN for fewer than six networks, and where too few resamples have one. p is the
    share of all orders of the second quantity, or of random ones, that correlate as strongly; with
    a third held fixed it is that of Student's t with N - 3 degrees of freedom, and NaN for fewer
    than six networks.
    """

    value: float
    low: float
    high: float
    networks: int
    p: float


def means_of_kinds(kinds: Sequence[NDArray[np.float64]]) -> NDArray[np.float64]:
    """Return the numbers that are independent draws: means of kinds, or seeds of one kind.

    Parameters
    ----------
    kinds : sequence of ndarray, (seeds, quantities)

    Returns
    -------
    ndarray, (N, quantities)

    Examples
    --------
    >>> means_of_kinds([np.array([[1.0, 2.0], [3.0, 4.0]]), np.array([[5.0, 6.0]])]).tolist()
    [[2.0, 3.0], [5.0, 6.0]]
    """
    return np.array([one.mean(0) for one in kinds]) if len(kinds) > 1 else kinds[0]


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
    value, n = float(_coefficients(table)), table.shape[1]
    p = _permutation_p(table, value, rng, replicates) if given is None else _student_p(value, n)
    if n < MIN_NETWORKS or np.isnan(value):
        return Correlation(value, np.nan, np.nan, n, p)
    drawn = rng.integers(n, size=(replicates, n))
    samples = _coefficients(table[:, drawn].swapaxes(0, 1))
    there = samples[~np.isnan(samples)]
    if len(there) < replicates / 2:
        return Correlation(value, np.nan, np.nan, n, p)
    low, high = np.quantile(there, [0.025, 0.975])
    return Correlation(value, float(low), float(high), n, p)


def _permutation_p(
    table: NDArray[np.float64], value: float, rng: np.random.Generator, replicates: int
) -> float:
    """Return the share of orders of the second row whose correlation is as far from 0."""
    n = table.shape[1]
    if np.isnan(value):
        return float("nan")
    x, y = _residual_ranks(table)
    strength = abs(x @ y) * (1 - 1e-12)
    if n <= MAX_EXACT_NETWORKS:
        orders = np.array(list(permutations(range(n))))
        return float((abs(y[orders] @ x) >= strength).mean())
    drawn = np.array([rng.permutation(n) for _ in range(replicates)])
    return float((1 + (abs(y[drawn] @ x) >= strength).sum()) / (1 + replicates))


def _student_p(value: float, n: int) -> float:
    """Return the two-sided p of a partial coefficient, [2]_; of few networks many are 1 or -1."""
    if n < MIN_NETWORKS or np.isnan(value):
        return float("nan")
    t = abs(value) * np.sqrt((n - 3) / max(1 - value**2, 1e-300))
    return float(2 * student.sf(t, n - 3))


def _coefficients(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the correlation of the ranks of two rows, given those of a third where there is one.

    NaN where one of them does not vary; `tables` is (..., 2 or 3, N).
    """
    ranks = _residual_ranks(tables)
    norms = np.sqrt((ranks**2).sum(-1))
    varies = norms.min(-1) > 1e-9 * tables.shape[-1]
    products = np.where(varies, norms.prod(-1), np.nan)
    found: NDArray[np.float64] = ranks.prod(-2).sum(-1) / products
    return np.clip(found, -1, 1)


def _residual_ranks(tables: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the centred ranks of the first two rows, less what those of a third explain."""
    ranks: NDArray[np.float64] = rankdata(tables, axis=-1)
    ranks -= ranks.mean(-1, keepdims=True)
    pair, given = ranks[..., :2, :], ranks[..., 2:, :]
    power = (given**2).sum(-1, keepdims=True)
    if given.size > 0:
        weights = (pair * given).sum(-1, keepdims=True) / np.where(power > 0, power, 1)
        pair = pair - weights * given
    return pair
