"""What measuring commands take, in groups; field names are those of the library's records."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import typer

from specrob import grammar
from specrob.commands import parse


def parsed(parser: Any, metavar: str, what: str) -> Any:
    """Return the settings of an option whose words are parsed; Typer passes on what comes back."""
    how = {"parser": parse.checked(parser), "metavar": metavar}
    return typer.Option(help=what, show_default=False, **how)


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
