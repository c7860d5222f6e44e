"""Two quantities of every network, taken from what was measured on it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile
from math import isfinite

from specrob.artifacts import Artifact, Provenance, expect, to_result
from specrob.artifacts.contract import record_of
from specrob.artifacts.provenance import ROOTS
from specrob.errors import ArtifactError, UsageError
from specrob.quantities.attack_names import attack_name
from specrob.quantities.quantity import Value, fill
from specrob.quantities.table import QUANTITIES, of_all_units, quantities_of
from specrob.results import AttackResult

Interval = tuple[float, float, float]  # value, low, high
# what is related -> the quantities that it may be, the best first; others are themselves
RELATED: Mapping[str, tuple[str, ...]] = {
    "accuracy": ("test_accuracy", "clean_accuracy"),
    **{quantity.name: (quantity.name,) for quantity in QUANTITIES},
    "distance_l2": ("distance_l2", "distance"),  # the second of attacks in L2
    "alpha": ("alpha_corrected", "alpha"),
    "alpha_noise": ("alpha_corrected", "alpha"),
}


def check_quantities(names: Sequence[str] | None) -> None:
    """Raise UsageError where one of the names to relate is no quantity.

    >>> check_quantities(("accuracy", "distance"))
    """
    if not set(names or ()) <= set(RELATED):
        raise UsageError(
            f"`relate`: expected X,Y out of {', '.join(RELATED)}, found `{','.join(names or ())}`"
        )


@dataclass(frozen=True)
class Relation:
    """Two quantities of one network, a point for each of its seeds.

    Parameters
    ----------
    label : str
    x, y : str
        What the axes say.
    points : tuple of pairs of (value, low, high)
    provenance : Provenance
        Provenance of one of the artifacts.
    """

    label: str
    x: str
    y: str
    points: tuple[tuple[Interval, Interval], ...]
    provenance: Provenance


def relate(
    names: Sequence[str], groups: Sequence[Sequence[Artifact]], labels: Sequence[str]
) -> list[Relation]:
    """Return the points of each network.

    Artifacts belong together if they are, or were measured on, one model; models of one label are
    seeds of one network.

    Parameters
    ----------
    names : sequence of str
        Two keys of `RELATED`.
    groups : sequence of sequences of Artifact
    labels : sequence of str
        One for each group; a network has what its labels have in common.

    Raises
    ------
    ArtifactError
        If a quantity is missing, is there twice, or is not of the same attack for all.

    Examples
    --------
    >>> facts = {"arch": "kh", "shape": [1, 1, 2], "classes": 2, "normalize": "none"}
    >>> model = Artifact("model", fields={**facts, "test_accuracy": 0.5, "train_accuracy": 0.6})
    >>> (found,) = relate(["accuracy", "accuracy"], [[model]], ["kh"])
    >>> found.label, found.points
    ('kh', (((0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),))
    """
    if len(names) != 2 or not set(names) <= set(RELATED):
        raise ArtifactError(
            f"expected two of {', '.join(RELATED)} to relate, found {', '.join(names)}; "
            "change them"
        )
    networks: dict[str, list[tuple[str, Artifact]]] = {}
    for group, label in zip(groups, labels, strict=True):
        for artifact in group:
            one = expect(artifact, None, label)
            networks.setdefault(model_of(one), []).append((label, one))
    points = [_point(names, artifacts) for artifacts in networks.values()]
    _check_same([point.x for point in points])
    _check_same([point.y for point in points])
    related: dict[str, Relation] = {}
    for point in points:
        others = related.get(point.label, replace(point, points=()))
        related[point.label] = replace(others, points=others.points + point.points)
    return list(related.values())


def _point(names: Sequence[str], artifacts: Sequence[tuple[str, Artifact]]) -> Relation:
    """Return the relation of one seed of one network."""
    label = common([label for label, _ in artifacts])
    (x, at_x), (y, at_y) = (_measured(name, label, [a for _, a in artifacts]) for name in names)
    return Relation(label, x, y, ((at_x, at_y),), artifacts[-1][1].provenance)


def _measured(name: str, label: str, artifacts: Sequence[Artifact]) -> tuple[str, Interval]:
    """Return what the axis says of a quantity of one network, and the number with its interval."""
    every = [(one, artifact) for artifact in artifacts for one in _candidates(artifact, name)]
    there = [
        {_interval(one): (one, artifact) for one, artifact in every if one.name == quantity}
        for quantity in RELATED[name]
    ]
    values = next(filter(None, there), {})
    if len(values) != 1:
        kinds = dict.fromkeys(q.kind for q in QUANTITIES if q.name in RELATED[name])
        chosen = name == "accuracy" and any(a.provenance.chosen for a in artifacts)
        advice = "add its model file, since images chosen by `only` do not show it"
        raise ArtifactError(
            f"expected one number as {name} of {label}, out of a {' or a '.join(kinds)}, "
            f"found {len(values)}; "
            f"{advice if chosen else 'give one artifact of it for every network'}"
        )
    ((interval, (one, artifact)),) = values.items()
    return _axis(one, artifact), interval


def _candidates(artifact: Artifact, name: str) -> list[Value]:
    """Return the finite values that a name may mean: of all units, and at the largest radius."""
    source = "noise" if name == "alpha_noise" else "images"
    values = [
        one
        for one in of_all_units(quantities_of(artifact))
        if one.name in RELATED[name] and one.labels.get("source", source) == source
    ]
    if name == "distance_l2" and artifact.fields.get("norm") != "l2":
        values = [one for one in values if one.name == name]
    largest = max((float(one.labels.get("eps", 0)) for one in values), default=0.0)
    values = [one for one in values if float(one.labels.get("eps", 0)) == largest]
    layers = sorted({str(one.labels["layer"]) for one in values if "layer" in one.labels})
    if len(layers) > 1:
        raise ArtifactError(
            f"expected {name} of one layer for a relation, found {' and '.join(layers)}; "
            "measure one layer alone, or fit one with `specrob fit-alpha --layer NAME`"
        )
    return [one for one in values if isinstance(one.value, float | int) and isfinite(one.value)]


def _interval(one: Value) -> Interval:
    assert isinstance(one.value, float | int)
    value = float(one.value)
    return value, value if one.low is None else one.low, value if one.high is None else one.high


def _axis(one: Value, artifact: Artifact) -> str:
    """Return what an axis says of a number: the quantity, its source and its attack."""
    template = one.quantity.axis or one.quantity.title
    noise = ", noise" if one.labels.get("source") == "noise" else ""
    axis = fill(template, one.labels, ["attack", "source", "size"]) + noise
    if "attack" not in one.labels:
        return axis
    result = to_result(artifact, record_of(artifact.kind))
    return f"{axis} ({attack_name(result)})" if isinstance(result, AttackResult) else axis


def _check_same(axes: Sequence[str]) -> None:
    """Raise ArtifactError where the axes of networks say different things."""
    names = sorted(set(axes))
    if len(names) > 1:
        raise ArtifactError(
            f"expected one quantity for all networks, found {' and '.join(names)}; "
            "measure all in the same way"
        )


def common(labels: Sequence[str]) -> str:
    """Return the words with which all labels begin, or the first label; one label stays whole.

    >>> common(["kh-0", "kh-0.alpha"]), common(["local", "plain"]), common(["KH.", "KH."])
    ('kh-0', 'local', 'KH.')
    """
    if len(set(labels)) == 1:
        return labels[0]
    words = [re.split(r"(?<=[-_. ])", label) for label in labels]
    levels = zip(*words, strict=False)
    alike = takewhile(lambda level: len({word.strip("-_. ") for word in level}) == 1, levels)
    return "".join(level[0] for level in alike).strip("-_. ") or labels[0]


def model_of(artifact: Artifact) -> str:
    """Return the digest of the model that an artifact is, or was measured on; else its own.

    >>> from specrob.artifacts import Source
    >>> run = Provenance(inputs=(Source("kh", "model", "12ab", Provenance()),))
    >>> model_of(Artifact("distances", provenance=run))
    '12ab'
    """
    root = None if artifact.kind in ROOTS else artifact.provenance.root()
    return root.digest if root else artifact.digest
