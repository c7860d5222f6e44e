"""Two networks on the same images: differences image by image.

They say how far these two networks differ, and nothing of others of their kinds.

Letters: ``B`` images.

References
----------
.. [1] Q. McNemar, "Note on the sampling error of the difference between correlated proportions
   or percentages", Psychometrika 12, 1947, DOI 10.1007/BF02295996.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, ttest_1samp

Numbers = NDArray[np.floating]


def resampled_mean(
    differences: Numbers, rng: np.random.Generator, replicates: int = 2000
) -> tuple[float, float, float, float]:
    """Return the 95% and the 90% interval of a mean over images, (B,), resampled by bootstrap.

    Examples
    --------
    >>> low, high, *_ = resampled_mean(np.array([0.0, 1.0] * 50), np.random.default_rng(0))
    >>> round(low, 1), round(high, 1)
    (0.4, 0.6)
    """
    n = len(differences)
    means = np.empty(replicates)
    for at in range(replicates):  # one at a time: n x replicates indices need not fit into memory
        means[at] = differences[rng.integers(n, size=n)].mean()
    low, high = np.quantile(means, [0.025, 0.975])
    inner_low, inner_high = np.quantile(means, [0.05, 0.95])
    return float(low), float(high), float(inner_low), float(inner_high)


def sign_test(a: NDArray[np.bool_], b: NDArray[np.bool_]) -> float:
    """Return the two-sided p that two networks keep as many labels, (B,), exactly, [1]_.

    Examples
    --------
    >>> sign_test(np.array([True] * 6 + [False] * 2), np.array([False] * 6 + [False] * 2))
    0.03125
    """
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    return float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0


def paired_t_test(differences: Numbers) -> float:
    """Return the two-sided p that differences over images, (B,), have the mean 0, by Student's t.

    1 where there is nothing to estimate an error from.

    Examples
    --------
    >>> round(paired_t_test(np.array([0.1, 0.3, 0.2, 0.4])), 4)
    0.0305
    >>> paired_t_test(np.array([0.1, 0.1]))
    1.0
    """
    if len(differences) < 2 or np.ptp(differences) == 0:
        return 1.0
    return float(ttest_1samp(differences, 0).pvalue)
