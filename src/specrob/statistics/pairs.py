"""Two networks on the same images: differences image by image.

They say how far these two networks differ, and nothing of others of their kinds.

Letters: ``B`` images.

References
----------
.. [1] N. Mantel, "Evaluation of survival data and two new rank order statistics arising in its
   consideration", Cancer Chemother. Rep. 50, 1966.
.. [2] Q. McNemar, "Note on the sampling error of the difference between correlated proportions
   or percentages", Psychometrika 12, 1947, DOI 10.1007/BF02295996.
"""

import numpy as np
from numpy.typing import NDArray
from scipy.stats import CensoredData, binomtest, logrank

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
    """Return the two-sided p that two networks keep as many labels, (B,), exactly, [2]_.

    Examples
    --------
    >>> sign_test(np.array([True] * 6 + [False] * 2), np.array([False] * 6 + [False] * 2))
    0.03125
    """
    only_a, only_b = int((a & ~b).sum()), int((b & ~a).sum())
    return float(binomtest(only_a, only_a + only_b).pvalue) if only_a + only_b else 1.0


def log_rank(a: Numbers, b: Numbers, censored_a: Numbers, censored_b: Numbers) -> float:
    """Return the two-sided p that two samples of distances have one distribution, [1]_.

    Parameters
    ----------
    a, b : ndarray
        Distances of the images that were fooled.
    censored_a, censored_b : ndarray
        Radii up to which nothing fooled the others.

    Examples
    --------
    >>> none = np.empty(0)
    >>> log_rank(np.array([1.0, 2.0, 3.0]), np.array([1.0, 2.0, 3.0]), none, none)
    1.0
    """
    if not len(a) and not len(b):
        return 1.0
    first = CensoredData(uncensored=a, right=censored_a)
    second = CensoredData(uncensored=b, right=censored_b)
    with np.errstate(invalid="ignore", divide="ignore"):
        p = float(logrank(first, second).pvalue)
    return 1.0 if np.isnan(p) else p  # where all distances are the same
