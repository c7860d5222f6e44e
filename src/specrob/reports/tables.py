"""Numbers of a folder as tables: one row a network, one column a quantity."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from specrob.grammar import format_number
from specrob.registry import suggest
from specrob.reports.numbers import Number
from specrob.reports.published import Published, difference
from specrob.reports.report import Cell, Item, Table

# how the titles of tables begin, in their order
TOPICS = ("Accuracy", "Accuracy under attack", "Critical distances", "Exponents", "Smoothness")


@dataclass(frozen=True)
class Found:
    """A number, whose it is, and the source that gave it."""

    network: str
    number: Number
    source: int


def surest(found: Sequence[Found]) -> list[Found]:
    """Return the numbers without those of fits that were made again with an interval.

    >>> fit = ("images", "hidden", 9)
    >>> plain = Found("kh", Number("Exponents", "bend", 0.2, of=fit), 1)
    >>> again = Found("kh", Number("Exponents", "bend", 0.1, of=fit, resampled=True), 2)
    >>> [one.source for one in surest([plain, again])]
    [2]
    """
    best = {(one.network, one.number.of) for one in found if one.number.resampled}
    return [o for o in found if o.number.resampled or (o.network, o.number.of) not in best]


def tabulate(found: Sequence[Found]) -> list[Table]:
    """Return a table for every topic, its rows networks in the order of the numbers given.

    >>> kh = Found("kh", Number("Accuracy", "test accuracy", 0.25), 1)
    >>> table, = tabulate([kh])
    >>> table.header, table.rows[0][1][0].text
    (['network', 'test accuracy'], '0.25')
    """
    topics = dict.fromkeys(one.number.topic for one in found)
    ordered = sorted(topics, key=lambda topic: (TOPICS.index(topic.split(":")[0]), topic))
    return [
        _table(topic, [one for one in found if one.number.topic == topic]) for topic in ordered
    ]


def _table(topic: str, found: Sequence[Found]) -> Table:
    networks = list(dict.fromkeys(one.network for one in found))
    names = list(dict.fromkeys(one.number.name for one in found))
    rows = [
        [[Item(network)], *(cell_of(found, network, name) for name in names)]
        for network in networks
    ]
    return Table(topic, ["network", *names], rows)


def cell_of(found: Sequence[Found], network: str, name: str) -> Cell:
    """Return all that was found of a quantity of a network; equal numbers share their sources."""
    numbers: dict[Number, list[int]] = {}
    for one in found:
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


def compare(found: Sequence[Found], published: Published) -> Table:
    """Return each published number of the networks at hand beside one's own.

    >>> kh = Found("kh", Number("Accuracy", "test accuracy", 0.25), 1)
    >>> paper = Published("p.json", "A", "", {"kh": {"test accuracy": 0.5, "train accuracy": 1}})
    >>> [[cell[0].text for cell in row] for row in compare([kh], paper).rows]
    [['kh', 'test accuracy', '0.25', '0.5', '-0.25'], ['kh', 'train accuracy', 'none', '1', '']]
    """
    known = {one.network for one in found}
    rows = []
    for network, quantities in published.networks.items():
        for name, theirs in quantities.items() if network in known else ():
            cell = list(cell_of(found, network, name)) or [Item("none", "not measured")]
            own = dict.fromkeys(
                one.number for one in found if (one.network, one.number.name) == (network, name)
            )
            apart = [Item(_signed(difference(number.value, theirs))) for number in own]
            rows.append(
                [
                    [Item(network)],
                    [Item(name)],
                    cell,
                    [Item(format_number(theirs))],
                    apart or [Item("")],
                ]
            )
    header = ["network", "quantity", "here", "published", "difference"]
    return Table(f"Beside {published.title or published.file}", header, rows)


def _signed(value: object) -> str:
    if isinstance(value, tuple):
        return " to ".join(map(_signed, value))
    return "" if value is None else f"{value:+.3g}"


def strangers(found: Sequence[Found], published: Published) -> list[str]:
    """Return a line for what was published of networks or quantities that are not at hand.

    >>> kh = Found("kh", Number("Accuracy", "test accuracy", 0.25), 1)
    >>> strangers([kh], Published("p.json", "", "", {"kh": {"tset accuracy": 1}}))
    ['p.json: nothing here is called `tset accuracy`; did you mean `test accuracy`?']
    """
    names = {one.number.name: None for one in found}
    networks = {one.network: None for one in found}
    named = {name: None for row in published.networks.values() for name in row}
    return [
        *_unknown(published.file, published.networks, networks),
        *_unknown(published.file, named, names),
    ]


def _unknown(file: str, said: Mapping[str, object], known: Mapping[str, object]) -> list[str]:
    lacking = [word for word in said if word not in known]
    if not lacking:
        return []
    advice = suggest(lacking[0], known) if len(lacking) == 1 else f"known are {', '.join(known)}"
    words = ", ".join(f"`{word}`" for word in lacking)
    return [f"{file}: nothing here is called {words}; {advice}"]
