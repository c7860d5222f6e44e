"""Settings of power-law fits: the ranks, their weights, and the layers."""

from dataclasses import dataclass
from typing import Annotated, Literal

from specrob import grammar
from specrob.settings.flag import Flag, Settings

Weighting = Literal["none", "1/n"]
FIRST_RANK, LAST_RANK, LAST_NOISE_RANK = 10, 500, 100  # of a fit where none are given


def number_or_file(text: str) -> float | str:
    """Return the number, or the name of a file.

    >>> number_or_file("8"), number_or_file("8.5"), number_or_file("d.json")
    (8, 8.5, 'd.json')
    """
    value = grammar.parse_scalar(text)
    return text if isinstance(value, bool | str) else value


@dataclass(frozen=True)
class PowerLawSettings(Settings):
    """How exponents are fitted."""

    window: Annotated[
        tuple[int, int] | None,
        Flag(
            f"First and last rank of the fit, from 1, both included. (default: {FIRST_RANK} to "
            f"{LAST_RANK}, or to half of the rank)",
            name="--range",
            metavar="FIRST:LAST",
            parse=grammar.parse_ranks,
        ),
    ] = None
    noise_window: Annotated[
        tuple[int, int] | None,
        Flag(
            f"First and last rank of the fit of noise spectra. (default: {FIRST_RANK} to "
            f"{LAST_NOISE_RANK}, or to half of the rank)",
            name="--noise-range",
            metavar="FIRST:LAST",
            parse=grammar.parse_ranks,
        ),
    ] = None
    skip_short: Annotated[
        bool,
        Flag(
            "Report a spectrum with fewer eigenvalues than the range without an exponent, and "
            "the reason, instead of stopping."
        ),
    ] = False
    weighting: Annotated[Weighting, Flag("Weight of each rank; 1/n weights decades equally.")] = (
        "none"
    )
    layer: Annotated[
        tuple[str, ...],
        Flag(
            "Fit only the spectra of this layer; repeatable. (default: all)",
            metavar="NAME",
            offers_layers=True,
            repeat=True,
        ),
    ] = ()
    dimension: Annotated[
        float | str | None,
        Flag(
            "Dimension d of the stimuli, for the bound 1 + 2/d, or the result of `specrob "
            "dimension` on the images. (default: K of the transform pca:K)",
            metavar="D|FILE",
            parse=number_or_file,
            low=1,
        ),
    ] = None
    maps: Annotated[
        bool, Flag("Also fit every range, as a map over first and last rank.", name="--map")
    ] = False
