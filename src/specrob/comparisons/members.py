"""The members of two groups, and the one number that each has of a quantity."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import isnan

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError
from specrob.quantities.names import RELATED
from specrob.quantities.networks import Member
from specrob.quantities.rows import Cell, TableRow, matches, rows_of
from specrob.settings.tables import CONDITIONS

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


def choose_members(members: Sequence[Member], pattern: str) -> list[Member]:
    """Return the networks that a name with {seed}, the name of a group or of a network means.

    Raises
    ------
    ArtifactError
        If there is none.

    Examples
    --------
    >>> names = ["kh-0", "kh-1", "bp"]
    >>> three = [Member(name, name.split("-")[0], None, ()) for name in names]
    >>> [one.network for one in choose_members(three, "kh-{seed}")]
    ['kh-0', 'kh-1']
    >>> [one.network for one in choose_members(three, "kh")]
    ['kh-0', 'kh-1']
    """
    before, *after = map(re.escape, pattern.split("{seed}"))
    name = re.compile(before + ("(?P<seed>[0-9]+)" + "(?P=seed)".join(after) if after else ""))
    chosen = [one for one in members if name.fullmatch(one.network)]
    chosen = chosen or [one for one in members if one.group == pattern]
    if not chosen:
        names = ", ".join(dict.fromkeys(one.group for one in members)) or "none"
        raise ArtifactError(
            f"expected networks called {pattern}, found {names}; change the name or add their "
            "results"
        )
    return chosen


def measurements(member: Member, quantity: str, where: Mapping[str, Cell]) -> list[Measurement]:
    """Return the numbers of a quantity that a member has under the conditions, each once.

    Of a quantity with several names, such as alpha, the best that there is; of spectra of several
    sizes the largest; of images rather than of noise unless `where` says so.
    """
    source = {} if "source" in where or quantity == "alpha_noise" else {"source": "images"}
    every = [one for entry in member.entries for one in _numbers(entry.artifact, member)]
    for name in RELATED.get(quantity, (quantity,)):
        found = [
            one
            for one in every
            if one.row.quantity == name
            and matches(one.row, where)
            and (one.row.source is None or matches(one.row, source))
            and (quantity != "alpha_noise" or one.row.source == "noise")
        ]
        if found:
            return list({(one.value, *one.conditions.items()): one for one in found}.values())
    return []


def _numbers(artifact: Artifact, member: Member) -> list[Measurement]:
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
    members: Sequence[Member], quantity: str, where: Mapping[str, Cell]
) -> list[Measurement]:
    """Return one number for each member.

    Raises
    ------
    ArtifactError
        If a member has none, or several that differ in a condition.
    """
    found = [(member, measurements(member, quantity, where)) for member in members]
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


def check_alike(numbers: Sequence[Measurement]) -> list[str]:
    """Return what a reader has to know where numbers were not measured quite alike.

    Raises
    ------
    ArtifactError
        If they were measured in ways that must not be compared.
    """
    for name in ALIKE:
        values = list(dict.fromkeys(one.conditions[name] for one in numbers))
        if len(values) > 1:
            raise ArtifactError(
                f"expected {numbers[0].row.quantity} measured alike, found {name} "
                f"{' and '.join(map(str, values))}; measure all in the same way"
            )
    data = [one.artifact.provenance.lineage_data() for one in numbers]
    images = {tuple(sorted(d.digests.items() if d else ())) for d in data}
    notes = []
    if len({digests[-1:] for digests in images}) > 1:
        notes.append("the networks or measures are of different images")
    ranges = sorted({one.row.range for one in numbers if one.row.range})
    if len(ranges) > 1:
        notes.append(f"exponents are fitted over different ranks: {', '.join(ranges)}")
    counts = sorted({one.row.n for one in numbers if one.row.n and not one.row.method})
    if len(counts) > 1:
        notes.append(f"numbers of images differ: {', '.join(map(str, counts))}")
    if len({one.row.quantity for one in numbers}) > 1:
        notes.append("some exponents are corrected for their bias and some are not")
    return notes


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
