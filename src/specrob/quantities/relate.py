"""Two quantities or settings of every network, from its history and what was measured on it."""

from collections.abc import Hashable, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from specrob.artifacts import Artifact, Provenance, expect
from specrob.errors import ArtifactError, UsageError
from specrob.family import nearest
from specrob.quantities.axis_numbers import Interval, axis_number, axis_setting, setting_of
from specrob.quantities.lineage import is_setting, settings_of, training_of
from specrob.quantities.names import RELATED
from specrob.quantities.networks import common, model_of
from specrob.quantities.seeds import kind_of

SOME = (  # that a message names
    *("accuracy", "robust_accuracy", "distance", "alpha", "participation_ratio", "jacobian_norm"),
    "penalty.l2.coefficient",
)


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
    ranks : tuple of tuples of str
        For each point and axis the ranks that an exponent was fitted over, "" for other numbers.
    kind : tuple
        The commands that made the network, without files and seeds; empty where it was imported.
    """

    label: str
    x: str
    y: str
    points: tuple[tuple[Interval, ...], ...]
    provenance: Provenance
    z: str = ""
    by: str | None = None
    ranks: tuple[tuple[str, ...], ...] = ()
    kind: tuple[Hashable, ...] = ()

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
    seeds of one network. Exponents are corrected for the number of images, unless one of them has
    no correction; then all are as fitted.

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
    UsageError
        If a name is neither a quantity nor a setting.
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
    check_axes(names, [training_of(artifact) for group in groups for artifact in group])
    networks: dict[str, list[tuple[str, Artifact]]] = {}
    for group, label in zip(groups, labels, strict=True):
        for artifact in group:
            one = expect(artifact, None, label)
            networks.setdefault(model_of(one), []).append((label, one))
    points = [_point(names, one, where or {}, by) for one in networks.values()]
    if len({point.axes for point in points}) > 1:  # some exponents have no correction
        points = [
            _point(names, one, where or {}, by, corrected=False) for one in networks.values()
        ]
    for axis in zip(*(point.axes for point in points), strict=True):
        if len(different := sorted(set(axis))) > 1:
            raise ArtifactError(
                f"expected one quantity for all networks, found {' and '.join(different)}; "
                "measure all in the same way"
            )
    related: dict[str, Relation] = {}
    for point in points:
        others = related.get(point.label, replace(point, points=(), ranks=()))
        related[point.label] = replace(
            others, points=others.points + point.points, ranks=others.ranks + point.ranks
        )
    return list(related.values())


def _point(
    names: Sequence[str],
    artifacts: Sequence[tuple[str, Artifact]],
    where: Mapping[str, str],
    by: str | None,
    *,
    corrected: bool = True,
) -> Relation:
    """Return the relation of one seed of one network."""
    label = common([label for label, _ in artifacts])
    several = [artifact for _, artifact in artifacts]
    found = [
        axis_number(name, label, several, where, corrected=corrected)
        if name in RELATED
        else axis_setting(name, label, several[-1])
        for name in names
    ]
    x, y, z = ([one.axis for one in found] + [""])[:3]
    return Relation(
        label,
        x,
        y,
        (tuple(one.interval for one in found),),
        several[-1].provenance,
        z=z,
        by=None if by is None else str(setting_of(by, label, several[-1])),
        ranks=(tuple(one.ranks for one in found),),
        kind=kind_of(training_of(several[-1])),
    )


def check_axes(names: Sequence[str], runs: Iterable[Provenance] = ()) -> None:
    """Raise UsageError where a name is neither a quantity nor a setting, with the nearest one.

    Parameters
    ----------
    names : sequence of str
    runs : iterable of Provenance
        Of the networks, whose settings are suggested too.

    Examples
    --------
    >>> check_axes(("penalty.l2.coefficient", "distance"))
    >>> check_axes(("widht",), [Provenance(("specrob", "train-sup", "--arch", "cnn-b,width=8"))])
    Traceback (most recent call last):
    specrob.errors.UsageError: `relate`: expected a quantity or a setting, found `widht`; did you \
mean `arch.width`?
    """
    known = [*RELATED, *(name for run in runs for name in settings_of(run))]
    by_last_word = {name.rsplit(".", 1)[-1]: name for name in reversed(known)}
    words = by_last_word | {name: name for name in known}
    for name in names:
        if name not in RELATED and not is_setting(name):
            close = nearest(name, words)
            some = f"choose for instance {', '.join(SOME)}; `specrob table` names all of a file"
            advice = f"did you mean `{words[close]}`?" if close else some
            raise UsageError(
                f"`relate`: expected a quantity or a setting, found `{name}`; {advice}"
            )
