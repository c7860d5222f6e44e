"""What attacks take, in groups; field names are those of the library's records."""

from dataclasses import dataclass
from typing import Annotated, Literal

import typer

from specrob import grammar
from specrob.commands import parse
from specrob.commands.options_measures import parsed
from specrob.errors import UsageError

Method = Annotated[
    Literal["random", "fgsm", "pgd", "minimal", "noise"],
    typer.Option(help="How images are perturbed; noise: eps is the std of each pixel."),
]
SearchMethod = Annotated[
    Literal["random", "fgsm", "pgd", "minimal"],
    typer.Option(help="How images are perturbed; minimal: no budget, the nearest that fools."),
]
Eps = Annotated[
    str,
    typer.Option(
        parser=parse.checked(grammar.parse_radii),
        metavar="EPS,...|log:LO:HI:N",
        help="Radii in the attacked space; 8/255 is understood.",
    ),
]


@dataclass(frozen=True)
class SearchOptions:
    """How far, and how finely, a critical distance is sought."""

    max_eps: Annotated[
        float | None,
        parsed(
            grammar.parse_positive, "X", "Highest radius tried. (default 10 median image norms)"
        ),
    ] = None
    tolerance: Annotated[
        float,
        typer.Option(
            parser=parse.checked(grammar.parse_tolerance),
            metavar="X",
            help="Of the radius, relative.",
        ),
    ] = 0.01


@dataclass(frozen=True)
class OverOptions:
    """Accuracy over radii, which follows from distances."""

    curve: Annotated[
        str | None,
        typer.Option(
            metavar="FILE",
            help="Write accuracy over --eps too; an image is fooled from its distance on.",
            show_default=False,
        ),
    ] = None
    eps: Annotated[
        str | None,
        typer.Option(
            parser=parse.checked(grammar.parse_radii),
            metavar="EPS,...|log:LO:HI:N",
            help="Radii of --curve. (default log:1e-3:1:20)",
            show_default=False,
        ),
    ] = None

    def radii(self) -> tuple[float, ...]:
        """Return the radii of the curve, none where there is none."""
        if self.eps and not self.curve:
            raise UsageError("--eps: expected with --curve FILE; add it, or use specrob attack")
        return tuple(self.eps or grammar.parse_radii("log:1e-3:1:20")) if self.curve else ()


@dataclass(frozen=True)
class CurveOptions:
    """What is made of a curve beside its numbers."""

    curve: Annotated[
        Literal["pointwise", "monotone"],
        typer.Option(help="Fooled at eps, or at any eps up to it, from critical distances."),
    ] = "pointwise"
    save: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Keep the perturbed images too.", show_default=False),
    ] = None
    levels: Annotated[
        int | None,
        typer.Option(
            min=2,
            callback=parse.finite,
            help="Values that a perturbed pixel may have: 256 as in a file.",
        ),
    ] = None


@dataclass(frozen=True)
class AttackOptions:
    """What any attack takes."""

    norm: Annotated[
        Literal["l2", "linf"] | None,
        typer.Option(help="Of eps; default linf for fgsm and pgd, else l2.", show_default=False),
    ] = None
    bounds: Annotated[
        str,
        typer.Option(
            metavar="valid|none|LO:HI",
            help="Where perturbed pixels may lie; valid: where images can.",
        ),
    ] = "valid"
    loss: Annotated[
        Literal["ce", "margin"],
        typer.Option(help="What gradients climb: cross entropy, or logits alone."),
    ] = "ce"
    precision: Annotated[
        Literal["float32", "bfloat16"],
        typer.Option(help="Of the products behind gradients; labels are float32 in any case."),
    ] = "float32"


@dataclass(frozen=True)
class PgdOptions:
    """How projected gradient descent steps; None is its default."""

    steps: Annotated[
        int | None, typer.Option(min=1, callback=parse.finite, help="Default 10; of minimal 50.")
    ] = None
    step_size: Annotated[
        str | None,
        parsed(
            grammar.parse_step,
            "X|Xabs",
            "Share of eps, or absolute with abs. (default 2.5 / steps)",
        ),
    ] = None
    step: Annotated[
        Literal["sign", "unit", "raw"] | None,
        typer.Option(help="What becomes of the gradient. (default the steepest direction)"),
    ] = None
    random_start: Annotated[
        bool | None,
        typer.Option("--random-start", help="Start anywhere in the ball.", show_default=False),
    ] = None
    restarts: Annotated[
        int | None,
        typer.Option(min=1, callback=parse.finite, help="Random starts; the worst is kept."),
    ] = None
    project: Annotated[
        bool | None,
        typer.Option("--project/--no-project", help="Stay in the ball.", show_default=False),
    ] = None
