"""Intervals of shares.

References
----------
.. [1] E. B. Wilson, "Probable inference, the law of succession, and statistical inference",
   J. Am. Stat. Assoc. 22, 1927, DOI 10.1080/01621459.1927.10502953.
"""

from math import sqrt

NORMAL_975 = 1.959963984540054  # the 97.5% quantile of the standard normal distribution


def wilson_interval(share: float, trials: int) -> tuple[float, float]:
    """Return the 95% interval of a probability from a share of independent trials, [1]_.

    It is within 0 to 1 also where none or all of them succeeded.

    Parameters
    ----------
    share : float, 0 to 1
    trials : int
        At least 1, else the interval is 0 to 1.

    Examples
    --------
    >>> low, high = wilson_interval(0.5, 100)
    >>> round(low, 3), round(high, 3)
    (0.404, 0.596)
    """
    if trials < 1:
        return 0.0, 1.0
    spread = NORMAL_975**2 / trials
    middle = (share + spread / 2) / (1 + spread)
    reach = sqrt(max(spread * share * (1 - share) + spread**2 / 4, 0)) / (1 + spread)
    return max(0.0, middle - reach), min(1.0, middle + reach)
