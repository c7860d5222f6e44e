"""Commands whose parameters are settings records: each field becomes an option."""

from collections.abc import Callable
from dataclasses import MISSING, dataclass, fields, is_dataclass
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any, Literal, Protocol, get_args, get_origin, get_type_hints

import typer

from specrob.errors import UsageError
from specrob.registry import ARCHITECTURES, ATTACKS, PENALTIES, RULES
from specrob.settings.flag import Flag, choices_in, field_types, flags_in

# what stands in braces in help, filled in when a command is looked up
NAMES: dict[str, Callable[[], list[str]]] = {
    "{architectures}": ARCHITECTURES.names,
    "{trainable}": lambda: ARCHITECTURES.names("trainable"),
    "{attacks}": ATTACKS.names,
    "{attacks with a distance}": lambda: ATTACKS.names("distance"),
    "{penalties}": PENALTIES.names,
    "{rules}": RULES.names,
}


@dataclass(frozen=True)
class Chosen:
    """An option that chooses a member of a family, with the options of the built-in members.

    Parameters
    ----------
    name : str
        The option's own parameter.
    flag : Flag
    default : str
    build : callable (text, **options) -> record
    records : tuple of type
        Built-in members whose fields are options of the command.
    """

    name: str
    flag: Flag
    default: str
    build: Callable[..., Any]
    records: tuple[type, ...]


class Group(Protocol):
    """An object made of settings records and the command line, closed when the command ends."""

    records: tuple[type, ...]

    def close(self) -> None:
        """Give back what it holds."""


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Return the command with every settings record among its parameters opened into options.

    Typer sees one flat signature; the function gets records. A field that is not given on the
    command line has the record's own default.
    """
    hints = get_type_hints(function, include_extras=True)
    makers = {name: _maker(hint) for name, hint in hints.items() if name != "return"}
    flat: dict[str, Parameter] = {}
    for own in signature(function).parameters.values():
        maker = makers[own.name]
        if maker is None:
            flat[own.name] = own.replace(annotation=hints[own.name], kind=Parameter.KEYWORD_ONLY)
        else:
            flat.update({p.name: p for p in maker.parameters if p.name not in flat})

    @wraps(function)
    def run(ctx: typer.Context, **values: Any) -> None:
        made = {
            name: values[name] if maker is None else maker.make(ctx, values)
            for name, maker in makers.items()
        }
        function(**made)

    context = Parameter("ctx", Parameter.KEYWORD_ONLY, annotation=typer.Context)
    flat_parameters = [context, *flat.values()]
    run.__signature__ = signature(function).replace(parameters=flat_parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in flat_parameters}
    return run


@dataclass(frozen=True)
class _Maker:
    """The options of one parameter, and how its value is made of what was given."""

    parameters: list[Parameter]
    make: Callable[[typer.Context, dict[str, Any]], Any]


def _maker(hint: Any) -> _Maker | None:
    """Return how a parameter of a command is made, or None where Typer knows it."""
    chosen = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Chosen)), None)
    if chosen is not None:
        return _chosen_maker(chosen)
    if records := getattr(hint, "records", None):
        parameters = [p for record in records for p in options_of(record)]
        return _Maker(parameters, lambda ctx, values: _group(hint, ctx, values))
    if is_dataclass(hint):
        return _Maker(options_of(hint), lambda ctx, values: _record(hint, values))
    return None


def _record(record: Any, values: dict[str, Any]) -> Any:
    return record(**_given(record, values))


def _given(record: type, values: dict[str, Any]) -> dict[str, Any]:
    """Return the fields of a record that were given on the command line."""
    given = {f.name: values.get(f.name) for f in fields(record)}  # type: ignore[arg-type]
    return {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in given.items()
        if value is not None and value != []
    }


def _group(group: Any, ctx: typer.Context, values: dict[str, Any]) -> Any:
    made = group(tuple(ctx.find_root().obj), *(_record(r, values) for r in group.records))
    made.flags = {str(p.name): p.opts[0] for p in ctx.command.params if p.opts}
    ctx.call_on_close(made.close)
    return made


def _chosen_maker(chosen: Chosen) -> _Maker:
    own = _parameter(chosen.name, str, chosen.flag, chosen.default)
    options = {
        p.name: p.replace(default=None, annotation=_optional(p.annotation, p.default))
        for record in reversed(chosen.records)
        for p in options_of(record)
    }

    def make(ctx: typer.Context, values: dict[str, Any]) -> Any:
        given = {name: values[name] for name in options if values[name] is not None}
        return chosen.build(values[chosen.name] or chosen.default, **given)

    return _Maker([own, *options.values()], make)


def _optional(annotation: Any, default: Any) -> Any:
    """Return the annotation of an option that need not be given, since members differ in it."""
    hint, option = get_args(annotation)
    if isinstance(default, int | float) and not isinstance(default, bool):
        option.show_default = False if "default:" in option.help else f"{default:g}"
    return Annotated[hint | None, option]


def options_of(record: type) -> list[Parameter]:
    """Return the options of a record's fields."""
    defaults = {f.name: f.default for f in fields(record)}  # type: ignore[arg-type]
    return [
        _parameter(name, get_args(hint)[0], flag, defaults[name])
        for name, hint in field_types(record).items()
        for flag in flags_in(hint)
    ]


def _parameter(name: str, type_: Any, flag: Flag, default: Any) -> Parameter:
    """Return one option; where Typer's default is None, the record has its own."""
    kind, choices = _plain_type(type_, flag), choices_in(type_)
    simple = isinstance(default, int | float | str)
    names = flag.name.split(",") if flag.name else [f"--{name.replace('_', '-')}"]
    option = typer.Option(
        *names,
        parser=_parser(flag.parse) if flag.parse else None,
        metavar=flag.metavar,
        help=flag.help,
        min=None if kind is str or choices else flag.low,
        max=None if kind is str or choices else flag.high,
        autocompletion=_completer(flag.complete) if flag.complete else None,
        show_default=simple or flag.shown or _shown(default),
        rich_help_panel=flag.panel,
    )
    hint = list[str] if flag.repeat else kind
    return Parameter(
        name,
        Parameter.KEYWORD_ONLY,
        default=default if simple else None,
        annotation=Annotated[hint if simple else hint | None, option],
    )


def _plain_type(type_: Any, flag: Flag) -> Any:
    """Return the type that Typer parses: str where the flag has a parser of its own."""
    if flag.parse or flag.repeat:
        return str
    parts = [part for part in get_args(type_) if part is not type(None)]
    return type_ if get_origin(type_) is Literal or not parts else parts[0]


def _shown(default: Any) -> str | bool:
    """Return what help says of a default; nothing where the text does so itself."""
    if default is None or default is MISSING or default == ():
        return False
    return ",".join(map(str, default))


def _parser(parse: Callable[[str], Any]) -> Callable[[Any], Any]:
    """Return a parser whose message is Typer's, and that passes parsed values on."""

    @wraps(parse)
    def parser(text: Any) -> Any:
        try:
            return parse(text) if isinstance(text, str) else text
        except UsageError as error:
            raise typer.BadParameter(str(error)) from None

    return parser


def _completer(words: Callable[[], list[str]]) -> Callable[[str], list[str]]:
    return lambda incomplete: [word for word in words() if word.startswith(incomplete)]


def fill_help(parameters: list[Any]) -> None:
    """Put the names of families, with installed members, into the help of their options."""
    for parameter in parameters:
        text = getattr(parameter, "help", None) or ""
        for place, names in NAMES.items():
            if place in text:
                text = text.replace(place, ", ".join(names()))
                parameter.help = text
