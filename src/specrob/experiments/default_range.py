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


def default_alpha(eigenvalues: NDArray[np.floating], rank: int | None = None) -> float | None:
    """Return alpha over the default ranks of descending eigenvalues, (N,); None if too few.

    Parameters
    ----------
    rank : int, optional
        A smaller rank than that of the eigenvalues, of others with which alpha is compared.

    Examples
    --------
    >>> f"{default_alpha(np.arange(1.0, 101) ** -1.5):.3f}"
    '1.500'
    """
    own = numerical_rank(eigenvalues)
    last = default_last(own if rank is None else min(own, rank), is_noise=False)
    try:
        return fit_power_law(eigenvalues, last=last).alpha
    except MeasureError:
        return None
