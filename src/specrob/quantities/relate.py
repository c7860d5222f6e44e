"""Two quantities of every network, taken from what was measured on it: A's Fig. 6, D's Fig. 8."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import takewhile
from math import isfinite
from typing import Any

from specrob.artifacts import Artifact, Provenance, expect
from specrob.artifacts.provenance import ROOTS
from specrob.errors import ArtifactError
from specrob.quantities.table import QUANTITIES, Interval
from specrob.results import ATTACK_OPTIONS


def relate(
    names: Sequence[str], groups: Sequence[Any], labels: Sequence[str]
) -> list[tuple[str, Artifact]]:
    """Return for each network its label and its points.

    Artifacts belong together if they are, or were measured on, one model; models of one label are
    members.

    Parameters
    ----------
    names : sequence of str
        Two rows of `QUANTITIES`.
    groups : sequence of Artifact or of sequences of Artifact
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
    >>> ((label, found),) = relate(["accuracy", "accuracy"], [model], ["kh"])
    >>> label, found.fields["points"]
    ('kh', [((0.5, 0.5, 0.5), (0.5, 0.5, 0.5))])
    """
    if len(names) != 2 or not set(names) <= set(QUANTITIES):
        raise ArtifactError(
            f"expected two of {', '.join(QUANTITIES)} to relate, found {', '.join(names)}; "
            "change them"
        )
    networks: dict[str, list[tuple[str, Artifact]]] = {}
    for group, label in zip(groups, labels, strict=True):
        for artifact in group if isinstance(group, list | tuple) else [group]:
            found = expect(artifact, None, label)
            networks.setdefault(model_of(found), []).append((label, found))
    points = [_point(names, found) for found in networks.values()]
    x, y = (_same([point.axes[i] for point in points]) for i in (0, 1))
    return [
        (
            label,
            Artifact("relation", {}, {"x": x, "y": y, "points": [p.at for p in own]}, own[0].run),
        )
        for label in dict.fromkeys(point.label for point in points)
        if (own := [point for point in points if point.label == label])
    ]


@dataclass(frozen=True)
class _Point:
    label: str
    axes: tuple[dict[str, Any], ...]
    at: tuple[Interval, ...]
    run: Provenance


def _point(names: Sequence[str], artifacts: Sequence[tuple[str, Artifact]]) -> _Point:
    """Return one network's point."""
    label = common([label for label, _ in artifacts])
    found = [_measured(name, label, [a for _, a in artifacts]) for name in names]
    axes, at = zip(*found, strict=True)
    return _Point(label, axes, at, artifacts[-1][1].provenance)


def _measured(
    name: str, label: str, artifacts: Sequence[Artifact]
) -> tuple[dict[str, Any], Interval]:
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
        advice = "add its model file, since images of --only do not tell it"
        raise ArtifactError(
            f"expected one number as {name} of {label}, out of {kinds}, found {len(values)}; "
            f"{advice if chosen else 'give one artifact of it for every network'}"
        )
    ((value, artifact),) = values.values()
    axis = {"name": quantity.said(artifact)}
    if name != "accuracy":
        axis |= {name: artifact.fields[name] for name in ATTACK_OPTIONS if name in artifact.fields}
    return axis, value


def _same(axes: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Return what an axis says; raise ArtifactError where networks disagree."""
    said = sorted({" ".join(str(value) for value in axis.values() if value) for axis in axes})
    if len(said) > 1:
        raise ArtifactError(
            f"expected one quantity for all networks, found {' and '.join(said)}; "
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
