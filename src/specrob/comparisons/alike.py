"""Whether numbers may be compared: measured in the same way, on the same images."""

from collections.abc import Callable, Collection, Mapping, Sequence

import numpy as np

from specrob.artifacts import Artifact
from specrob.comparisons.differences import values_in_words
from specrob.comparisons.measured_networks import MATCHED_CONDITIONS, Measurement
from specrob.comparisons.number_warnings import warnings_on
from specrob.errors import ArtifactError
from specrob.quantities.image_titles import images_of
from specrob.settings.margins import DISTANCES
from specrob.settings.normalization import Normalization

# quantities of the images that a network classifies correctly
SPACE = "attacked space"  # in the units of lengths, and of what changes with them
MEASURED_IN_SPACE = ("bounds", "smoothness", "landscape")
QUANTITIES_BY_IMAGE = ("relative_accuracy", *DISTANCES)
# quantities of critical distances that depend on the largest radius that was tried
OF_FOOLED = ("mean_distance", "distance_deviation", "distance_variance")
COUNTS = ("fooled", "censored")
NumbersByGroup = Mapping[str, Sequence[Measurement]]  # one number of each network


def different_conditions(groups: NumbersByGroup, asked: Collection[str] = ()) -> list[str]:
    """Return the conditions that must be the same and are not, with their values.

    Parameters
    ----------
    groups : mapping
        One number of each network, by the name of the group.
    asked : collection of str
        Conditions whose effect is asked about: they may differ.

    Notes
    -----
    Numbers that are of the images which all networks classify correctly have to be of the same
    images.

    Examples
    --------
    >>> different_conditions({"kh": [], "bp": []})
    []
    """
    every = [one for numbers in groups.values() for one in numbers]
    matched = [name for name in MATCHED_CONDITIONS if name not in asked]
    found = {name: _differ(groups, _condition(name)) for name in matched}
    if all(one.is_attacked or SPACE in one.row.unit for one in every):
        found["space"] = _differ(groups, lambda one: attacked_space(one.artifact))
    if all(one.is_attacked for one in every):
        found["unit of eps"] = _differ(groups, lambda one: one.artifact.fields.get("eps_unit"))
        found["curve"] = _differ(groups, lambda one: one.artifact.fields.get("curve"))
    if any(one.row.quantity in COUNTS and one.artifact.kind == "distances" for one in every):
        radii = [radius for radius, is_censored in map(_largest_radius, every) if is_censored]
        smallest = min(radii, default=np.inf)
        found["largest radius"] = _differ(groups, lambda one: _radius_tried(one, smallest))
    if any(one.row.quantity in QUANTITIES_BY_IMAGE for one in every):
        found["images"] = _differ(groups, lambda one: image_title(one.artifact, asked))
    return [f"{name} {values}" for name, values in found.items() if values]


def _largest_radius(one: Measurement) -> tuple[float, bool]:
    """Return the largest radius known to have been tried, and whether some were not fooled."""
    arrays = one.artifact.arrays
    censored = np.isinf(arrays["distance"])
    radii = arrays["eps"][censored if censored.any() else np.isfinite(arrays["distance"])]
    return float(f"{np.max(radii, initial=0):.6g}"), bool(censored.any())


def _radius_tried(one: Measurement, smallest: float) -> float:
    """Return the largest radius of a network; where all were fooled within the smallest, that."""
    radius, is_censored = _largest_radius(one)
    return radius if is_censored else max(radius, smallest)


def check_all_fooled(groups: NumbersByGroup) -> None:
    """Raise ArtifactError where means of distances leave out images that nothing fooled.

    >>> check_all_fooled({"kh": [], "bp": []})
    """
    every = [one for numbers in groups.values() for one in numbers]
    for one in every:
        if one.row.quantity in OF_FOOLED:
            censored = int(np.isinf(one.artifact.arrays["distance"]).sum())
            if censored:
                raise ArtifactError(
                    f"expected {one.row.quantity} of images that were all fooled, found "
                    f"{censored} of {one.row.network} that were not, so that it depends on the "
                    "largest radius; compare distance, which counts them"
                )


