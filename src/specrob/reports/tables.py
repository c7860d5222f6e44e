"""Numbers of a folder as tables: one row a network, one column a quantity."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import chain
from math import isfinite
from os.path import commonprefix
from statistics import mean, stdev

from specrob.grammar import format_number
from specrob.reports.numbers import Number
from specrob.reports.page import Cell, Item, Table

# how the titles of tables begin, in their order
TOPICS = ("Accuracy", "Accuracy under attack", "Critical distances", "Exponents", "Smoothness")


@dataclass(frozen=True)
class Measured:
    """A number, whose it is, and the source that gave it."""

    network: str
    number: Number
    source: int


def prefer_bootstrapped(measured: Sequence[Measured]) -> list[Measured]:
    """Return the numbers without those of fits that were repeated with an interval.

    >>> fit = ("images", "hidden", 9)
    >>> plain = Measured("kh", Number("Exponents", "bend", 0.2, of=fit), 1)
    >>> again = Measured("kh", Number("Exponents", "bend", 0.1, of=fit, resampled=True), 2)
    >>> [one.source for one in prefer_bootstrapped([plain, again])]
    [2]
    """
    best = {(one.network, one.number.of) for one in measured if one.number.resampled}
    return [o for o in measured if o.number.resampled or (o.network, o.number.of) not in best]


def tabulate(measured: Sequence[Measured]) -> list[Table]:
    """Return a table for every topic, its rows networks in the order of the numbers given.

    >>> kh = Measured("kh", Number("Accuracy", "test accuracy", 0.25), 1)
    >>> table, = tabulate([kh])
    >>> table.header, table.rows[0][1][0].text
    (['network', 'test accuracy'], '0.25')
    """
    topics = dict.fromkeys(one.number.topic for one in measured)
    ordered = sorted(topics, key=lambda topic: (TOPICS.index(topic.split(":")[0]), topic))
    return [_table(topic, [o for o in measured if o.number.topic == topic]) for topic in ordered]


def _table(topic: str, measured: Sequence[Measured]) -> Table:
    networks = list(dict.fromkeys(one.network for one in measured))
    names = list(dict.fromkeys(one.number.name for one in measured))
    rows = [
        [[Item(network)], *(cell_of(measured, network, name) for name in names)]
        for network in networks
    ]
    return Table(topic, ["network", *names], rows)


def cell_of(measured: Sequence[Measured], network: str, name: str) -> Cell:
    """Return all values of a quantity of a network; equal numbers share their sources."""
    numbers: dict[Number, list[int]] = {}
    for one in measured:
        if one.network == network and one.number.name == name:
            numbers.setdefault(one.number, []).append(one.source)
    return [_item(number, tuple(sources)) for number, sources in numbers.items()]


def _item(number: Number, sources: tuple[int, ...]) -> Item:
    text, note = format_number(number.value), number.note
    if number.error is not None:
        text += f" ± {number.error:.2g}"
    if number.interval:
        note = ", ".join(filter(None, (f"95% {format_number(number.interval)}", note)))
    return Item(text, note, sources)


def tabulate_seeds(measured: Sequence[Measured], groups: Sequence[Sequence[str]]) -> list[Table]:
    """Return a table of the numbers that the seeds of each network share, if there are any.

    >>> values = {"kh-1": 0.4, "kh-2": 0.6, "bp": 0.7}
    >>> numbers = {n: Number("Accuracy", "test accuracy", v) for n, v in values.items()}
    >>> measured = [Measured(network, number, 1) for network, number in numbers.items()]
    >>> (table,) = tabulate_seeds(measured, [["kh-1", "kh-2"]])
    >>> [cell[0].text for cell in table.rows[0]]
    ['kh', '0.5 ± 0.14']
    """
    rows = []
    for group in groups:
        of_group = [one for one in measured if one.network in group]
        names = dict.fromkeys(one.number.name for one in of_group)
        cells = {name: _seeds_cell(of_group, name, group) for name in names}
        title = commonprefix(list(group)).rstrip("-_. ") or group[0]
        cells = {name: cell for name, cell in cells.items() if cell}
        rows.append((Item(title, ", ".join(group)), cells))
    columns = list(dict.fromkeys(chain.from_iterable(cells for _, cells in rows)))
    table = [[[title], *(cells.get(name, []) for name in columns)] for title, cells in rows]
    heading = "Over seeds: mean ± standard deviation"
    return [Table(heading, ["network", *columns], table)] if columns else []


def _seeds_cell(measured: Sequence[Measured], name: str, seeds: Sequence[str]) -> Cell:
    """Return mean and deviation if each seed has the quantity once and measured alike."""
    same = [one for one in measured if one.number.name == name]
    values = [v for one in same if isinstance(v := one.number.value, int | float) and isfinite(v)]
    once = sorted(one.network for one in same) == sorted(seeds)
    if not once or len(values) < len(seeds) or len({one.number.note for one in same}) > 1:
        return []
    text = f"{format_number(mean(values))} ± {stdev(values):.2g}"
    return [Item(text, "", tuple(one.source for one in same))]
