"""specrob fit-alpha."""

from typing import Annotated, Literal

import typer

from specrob.commands import options, parse
from specrob.commands.console import Pipe


class Ranks(tuple):
    """What `parse.ranks` returns."""


Spectrum = Annotated[
    str, typer.Argument(metavar="SPECTRUM", help="Stdin without it.", show_default=False)
]
Range = Annotated[
    Ranks | None,
    typer.Option(
        "--range",
        parser=parse.checked(parse.ranks),
        metavar="FIRST:LAST",
        help="Ranks to fit, 1-based, both included. (default 10 to 500 or the rank)",
        show_default=False,
    ),
]
NoiseRange = Annotated[
    Ranks | None,
    typer.Option(
        parser=parse.checked(parse.ranks),
        metavar="FIRST:LAST",
        help="The same for noise. (default 10 to 100 or the rank)",
        show_default=False,
    ),
]
Weighting = Annotated[Literal["none", "1/n"], typer.Option(help="1/n: every decade counts alike.")]


@options.expand
def fit_alpha(
    pipe: Pipe,
    spectrum: Spectrum = "-",
    ranks: Range = None,
    noise_range: NoiseRange = None,
    weighting: Weighting = "none",
) -> None:
    """Fit the power-law exponent of each spectrum, and measure its dimensions.

    alpha is the exponent of the ranks; that of the density of eigenvalues is
    1 + 1/alpha.

    Example: specrob fit-alpha spectrum.npz --range 3:15
    """
    pipe.begin("power-law")
    from specrob.artifacts import Artifact
    from specrob.experiments.exponents import fit_spectra

    read = pipe.read(spectrum, "spectrum")
    fits = fit_spectra(read, window=ranks, noise_window=noise_range, weighting=weighting)
    pipe.finish(Artifact.of("power-law", fits))
