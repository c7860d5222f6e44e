"""Text to values and back: numbers, lists, ranges, radii, ``key=value`` pairs."""

import math
import re
from collections.abc import Iterable
from typing import Any

from specrob.errors import UsageError

LARGEST = 1e30  # well within float32, in which images and weights are held
SMALLEST_TOLERANCE = 1e-6  # relative; float32 does not resolve less
MAX_RADII = MAX_POSITIONS = 100_000


def format_number(number: Any) -> str:
    """Return a number with four digits, a range by its ends, and none for None.

    >>> format_number(0.123456), format_number((1.0, math.inf)), format_number(None)
    ('0.1235', '1 to not reached', 'none')
    """
    if isinstance(number, list | tuple):
        return " to ".join(map(format_number, number))
    if isinstance(number, float):
        return "not reached" if number == math.inf else f"{number:.4g}"
    return "none" if number is None else str(number)


def parse_scalar(text: str) -> int | float | bool | str:
    """Return the number or truth value that a word means, or the word itself.

    >>> parse_scalar("3"), parse_scalar("5e-4"), parse_scalar("true"), parse_scalar("all")
    (3, 0.0005, True, 'all')
    """
    for kind in (int, float):
        try:
            return kind(text)
        except ValueError:
            pass
    return {"true": True, "false": False}.get(text.lower(), text)


def split_pairs(pairs: Iterable[str], prefix: str = "") -> dict[str, str]:
    """Return the texts of ``key=value`` words, each key once.

    Raises
    ------
    UsageError
        If a word is not key=value, or a key stands twice; the message begins with the prefix.

    Examples
    --------
    >>> split_pairs(["eps=8/255", "steps=7"])
    {'eps': '8/255', 'steps': '7'}
    """
    texts: dict[str, str] = {}
    for pair in pairs:
        key, equals, text = pair.partition("=")
        if not (key.isidentifier() and equals and text) or key in texts:
            raise UsageError(f"{prefix}expected key=value, each key once, found `{pair}`")
        texts[key] = text
    return texts


def parse_number(text: str) -> float:
    """Return the number of ``0.031`` or ``8/255``.

    >>> parse_number("1/4")
    0.25
    """
    over, _, under = text.partition("/")
    try:
        value = float(over) / float(under or 1)
    except (ValueError, ZeroDivisionError):
        value = math.nan
    if not abs(value) <= LARGEST:
        raise UsageError(f"expected a number such as 0.03 or 8/255, found `{text}`")
    return value


def parse_positive(text: str) -> float:
    """Return a number above 0."""
    value = parse_number(text)
    if value <= 0:
        raise UsageError(f"expected a number above 0, found `{text}`")
    return value


def parse_not_negative(text: str) -> float:
    """Return a number of at least 0."""
    value = parse_number(text)
    if value < 0:
        raise UsageError(f"expected a number of at least 0, found `{text}`")
    return value


def parse_radii(text: str) -> tuple[float, ...]:
    """Return the radii of ``EPS,...`` or ``log:LO:HI:N``.

    >>> parse_radii("0,8/255,0.5")[2], [f"{eps:.3g}" for eps in parse_radii("log:0.01:1:3")]
    (0.5, ['0.01', '0.1', '1'])
    """
    if not text.startswith("log:"):
        return tuple(parse_not_negative(part) for part in text.split(","))
    try:
        low, high, count = text.split(":")[1:]
        lowest, highest, steps = parse_positive(low), parse_positive(high), int(count) - 1
        if not 1 <= steps < MAX_RADII or lowest >= highest:
            raise ValueError
    except ValueError:
        raise UsageError(
            f"expected log:LO:HI:N with 0 < LO < HI and N from 2 to {MAX_RADII}, found `{text}`"
        ) from None
    ratio = math.log(highest / lowest)
    return tuple(lowest * math.exp(ratio * i / steps) for i in range(steps)) + (highest,)


