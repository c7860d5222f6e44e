"""The ranks of a spectrum that are fitted where none are named, and the exponent over them."""

import numpy as np
from numpy.typing import NDArray

from specrob.errors import MeasureError
from specrob.measures.power_law import fit_power_law, numerical_rank
from specrob.settings.power_law import LAST_NOISE_RANK, LAST_RANK

MAX_SHARE = 0.5  # of the ranks; beyond, the end of a layer may curve its spectrum


def default_last(rank: int, is_noise: bool) -> int:
    """Return the last rank of a fit by default: 500, or 100 for noise, but half of the rank.

    The last half of the spectrum shows where the units of the layer end.

    >>> default_last(2000, False), default_last(300, False), default_last(300, True)
    (500, 150, 100)
    """
    return min(LAST_NOISE_RANK if is_noise else LAST_RANK, int(rank * MAX_SHARE))


def default_alpha(eigenvalues: NDArray[np.floating]) -> float | None:
    """Return alpha over the default ranks of descending eigenvalues, (N,); None if too few.

    >>> f"{default_alpha(np.arange(1.0, 101) ** -1.5):.3f}"
    '1.500'
    """
    return _alpha(eigenvalues, default_last(numerical_rank(eigenvalues), is_noise=False))


def shaped_alpha(eigenvalues: NDArray[np.floating], rank: int) -> float | None:
    """Return alpha of a spectrum that a penalty shapes, over ranks 10 to 500; None if too few.

    Unlike a fit of `default_alpha` it reaches to the rank, as the penalty does.

    Parameters
    ----------
    eigenvalues : ndarray, (N,), descending
    rank : int
        Of the penalty's estimate, with which the true spectrum is compared.

    Examples
    --------
    >>> f"{shaped_alpha(np.arange(1.0, 101) ** -1.5, 100):.3f}"
    '1.500'
    """
    return _alpha(eigenvalues, min(LAST_RANK, rank, numerical_rank(eigenvalues)))


def _alpha(eigenvalues: NDArray[np.floating], last: int) -> float | None:
    try:
        return fit_power_law(eigenvalues, last=last).alpha
    except MeasureError:
        return None
