"""How a field of a settings record appears on the command line, and which values it may have."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, fields
from functools import cache
from types import UnionType
from typing import Any, Literal, TypeVar, Union, get_args, get_origin, get_type_hints

from specrob import grammar
from specrob.errors import UsageError
from specrob.settings.docstrings import with_parameters

LARGEST_COUNT = 2**40


@dataclass(frozen=True)
class Flag:
    """Facts of a field for the command line, beside its name, type and default.

    Parameters
    ----------
    help : str
        Complete sentences.
    name : str
        The flag, if it is not the field's name: several joined by commas, the first of which is
        shown in messages, or "--a/--no-a" for a switch with two positions.
    parse : callable (str) -> value, optional
        From the word on the command line to the field's value; raises UsageError.
    metavar : str, optional
        What help shows as the value.
    low, high : float, optional
        The range of a number, both ends included.
    above : float, optional
        A number that the value has to exceed.
    complete : callable () -> list of str, optional
        Words that the shell offers.
    joined : bool
        Whether the value is several such words joined by commas.
    offers_layers : bool
        Whether the shell also offers the layers of the file that the command line names.
    repeat : bool
        Whether the flag may be given several times; the field is then a tuple.
    panel : str, optional
        The heading in help under which it stands.
    shown : str, optional
        What help shows as the default, if the value itself would not be readable.
    """

    help: str
    name: str = ""
    parse: Callable[[str], Any] | None = None
    metavar: str | None = None
    low: float | None = None
    high: float | None = None
    above: float | None = None
    complete: Callable[[], list[str]] | None = None
    joined: bool = False
    offers_layers: bool = False
    repeat: bool = False
    panel: str | None = None
    shown: str | None = None

    def check(self, name: str, value: Any) -> None:
        """Raise UsageError, naming the parameter, where one of its numbers is out of range."""
        if isinstance(value, tuple):
            for one in value:
                self.check(name, one)
            return
        if not isinstance(value, int | float) or isinstance(value, bool):
            return
        limit = LARGEST_COUNT if isinstance(value, int) else grammar.LARGEST
        if not abs(value) <= limit:
            raise UsageError(f"`{name}`: expected a number up to {limit:g}, found {value}")
        if self.above is not None and not value > self.above:
            raise UsageError(f"`{name}`: expected a number above {self.above:g}, found {value}")
        if self.low is not None and value < self.low:
            raise UsageError(
                f"`{name}`: expected a number of at least {self.low:g}, found {value}"
            )
        if self.high is not None and value > self.high:
            raise UsageError(f"`{name}`: expected a number up to {self.high:g}, found {value}")


def positive(help: str) -> Flag:
    """Return the flag of a number above 0."""
    return Flag(help, metavar="X", parse=grammar.parse_positive, above=0)


@dataclass(frozen=True)
class Settings:
    """A frozen record whose fields are checked against their flags when it is made.

    Raises
    ------
    UsageError
        If a value is out of its range, or none of its choices; the message names the parameter.
    """

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__doc__ = with_parameters(cls)

    def __post_init__(self) -> None:
        for name, hint in field_types(type(self)).items():
            value = getattr(self, name)
            for flag in flags_in(hint):
                flag.check(name, value)
            if not accepts(hint, value):
                raise UsageError(f"`{name}`: expected {_describe(hint)}, found `{value}`")


def field_types(record: type) -> dict[str, Any]:
    """Return the annotated type of every field of a record."""
    return _field_types(record)


@cache
def _field_types(record: type) -> dict[str, Any]:
    hints = get_type_hints(record, include_extras=True)
    return {field.name: hints[field.name] for field in fields(record) if field.init}


def flags_in(hint: Any) -> list[Flag]:
    """Return the flags in an annotated type: one, or none."""
    return [part for part in getattr(hint, "__metadata__", ()) if isinstance(part, Flag)]


def choices_in(hint: Any) -> tuple[Any, ...]:
    """Return the values of the literal in an annotated or optional type.

    >>> choices_in(Literal["a", "b"] | None)
    ('a', 'b')
    """
    if get_origin(hint) is Literal:
        return get_args(hint)
    parts = get_args(hint)[:1] if hasattr(hint, "__metadata__") else get_args(hint)
    return next((found for part in parts if (found := choices_in(part))), ())


# kinds of value that a word can mean, as error messages call them
KINDS = {int: "a whole number", float: "a number", bool: "true or false", str: "a word"}


def accepts(hint: Any, value: Any) -> bool:
    """Return whether a value has a field's type; only words, numbers and choices are checked.

    >>> accepts(int | Literal["all"], "all"), accepts(int | Literal["all"], "few")
    (True, False)
    """
    if get_origin(hint) is Literal:
        return value in get_args(hint)
    if hasattr(hint, "__metadata__"):
        return accepts(get_args(hint)[0], value)
    if isinstance(hint, UnionType) or get_origin(hint) is Union:
        return any(accepts(part, value) for part in get_args(hint))
    if hint not in KINDS:
        return value is None if hint is type(None) else not isinstance(value, (str, type(None)))
    if isinstance(value, bool):
        return hint is bool
    return isinstance(value, int | float if hint is float else hint)


def _describe(hint: Any) -> str:
    """Return what a field's value may be."""
    if get_origin(hint) is Literal:
        return " or ".join(map(str, get_args(hint)))
    parts = get_args(hint)[:1] if hasattr(hint, "__metadata__") else get_args(hint)
    words = [_describe(part) for part in parts if part is not type(None)]
    return KINDS.get(hint) or " or ".join(words) or str(hint)


R = TypeVar("R")


def build_record(
    record: type[R], pairs: Iterable[str], more: Mapping[str, object], what: str
) -> R:
    """Return a record made of ``key=value`` words and of values.

    Parameters
    ----------
    record : type
        A settings record.
    more : mapping of str to value
        Values of further fields.
    what : str
        What the record is called in error messages.

    Raises
    ------
    UsageError
        If a word is not key=value, or no field of the record, or out of range.
    """
    given: dict[str, Any] = dict(more)
    types = field_types(record)
    words = grammar.split_pairs(pairs)
    for name in (*words, *more):
        if name not in types:
            takes = ", ".join(types) or "no options"
            where = f"`{name}`: " if name in more else ""  # a flag, or a word of the specification
            raise UsageError(f"{where}expected one of {what}'s options ({takes}), found `{name}`")
    for name, text in words.items():
        try:
            given[name] = _parsed(types[name], text)
        except UsageError as error:
            raise UsageError(f"`{name}`: {error}") from error
    return record(**given)


def _parsed(hint: Any, text: str) -> Any:
    """Return the value of a word for a field: by its flag's parser, or by what it looks like."""
    if parse := next((flag.parse for flag in flags_in(hint) if flag.parse), None):
        return parse(text)
    value = grammar.parse_scalar(text)
    return text if accepts(hint, text) and not accepts(hint, value) else value
