"""Whether numbers may be compared: measured in the same way, on the same images."""

from collections.abc import Sequence

from specrob.artifacts import Artifact
from specrob.artifacts.provenance import ROOTS
from specrob.comparisons.select_numbers import MATCHED_CONDITIONS, QUANTITIES_BY_IMAGE, Measurement
from specrob.errors import ArtifactError
from specrob.quantities.networks import NetworkResults, model_of


def check_alike(numbers: Sequence[Measurement]) -> list[str]:
    """Return what a reader has to know where numbers were not measured quite alike.

    Raises
    ------
    ArtifactError
        If they were measured in ways that must not be compared.
    """
    for name in MATCHED_CONDITIONS:
        values = list(dict.fromkeys(one.conditions[name] for one in numbers))
        if len(values) > 1:
            raise ArtifactError(
                f"expected {numbers[0].row.quantity} measured alike, found {name} "
                f"{' and '.join(map(str, values))}; measure all in the same way"
            )
    spaces = list(dict.fromkeys(attacked_space(one.artifact) for one in numbers))
    if len(spaces) > 1:
        raise ArtifactError(
            f"expected {numbers[0].row.quantity} measured alike, found attacks in the space of "
            f"{' and '.join(map(str, spaces))}; normalize all in the same way"
        )
    notes = []
    if len({images_of(one.artifact) for one in numbers}) > 1:
        notes.append("the networks or measures are of different images")
    sizes = sorted({one.row.size for one in numbers if one.row.size})
    if len(sizes) > 1:
        notes.append(f"numbers of units differ: {', '.join(map(str, sizes))}")
    ranges = sorted({one.row.range for one in numbers if one.row.range})
    if len(ranges) > 1:
        notes.append(f"exponents are fitted over different ranks: {', '.join(ranges)}")
    counts = sorted({one.row.n for one in numbers if one.row.n})
    if numbers[0].row.quantity in QUANTITIES_BY_IMAGE:  # which are of common images
        counts = []
    if len(counts) > 1:
        notes.append(f"numbers of images differ: {', '.join(map(str, counts))}")
    if len({one.row.quantity for one in numbers}) > 1:
        notes.append("some exponents are corrected for their bias and some are not")
    return notes


def attacked_space(artifact: Artifact) -> tuple[object, ...]:
    """Return in which space an attack was, and what its radii mean; nothing for other measures.

    Networks that standardize images within their first layer are attacked in pixels all the same.
    """
    fields = artifact.fields
    normalize = str(fields.get("normalize"))
    is_pixels = normalize in ("None", "none", "standard") or normalize.startswith("mean")
    space = "pixels" if is_pixels or "method" not in fields else normalize
    return space, fields.get("eps_unit"), fields.get("curve")


def images_of(artifact: Artifact) -> tuple[object, ...]:
    """Return the digests of the images that were measured, and what they were resized to."""
    data = artifact.provenance.data or artifact.provenance.lineage_data()
    return (*sorted(data.digests.items()), data.resize) if data else ()


def networks_of(members: Sequence[NetworkResults]) -> set[str]:
    """Return the digests of the networks of some members, where they are known."""
    entries = [entry for member in members for entry in member.entries]
    return {model_of(entry.artifact) for entry in entries if _is_of_network(entry.artifact)}


def is_of_network(member: NetworkResults) -> bool:
    """Return whether some artifact of a member is a network, or was measured on one."""
    return any(_is_of_network(entry.artifact) for entry in member.entries)


def _is_of_network(artifact: Artifact) -> bool:
    return artifact.kind in ROOTS or artifact.provenance.root() is not None
