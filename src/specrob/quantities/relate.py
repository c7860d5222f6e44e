"""Two quantities of every network, taken from what was measured on it."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import isfinite
from typing import Any

from specrob.artifacts import Artifact, Provenance, expect
from specrob.artifacts.provenance import ROOTS
from specrob.errors import ArtifactError
from specrob.quantities.table import QUANTITIES, Interval
from specrob.results import ATTACK_OPTIONS


@dataclass(frozen=True)
class RelationAxis:
    """One quantity of a relation: what the axis says, and the facts of the attack behind it."""

    name: str
    attack: Mapping[str, Any]


@dataclass(frozen=True)
class Relation:
    """Two quantities of one network, a point for each of its seeds.

    Parameters
    ----------
    label : str
    x, y : RelationAxis
    points : tuple of pairs of (value, low, high)
    provenance : Provenance
        Of one of the artifacts.
    """

    label: str
    x: RelationAxis
    y: RelationAxis
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
        Two rows of `QUANTITIES`.
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
    if len(names) != 2 or not set(names) <= set(QUANTITIES):
        raise ArtifactError(
            f"expected two of {', '.join(QUANTITIES)} to relate, found {', '.join(names)}; "
            "change them"
        )
    networks: dict[str, list[tuple[str, Artifact]]] = {}
    for group, label in zip(groups, labels, strict=True):
        for artifact in group:
            found = expect(artifact, None, label)
            networks.setdefault(model_of(found), []).append((label, found))
    points = [_point(names, found) for found in networks.values()]
    x, y = (_same([point.axes[i] for point in points]) for i in (0, 1))
    seeds: dict[str, list[_Point]] = {}
    for point in points:
        seeds.setdefault(point.label, []).append(point)
    return [
        Relation(label, x, y, tuple(point.at for point in group), group[0].run)
        for label, group in seeds.items()
    ]


@dataclass(frozen=True)
class _Point:
    label: str
    axes: tuple[RelationAxis, RelationAxis]
    at: tuple[Interval, Interval]
    run: Provenance


def _point(names: Sequence[str], artifacts: Sequence[tuple[str, Artifact]]) -> _Point:
    """Return one network's point."""
    label = common([label for label, _ in artifacts])
    (x, at_x), (y, at_y) = (_measured(name, label, [a for _, a in artifacts]) for name in names)
    return _Point(label, (x, y), (at_x, at_y), artifacts[-1][1].provenance)


def _measured(
    name: str, label: str, artifacts: Sequence[Artifact]
) -> tuple[RelationAxis, Interval]:
    """Return what the axis says of a quantity of one network, and the number with its interval."""
    quantity = QUANTITIES[name]
    there = [
        {repr(v): (v, a) for a in artifacts if a.kind == kind and isfinite((v := find(a))[0])}
        for kind, find in quantity.find.items()
    ]
    values = next(filter(None, there), {})
    if len(values) != 1:
        kinds = " or ".join(f"a {kind}" for kind in quantity.find)
        chosen = name == "accuracy" and any(a.provenance.chosen for a in artifacts)
        advice = "add its model file, since images chosen by `only` do not show it"
        raise ArtifactError(
            f"expected one number as {name} of {label}, out of {kinds}, found {len(values)}; "
            f"{advice if chosen else 'give one artifact of it for every network'}"
        )
    ((value, artifact),) = values.values()
    options = () if name == "accuracy" else ATTACK_OPTIONS
    attack = {name: artifact.fields[name] for name in options if name in artifact.fields}
    return RelationAxis(quantity.said(artifact), attack), value


def _same(axes: Sequence[RelationAxis]) -> RelationAxis:
    """Return what an axis says; raise ArtifactError where networks disagree."""
    names = sorted({" ".join([a.name, *map(str, filter(None, a.attack.values()))]) for a in axes})
    if len(names) > 1:
        raise ArtifactError(
            f"expected one quantity for all networks, found {' and '.join(names)}; "
            "measure all in the same way"
        )
    return axes[0]


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
