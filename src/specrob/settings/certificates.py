"""How lower bounds of critical distances are proved."""

from dataclasses import dataclass
from typing import Annotated, Literal

from specrob import grammar
from specrob.settings.attack import Norm
from specrob.settings.flag import Flag, Settings

Rounding = Literal["independent", "worst"]


@dataclass(frozen=True)
class CertificateSettings(Settings):
    """The norm and bounds of perturbations, and how finely radii are searched."""

    norm: Annotated[Norm, Flag("Norm of the perturbations.")] = "l2"
    bounds: Annotated[
        str,
        Flag(
            "Range of perturbed pixels; none proves distances for every range, a range gives "
            "larger ones and takes longer.",
            metavar="none|valid|LO:HI",
        ),
    ] = "none"
    steps: Annotated[
        int,
        Flag("Steps that improve the linear bounds at every radius.", low=0),
    ] = 2
    rounding: Annotated[
        Rounding,
        Flag(
            "How round-off of float32, in which labels are predicted, adds up: as independent "
            "errors, an estimate that a label escapes with a probability below 1e-12, or as in "
            "the worst case, a bound."
        ),
    ] = "independent"
    radii: Annotated[int, Flag("Radii tried for an image, at most.", low=2)] = 10
    tolerance: Annotated[
        float,
        Flag("Relative tolerance of the radius.", metavar="X", parse=grammar.parse_tolerance),
    ] = 0.002
