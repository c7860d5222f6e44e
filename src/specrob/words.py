"""Words to values and back: specifications, ``NAME,key=value,...``, numbers, wrong words."""

import difflib
import math
from collections.abc import Iterable
from typing import Any

from specrob.errors import UsageError


def suggest(word: str, known: Iterable[str]) -> str:
    """Return what to do about a misspelt name: the nearest known one, or all of them.

    >>> suggest("cifar1O", ["digits", "cifar10"])
    'did you mean `cifar10`?'
    """
    names = list(known)
    close = difflib.get_close_matches(word, names, n=1, cutoff=0.5)
    return f"did you mean `{close[0]}`?" if close else f"known are {', '.join(names)}"


def show(number: Any) -> str:
    """Return a number as people write it: four digits; a range by its ends; none for nothing.

    >>> show(0.123456), show((1.0, math.inf)), show(12345), show(None)
    ('0.1235', '1 to not reached', '12345', 'none')
    """
    if isinstance(number, list | tuple):
        return " to ".join(map(show, number))
    if isinstance(number, float):
        return "not reached" if number == math.inf else f"{number:.4g}"
    return "none" if number is None else str(number)


def value(text: str) -> int | float | bool | str:
    """Return the number or truth value that a word means, or the word itself.

    >>> value("3"), value("5e-4"), value("true"), value("all")
    (3, 0.0005, True, 'all')
    """
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text.lower(), text)


def options(pairs: Iterable[str], flag: str) -> dict[str, int | float | bool | str]:
    """Return the options of ``key=value`` words.

    Raises
    ------
    UsageError
        If a word is not key=value, or a key stands twice.

    Examples
    --------
    >>> options(["p=3", "hidden=all"], "--arch")
    {'p': 3, 'hidden': 'all'}
    """
    found: dict[str, int | float | bool | str] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not (key.isidentifier() and equals and text) or key in found:
            raise UsageError(f"{flag}: expected key=value, each key once, found `{pair}`")
        found[key] = value(text)
    return found
