"""Networks trained alike from several seeds: mean and spread of their curves."""

from collections.abc import Hashable, Sequence

import numpy as np

from specrob.errors import ArtifactError
from specrob.plots.style import Array

MEAN = "mean ± s.d. of {n}"  # what legends say of seeds


def average(curves: Sequence[Array], name: str, label: str) -> tuple[Array, Array]:
    """Return the mean of the curves of some seeds, and their standard deviation.

    The divisor is the number of seeds less one; one seed has no spread.

    Raises
    ------
    ArtifactError
        If the curves are of different lengths.

    Examples
    --------
    >>> average([np.array([0.1]), np.array([0.3])], "loss", "bp")
    (array([0.2]), array([0.14142136]))
    """
    if len({len(curve) for curve in curves}) > 1:
        raise ArtifactError(
            f"expected seeds with curves of one length in {label}, found {name} of different "
            "lengths; plot each alone"
        )
    if len(curves) == 1:
        return curves[0], np.zeros_like(curves[0])
    return np.mean(curves, axis=0), np.std(curves, axis=0, ddof=1)


def check_same(facts: Sequence[Hashable], name: str, label: str) -> None:
    """Raise ArtifactError where seeds of one network differ in a fact.

    >>> check_same([(1, 10), (1, 10)], "ranks", "bp")
    """
    if len(set(facts)) > 1:
        raise ArtifactError(
            f"expected seeds with the same {name} in {label}, found different ones; "
            "plot each alone"
        )
