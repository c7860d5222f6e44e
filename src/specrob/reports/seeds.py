"""A quantity of the seeds of one network as the cell of a table: mean and standard deviation."""

from collections.abc import Sequence
from math import inf, isnan
from statistics import mean, stdev

from specrob.grammar import format_number
from specrob.reports.numbers import Reported
from specrob.reports.page import Cell, Item


def seeds_cell(numbers: Sequence[Reported], title: str, networks: Sequence[str]) -> Cell:
    """Return mean and standard deviation of a quantity, once for each kind of images.

    Seeds that lack it or did not reach it, and fits over different ranks, are said.
    """
    named = [one for one in numbers if one.title == title]
    words = [str(one.value.value) for one in named if isinstance(one.value.value, str)]
    cells = [
        Item(f"{word} ({words.count(word)} of {len(networks)} seeds)")
        for word in dict.fromkeys(words)
    ]
    same = [one for one in named if _is_number(one)]
    for transform in dict.fromkeys(one.transform for one in same):
        for ranks in _ranges([one for one in same if one.transform == transform], networks):
            own = [one for one in same if one.transform == transform and one.ranks in ranks]
            once = list({(one.network, one.value.value): one for one in own}.values())
            if len({one.network for one in once}) < len(once):
                cells.append(Item("no mean", _several(once)))
            elif len(once) > 1:
                cells.append(_mean(once, networks, ranks))
    return cells


def _ranges(numbers: Sequence[Reported], networks: Sequence[str]) -> list[list[str]]:
    """Return the ranges of fits that all networks share, each alone, or else all together."""
    ranges = list(dict.fromkeys(one.ranks for one in numbers))
    everywhere = [
        [ranks]
        for ranks in ranges
        if {one.network for one in numbers if one.ranks == ranks} == set(networks)
    ]
    return everywhere or [ranges]


def _several(numbers: Sequence[Reported]) -> str:
    """Return why seeds that have several numbers have no mean."""
    counts = sorted({one.value.n for one in numbers if one.value.n is not None})
    over = f", over {' and '.join(map(str, counts))} images" if len(counts) > 1 else ""
    return f"several numbers of one seed{over}"


def _mean(numbers: Sequence[Reported], networks: Sequence[str], ranks: Sequence[str]) -> Item:
    values = [float(v) for one in numbers if isinstance(v := one.value.value, int | float)]
    reached = [value for value in values if value < inf]
    notes = [*numbers[0].transform.split(", "), *_shared_notes(numbers)]
    if len(numbers) < len(networks):
        notes.append(f"{len(numbers)} of {len(networks)} seeds")
    if len(ranks) > 1:
        notes.append(f"fitted over different ranks: {', '.join(ranks)}")
    if len(reached) < len(values):
        text = f"not reached in {len(values) - len(reached)} of {len(values)} seeds"
        notes.insert(0, f"others {', '.join(map(format_number, reached))}" if reached else "")
    else:
        text = f"{format_number(mean(values))} ± {stdev(values):.2g}"
    sources = tuple(one.source for one in numbers)
    return Item(text, ", ".join(dict.fromkeys(filter(None, notes))), sources)


def _shared_notes(numbers: Sequence[Reported]) -> list[str]:
    """Return the parts of the notes that all seeds have."""
    parts = [one.note.split(", ") for one in numbers]
    return [part for part in parts[0] if all(part in others for others in parts)]


def _is_number(one: Reported) -> bool:
    value = one.value.value
    return isinstance(value, int | float) and not isnan(value)
