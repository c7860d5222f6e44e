"""Numbers of a folder as tables: a row a network below its group, a column a quantity."""

from collections.abc import Hashable, Iterable, Iterator, Sequence
from itertools import groupby

from specrob.grammar import format_number
from specrob.quantities.quantity import FEW_RADII
from specrob.quantities.table import QUANTITIES
from specrob.reports.numbers import Reported
from specrob.reports.page import Cell, Item, Table
from specrob.reports.seeds import seeds_cell

# how the titles of tables begin, in their order
TOPICS = list(dict.fromkeys(q.topic.split(":")[0] for q in QUANTITIES if q.topic))
MOST_RADII = 24  # rows of a table of radii


def tabulate(numbers: Sequence[Reported]) -> list[Table]:
    """Return tables for every topic, their rows networks in the order of the numbers given.

    Accuracies at more than a few radii have a table with a row for every radius.
    """
    topics = dict.fromkeys(one.topic for one in numbers)
    ordered = sorted(topics, key=lambda topic: (TOPICS.index(topic.split(":")[0]), topic))
    tables = []
    for topic in ordered:
        own = [one for one in numbers if one.topic == topic]
        radii = {one.eps for one in own} - {None}
        if len(radii - {0.0}) <= FEW_RADII - (0.0 in radii):
            tables.append(_table(topic, [one for one in own if one.eps != 0]))
        else:
            rest = [one for one in own if one.eps is None]
            tables += [_table(topic, rest)] if rest else []
            tables += _radius_tables(topic, [one for one in own if one.eps is not None])
    return tables


def _table(topic: str, numbers: Sequence[Reported]) -> Table:
    titles = list(dict.fromkeys(one.title for one in numbers))
    rows: list[list[Cell]] = []
    heads = set()
    for group, networks in grouped(numbers):
        if len(networks) > 1:
            heads.add(len(rows))
            own = [one for one in numbers if one.group == group]
            cells = [seeds_cell(own, title, networks) for title in titles]
            rows.append([[Item(group, _seeds(networks))], *cells])
        for network in networks:
            cells = [cell_of(numbers, network, title) for title in titles]
            rows.append([[Item(network)], *cells])
    return Table(topic, ["network", *titles], rows, frozenset(heads))


def grouped(numbers: Iterable[Reported]) -> Iterator[tuple[str, list[str]]]:
    """Yield every group with its networks, in the order of their first numbers."""
    groups: dict[str, dict[str, None]] = {}
    for one in numbers:
        groups.setdefault(one.group, {})[one.network] = None
    yield from ((group, list(networks)) for group, networks in groups.items())


def _seeds(networks: Sequence[str]) -> str:
    return f"mean ± s.d. of {len(networks)} seeds: {', '.join(networks)}"


def _radius_tables(topic: str, numbers: Sequence[Reported]) -> Iterator[Table]:
    """Yield a table for each quantity: a row for every radius, a column for every group."""
    for title, each in groupby(sorted(numbers, key=_kind), key=_kind):
        own = list(each)
        groups = list(grouped(own))
        radii = sorted({one.eps for one in own if one.eps is not None})
        shown = [radii[round(i * (len(radii) - 1) / (MOST_RADII - 1))] for i in range(MOST_RADII)]
        rows = []
        for eps in radii if len(radii) <= MOST_RADII else shown:
            at = [one for one in own if one.eps == eps]
            cells = [_group_cell(at, group, networks) for group, networks in groups]
            rows.append([[Item(_radius(at))], *cells])
        heads = [f"{g} ({len(n)} seeds)" if len(n) > 1 else n[0] for g, n in groups]
        some = f", {MOST_RADII} of {len(radii)} radii" if len(radii) > MOST_RADII else ""
        yield Table(f"{topic}, {title}{some}", ["radius", *heads], rows)


def _kind(one: Reported) -> str:
    return one.value.name.replace("_", " ")


def _radius(numbers: Sequence[Reported]) -> str:
    return numbers[0].title.rsplit(" at ", 1)[-1]


def _group_cell(numbers: Sequence[Reported], group: str, networks: Sequence[str]) -> Cell:
    own = [one for one in numbers if one.group == group]
    titles = dict.fromkeys(one.title for one in own)
    if len(networks) == 1:
        return [item for title in titles for item in cell_of(own, networks[0], title)]
    return [item for title in titles for item in seeds_cell(own, title, networks)]


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
