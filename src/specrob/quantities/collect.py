"""Files and folders of results to the numbers that they hold, by network and seed."""

from collections.abc import Iterator, Mapping, Sequence

from specrob.artifacts import Artifact
from specrob.artifacts.folder import FolderEntry, is_shard
from specrob.artifacts.provenance import ROOTS
from specrob.errors import ArtifactError, UsageError
from specrob.family import suggest
from specrob.quantities.names import RELATED
from specrob.quantities.networks import NetworkResults, members_of, name_networks
from specrob.quantities.rows import TableRow, matches, rows_of
from specrob.quantities.table import QUANTITIES

NAMES = tuple(dict.fromkeys(quantity.name for quantity in QUANTITIES))


def collect(entries: Sequence[FolderEntry]) -> list[NetworkResults]:
    """Return the networks that some artifacts are of, each with its artifacts.

    >>> from specrob.artifacts import Artifact
    >>> [one.network for one in collect([FolderEntry("runs/kh.alpha.json", Artifact("x"), "")])]
    ['kh']
    """
    networks, _ = name_networks(entries)
    return members_of(networks)


def number_rows(
    members: Sequence[NetworkResults],
    quantities: Sequence[str] = (),
    where: Mapping[str, str] | None = None,
) -> list[TableRow]:
    """Return the numbers of some networks, all or those that are asked for.

    Raises
    ------
    UsageError
        If a name is not that of a quantity.
    ArtifactError
        If there is none, or none is left.
    """
    for name in quantities:
        if name not in RELATED:
            raise UsageError(
                f"`quantity`: expected a quantity, found `{name}`; {suggest(name, RELATED)}"
            )
    wanted = {own for name in quantities for own in ([name] if name in NAMES else RELATED[name])}
    every = [row for member in members for row in _rows_of_member(member)]
    if not every:
        raise _no_numbers([entry.artifact for member in members for entry in member.entries])
    chosen = [
        row
        for row in every
        if (not quantities or row.quantity in wanted) and matches(row, where or {})
    ]
    if not chosen:
        there = ", ".join(dict.fromkeys(row.quantity for row in every))
        advice = "drop a condition" if where else "name one of them, or measure it"
        raise ArtifactError(
            f"expected numbers of that description, found others: {there}; {advice}"
        )
    return chosen


def _no_numbers(artifacts: Sequence[Artifact]) -> ArtifactError:
    """Return the error about artifacts of which none holds a number."""
    kinds = ", ".join(dict.fromkeys(one.kind for one in artifacts)) or "nothing"
    shards = any(is_shard(one) for one in artifacts)
    advice = "join shards with `specrob merge`" if shards else "measure something first"
    return ArtifactError(f"expected results with numbers, found files of kind {kinds}; {advice}")


def _rows_of_member(member: NetworkResults) -> Iterator[TableRow]:
    models_first = sorted(member.entries, key=lambda entry: entry.artifact.kind not in ROOTS)
    for entry in models_first:
        yield from rows_of(entry.artifact, member.group, member.seed, entry.name)
