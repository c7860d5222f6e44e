"""Commands whose parameters are settings records: each field becomes an option."""

from abc import ABC, abstractmethod
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial, wraps
from inspect import Parameter, signature
from typing import TYPE_CHECKING, Annotated, ClassVar, cast, get_args, get_type_hints

import typer

from specrob.commands.framework.interruptions import as_they_came
from specrob.commands.framework.record_options import option, options_of
from specrob.errors import ShardMeasured
from specrob.settings.flag import Flag, Settings, field_types

if TYPE_CHECKING:
    from specrob.artifacts import Artifact


@dataclass(frozen=True)
class Chosen:
    """An option that chooses a member of a family, with the options of the built-in members.

    Parameters
    ----------
    name : str
        The parameter of the option itself.
    build : callable (text, **options) -> record
    records : tuple of type
        Built-in members whose fields are options of the command.
    """

    name: str
    flag: Flag
    default: str
    build: Callable[..., object]
    records: tuple[type[Settings], ...]


class Group(ABC):
    """An object made of settings records and the command line, closed when the command ends."""

    records: ClassVar[tuple[type[Settings], ...]]
    flags: dict[str, str]  # parameter of the command -> its flag
    seed_file: str  # that a run is of, where MODEL is a name with {seed}
    run_again: Callable[[list[str]], int | None]  # another command line; returns its exit code

    @abstractmethod
    def __init__(self, command: tuple[str, ...], *records: Settings):
        """Take the words of the command line, and a record of each type."""

    @abstractmethod
    def write(self, result: "Artifact") -> None:
        """Write what the command gives."""

    @abstractmethod
    def keep_state(self) -> str | None:
        """Write what a run can be resumed from, and return the file, if there is one."""

    @abstractmethod
    def close(self) -> None:
        """Release resources."""


def command(function: Callable[..., None]) -> Callable[..., None]:
    """Return the command with every settings record among its parameters opened into options.

    Typer sees one flat signature; the function gets records. A field that is not given on the
    command line has the default of the record.
    """
    hints = get_type_hints(function, include_extras=True)
    makers = {name: _maker(hint) for name, hint in hints.items() if name != "return"}
    flat: dict[str, Parameter] = {}
    for parameter in signature(function).parameters.values():
        maker = makers[parameter.name]
        if maker is None:
            hint = hints[parameter.name]
            flat[parameter.name] = parameter.replace(annotation=hint, kind=Parameter.KEYWORD_ONLY)
        else:
            flat.update({p.name: p for p in maker.parameters if p.name not in flat})

    @wraps(function)
    def run(ctx: typer.Context, **values: object) -> None:
        made = {
            name: values[name] if maker is None else maker.make(ctx, values)
            for name, maker in makers.items()
        }
        groups = [one for one in made.values() if isinstance(one, Group)]
        try:
            with as_they_came():
                function(**made)
        except ShardMeasured as shard:
            groups[0].write(cast("Artifact", shard.state))
        except KeyboardInterrupt as stop:
            for file in filter(None, (group.keep_state() for group in groups)):
                stop.add_note(f"go on with `resume` {file}")
            raise
        for group in groups:  # what is done is not begun again
            group.keep_state()

    context = Parameter("ctx", Parameter.KEYWORD_ONLY, annotation=typer.Context)
    flat_parameters = [context, *flat.values()]
    run.__signature__ = signature(function).replace(parameters=flat_parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in flat_parameters}
    return run


@dataclass(frozen=True)
class _Maker:
    """The options of one parameter, and how its value is made of what was given."""

    parameters: list[Parameter]
    make: Callable[[typer.Context, dict[str, object]], object]


def _maker(hint: object) -> _Maker | None:
    """Return how a parameter of a command is made, or None if Typer makes it."""
    chosen = next((m for m in getattr(hint, "__metadata__", ()) if isinstance(m, Chosen)), None)
    if chosen is not None:
        return _chosen_maker(chosen)
    if not isinstance(hint, type):
        return None
    if issubclass(hint, Group):
        parameters = [p for record in hint.records for p in options_of(record)]
        return _Maker(parameters, lambda ctx, values: _group(hint, ctx, values))
    if issubclass(hint, Settings):
        return _Maker(options_of(hint), lambda ctx, values: _record(hint, values))
    return None


def _record(record: type[Settings], values: dict[str, object]) -> Settings:
    """Return a record of the fields that were given on the command line."""
    given = {name: values.get(name) for name in field_types(record)}
    changed = {
        name: tuple(value) if isinstance(value, list) else value
        for name, value in given.items()
        if value is not None and value != []
    }
    return record(**changed)


def _group(group: type[Group], ctx: typer.Context, values: dict[str, object]) -> object:
    made = group(tuple(ctx.find_root().obj), *(_record(r, values) for r in group.records))
    made.seed_file = ctx.find_root().meta.get("seed_file", "")
    made.flags = {str(p.name): p.opts[0] for p in ctx.command.params if p.opts}
    root = ctx.find_root().command
    made.run_again = partial(root.main, prog_name="specrob", standalone_mode=False)
    ctx.call_on_close(made.close)
    return made


def _chosen_maker(chosen: Chosen) -> _Maker:
    choice = option(chosen.name, str, chosen.flag, chosen.default)
    options = {
        p.name: p.replace(default=None, annotation=_optional(p.annotation, p.default))
        for record in reversed(chosen.records)
        for p in options_of(record)
    }

    def make(ctx: typer.Context, values: dict[str, object]) -> object:
        given = {name: values[name] for name in options if values[name] is not None}
        return chosen.build(values[chosen.name] or chosen.default, **given)

    return _Maker([choice, *options.values()], make)


def _optional(annotation: object, default: object) -> object:
    """Return the annotation of an option that need not be given, since members differ in it."""
    hint, info = get_args(annotation)
    if isinstance(default, int | float) and not isinstance(default, bool):
        info.show_default = False if "default:" in info.help else f"{default:g}"
    return Annotated[hint | None, info]
