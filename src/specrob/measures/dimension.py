"""How many dimensions a spectrum fills.

References
----------
.. [1] J. Nassar et al., "On 1/n neural representation and robustness", arXiv:2012.04729.
.. [2] Q. Garrido et al., "RankMe: assessing the downstream performance of pretrained
   self-supervised representations by their rank", arXiv:2210.02885.
"""

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.floating]


def participation_ratio(eigenvalues: Array) -> float:
    """Return ``(sum lambda)^2 / sum lambda^2``, 1 to N.

    >>> participation_ratio(np.ones(7))
    7.0
    """
    return float(eigenvalues.sum() ** 2 / (eigenvalues**2).sum())


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
