"""Words of the command line to values: comma lists, radii, steps."""

import math
import re
from collections.abc import Callable
from typing import Any

import typer

from specrob.errors import UsageError
from specrob.words import suggest

LARGEST = 1e30  # well within float32, in which images and weights are held
MOST = 2**40  # of anything that is counted
MOST_RADII = 100_000
FINEST = 1e-6  # share of a radius


def checked(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Return the parser with its own message kept as Typer's, and parsed values passed on."""

    def parser(text: Any) -> Any:
        if not isinstance(text, str):
            return text
        try:
            return parse(text)
        except UsageError as error:
            raise typer.BadParameter(str(error)) from None

    parser.__name__ = parse.__name__
    return parser


def named(what: str, known: tuple[str, ...]) -> Callable[[str], str]:
    """Return a parser that looks at the name alone with which a specification begins.

    What it cannot be is told at once, before torch is loaded to read the rest.

    >>> named("a penalty", ("l2", "spectral"))("spectral=2,tau=5")
    'spectral=2,tau=5'
    """

    def specification(text: str) -> str:
        name = re.split("[=,]", text)[0]
        if name not in known and ":" not in name:
            raise UsageError(f"expected {what}, found `{name}`; {suggest(name, known)}")
        return text

    return specification


def number(text: str) -> float:
    """Return the number of ``0.031`` or ``8/255``.

    >>> number("1/4")
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


def finite(value: float | None) -> float | None:
    """Return a number that Typer has parsed; its ranges let infinity through."""
    most = MOST if isinstance(value, int) else LARGEST
    if value is not None and not abs(value) <= most:
        raise typer.BadParameter(f"expected a number up to {most}, found `{value}`")
    return value


def positive(text: str) -> float:
    """Return a number above 0."""
    value = number(text)
    if value <= 0:
        raise UsageError(f"expected a number above 0, found `{text}`")
    return value


def not_negative(text: str) -> float:
    """Return a number of at least 0."""
    value = number(text)
    if value < 0:
        raise UsageError(f"expected a number of at least 0, found `{text}`")
    return value


def radii(text: str) -> tuple[float, ...]:
    """Return the radii of ``EPS,...`` or ``log:LO:HI:N``.

    >>> radii("0,8/255,0.5")[2], [f"{eps:.3g}" for eps in radii("log:0.01:1:3")]
    (0.5, ['0.01', '0.1', '1'])
    """
    if not text.startswith("log:"):
        return tuple(not_negative(part) for part in text.split(","))
    try:
        low, high, count = text.split(":")[1:]
        lowest, highest, steps = positive(low), positive(high), int(count) - 1
        if not 1 <= steps < MOST_RADII or lowest >= highest:
            raise ValueError
    except ValueError:
        raise UsageError(
            f"expected log:LO:HI:N with 0 < LO < HI and N from 2 to {MOST_RADII}, found `{text}`"
        ) from None
    ratio = math.log(highest / lowest)
    return tuple(lowest * math.exp(ratio * i / steps) for i in range(steps)) + (highest,)


def counts(text: str) -> tuple[int, ...]:
    """Return whole numbers from 1 of ``10,50,100``.

    >>> counts("10,50")
    (10, 50)
    """
    try:
        values = tuple(int(part) for part in text.split(","))
        if min(values) < 1:
            raise ValueError
    except ValueError:
        raise UsageError(f"expected whole numbers from 1 such as 10,50, found `{text}`") from None
    return values


def shape(text: str) -> tuple[int, ...]:
    """Return channels, height and width of ``3x32x32``.

    >>> shape("3x32x32")
    (3, 32, 32)
    """
    match = re.fullmatch(r"(\d{1,4})x(\d{1,4})x(\d{1,4})", text)
    values = tuple(int(part) for part in match.groups()) if match else (0,)
    if min(values) < 1:
        raise UsageError(f"expected CxHxW such as 3x32x32, found `{text}`")
    return values


def seeds(text: str) -> tuple[int, ...]:
    """Return different seeds of ``0,1,2``.

    >>> seeds("0,1,2")
    (0, 1, 2)
    """
    try:
        values = tuple(int(part) for part in text.split(","))
        if not 0 <= min(values) <= max(values) < 2**32 or len(set(values)) < len(values):
            raise ValueError
    except ValueError:
        raise UsageError(
            f"expected different whole numbers from 0 to 2^32 - 1 such as 0,1,2, found `{text}`"
        ) from None
    return values


def positions(text: str) -> tuple[int, ...]:
    """Return whole numbers from 0 of ``0,3,17``.

    >>> positions("0,3")
    (0, 3)
    """
    try:
        values = tuple(int(part) for part in text.split(","))
        if min(values) < 0:
            raise ValueError
    except ValueError:
        raise UsageError(f"expected whole numbers from 0 such as 0,3, found `{text}`") from None
    return values


def transform(text: str) -> Any:
    """Return the transform of ``noise:STD``, ``pca:K`` or ``zca[:EPS]``."""
    from specrob.data.transforms import Input  # loads torch

    return Input.parse(text)


def quantities(text: str) -> list[str]:
    """Return the two names of ``X,Y``."""
    from specrob.experiments.quantities import quantities  # loads numpy

    return quantities(text)


def step(text: str) -> tuple[float, bool]:
    """Return size and whether it is absolute, of ``0.25`` (of eps) or ``0.01abs``.

    >>> step("0.25"), step("0.01abs")
    ((0.25, False), (0.01, True))
    """
    return positive(text.removesuffix("abs")), text.endswith("abs")


def threshold(text: str) -> float | None:
    """Return the variance, or None for ``auto``."""
    return None if text == "auto" else positive(text)


def ranks(text: str) -> tuple[int, int]:
    """Return first and last rank of ``FIRST:LAST``.

    >>> ranks("10:500")
    (10, 500)
    """
    try:
        first, last = (int(part) for part in text.split(":"))
        if not 1 <= first <= last:
            raise ValueError
    except ValueError:
        raise UsageError(f"expected FIRST:LAST, for instance 10:500, found `{text}`") from None
    return first, last


def tolerance(text: str) -> float:
    """Return a share between what float32 can tell apart and 1."""
    value = positive(text)
    if not FINEST <= value < 1:
        raise UsageError(f"expected a share from {FINEST} to below 1, found `{text}`")
    return value
