"""Members of one network, trained alike from several seeds, as mean and standard deviation."""

from collections.abc import Iterator, Mapping, Sequence
from itertools import chain
from math import isfinite
from os.path import commonprefix
from statistics import mean, stdev

from specrob.artifacts import Provenance
from specrob.artifacts.folder import FolderEntry
from specrob.artifacts.provenance import ROOTS
from specrob.grammar import format_number
from specrob.reports.report import Cell, Item, Table
from specrob.reports.tables import Found

# options that do not change what is learned, or whose value is the seed
PASSING = {"-o", "--output", "--checkpoint", "--resume", "--checkpoint-every", "--seed", "--seeds"}


def members_of(groups: Mapping[str, Sequence[FolderEntry]]) -> list[list[str]]:
    """Return the names of networks that the same commands made from different seeds.

    >>> from specrob.artifacts import Artifact
    >>> runs = [Provenance(("specrob", "train-sup", "-o", f"{s}"), seed=s) for s in (0, 1)]
    >>> entries = [FolderEntry("", Artifact("model", provenance=run), "") for run in runs]
    >>> members_of({"a": entries[:1], "b": entries[1:], "c": []})
    [['a', 'b']]
    """
    alike: dict[tuple, dict[tuple, str]] = {}
    for network, entries in groups.items():
        models = [one.artifact.provenance for one in entries if one.artifact.kind in ROOTS]
        if models and models[0].command:
            seeds = alike.setdefault(_recipe(models[0]), {})
            seeds.setdefault(tuple(_seeds(models[0])), network)
    return [[*networks.values()] for networks in alike.values() if len(networks) > 1]


def _recipe(run: Provenance) -> tuple:
    """Return the words of a command and of those before it, without files and seeds."""
    files = {source.path for source in run.inputs}
    words, passing = [], False
    for word in run.command:
        if not passing and word.split("=")[0] not in PASSING and word not in files:
            words.append(word)
        passing = word in PASSING
    return (*words, *(_recipe(source.provenance) for source in run.inputs))


def _seeds(run: Provenance) -> Iterator[int | None]:
    yield run.seed
    for source in run.inputs:
        yield from _seeds(source.provenance)


def over_seeds(found: Sequence[Found], members: Sequence[Sequence[str]]) -> list[Table]:
    """Return a table of what members of each network have in common; none without members.

    >>> from specrob.reports.numbers import Number
    >>> values = {"kh-1": 0.4, "kh-2": 0.6, "bp": 0.7}
    >>> found = [Found(n, Number("Accuracy", "test accuracy", v), 1) for n, v in values.items()]
    >>> (table,) = over_seeds(found, [["kh-1", "kh-2"]])
    >>> [cell[0].text for cell in table.rows[0]]
    ['kh', '0.5 ± 0.14']
    """
    rows = []
    for group in members:
        own = [one for one in found if one.network in group]
        cells = {
            name: _cell(own, name, group) for name in dict.fromkeys(o.number.name for o in own)
        }
        title = commonprefix(list(group)).rstrip("-_. ") or group[0]
        rows.append(
            (Item(title, ", ".join(group)), {n: cell for n, cell in cells.items() if cell})
        )
    names = list(dict.fromkeys(chain.from_iterable(cells for _, cells in rows)))
    table = [[[title], *(cells.get(name, []) for name in names)] for title, cells in rows]
    title = "Over seeds: mean ± standard deviation"
    return [Table(title, ["network", *names], table)] if names else []


def _cell(found: Sequence[Found], name: str, members: Sequence[str]) -> Cell:
    """Return mean and deviation of what each member has once and measured alike, or nothing."""
    own = [one for one in found if one.number.name == name]
    values = [v for one in own if isinstance(v := one.number.value, int | float) and isfinite(v)]
    once = sorted(one.network for one in own) == sorted(members)
    if not once or len(values) < len(members) or len({one.number.note for one in own}) > 1:
        return []
    said = f"{format_number(mean(values))} ± {stdev(values):.2g}"
    return [Item(said, "", tuple(one.source for one in own))]
