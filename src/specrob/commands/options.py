"""Every shared option, written once; its default is written where it is used."""

from dataclasses import dataclass, fields
from functools import wraps
from inspect import Parameter, signature
from typing import Annotated, Any, Literal, get_type_hints

import typer

from specrob.commands import parse

SOURCES = ("digits", "mnist", "fashion-mnist", "cifar10", "cifar100", "svhn")
ARCHITECTURES = ("shlp", "linear", "hybrid", "kh")
PENALTIES = ("l2",)


class Radii(tuple):
    """What `parse.radii` returns."""


class Counts(tuple):
    """What `parse.counts` returns."""


class Step(tuple):
    """What `parse.step` returns."""


def complete(known: tuple[str, ...], suffix: str = "") -> Any:
    """Return a completer that offers the known words that begin like the typed one."""
    return lambda incomplete: [word + suffix for word in known if word.startswith(incomplete)]


LEARN, IMAGES, RUN = "Learning", "Images", "Run"

Output = Annotated[
    str, typer.Option("--output", "-o", metavar="FILE", help="Write here; - is stdout.")
]
Quiet = Annotated[bool, typer.Option("--quiet", "-q", help="No progress, no summary.")]
Model = Annotated[
    str,
    typer.Argument(metavar="MODEL", help="Model file; stdin without it.", show_default=False),
]
Arch = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[,KEY=VALUE]",
        help="Architecture of raw weights, or package.module:factory.",
        autocompletion=complete(ARCHITECTURES),
    ),
]
Method = Annotated[
    Literal["random", "fgsm", "pgd", "noise"],
    typer.Option(help="How images are perturbed; noise: eps is the std of each pixel."),
]
RayMethod = Annotated[
    Literal["random", "fgsm", "pgd"], typer.Option(help="How images are perturbed.")
]
Norm = Annotated[
    Literal["l2", "linf"] | None,
    typer.Option(help="Of eps; default linf for fgsm and pgd, else l2.", show_default=False),
]
Eps = Annotated[
    Radii,
    typer.Option(
        parser=parse.checked(parse.radii),
        metavar="EPS,...|log:LO:HI:N",
        help="Radii in the attacked space; 8/255 is understood.",
    ),
]
Bounds = Annotated[
    str,
    typer.Option(
        metavar="valid|none|LO:HI",
        help="Where perturbed pixels may lie; valid: where images can.",
    ),
]
Loss = Annotated[
    Literal["ce", "margin"],
    typer.Option(help="What gradients climb: cross entropy, or logits alone."),
]
Layers = Annotated[
    list[str] | None,
    typer.Option("--layer", help="Layer, repeatable; default the papers'.", show_default=False),
]


@dataclass(frozen=True)
class PgdOptions:
    """How projected gradient descent steps."""

    steps: Annotated[
        int | None,
        typer.Option(min=1, help="PGD steps. (default 10)", show_default=False),
    ] = None
    step_size: Annotated[
        Step | None,
        typer.Option(
            parser=parse.checked(parse.step),
            metavar="X|Xabs",
            help="Share of eps, or absolute with abs. (default 2.5/steps)",
            show_default=False,
        ),
    ] = None
    step: Annotated[
        Literal["sign", "unit", "raw"] | None,
        typer.Option(
            help="What becomes of the gradient; default the norm's steepest direction.",
            show_default=False,
        ),
    ] = None
    random_start: Annotated[
        bool | None, typer.Option("--random-start", help="Start anywhere in the ball.")
    ] = None
    restarts: Annotated[
        int | None, typer.Option(min=1, help="Runs; the worst is kept.", show_default=False)
    ] = None
    project: Annotated[
        bool | None,
        typer.Option(
            "--project/--no-project", help="On the ball. (default project)", show_default=False
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


Seed = Annotated[
    int, typer.Option(min=0, max=2**32 - 1, help="Of every random number.", rich_help_panel=RUN)
]
Device = Annotated[
    Literal["auto", "cpu", "cuda", "mps"],
    typer.Option(help="Where to compute; auto is the fastest there.", rich_help_panel=RUN),
]
BatchSize = Annotated[
    int | None,
    typer.Option(min=1, help="Images at a time.", show_default=False, rich_help_panel=RUN),
]


def expand(function: Any) -> Any:
    """Return the command with each parameter that is a group of options opened into its options.

    Typer sees one flat signature; the function gets its groups. A group with a ``command`` field
    also gets the words of the command line.
    """
    hints = get_type_hints(function, include_extras=True)
    groups = {name: hint for name, hint in hints.items() if hasattr(hint, "__dataclass_fields__")}
    flat = [p for p in signature(function).parameters.values() if p.name not in groups]
    flat = [p.replace(annotation=hints[p.name], kind=Parameter.KEYWORD_ONLY) for p in flat]
    flat += [p for group in groups.values() for p in _parameters(group)]

    @wraps(function)
    def command(ctx: typer.Context, **values: Any) -> Any:
        for name, group in groups.items():
            own = {p.name: values.pop(p.name) for p in _parameters(group)}
            if "command" in group.__dataclass_fields__:
                own["command"] = tuple(ctx.find_root().obj)
            values[name] = group(**own)
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
