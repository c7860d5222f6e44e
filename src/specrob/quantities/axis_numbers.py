"""One number of one network, as an axis of a relation takes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import inf, isnan

from specrob.artifacts import Artifact, to_result
from specrob.artifacts.contract import record_of
from specrob.errors import ArtifactError
from specrob.family import suggest
from specrob.quantities.attack_names import attack_name
from specrob.quantities.lineage import Setting, setting, settings_of, training_of
from specrob.quantities.names import RELATED
from specrob.quantities.quantity import Value, fill
from specrob.quantities.rows import matches_where_known, rows_of
from specrob.quantities.table import QUANTITIES, largest_radius, of_all_units, quantities_of
from specrob.results import AttackResult

Interval = tuple[float, float, float]  # value, low, high


@dataclass(frozen=True)
class AxisNumber:
    """What the axis says, the number with its interval, and the ranks of the fit it is from."""

    axis: str
    interval: Interval
    ranks: str = ""


def axis_setting(name: str, label: str, artifact: Artifact) -> AxisNumber:
    """Return the value of a setting of the network that an artifact is of.

    Raises
    ------
    ArtifactError
        If it is no number.
    """
    value = setting_of(name, label, artifact)
    if not isinstance(value, int | float):
        raise ArtifactError(f"expected a number as the setting {name} of {label}, found {value}")
    return AxisNumber(name, (float(value),) * 3)


def setting_of(name: str, label: str, artifact: Artifact) -> Setting:
    """Return a setting of the network that an artifact is of.

    Raises
    ------
    ArtifactError
        If its history has none of that name.
    """
    value = setting(training_of(artifact), name)
    if value is None:
        known = sorted(settings_of(training_of(artifact)))
        raise ArtifactError(
            f"expected the setting {name} of {label}, found none; {suggest(name, known)}"
        )
    return value


def axis_number(
    name: str,
    label: str,
    artifacts: Sequence[Artifact],
    where: Mapping[str, str],
    *,
    corrected: bool = True,
) -> AxisNumber:
    """Return a quantity of one network, measured under some conditions.

    Exponents are corrected for the number of images where they can be, or, unless `corrected`,
    are as fitted.

    Raises
    ------
    ArtifactError
        If there is none or several, or it is a distance that was not reached.
    """
    every = [(one, a) for a in artifacts for one in _candidates(a, name, where)]
    there = [
        {_interval(one): (one, artifact) for one, artifact in every if one.name == quantity}
        for quantity in RELATED[name]
        if corrected or quantity != "alpha_corrected"
    ]
    values = next(filter(None, there), {})
    if len(values) != 1:
        kinds = dict.fromkeys(q.kind for q in QUANTITIES if q.name in RELATED[name])
        chosen = name == "accuracy" and any(a.provenance.chosen for a in artifacts)
        advice = "add its model file, since images chosen by `only` do not show it"
        raise ArtifactError(
            f"expected one number as {name} of {label}, from a file of the kind "
            f"{' or '.join(kinds)}, found {len(values)}; "
            f"{advice if chosen else 'give one artifact of it for every network'}"
        )
    ((interval, (one, artifact)),) = values.items()
    if interval[0] == inf:
        raise ArtifactError(
            f"expected a number as {name} of {label}, found one that was not reached; measure up "
            "to larger radii"
        )
    return AxisNumber(_axis(one, artifact), interval, str(one.labels.get("ranks", "")))


def _candidates(artifact: Artifact, name: str, where: Mapping[str, str]) -> list[Value]:
    """Return the numbers that a name may mean: of all units, and at the largest radius."""
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
    return [one for one in values if isinstance(one.value, float | int) and not isnan(one.value)]


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