def parse_counts(text: str) -> tuple[int, ...]:
    """Return whole numbers from 1 of ``10,50,100``.

    >>> parse_counts("10,50")
    (10, 50)
    """
    return _whole_numbers(text, 1, "whole numbers from 1 such as 10,50")


def parse_positions(text: str) -> tuple[int, ...]:
    """Return whole numbers from 0 of ``0,3,17``; ``0-99`` are the first hundred.

    >>> parse_positions("7,0-3")
    (7, 0, 1, 2, 3)
    """
    expected = "whole numbers from 0 such as 0,3 or 0-99"
    found: list[int] = []
    for part in text.split(","):
        first, dash, last = part.partition("-")
        ends = _whole_numbers(f"{first},{last}" if dash and first else part, 0, expected)
        if ends[-1] - ends[0] >= MAX_POSITIONS or ends[-1] < ends[0]:
            raise UsageError(f"expected {expected}, found `{text}`")
        found += range(ends[0], ends[-1] + 1)
    return tuple(found)


def parse_seeds(text: str) -> tuple[int, ...]:
    """Return different seeds of ``0,1,2``."""
    expected = "different whole numbers from 0 to 2^32 - 1 such as 0,1,2"
    seeds = _whole_numbers(text, 0, expected)
    if max(seeds) >= 2**32 or len(set(seeds)) < len(seeds):
        raise UsageError(f"expected {expected}, found `{text}`")
    return seeds


def _whole_numbers(text: str, lowest: int, expected: str) -> tuple[int, ...]:
    try:
        values = tuple(int(part) for part in text.split(","))
    except ValueError:
        values = ()
    if not values or min(values) < lowest:
        raise UsageError(f"expected {expected}, found `{text}`")
    return values


def parse_shape(text: str) -> tuple[int, ...]:
    """Return channels, height and width of ``3x32x32``.

    >>> parse_shape("3x32x32")
    (3, 32, 32)
    """
    match = re.fullmatch(r"(\d{1,4})x(\d{1,4})x(\d{1,4})", text)
    values = tuple(int(part) for part in match.groups()) if match else (0,)
    if min(values) < 1:
        raise UsageError(f"expected CxHxW such as 3x32x32, found `{text}`")
    return values


def parse_step(text: str) -> tuple[float, bool]:
    """Return size and whether it is absolute, of ``0.25`` (of eps) or ``0.01abs``.

    >>> parse_step("0.25"), parse_step("0.01abs")
    ((0.25, False), (0.01, True))
    """
    if text.endswith("/255"):
        raise UsageError(f"expected a share of eps, or a length, {text}abs, found `{text}`")
    return parse_positive(text.removesuffix("abs")), text.endswith("abs")


def parse_threshold(text: str) -> float | None:
    """Return the variance, or None for ``auto``."""
    return None if text == "auto" else parse_positive(text)


def parse_span(text: str) -> float | str:
    """Return the length, or "auto"."""
    return text if text == "auto" else parse_positive(text)


def parse_ranks(text: str) -> tuple[int, int]:
    """Return first and last rank of ``FIRST:LAST``.

    >>> parse_ranks("10:500")
    (10, 500)
    """
    try:
        first, last = (int(part) for part in text.split(":"))
    except ValueError:
        first = last = 0
    if first > last >= 1:
        raise UsageError(
            f"expected FIRST:LAST, found the reversed range `{text}`; write {last}:{first}"
        )
    if min(first, last) < 1:
        raise UsageError(f"expected FIRST:LAST, for instance 10:500, found `{text}`")
    return first, last


def parse_tolerance(text: str) -> float:
    """Return a relative tolerance, at least 1e-6 and below 1."""
    value = parse_positive(text)
    if not SMALLEST_TOLERANCE <= value < 1:
        raise UsageError(f"expected a share from {SMALLEST_TOLERANCE} to below 1, found `{text}`")
    return value
