"""Numbers of networks over the images that all of them classify correctly.

Letters: ``M`` networks, ``B`` common images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from specrob.artifacts import to_result
from specrob.comparisons.measured_networks import Measurement
from specrob.errors import ArtifactError
from specrob.results import CertifiedDistances, Distances, Robustness


@dataclass(frozen=True)
class ImageNumbers:
    """What became of each common image under each member.

    Parameters
    ----------
    values : ndarray, (M, B)
        1 where the label is kept, else 0; or the log of the distance.
    is_censored : ndarray of bool, (M, B)
        Whether the distance is only known to be larger: up to the smallest budget of all networks.
    zeros : int
        Number of distances of 0, which have no log, and are taken as the smallest of the others.
    """

    values: NDArray[np.float64]
    is_censored: NDArray[np.bool_]
    zeros: int = 0


def image_numbers(numbers: Sequence[Measurement]) -> ImageNumbers | None:
    """Return the numbers by image, or None where one of the files does not keep them.

    Raises
    ------
    ArtifactError
        If no image is classified correctly by all.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> from specrob.quantities.rows import rows_of
    >>> from specrob.results import ImageOutcomes
    >>> right, kept = np.array([True, True, False]), np.array([[True, False, False]])
    >>> outcomes = ImageOutcomes.of(np.arange(3), right, kept)
    >>> facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 2 / 3, "n_images": 3}
    >>> curve = {"eps": (0.1,), "relative_accuracy": (0.5,), "robust_accuracy": (1 / 3,)}
    >>> attack = Artifact.of(Robustness(n_attacked=2, outcomes=outcomes, **facts, **curve))
    >>> (row,) = [one for one in rows_of(attack) if one.quantity == "relative_accuracy"]
    >>> image_numbers([Measurement(row, attack)] * 2).values.tolist()
    [[1.0, 0.0], [1.0, 0.0]]
    """
    columns = [_columns(one) for one in numbers]
    known = [column for column in columns if column is not None]
    if len(known) < len(columns):
        return None
    common = reduce(np.intersect1d, [index for index, _, _ in known])
    if not len(common):
        raise ArtifactError(
            "expected images that all networks classify correctly, found none; measure more images"
        )
    values, censored = [], []
    for index, value, is_censored in known:
        order = np.argsort(index)
        rows = order[np.searchsorted(index, common, sorter=order)]
        values.append(value[rows])
        censored.append(is_censored[rows])
    if numbers[0].row.quantity == "relative_accuracy":
        return ImageNumbers(np.array(values), np.array(censored))
    return _log_within_budget(np.array(values), np.array(censored))


def _log_within_budget(lengths: NDArray[np.float64], censored: NDArray[np.bool_]) -> ImageNumbers:
    """Return the logs of distances, (M, B), none beyond the smallest budget of all networks."""
    budget = lengths[censored].min() if censored.any() else np.inf
    positive = lengths[lengths > 0]
    if not len(positive):
        raise ArtifactError("expected distances above 0, found none; measure other images")
    kept = np.clip(lengths, positive.min(), budget)
    zeros = int((lengths == 0).sum())
    return ImageNumbers(np.log(kept), censored | (lengths > budget), zeros)


Columns = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]


def _columns(one: Measurement) -> Columns | None:
    """Return index, value and whether it is censored, of the images classified correctly."""
    if one.row.quantity == "relative_accuracy":
        return _labels_kept(to_result(one.artifact, Robustness), one.row.eps)
    if one.row.quantity == "certified_distance":
        return _certified(to_result(one.artifact, CertifiedDistances))
    return _distances(to_result(one.artifact, Distances), one.row.quantity)


def _labels_kept(result: Robustness, eps: float | None) -> Columns | None:
    outcomes = result.of_images()
    if outcomes is None or eps not in result.eps:
        return None
    kept = outcomes.kept[result.eps.index(eps)][outcomes.correct]
    return outcomes.index[outcomes.correct], kept.astype(float), np.zeros(len(kept), bool)


def _certified(result: CertifiedDistances) -> Columns:
    there = np.isfinite(result.lower)
    lower = result.lower[there].astype(float)
    return result.index[there], lower, np.zeros(len(lower), bool)


def _distances(result: Distances, quantity: str) -> Columns:
    attacked = result.was_attacked
    length = result.distance if quantity == "distance" else result.distance_l2
    is_censored = ~np.isfinite(length[attacked])
    if is_censored.any() and quantity != "distance" and result.norm != "l2":
        raise ArtifactError(
            "expected a distance in L2 of every image, found images that nothing fooled in an "
            "attack of another norm; compare `distance`"
        )
    budget = np.where(is_censored, result.eps[attacked], length[attacked]).astype(float)
    return result.index[attacked], budget, is_censored
