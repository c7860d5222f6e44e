"""Words of the command line to values: comma lists, radii, steps."""

import re
from collections.abc import Callable, Collection
from typing import Any

import typer

from specrob.errors import UsageError
from specrob.grammar import LARGEST
from specrob.registry import suggest

MOST = 2**40  # of anything that is counted


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


def finite(value: float | None) -> float | None:
    """Return a number that Typer has parsed; its ranges let infinity through."""
    most = MOST if isinstance(value, int) else LARGEST
    if value is not None and not abs(value) <= most:
        raise typer.BadParameter(f"expected a number up to {most}, found `{value}`")
    return value


def transform(text: str) -> Any:
    """Return the transform of ``noise:STD``, ``pca:K`` or ``zca[:EPS]``."""
    from specrob.settings.images import TransformSpec

    return TransformSpec.parse(text)


def known_name(what: str, known: Collection[str]) -> Callable[[str], str]:
    """Return a parser that looks at the name alone with which a specification begins.

    What it cannot be is told at once, before torch is loaded to read the rest.

    >>> known_name("a penalty", ("l2", "spectral"))("spectral=2,tau=5")
    'spectral=2,tau=5'
    """

    def specification(text: str) -> str:
        name = re.split("[=,]", text)[0]
        if name not in known and ":" not in name:
            raise UsageError(f"expected {what}, found `{name}`; {suggest(name, known)}")
        return text

    return specification
