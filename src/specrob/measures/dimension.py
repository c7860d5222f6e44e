"""Effective dimensions of a spectrum, and the bound of exponents for stimuli of a dimension.

References
----------
.. [1] J. Nassar et al., "On 1/n neural representation and robustness", arXiv:2012.04729.
.. [2] Q. Garrido et al., "RankMe: assessing the downstream performance of pretrained
   self-supervised representations by their rank", arXiv:2210.02885.
.. [3] M. S. Srivastava, "Some tests concerning the covariance matrix in high dimensional data",
   J. Japan Statistical Society 35, 2005, DOI 10.14490/jjss.35.251.
.. [4] C. Stringer et al., "High-dimensional geometry of population responses in visual cortex",
   Nature 571, 2019, DOI 10.1038/s41586-019-1346-5.
"""

import numpy as np

from specrob.results import Array

FEWEST_IMAGES = 20  # with ten images the correction is off by 18% and more


def participation_ratio(eigenvalues: Array) -> float:
    """Return ``(sum lambda)^2 / sum lambda^2``, 1 to N.

    >>> participation_ratio(np.ones(7))
    7.0
    """
    values = _near_1(eigenvalues)
    return float(values.sum() ** 2 / (values**2).sum())


def corrected_participation_ratio(eigenvalues: Array, images: int) -> float:
    """Return the participation ratio of the population behind a sample of Gaussian images.

    The ratio of a small sample is too small. With ``n = images - 1``, S1 and S2 the sums of the
    eigenvalues and of their squares,
    ``t2 = n^2 / ((n - 1)(n + 2)) (S2 - S1^2 / n)`` and ``t1 = S1^2 - 2 t2 / n`` are unbiased for
    ``tr C^2`` and ``(tr C)^2``, [3]_. The mean of ``t1 / t2`` is too large to order 1/n, by the
    share ``(8 / n) (tr C^4 / t2^2 - tr C^3 / (tr C t2))``, which is taken away, with the third
    and fourth moments from those of the sample.

    Parameters
    ----------
    eigenvalues : ndarray, (N,)
        Eigenvalues of the covariance with divisor ``images - 1``.
    images : int
        Number of images.

    Returns
    -------
    float
        NaN below 20 images, or where the estimate of ``tr C^2`` is not positive.

    Examples
    --------
    >>> sample = np.linalg.eigvalsh(np.cov(np.random.default_rng(0).normal(size=(50, 200)).T))
    >>> f"{participation_ratio(sample):.0f} {corrected_participation_ratio(sample, 50):.0f}"
    '40 211'
    """
    eigenvalues = _near_1(eigenvalues)
    n, s1, s2 = images - 1, float(eigenvalues.sum()), float((eigenvalues**2).sum())
    if images < FEWEST_IMAGES:
        return float("nan")
    t2 = n**2 / ((n - 1) * (n + 2)) * (s2 - s1**2 / n)
    if not t2 > 1e-12 * s2:
        return float("nan")
    t3 = float((eigenvalues**3).sum()) - 3 * s1 * t2 / n - s1**3 / n**2
    t4 = float((eigenvalues**4).sum()) - (4 * s1 * t3 + 2 * t2**2) / n
    t4 -= 6 * s1**2 * t2 / n**2 + s1**4 / n**3
    excess = 8 / n * (t4 / t2**2 - t3 / (s1 * t2))
    return (s1**2 - 2 * t2 / n) / t2 * (1 - min(max(excess, 0), 0.5))


def _near_1(eigenvalues: Array) -> Array:
    """Return eigenvalues over a power of two near the largest: their powers could overflow."""
    scaled: Array = np.ldexp(eigenvalues, -np.frexp(eigenvalues.max(initial=0))[1])
    return scaled


def smoothness_bound(dimension: float) -> float:
    """Return ``1 + 2/d``, above which the exponent of a smooth code of d dimensions lies, [4]_.

    >>> smoothness_bound(8)
    1.25
    """
    return 1 + 2 / dimension


def rank_at(eigenvalues: Array, share: float = 0.9) -> int:
    """Return the fewest leading eigenvalues that hold a share of the variance, as in [1]_.

    >>> rank_at(np.array([8.0, 1.0, 1.0]))
    2
    """
    held = np.cumsum(eigenvalues) / eigenvalues.sum()
    return int(np.searchsorted(held, share - 1e-12) + 1)


def rankme(eigenvalues: Array) -> float:
    """Return the exponential of the entropy of ``sqrt(lambda) / sum sqrt(lambda)``, [2]_.

    >>> f"{rankme(np.ones(7)):.3f}"
    '7.000'
    """
    singular = np.sqrt(np.clip(eigenvalues, 0, None))
    share = singular[singular > 0] / singular.sum()
    return float(np.exp(-(share * np.log(share)).sum()))