def check_alike(groups: NumbersByGroup, asked: Collection[str] = ()) -> None:
    """Raise ArtifactError where numbers were measured in ways that must not be compared.

    The conditions whose effect is asked about may differ.

    >>> check_alike({"kh": [], "bp": []})
    """
    check_all_fooled(groups)
    if different := different_conditions(groups, asked):
        quantity = next(one.row.quantity for numbers in groups.values() for one in numbers)
        raise ArtifactError(
            f"expected {quantity} measured in the same way, found {', '.join(different)}; "
            "measure all with the same settings"
        )


def notes_on(groups: NumbersByGroup) -> list[str]:
    """Return what a reader has to know where numbers were not measured quite alike.

    >>> notes_on({"kh": [], "bp": []})
    []
    """
    every = [one for numbers in groups.values() for one in numbers]
    is_by_image = any(one.row.quantity in QUANTITIES_BY_IMAGE for one in every)
    notes = {
        "images differ": _differ(groups, lambda one: image_title(one.artifact)),
        "numbers of units differ": _differ(groups, lambda one: one.row.size),
        "exponents are fitted over different ranks": _differ(groups, lambda one: one.row.range),
        "numbers of images differ": "" if is_by_image else _differ(groups, lambda one: one.row.n),
        "some exponents are corrected for their bias and some are not": (
            _differ(groups, lambda one: one.row.quantity)
        ),
    }
    return [
        *(f"{note}: {values}" for note, values in notes.items() if values),
        *warnings_on(every),
    ]


def notes_on_own_images(numbers: Sequence[Measurement]) -> list[str]:
    """Return a note where numbers of several networks are not of common images.

    >>> notes_on_own_images([])
    []
    """
    names = dict.fromkeys(n for one in numbers if (n := one.row.quantity) in QUANTITIES_BY_IMAGE)
    return [f"{name} is of each network's own correct images" for name in names]


def _condition(name: str) -> Callable[[Measurement], object]:
    return lambda one: one.conditions[name]


def _differ(groups: NumbersByGroup, value: Callable[[Measurement], object]) -> str:
    """Return the values of each group in words; nothing where all are the same or unknown."""
    values = {
        group: {one.row.network: [value(one)] for one in numbers}
        for group, numbers in groups.items()
    }
    return values_in_words(values)


def attacked_space(artifact: Artifact) -> str:
    """Return in which space an attack or a norm was: pixels, or those of a normalization.

    Networks that standardize images within their first layer are attacked in pixels all the same.

    >>> attack = Artifact("robustness", fields={"method": "pgd", "normalize": "l3"})
    >>> attacked_space(attack), attacked_space(Artifact("model", fields={"normalize": "l3"}))
    ('l3', 'pixels')
    """
    normalize = str(artifact.fields.get("normalize"))
    is_pixels = normalize == "None" or Normalization.parse(normalize).p is None
    is_attacked = "method" in artifact.fields or artifact.kind in MEASURED_IN_SPACE
    return "pixels" if is_pixels or not is_attacked else normalize


def image_title(artifact: Artifact, asked: Collection[str] = ()) -> str:
    """Return the images that were measured: name, size, and the beginning of their digests.

    Without their transform, and the images that it comes from, where its effect is asked about.

    >>> from specrob.artifacts import Data, Provenance
    >>> run = Provenance(data=Data("digits", "digits", "", {"test": "0123456789"}, resize=16))
    >>> image_title(Artifact("distances", provenance=run))
    'digits resized to 16 (01234567)'
    """
    data = artifact.provenance.data or artifact.provenance.lineage_data()
    if data is None:
        return "not known"
    of_split = {k: digest for k, digest in data.digests.items() if k == data.split}
    shown = of_split if of_split and "transform" in asked else data.digests
    digests = " ".join(digest[:8] for _, digest in sorted(shown.items()))
    resized = f" resized to {data.resize}" if data.resize else ""
    name = images_of(data) if "transform" in asked else data.name
    return f"{name}{resized} ({digests})"
