"""Distances of a file, critical or certified, of the images that are measured now.

Letters: ``B`` images.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from specrob.artifacts import Artifact, to_result
from specrob.artifacts.provenance import ROOTS
from specrob.errors import DataError, MeasureError
from specrob.experiments.attack_batches import bounds_of
from specrob.experiments.loaded_model import LoadedModel, require_same_images
from specrob.quantities.attack_names import attack_label
from specrob.results import CertifiedDistances, Distances
from specrob.settings.certificates import CertificateSettings


@dataclass(frozen=True)
class ReferenceDistances:
    """Critical distances of the loaded images, (B,), and certified ones where they are known."""

    by: str  # the attack, in words
    distance: NDArray[np.float64]
    certified: NDArray[np.float64] | None = None


def reference_distances(loaded: LoadedModel, found: Artifact) -> ReferenceDistances:
    """Return the distances of the loaded images, from a file of distances or of bounds.

    Raises
    ------
    DataError
        If they are of another network or other images, or bounds stand without distances.
    """
    if found.kind != CertifiedDistances.kind:
        distances = distances_of(loaded, found)
        return ReferenceDistances(
            attack_label(distances), _of_images(loaded, distances, "distance")
        )
    check_same_model(loaded, found)
    bounds = to_result(found, CertifiedDistances, "`distances`")
    if bounds.upper is None or bounds.upper_by is None:
        raise DataError(
            "`distances`: expected bounds beside critical distances, found bounds alone; certify "
            "with `distances`"
        )
    upper, lower = (_of_images(loaded, bounds, name) for name in ("upper", "lower"))
    return ReferenceDistances(bounds.upper_by, upper, lower)


def distances_of(loaded: LoadedModel, found: Artifact) -> Distances:
    """Return critical distances that are not known to be of another network or other images.

    Raises
    ------
    DataError
        If they are, or if they are distances to target classes.
    """
    check_same_model(loaded, found)
    result = to_result(found, Distances, "`distances`")
    if result.targets is not None:
        raise DataError(
            "`distances`: expected distances to any wrong class, found targets "
            f"{result.targets}; measure them without"
        )
    return result


def check_same_model(loaded: LoadedModel, found: Artifact) -> None:
    """Raise DataError where distances are of another network, or of other images."""
    require_same_images(found.provenance.data, loaded.data, "distances")
    models = [one.digest for one in found.provenance.inputs if one.kind in ROOTS]
    if models and loaded.digest and loaded.digest not in models:
        raise DataError(
            "`distances`: expected those of this model, found those of another; measure them "
            "with `specrob crit-dist`"
        )
    if found.provenance.code not in (None, loaded.code):
        raise DataError(
            "`distances`: expected those of this code, found those of the same weights in another "
            f"{loaded.network.arch}; measure them with `specrob crit-dist`"
        )


def upper_bounds(
    loaded: LoadedModel, settings: CertificateSettings, found: Distances
) -> NDArray[np.float64]:
    """Return the critical distances of the loaded images, (B,), from a result of all of them.

    Raises
    ------
    DataError
        If it lacks one of the images, or is of another norm or of other bounds.
    """
    words = bounds_of(loaded, settings)
    if words not in ("none", found.bounds):
        raise DataError(
            f"`distances`: expected critical distances within bounds {words}, found "
            f"{found.bounds}; pass the same `bounds` to both, or certify with none"
        )
    if found.norm != settings.norm:
        raise DataError(
            f"`distances`: expected critical distances in {settings.norm}, found {found.norm}; "
            f"measure them with `norm` {settings.norm} and `bounds` {words}, or certify in "
            f"{found.norm}"
        )
    return _of_images(loaded, found, "distance")


def _of_images(
    loaded: LoadedModel, found: Distances | CertifiedDistances, name: str
) -> NDArray[np.float64]:
    """Return a column of a result for the loaded images, (B,).

    Raises
    ------
    DataError
        If it lacks one of the images.
    """
    index = loaded.images.index.cpu().numpy()
    order = np.argsort(found.index)
    at = np.minimum(np.searchsorted(found.index, index, sorter=order), len(order) - 1)
    rows = order[at]
    if not np.array_equal(found.index[rows], index):
        raise DataError(
            f"`distances`: expected those of {len(index)} images, found {len(found.index)}, and "
            "some of them missing; measure as many images, or set `limit`"
        )
    if not np.array_equal(found.label[rows], loaded.images.labels.cpu().numpy()):
        raise DataError(
            "`distances`: expected those of the same images, found other labels; measure these "
            "images"
        )
    column: NDArray[np.float64] = getattr(found, name)[rows].astype(np.float64)
    return column


def check_order(
    lower: NDArray[np.float64], upper: NDArray[np.float64], index: NDArray[np.int64]
) -> None:
    """Raise MeasureError where a distance that was found is below what was proved."""
    wrong = np.flatnonzero(lower > upper)
    if len(wrong):
        first = wrong[0]
        raise MeasureError(
            f"expected distances above their proved bounds, found {upper[first]:.6g} below "
            f"{lower[first]:.6g} for image {int(index[first])}; pass `distances` of this model, "
            "or report this as a fault"
        )


def bounds_warnings(bounds: str, found: Distances | None) -> tuple[str, ...] | None:
    """Return that attacks within bounds stand beside proofs for any pixels."""
    if found is None or found.bounds in (None, bounds):
        return None
    return (
        f"distances were found among images within bounds {found.bounds}, and are proved for "
        f"images within bounds {bounds}: some of what is between them is due to that",
    )
