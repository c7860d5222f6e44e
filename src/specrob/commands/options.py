"""Every shared option, written once; its default is written where it is used."""

from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any, Literal, get_type_hints

import typer

from specrob.commands import parse
from specrob.commands.arguments import importable as importable

SOURCES = ("digits", "mnist", "fashion-mnist", "cifar10", "cifar100", "svhn")
ARCHITECTURES = ("shlp", "mlp", "cnn-b", "cnn-d", "linear", "hybrid", "kh", "local")


def complete(known: tuple[str, ...], suffix: str = "") -> Any:
    """Return a completer that offers the known words that begin like the typed one."""
    return lambda incomplete: [word + suffix for word in known if word.startswith(incomplete)]


IMAGES, RUN = "Images", "Run"

Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Write here; - is stdout.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary.")]
Arch = Annotated[
    str | None,
    typer.Option(
        parser=parse.checked(parse.known_name("an architecture", ARCHITECTURES)),
        metavar="NAME[,KEY=VALUE]",
        help="Architecture of raw weights, or package.module:factory.",
        callback=importable,
        show_default=False,
        autocompletion=complete(ARCHITECTURES),
    ),
]


@dataclass(frozen=True)
class WeightOptions:
    """What network weights are of, where MODEL does not say, and where they are."""

    arch: Arch = None
    weights: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|FILE|initial",
            help="In place of MODEL: pretrained by name, raw in a file, or drawn by --seed.",
            show_default=False,
        ),
    ] = None


@dataclass(frozen=True)
class ImageOptions:
    """Which images, and what is done to them."""

    data: Annotated[
        str | None,
        typer.Option(
            metavar="NAME|PATH",
            help="Images: a name, an NPZ, a folder, noise:CxHxW; default the model's, or digits.",
            autocompletion=complete(SOURCES),
            show_default=False,
            rich_help_panel=IMAGES,
        ),
    ] = None
    data_root: Annotated[
        str | None,
        typer.Option(
            metavar="DIR",
            help="Where named sets lie. (default data)",
            show_default=False,
            rich_help_panel=IMAGES,
        ),
    ] = None
    download: Annotated[
        bool,
        typer.Option("--download", help="Fetch a named set.", rich_help_panel=IMAGES),
    ] = False
    split: Annotated[
        Literal["train", "test"] | None,
        typer.Option(
            help="Default train for training, test for measures.",
            show_default=False,
            rich_help_panel=IMAGES,
        ),
    ] = None
    normalize: Annotated[
        str | None,
        typer.Option(
            metavar="none|lP|standard",
            help="Each image by its own p-norm, or channels; default the model's.",
            autocompletion=complete(("none", "l2", "l3", "standard")),
            show_default=False,
            rich_help_panel=IMAGES,
        ),
    ] = None
    limit: Annotated[
        int | None,
        typer.Option(min=1, help="Only the first N images.", rich_help_panel=IMAGES),
    ] = None
    resize: Annotated[
        int | None,
        typer.Option(
            min=1,
            max=9999,
            metavar="N",
            help="Shorter side to N pixels, then the centred square; default the model's.",
            show_default=False,
            rich_help_panel=IMAGES,
        ),
    ] = None


Seed = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, help="Of every random number.", rich_help_panel=RUN)
]
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"],
    typer.Option(help="Where to compute; auto is the fastest there.", rich_help_panel=RUN),
]
BatchSize = Annotated[
    int | None,
    typer.Option(
        min=1,
        callback=parse.finite,
        help="Images at a time.",
        show_default=False,
        rich_help_panel=RUN,
    ),
]


def expand(function: Any) -> Any:
    """Return the command with each parameter that is a group of options opened into its options.

    Typer sees one flat signature; the function gets its groups. A group with a ``command`` field
    also gets the words of the command line, and is closed in the end, before errors are told.
    """
    hints = get_type_hints(function, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if hasattr(hint, "__dataclass_fields__")}
    flat = []
    for own in signature(function).parameters.values():
        single = own.replace(annotation=hints[own.name], kind=Parameter.KEYWORD_ONLY)
        flat += _parameters(groups[own.name]) if own.name in groups else [single]

    @wraps(function)
    def command(ctx: typer.Context, **values: Any) -> Any:
        for name, group in groups.items():
            own = {p.name: values.pop(p.name) for p in _parameters(group)}
            if "command" in group.__dataclass_fields__:
                own["command"] = tuple(ctx.find_root().obj)
            values[name] = group(**own)
            if hasattr(group, "close"):
                ctx.call_on_close(values[name].close)
        return function(**values)

    context = Parameter("ctx", Parameter.KEYWORD_ONLY, annotation=typer.Context)
    command.__signature__ = signature(function).replace(parameters=[context, *flat])
    command.__annotations__ = {p.name: p.annotation for p in (context, *flat)}
    return command


def _parameters(group: Any) -> list[Parameter]:
    hints = get_type_hints(group, include_extras=True)
    return [
        Parameter(f.name, Parameter.KEYWORD_ONLY, default=f.default, annotation=hints[f.name])
        for f in fields(group)
        if hasattr(hints[f.name], "__metadata__")
    ]
