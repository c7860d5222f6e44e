"""Members of one network, trained from several seeds, as mean and standard deviation."""

import re
from collections.abc import Sequence
from math import isfinite
from statistics import mean, stdev

from specrob.reports.report import Cell, Item, Table, show
from specrob.reports.tables import Found

MEMBER = re.compile(r"(?P<stem>.+)-[0-9]+")  # what `-o 'NAME-{seed}.safetensors'` makes


def over_seeds(found: Sequence[Found]) -> list[Table]:
    """Return a table of what several members of a network have; none where there are no members.

    ``NAME-1``, ``NAME-2`` ... are members of one network, and so is ``NAME``, where it is there.

    >>> from specrob.reports.numbers import Number
    >>> values = {"kh": 0.4, "kh-1": 0.5, "kh-2": 0.6, "bp": 0.7}
    >>> found = [Found(n, Number("Accuracy", "test accuracy", v), 1) for n, v in values.items()]
    >>> (table,) = over_seeds(found)
    >>> [cell[0].text for cell in table.rows[0]], table.rows[0][0][0].note
    (['kh', '0.5 ± 0.1'], 'kh, kh-1, kh-2')
    """
    groups = _groups(list(dict.fromkeys(one.network for one in found)))
    cells = {
        (stem, name): cell
        for stem, members in groups.items()
        for name in dict.fromkeys(one.number.name for one in found if one.network in members)
        if (cell := _cell(found, members, name))
    }
    names = list(dict.fromkeys(name for _, name in cells))
    rows = [
        [[Item(stem, ", ".join(members))], *(cells.get((stem, name), []) for name in names)]
        for stem, members in groups.items()
    ]
    title = "Over seeds: mean ± standard deviation"
    return [Table(title, ["network", *names], rows)] if cells else []


def _groups(networks: Sequence[str]) -> dict[str, list[str]]:
    groups: dict[str, list[str]] = {}
    for network in networks:
        if match := MEMBER.fullmatch(network):
            groups.setdefault(match["stem"], []).append(network)
    whole = {stem: [stem] * (stem in networks) + own for stem, own in groups.items()}
    return {stem: members for stem, members in whole.items() if len(members) > 1}


def _cell(found: Sequence[Found], members: Sequence[str], name: str) -> Cell:
    """Return mean and deviation of what every member has once; nothing of other quantities."""
    own = [one for one in found if one.network in members and one.number.name == name]
    values = [v for one in own if isinstance(v := one.number.value, int | float) and isfinite(v)]
    once = sorted(one.network for one in own) == sorted(members)
    if not once or len(values) < len(members):
        return []
    said = f"{show(mean(values))} ± {stdev(values):.2g}"
    return [Item(said, "", tuple(one.source for one in own))]
