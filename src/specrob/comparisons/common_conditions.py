"""The conditions under which all networks were measured, and what was left out and why."""

from collections.abc import Mapping, Sequence

from specrob.comparisons.differences import listed, values_in_words
from specrob.comparisons.measured_networks import (
    MATCHED_CONDITIONS,
    Groups,
    Measurement,
)
from specrob.comparisons.select_numbers import differences_of, measurements
from specrob.quantities.rows import Cell

Conditions = tuple[Cell, ...]  # a value of each of MATCHED_CONDITIONS
NumbersByConditions = Mapping[Conditions, Sequence[Measurement]]
# by the name of the group and that of the network
FoundNumbers = Mapping[str, Mapping[str, NumbersByConditions]]


def find_numbers(groups: Groups, quantity: str, where: Mapping[str, Cell]) -> FoundNumbers:
    """Return the numbers of a quantity that each network has, by how they were measured.

    Those at radius 0 are left out unless `where` asks for them.

    Examples
    --------
    >>> from specrob.comparisons.measured_networks import MeasuredNetwork
    >>> from specrob.quantities.networks import NetworkResults
    >>> find_numbers({"kh": [MeasuredNetwork(NetworkResults("kh-0", "kh", 0, ()))]}, "alpha", {})
    {'kh': {'kh-0': {}}}
    """
    return {
        group: {one.name: _by_conditions(measurements(one, quantity, where), where) for one in own}
        for group, own in groups.items()
    }


def _by_conditions(
    numbers: Sequence[Measurement], where: Mapping[str, Cell]
) -> NumbersByConditions:
    found: dict[Conditions, list[Measurement]] = {}
    for one in numbers:
        if one.row.eps != 0 or "eps" in where:
            found.setdefault(tuple(one.conditions.values()), []).append(one)
    return found


def common_numbers(found: FoundNumbers) -> list[dict[str, list[Measurement]]]:
    """Return for all conditions that every network has one number of the numbers of each group.

    Examples
    --------
    >>> common_numbers({"kh": {"kh-0": {("pgd",): ["a number"]}}, "bp": {"bp-0": {}}})
    []
    """
    first = next((numbers for _, _, numbers in _networks(found)), {})
    return [
        {group: [own[each][0] for own in networks.values()] for group, networks in found.items()}
        for each in first
        if all(len(numbers.get(each, ())) == 1 for _, _, numbers in _networks(found))
    ]


def why_left_out(found: FoundNumbers) -> str:
    """Return why numbers that some networks have are not compared; nothing where all are.

    Examples
    --------
    >>> why_left_out({"kh": {"kh-0": {("pgd",): ["a number"]}}, "bp": {"bp-0": {}}})
    'not measured on bp'
    """
    every = list(dict.fromkeys(each for _, _, numbers in _networks(found) for each in numbers))
    if not every:
        return ""
    if any(not numbers for _, _, numbers in _networks(found)):
        return f"not measured on {_names(found, [*every])}"
    common = [each for each in every if all(each in n for _, _, n in _networks(found))]
    lacking = _lacking(found, every, common) if common else [_different(found)]
    return "; ".join([*_several(found), *lacking])


def _several(found: FoundNumbers) -> list[str]:
    """Return which networks have several numbers under one condition, and in what they differ."""
    names: dict[tuple[int, str], list[str]] = {}
    for _, name, numbers in _networks(found):
        for ones in numbers.values():
            if len(ones) > 1:
                names.setdefault((len(ones), differences_of(ones)), []).append(name)
    return [
        f"{count} numbers of {listed([*dict.fromkeys(own)])}, which differ in {different}"
        for (count, different), own in names.items()
    ]


def _networks(found: FoundNumbers) -> list[tuple[str, str, NumbersByConditions]]:
    return [
        (group, name, numbers) for group, own in found.items() for name, numbers in own.items()
    ]


def _names(found: FoundNumbers, conditions: Sequence[Conditions]) -> str:
    """Return the networks, or whole groups, with no number under any of the conditions."""
    names = []
    for group, networks in found.items():
        lacking = [
            n for n, numbers in networks.items() if not any(c in numbers for c in conditions)
        ]
        names += [group] if len(lacking) == len(networks) else lacking
    return listed(names)


def _different(found: FoundNumbers) -> str:
    """Return the conditions of which no value is common to all networks."""
    parts = []
    for place, condition in enumerate(MATCHED_CONDITIONS):
        values = {
            group: {
                name: list(dict.fromkeys(each[place] for each in numbers))
                for name, numbers in networks.items()
            }
            for group, networks in found.items()
        }
        sets = [set(ones) for networks in values.values() for ones in networks.values()]
        if not set.intersection(*sets):
            parts.append(f"{condition} {values_in_words(values)}")
    return ", ".join(parts) or "no combination of their conditions is common to all"


def _lacking(
    found: FoundNumbers, every: Sequence[Conditions], common: Sequence[Conditions]
) -> list[str]:
    """Return the conditions beside the common ones, and which networks lack them."""
    lacking: dict[str, list[Conditions]] = {}
    for each in every:
        if each not in common:
            lacking.setdefault(_names(found, [each]), []).append(each)
    return [f"{_beside(few, common)} not measured on {names}" for names, few in lacking.items()]


def _beside(few: Sequence[Conditions], common: Sequence[Conditions]) -> str:
    """Return the values of some conditions that none of the common ones has."""
    parts = []
    for place, condition in enumerate(MATCHED_CONDITIONS):
        known = {each[place] for each in common}
        if others := dict.fromkeys(each[place] for each in few if each[place] not in known):
            parts.append(f"{condition} {listed([*others])}")
    return ", ".join(parts) or "some combinations of conditions"
