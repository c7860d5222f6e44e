"""What measuring commands take, in groups; field names are those of the library's records."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import typer

from specrob import grammar
from specrob.commands import parse
from specrob.commands.options import complete


def parsed(parser: Any, metavar: str, what: str) -> Any:
    """Return the settings of an option whose words are parsed; Typer passes on what comes back."""
    how = {"parser": parse.checked(parser), "metavar": metavar}
    return typer.Option(help=what, show_default=False, **how)


@dataclass(frozen=True)
class SpectrumOptions:
    """Which spectra are measured."""

    layer: Annotated[
        list[str] | None,
        typer.Option(help="Layer, repeatable; default the papers'.", show_default=False),
    ] = None
    sizes: Annotated[
        str | None,
        parsed(
            grammar.parse_counts,
            "N,...",
            "Numbers of first units; for images, of pixels in a centred square.",
        ),
    ] = None
    noise: Annotated[
        bool, typer.Option("--noise", help="Measure as many white-noise images too.")
    ] = False
    noise_std: Annotated[
        float,
        typer.Option(
            parser=parse.checked(grammar.parse_positive), metavar="X", help="Of a pixel."
        ),
    ] = 1.0
    noise_mean: Annotated[float, typer.Option(callback=parse.finite, help="Of a pixel.")] = 0.0
    bootstrap: Annotated[
        int, typer.Option(min=0, max=10_000, help="Resample the images so often, for intervals.")
    ] = 0
    cv: Annotated[bool, typer.Option("--cv", help="cvPCA of responses x (2, images, units).")] = (
        False
    )


@dataclass(frozen=True)
class InputOptions:
    """What is done to the pixels before a network's own normalization."""

    transform: Annotated[
        list[str] | None,
        parsed(
            parse.transform,
            "noise:STD|pca:K|zca[:EPS]",
            "Of the images, repeatable, in order; bases from the train split.",
        ),
    ] = None


@dataclass(frozen=True)
class FitOptions:
    """How exponents are fitted."""

    window: Annotated[
        str | None,
        typer.Option(
            "--range",
            parser=parse.checked(grammar.parse_ranks),
            metavar="FIRST:LAST",
            help="Ranks to fit, from 1, both included. (default 10 to 500 or half of the rank)",
            show_default=False,
        ),
    ] = None
    noise_window: Annotated[
        str | None,
        typer.Option(
            "--noise-range",
            parser=parse.checked(grammar.parse_ranks),
            metavar="FIRST:LAST",
            help="The same for noise. (default 10 to 100 or half of the rank)",
            show_default=False,
        ),
    ] = None
    weighting: Annotated[
        Literal["none", "1/n"], typer.Option(help="1/n: every decade counts alike.")
    ] = "none"
    dimension: Annotated[
        int | None,
        typer.Option(
            min=1,
            callback=parse.finite,
            help="Of the stimuli d, for the bound 1 + 2/d; default that of pca:d.",
            show_default=False,
        ),
    ] = None
    maps: Annotated[
        bool, typer.Option("--map", help="Also alpha for every range, (n_min, n_max).")
    ] = False


@dataclass(frozen=True)
class SensitivityOptions:
    """Which eigenvalues are differentiated, and by the pixels of which images."""

    ranks: Annotated[
        str | None,
        parsed(
            grammar.parse_counts,
            "N,...",
            "Ranks of the eigenvalues. (default 1,10,100 as far as they go)",
        ),
    ] = None
    layer: Annotated[str | None, typer.Option(help="Default the papers'.", show_default=False)] = (
        None
    )
    index: Annotated[
        str,
        typer.Option(
            parser=parse.checked(grammar.parse_positions),
            metavar="I,...",
            help="Of the images in their split.",
        ),
    ] = "0,1,2,3"


@dataclass(frozen=True)
class SmoothnessOptions:
    """Whose Jacobians are measured."""

    layer: Annotated[
        list[str] | None,
        typer.Option(
            metavar="LAYER",
            help="Whose Jacobian norms, repeatable: latent, hidden, logits. "
            "(default latent if there is one)",
            autocompletion=complete(("latent", "hidden", "logits")),
            show_default=False,
        ),
    ] = None


@dataclass(frozen=True)
class LandscapeOptions:
    """Which plane is mapped."""

    index: Annotated[
        int | None,
        typer.Option(min=0, help="Of the image in its split. (default the first there is)"),
    ] = None
    span: Annotated[
        float | None,
        parsed(
            grammar.parse_positive,
            "X",
            "Reach of the plane. (default 20 for l3, else 5.4 image norms)",
        ),
    ] = None
    points: Annotated[int, typer.Option(min=1, callback=parse.finite, help="A side.")] = 100
    of: Annotated[
        str | None,
        typer.Option(
            metavar="LAYER",
            help="Whose Jacobian norm: latent, hidden, logits. (default latent if there is one)",
            autocompletion=complete(("latent", "hidden", "logits")),
            show_default=False,
        ),
    ] = None
