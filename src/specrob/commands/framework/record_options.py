"""Fields of settings records as options that Typer knows."""

from collections.abc import Callable, Iterable
from dataclasses import fields
from functools import wraps
from inspect import Parameter
from operator import or_
from typing import Annotated, Literal, get_args, get_origin

import typer
from typer.core import TyperArgument, TyperOption

from specrob.commands.framework.completion import completer
from specrob.errors import UsageError
from specrob.registry import ARCHITECTURES, ATTACKS, PENALTIES, RULES, SCHEDULES
from specrob.settings.flag import Flag, Settings, choices_in, field_types, flags_in

# what stands in braces in help, filled in when a command is looked up
NAMES: dict[str, Callable[[], list[str]]] = {
    "{architectures}": ARCHITECTURES.names,
    "{trainable}": lambda: ARCHITECTURES.names("trainable"),
    "{attacks}": ATTACKS.names,
    "{attacks with a distance}": lambda: ATTACKS.names("distance"),
    "{penalties}": PENALTIES.names,
    "{rules}": RULES.names,
    "{schedules}": SCHEDULES.names,
}


def options_of(record: type[Settings]) -> list[Parameter]:
    """Return the options of a record's fields."""
    defaults = {f.name: f.default for f in fields(record)}
    return [
        option(name, get_args(hint)[0], flag, defaults[name])
        for name, hint in field_types(record).items()
        for flag in flags_in(hint)
    ]


def option(name: str, type_: object, flag: Flag, default: object) -> Parameter:
    """Return one option; where Typer's default is None, the record has its own."""
    kind, choices = _plain_type(type_, flag), choices_in(type_)
    simple = isinstance(default, int | float | str)
    names = flag.name.split(",") if flag.name else [f"--{name.replace('_', '-')}"]
    info = typer.Option(
        *names,
        parser=_parser(flag.parse) if flag.parse else None,
        metavar=flag.metavar,
        help=flag.help,
        min=None if kind is str or choices else flag.low,
        max=None if kind is str or choices else flag.high,
        autocompletion=completer(flag) if flag.complete or flag.offers_layers else None,
        show_default=simple or flag.shown or _shown(default),
        rich_help_panel=flag.panel,
    )
    hint = list[str] if flag.repeat else kind
    return Parameter(
        name,
        Parameter.KEYWORD_ONLY,
        default=default if simple else None,
        annotation=Annotated[hint if simple else or_(hint, None), info],
    )


def _plain_type(type_: object, flag: Flag) -> object:
    """Return the type that Typer parses: str where the flag has a parser of its own."""
    if flag.parse or flag.repeat:
        return str
    parts = [part for part in get_args(type_) if part is not type(None)]
    return type_ if get_origin(type_) is Literal or not parts else parts[0]


def _shown(default: object) -> str | bool:
    """Return what help says of a default; nothing where the text does so itself."""
    return ",".join(map(str, default)) if isinstance(default, tuple) and default else False


def _parser(parse: Callable[[str], object]) -> Callable[[object], object]:
    """Return a parser whose message is Typer's, and that passes parsed values on."""

    @wraps(parse)
    def parser(text: object) -> object:
        try:
            return parse(text) if isinstance(text, str) else text
        except UsageError as error:
            raise typer.BadParameter(str(error)) from None

    return parser


def fill_help(parameters: Iterable[object]) -> None:
    """Put the names of families, with installed members, into the help of their options."""
    for parameter in parameters:
        if not isinstance(parameter, TyperOption | TyperArgument):
            continue
        text = parameter.help or ""
        for place, names in NAMES.items():
            if place in text:
                text = text.replace(place, ", ".join(names()))
                parameter.help = text
