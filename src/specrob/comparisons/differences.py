"""Values of two groups of networks in words."""

from collections.abc import Mapping, Sequence

LISTED = 4  # values or networks that are named, and those after them counted


def values_in_words(values: Mapping[str, Mapping[str, Sequence[object]]]) -> str:
    """Return which values the networks of each group have; nothing where all have the same.

    Parameters
    ----------
    values : mapping
        The values of every network by its name, for every group by its name.

    Examples
    --------
    >>> values_in_words({"kh": {"kh-0": ["pgd"], "kh-1": ["pgd"]}, "bp": {"bp-0": ["fgsm"]}})
    'pgd of kh and fgsm of bp'
    >>> values_in_words({"kh": {"kh-0": [0.1], "kh-1": [0.1, 0.2]}, "bp": {"bp-0": [0.1]}})
    '0.1 of kh-0, bp and 0.1, 0.2 of kh-1'
    >>> values_in_words({"": {f"kh-{n}": [n] for n in range(6)}})
    '0 of kh-0 and 1 of kh-1 and 2 of kh-2 and 3 of kh-3 and 2 more'
    >>> values_in_words({"kh": {"kh-0": ["pgd"]}, "bp": {"bp-0": ["pgd"]}})
    ''
    """
    owners: dict[tuple[object, ...], list[str]] = {}
    for group, networks in values.items():
        own = dict.fromkeys(map(tuple, networks.values()))
        for each in own:
            named = [name for name, found in networks.items() if tuple(found) == each]
            owners.setdefault(each, []).extend([group] if len(own) == 1 else named)
    if len(owners) < 2:
        return ""
    words = [f"{listed(each)} of {listed(names)}" for each, names in owners.items()]
    more = len(words) - LISTED
    return " and ".join(words[:LISTED]) + (f" and {more} more" if more > 0 else "")


def listed(values: Sequence[object]) -> str:
    """Return some values in words, the first of many.

    >>> listed([0.1, None]), listed(range(9))
    ('0.1, none', '0, 1, 2, 3 and 5 more')
    """
    words = ", ".join(map(cell_in_words, values[:LISTED]))
    return words + (f" and {len(values) - LISTED} more" if len(values) > LISTED else "")


def cell_in_words(value: object) -> str:
    """Return a condition as people read it.

    >>> cell_in_words(0.1), cell_in_words("pgd"), cell_in_words(None)
    ('0.1', 'pgd', 'none')
    """
    if isinstance(value, float):
        return f"{value:g}"
    return "none" if value is None else str(value)
