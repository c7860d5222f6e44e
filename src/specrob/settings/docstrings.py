"""Docstrings of settings records: their parameters, from what the command line says of them."""

import inspect
import re
import textwrap
from types import NoneType, UnionType
from typing import Any, Literal, Union, get_args, get_origin


def with_parameters(record: type) -> str:
    """Return the docstring of a record with a section of its parameters, where it has none.

    Options in the texts of the command line become parameters.
    """
    text = inspect.cleandoc(record.__doc__ or "")
    hints: dict[str, Any] = {}
    for base in reversed(record.__mro__):
        hints |= inspect.get_annotations(base)
    helps = {name: flag for name, hint in hints.items() if (flag := _flag(hint))}
    if not helps or "Parameters\n---" in text:
        return text
    names = {option: name for name, flag in helps.items() for option in flag.name.split(",")}
    lines = ["Parameters", "----------"]
    for name, flag in helps.items():
        default = getattr(record, name, inspect.Parameter.empty)
        shown = flag.shown or repr(default)
        end = ", optional" if default is None else f", default {shown}"
        lines.append(
            f"{name} : {_type(hints[name])}{'' if default is inspect.Parameter.empty else end}"
        )
        help_ = _with_names(flag.help, names)
        if default is not None:  # which stands above
            help_ = re.sub(r" \(default: [^()]*\)$", "", help_)
        lines += textwrap.wrap(help_, 95, initial_indent="    ", subsequent_indent="    ")
    summary, _, rest = text.partition("\n\n")
    return "\n\n".join(filter(None, (summary, "\n".join(lines), rest)))


def _flag(hint: Any) -> Any:
    """Return what the command line says of a field, if it does."""
    return next((one for one in getattr(hint, "__metadata__", ()) if hasattr(one, "help")), None)


def _with_names(text: str, names: dict[str, str]) -> str:
    """Return a text with parameters for options, and words for a list of names.

    >>> _with_names("For --norm and --range.", {"--range": "window"})
    'For `norm` and `window`.'
    """
    return re.sub(
        r"--[a-z][a-z-]*[a-z]",
        lambda found: f"`{names.get(found[0], found[0][2:].replace('-', '_'))}`",
        re.sub(r"\{[a-z ]+\}", "one of specrob's names", text),
    )


def _type(hint: Any) -> str:
    """Return a type in words.

    >>> _type(int | Literal["all"] | None), _type(tuple[float, ...])
    ("int or {'all'}", 'tuple of float')
    """
    parts = get_args(hint)
    if hasattr(hint, "__metadata__"):
        return _type(parts[0])
    if get_origin(hint) is Literal:
        return "{" + ", ".join(map(repr, parts)) + "}"
    if isinstance(hint, UnionType) or get_origin(hint) is Union:
        return " or ".join(_type(part) for part in parts if part is not NoneType)
    if parts:
        words = " and ".join(dict.fromkeys(_type(part) for part in parts if part is not Ellipsis))
        return f"{get_origin(hint).__name__} of {words}"
    return getattr(hint, "__name__", str(hint))
