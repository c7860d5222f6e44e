"""Numbers of members over the images that all of them classify correctly.

Letters: ``M`` members, ``B`` common images.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce

import numpy as np
from numpy.typing import NDArray

from specrob.artifacts import to_result
from specrob.comparisons.members import Measurement
from specrob.errors import ArtifactError
from specrob.results import Distances, Robustness

BY_IMAGE = ("relative_accuracy", "distance", "distance_l2")  # quantities of correct images


@dataclass(frozen=True)
class ImageNumbers:
    """What became of each common image under each member.

    Parameters
    ----------
    values : ndarray, (M, B)
        1 where the label is kept, else 0; or the log of the distance.
    is_censored : ndarray of bool, (M, B)
        Whether the distance is only known to be larger.
    index : ndarray, (B,)
        Positions of the images.
    """

    values: NDArray[np.float64]
    is_censored: NDArray[np.bool_]
    index: NDArray[np.int64]


def image_numbers(numbers: Sequence[Measurement]) -> ImageNumbers | None:
    """Return the numbers by image, or None where one of the files does not keep them.

    Raises
    ------
    ArtifactError
        If no image is classified correctly by all.
    """
    columns = [_columns(one) for one in numbers]
    known = [column for column in columns if column is not None]
    if len(known) < len(columns):
        return None
    common = reduce(np.intersect1d, [index for index, _, _ in known])
    if not len(common):
        raise ArtifactError(
            "expected images that all members classify correctly, found none; measure more images"
        )
    values, censored = [], []
    for index, value, is_censored in known:
        order = np.argsort(index)
        rows = order[np.searchsorted(index, common, sorter=order)]
        values.append(value[rows])
        censored.append(is_censored[rows])
    return ImageNumbers(np.array(values), np.array(censored), common)


Columns = tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.bool_]]


def _columns(one: Measurement) -> Columns | None:
    """Return index, value and whether it is censored, of the images classified correctly."""
    if one.row.quantity == "relative_accuracy":
        return _labels_kept(to_result(one.artifact, Robustness), one.row.eps)
    return _log_distances(to_result(one.artifact, Distances), one.row.quantity)


def _labels_kept(result: Robustness, eps: float | None) -> Columns | None:
    outcomes = result.of_images()
    if outcomes is None or eps not in result.eps:
        return None
    kept = outcomes.kept[result.eps.index(eps)][outcomes.correct]
    return outcomes.index[outcomes.correct], kept.astype(float), np.zeros(len(kept), bool)


def _log_distances(result: Distances, quantity: str) -> Columns:
    attacked = result.status != "misclassified"
    length = result.distance if quantity == "distance" else result.distance_l2
    is_censored = ~np.isfinite(length[attacked])
    if is_censored.any() and quantity != "distance" and result.norm != "l2":
        raise ArtifactError(
            "expected a distance in L2 of every image, found images that nothing fooled in an "
            "attack of another norm; compare `distance`"
        )
    budget = np.where(is_censored, result.eps[attacked], length[attacked]).astype(float)
    smallest = budget[budget > 0].min() if (budget > 0).any() else 1.0
    return result.index[attacked], np.log(np.maximum(budget, smallest)), is_censored
