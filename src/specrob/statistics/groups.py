"""Differences between the means of two groups of which every member is an independent draw.

References
----------
.. [1] B. L. Welch, "The generalization of Student's problem when several different population
   variances are involved", Biometrika 34, 1947, DOI 10.1093/biomet/34.1-2.28.
.. [2] D. J. Schuirmann, "A comparison of the two one-sided tests procedure and the power approach
   for assessing the equivalence of average bioavailability", J. Pharmacokinet. Biopharm. 15,
   1987, DOI 10.1007/BF01068419.
.. [3] S. Holm, "A simple sequentially rejective multiple test procedure", Scand. J. Stat. 6,
   1979, https://www.jstor.org/stable/4615733.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from math import frexp, isnan, ldexp, nan, sqrt

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.stats import t as student

ROUND_OFF = 1e-12  # of the largest number: a standard error below it is none


@dataclass(frozen=True)
class Estimate:
    """A mean, or a difference of means, with its standard error.

    Parameters
    ----------
    value, stderr : float
        NaN for the error where a group has one member.
    df : float
        Degrees of freedom; NaN where the error is not known, or is 0.
    """

    value: float
    stderr: float
    df: float

    def interval(self, confidence: float = 0.95) -> tuple[float, float]:
        """Return the interval by Student's t; (NaN, NaN) where the error is not known, or 0.

        >>> low, high = Estimate(1.0, 0.1, 4.0).interval()
        >>> round(low, 3), round(high, 3)
        (0.722, 1.278)
        """
        reach = self.stderr * self._quantile((1 + confidence) / 2)
        return self.value - reach, self.value + reach

    @property
    def p(self) -> float:
        """Two-sided probability of a value as far from 0 where the truth is 0.

        NaN where the error is not known, or 0: members that do not vary say nothing of how
        far others would lie.

        >>> round(Estimate(1.0, 0.5, 10.0).p, 3)
        0.073
        """
        if isnan(self.df):
            return nan
        return float(2 * student.sf(abs(self.value) / self.stderr, self.df))

    @property
    def detectable(self) -> float:
        """The smallest true value that 4 of 5 such studies would find: (t.975 + t.8) errors.

        >>> round(Estimate(0.0, 0.1, 1e9).detectable, 2)  # (1.96 + 0.84) errors
        0.28
        """
        return self.stderr * (self._quantile(0.975) + self._quantile(0.8))

    def _quantile(self, share: float) -> float:
        return float(student.ppf(share, self.df))


def mean_difference(a: ArrayLike, b: ArrayLike) -> Estimate:
    """Return the mean of `a`, (A,), less that of `b`, (B,), by Welch's formula, [1]_.

    Examples
    --------
    >>> found = mean_difference([1.0, 2.0, 3.0], [1.0, 2.0, 3.0, 10.0])
    >>> found.value, round(found.stderr, 3), round(found.df, 2), round(found.p, 3)
    (-2.0, 2.121, 3.47, 0.407)
    """
    numbers = [np.asarray(group, dtype=float) for group in (a, b)]
    size = _size(*numbers)
    groups = [group / size for group in numbers]
    value = size * float(groups[0].mean() - groups[1].mean())
    if min(map(len, groups)) < 2:
        return Estimate(value, nan, nan)
    parts = [float(group.var(ddof=1)) / len(group) for group in groups]
    total = sum(parts)
    if total <= (ROUND_OFF * max(abs(group).max() for group in groups)) ** 2:
        return Estimate(value, 0.0, nan)
    weights = sum(part**2 / (len(g) - 1) for part, g in zip(parts, groups, strict=True))
    return Estimate(value, size * sqrt(total), total**2 / weights)


def _size(*groups: NDArray[np.float64]) -> float:
    """Return a power of 2 near the largest number: squares of its multiples do not overflow."""
    return ldexp(1.0, frexp(max(float(abs(group).max()) for group in groups))[1] - 1)


def mean_against(values: ArrayLike, reference: float) -> Estimate:
    """Return the mean of values, (A,), less a number.

    Examples
    --------
    >>> mean_against([1.0, 2.0, 3.0], 1.5).value
    0.5
    """
    numbers = np.asarray(values, dtype=float)
    size, n = _size(numbers), len(numbers)
    group = numbers / size
    value = size * float(group.mean()) - reference
    if n < 2:
        return Estimate(value, nan, nan)
    error = float(group.std(ddof=1)) / sqrt(n)
    error = 0.0 if error <= ROUND_OFF * abs(group).max() else error
    return Estimate(value, size * error, n - 1.0 if error else nan)


def correct_by_holm(p: Sequence[float | None]) -> list[float | None]:
    """Return the probabilities corrected for their number, [3]_; None and NaN do not count.

    Examples
    --------
    >>> correct_by_holm([0.01, None, 0.04, 0.03])
    [0.03, None, 0.06, 0.06]
    """
    known = {at: value for at, value in enumerate(p) if value is not None and not isnan(value)}
    corrected: list[float | None] = [None] * len(p)
    largest = 0.0
    for rank, at in enumerate(sorted(known, key=lambda at: known[at])):
        largest = max(largest, min(1.0, (len(known) - rank) * known[at]))
        corrected[at] = largest
    return corrected
