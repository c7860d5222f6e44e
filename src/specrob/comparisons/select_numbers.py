"""The members of two groups, and the one number that each has of a quantity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from specrob.artifacts import Artifact
from specrob.artifacts.file_names import seed_pattern
from specrob.errors import ArtifactError
from specrob.family import suggest
from specrob.quantities.names import RELATED
from specrob.quantities.networks import NetworkResults
from specrob.quantities.rows import Cell, TableRow, matches, matches_where_known, rows_of
from specrob.settings.tables import CONDITIONS

BY_IMAGE = ("relative_accuracy", "distance", "distance_l2")  # quantities of correct images
# what has to be the same for all that is compared; ranges of fits and sizes may differ
ALIKE = ("method", "norm", "bounds", "settings", "layer", "source", "transform", "split", "eps")


@dataclass(frozen=True)
class Measurement:
    """A number of one member, and the artifact that holds it."""

    row: TableRow
    artifact: Artifact

    @property
    def value(self) -> float:
        """The number."""
        assert isinstance(self.row.value, float | int)
        return float(self.row.value)

    @property
    def conditions(self) -> dict[str, Cell]:
        """What has to be the same for all that is compared."""
        return {name: getattr(self.row, name) for name in ALIKE}


def choose_members(members: Sequence[NetworkResults], pattern: str) -> list[NetworkResults]:
    """Return the networks that a name with {seed}, the name of a group or of a network means.

    Raises
    ------
    ArtifactError
        If there is none.

    Examples
    --------
    >>> names = ["kh-0", "kh-1", "bp"]
    >>> three = [NetworkResults(name, name.split("-")[0], None, ()) for name in names]
    >>> [one.network for one in choose_members(three, "kh-{seed}")]
    ['kh-0', 'kh-1']
    >>> [one.network for one in choose_members(three, "kh")]
    ['kh-0', 'kh-1']
    """
    name = seed_pattern(pattern)
    chosen = [one for one in members if name.fullmatch(one.network)]
    twins = [one.network for one in members if name.fullmatch(one.network.partition(" (")[0])]
    if len(twins) > len(chosen):
        raise ArtifactError(
            f"expected one network for each name {pattern}, found {' and '.join(twins)}; rename "
            "the files of one"
        )
    chosen = chosen or [one for one in members if one.group == pattern]
    if not chosen:
        names = ", ".join(dict.fromkeys(one.group for one in members)) or "none"
        raise ArtifactError(
            f"expected networks called {pattern}, found {names}; change the name or add their "
            "results"
        )
    return chosen


def measurements(
    member: NetworkResults, quantity: str, where: Mapping[str, Cell], *, where_known: bool = False
) -> list[Measurement]:
    """Return the numbers of a quantity that a member has under the conditions, each once.

    Conditions that a number does not have at all do not matter if `where_known`.

    Of a quantity with several names, such as alpha, the best that there is; of spectra of several
    sizes the largest; of images rather than of noise unless `where` says so.
    """
    source = {} if "source" in where or quantity == "alpha_noise" else {"source": "images"}
    every = [one for entry in member.entries for one in _numbers(entry.artifact, member)]
    agrees = matches_where_known if where_known else matches
    for name in RELATED.get(quantity, (quantity,)):
        found = [
            one
            for one in every
            if one.row.quantity == name
            and agrees(one.row, where)
            and (one.row.source is None or matches(one.row, source))
            and (quantity != "alpha_noise" or one.row.source == "noise")
        ]
        if found:
            return list({(one.value, *one.conditions.items()): one for one in found}.values())
    return []


def _numbers(artifact: Artifact, member: NetworkResults) -> list[Measurement]:
    rows = rows_of(artifact, member.group, member.seed, member.network)
    largest: dict[tuple[Cell, ...], int] = {}
    found = []
    for row in rows:
        if isinstance(row.value, float | int) and not isnan(row.value):
            key = row.quantity, row.layer, row.source
            largest[key] = max(row.size or 0, largest.get(key, 0))
            found.append((key, row))
    return [Measurement(row, artifact) for key, row in found if (row.size or 0) == largest[key]]


def one_each(
    members: Sequence[NetworkResults],
    quantity: str,
    where: Mapping[str, Cell],
    *,
    where_known: bool = False,
) -> list[Measurement]:
    """Return one number for each member.

    Raises
    ------
    ArtifactError
        If a member has none, or several that differ in a condition.
    """
    if quantity not in RELATED:
        raise ArtifactError(
            f"expected a quantity, found `{quantity}`; {suggest(quantity, RELATED)}"
        )
    found = [
        (member, measurements(member, quantity, where, where_known=where_known))
        for member in members
    ]
    for member, several in found:
        if not several:
            raise ArtifactError(
                f"expected {quantity} of {member.network}{_said(where)}, found none; measure it "
                "for every network"
            )
        if len(several) > 1:
            raise ArtifactError(
                f"expected one {quantity} of {member.network}{_said(where)}, found "
                f"{len(several)}, which differ in {_differences(several)}; choose by `where`"
            )
    return [several[0] for _, several in found]


def _said(where: Mapping[str, Cell]) -> str:
    words = ", ".join(f"{name} {value}" for name, value in where.items())
    return f" with {words}" if words else ""


def _differences(several: Sequence[Measurement]) -> str:
    parts = []
    for name in CONDITIONS:
        values = dict.fromkeys(getattr(one.row, name) for one in several)
        if len(values) > 1:
            parts.append(f"{name} ({', '.join(_short(value) for value in values)})")
    return " and ".join(parts) or "their values"


def _short(value: Cell) -> str:
    return f"{value:g}" if isinstance(value, float) else str(value)
