"""Two quantities or settings of every network, from its history and what was measured on it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from math import isfinite

from specrob.artifacts import Artifact, Provenance, expect, to_result
from specrob.artifacts.contract import record_of
from specrob.errors import ArtifactError, UsageError
from specrob.family import suggest
from specrob.quantities.attack_names import attack_name
from specrob.quantities.lineage import Setting, setting, settings_of, training_of
from specrob.quantities.names import RELATED, check_quantities
from specrob.quantities.networks import common, model_of
from specrob.quantities.quantity import Value, fill
from specrob.quantities.rows import matches_where_known, rows_of
from specrob.quantities.table import QUANTITIES, largest_radius, of_all_units, quantities_of
from specrob.results import AttackResult

Interval = tuple[float, float, float]  # value, low, high


@dataclass(frozen=True)
class Relation:
    """Two or three quantities of one network, a point for each of its seeds.

    Parameters
    ----------
    label : str
    x, y : str
        What the axes say.
    points : tuple of tuples of (value, low, high)
        One for each quantity.
    z : str
        What the scale of colours says, where there are three quantities.
    by : str or None
        The value of the setting that lines are drawn for.
    provenance : Provenance
        Provenance of one of the artifacts.
    """

    label: str
    x: str
    y: str
    points: tuple[tuple[Interval, ...], ...]
    provenance: Provenance
    z: str = ""
    by: str | None = None

    @property
    def axes(self) -> tuple[str, ...]:
        """What the axes say."""
        return self.x, self.y, self.z


def relate(
    names: Sequence[str],
    groups: Sequence[Sequence[Artifact]],
    labels: Sequence[str],
    *,
    where: Mapping[str, str] | None = None,
    by: str | None = None,
) -> list[Relation]:
    """Return the points of each network.

    Artifacts belong together if they are, or were measured on, one model; models of one label are
    seeds of one network.

    Parameters
    ----------
    names : sequence of str
        Two or three keys of `RELATED`, or settings of the networks' histories.
    groups : sequence of sequences of Artifact
    labels : sequence of str
        One for each group; a network has what its labels have in common.
    where : mapping, optional
        Conditions under which numbers were measured, for instance ``{"eps": "8/255"}``; without a
        radius the largest is taken.
    by : str, optional
        A setting: networks of one value of it are joined by a line.

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
    try:
        check_quantities(names)
    except UsageError as error:  # of a layout
        raise ArtifactError(str(error)) from error
    networks: dict[str, list[tuple[str, Artifact]]] = {}
    for group, label in zip(groups, labels, strict=True):
        for artifact in group:
            one = expect(artifact, None, label)
            networks.setdefault(model_of(one), []).append((label, one))
    points = [_point(names, artifacts, where or {}, by) for artifacts in networks.values()]
    for axis in zip(*(point.axes for point in points), strict=True):
        if len(different := sorted(set(axis))) > 1:
            raise ArtifactError(
                f"expected one quantity for all networks, found {' and '.join(different)}; "
                "measure all in the same way"
            )
    related: dict[str, Relation] = {}
    for point in points:
        others = related.get(point.label, replace(point, points=()))
        related[point.label] = replace(others, points=others.points + point.points)
    return list(related.values())


def _point(
    names: Sequence[str],
    artifacts: Sequence[tuple[str, Artifact]],
    where: Mapping[str, str],
    by: str | None,
) -> Relation:
    """Return the relation of one seed of one network."""
    label = common([label for label, _ in artifacts])
    several = [artifact for _, artifact in artifacts]
    found = [
        _measured(name, label, several, where) if name in RELATED else _set(name, label, several)
        for name in names
    ]
    x, y, z = ([axis for axis, _ in found] + [""])[:3]
    line = None if by is None else str(_setting(by, label, several[-1]))
    return Relation(
        label, x, y, (tuple(at for _, at in found),), several[-1].provenance, z=z, by=line
    )


def _set(name: str, label: str, artifacts: Sequence[Artifact]) -> tuple[str, Interval]:
    """Return what the axis says of a setting of one network, and its value."""
    value = _setting(name, label, artifacts[-1])
    if not isinstance(value, int | float):
        raise ArtifactError(f"expected a number as the setting {name} of {label}, found {value}")
    return name, (float(value),) * 3


def _setting(name: str, label: str, artifact: Artifact) -> Setting:
    value = setting(training_of(artifact), name)
    if value is None:
        known = sorted(settings_of(training_of(artifact)))
        raise ArtifactError(
            f"expected the setting {name} of {label}, found none; {suggest(name, known)}"
        )
    return value


def _measured(
    name: str, label: str, artifacts: Sequence[Artifact], where: Mapping[str, str]
) -> tuple[str, Interval]:
    """Return what the axis says of a quantity of one network, and the number with its interval."""
    every = [(one, a) for a in artifacts for one in _candidates(a, name, where)]
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


def _candidates(artifact: Artifact, name: str, where: Mapping[str, str]) -> list[Value]:
    """Return the finite values that a name may mean: of all units, and at the largest radius."""
    every = zip(quantities_of(artifact), rows_of(artifact), strict=True)
    measured_so = [one for one, row in every if matches_where_known(row, where)]
    source = "noise" if name == "alpha_noise" else where.get("source", "images")
    values = [
        one
        for one in of_all_units(measured_so)
        if one.name in RELATED[name] and one.labels.get("source", source) == source
    ]
    if name == "distance_l2" and artifact.fields.get("norm") != "l2":
        values = [one for one in values if one.name == name]
    largest = largest_radius(values)
    values = [one for one in values if float(one.labels.get("eps", 0)) == largest]
    layers = sorted({str(one.labels["layer"]) for one in values if "layer" in one.labels})
    if len(layers) > 1:
        raise ArtifactError(
            f"expected {name} of one layer for a relation, found {' and '.join(layers)}; "
            "choose by `where`, for instance layer=" + layers[0]
        )
    return [one for one in values if isinstance(one.value, float | int) and isfinite(one.value)]


def _interval(one: Value) -> Interval:
    assert isinstance(one.value, float | int)
    value = float(one.value)
    return value, value if one.low is None else one.low, value if one.high is None else one.high


def _axis(one: Value, artifact: Artifact) -> str:
    """Return what an axis says of a number: the quantity, its source and its attack."""
    template = one.quantity.axis or one.quantity.title
    source = str(one.labels.get("source", "images"))
    axis = fill(template, one.labels, ["attack", "source", "size"])
    axis += f", {source}" if source != "images" else ""
    if "attack" not in one.labels:
        return axis
    result = to_result(artifact, record_of(artifact.kind))
    return f"{axis} ({attack_name(result)})" if isinstance(result, AttackResult) else axis
