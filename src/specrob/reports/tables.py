"""Numbers of a folder as tables: one row a network, one column a quantity."""

from collections.abc import Hashable, Sequence
from itertools import chain
from math import isfinite
from os.path import commonprefix
from statistics import mean, stdev

from specrob.grammar import format_number
from specrob.quantities.table import QUANTITIES
from specrob.reports.numbers import Reported
from specrob.reports.page import Cell, Item, Table

# how the titles of tables begin, in their order
TOPICS = list(dict.fromkeys(q.topic.split(":")[0] for q in QUANTITIES if q.topic))


def tabulate(numbers: Sequence[Reported]) -> list[Table]:
    """Return a table for every topic, its rows networks in the order of the numbers given."""
    topics = dict.fromkeys(one.topic for one in numbers)
    ordered = sorted(topics, key=lambda topic: (TOPICS.index(topic.split(":")[0]), topic))
    return [_table(topic, [one for one in numbers if one.topic == topic]) for topic in ordered]


def _table(topic: str, numbers: Sequence[Reported]) -> Table:
    networks = list(dict.fromkeys(one.network for one in numbers))
    titles = list(dict.fromkeys(one.title for one in numbers))
    rows = [
        [[Item(network)], *(cell_of(numbers, network, title) for title in titles)]
        for network in networks
    ]
    return Table(topic, ["network", *titles], rows)


def cell_of(numbers: Sequence[Reported], network: str, title: str) -> Cell:
    """Return all values of a quantity of a network; equal numbers share their sources."""
    alike: dict[Hashable, list[Reported]] = {}
    for one in numbers:
        if (one.network, one.title) == (network, title):
            alike.setdefault(one.key, []).append(one)
    return [_item(several) for several in alike.values()]


def _item(numbers: Sequence[Reported]) -> Item:
    one = numbers[0].value
    text, note = format_number(one.value), numbers[0].note
    if one.error is not None:
        text += f" ± {one.error:.2g}"
    elif one.low is not None:
        note = ", ".join(filter(None, (f"95% {format_number((one.low, one.high))}", note)))
    return Item(text, note, tuple(number.source for number in numbers))


def tabulate_seeds(numbers: Sequence[Reported], groups: Sequence[Sequence[str]]) -> list[Table]:
    """Return a table of the numbers that the seeds of each network share, if there are any."""
    rows = []
    for group in groups:
        group_numbers = [one for one in numbers if one.network in group]
        names = dict.fromkeys(one.title for one in group_numbers)
        cells = {name: _seeds_cell(group_numbers, name, group) for name in names}
        title = commonprefix(list(group)).rstrip("-_. ") or group[0]
        cells = {name: cell for name, cell in cells.items() if cell}
        rows.append((Item(title, ", ".join(group)), cells))
    columns = list(dict.fromkeys(chain.from_iterable(cells for _, cells in rows)))
    table = [[[title], *(cells.get(name, []) for name in columns)] for title, cells in rows]
    heading = "Over seeds: mean ± standard deviation"
    return [Table(heading, ["network", *columns], table)] if columns else []


def _seeds_cell(numbers: Sequence[Reported], name: str, seeds: Sequence[str]) -> Cell:
    """Return mean and deviation if each seed has the quantity once and measured alike."""
    same = [one for one in numbers if one.title == name]
    values = [v for one in same if isinstance(v := one.value.value, int | float) and isfinite(v)]
    once = sorted(one.network for one in same) == sorted(seeds)
    if not once or len(values) < len(seeds) or len({one.note for one in same}) > 1:
        return []
    text = f"{format_number(mean(values))} ± {stdev(values):.2g}"
    return [Item(text, "", tuple(one.source for one in same))]
