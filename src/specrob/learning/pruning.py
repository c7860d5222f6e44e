"""Which hidden units stay: those whose synapses vary little (A.1 of [1]_).

References
----------
.. [1] "Exploring mechanisms of neural robustness", arXiv:2405.00679, appendix A.1.
"""

import warnings

import numpy as np
from numpy.typing import NDArray

MOST_COMPONENTS = 5


def automatic_threshold(variances: NDArray[np.floating]) -> float | None:
    """Return the variance above which a unit is noise, or None if there is only one mode.

    Gaussian mixtures of 1 to 5 components are fitted to the log variances, the number chosen by
    BIC; the cut lies half-way between the two highest means, in the logarithm.

    Parameters
    ----------
    variances : ndarray, (N,), non-negative
        Variance of each row of the synapses; rows of variance 0 are left out.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> quiet, noisy = rng.lognormal(-7, 0.1, 300), rng.lognormal(-6, 0.1, 30)
    >>> f"{automatic_threshold(np.concatenate([quiet, noisy])):.4f}"
    '0.0015'
    >>> automatic_threshold(quiet) is None
    True
    """
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.mixture import GaussianMixture

    log_variances = np.log(variances[variances > 0]).astype(np.float64)[:, None]
    most = min(MOST_COMPONENTS, len(np.unique(log_variances)) - 1)
    mixtures = [GaussianMixture(n, n_init=3, random_state=0) for n in range(1, most + 1)]
    with warnings.catch_warnings():  # of fewer clusters than components, which BIC does not choose
        warnings.simplefilter("ignore", ConvergenceWarning)
        fits = [mixture.fit(log_variances) for mixture in mixtures]
    best = min(fits, key=lambda fit: fit.bic(log_variances), default=None)
    if best is None or best.n_components == 1:
        return None
    second, first = np.sort(best.means_[:, 0])[-2:]
    return float(np.exp((first + second) / 2))
