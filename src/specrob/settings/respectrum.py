"""Which exponent the input of a read-out is given."""

from dataclasses import dataclass
from typing import Annotated

from specrob import grammar
from specrob.settings.flag import Flag, Settings
from specrob.settings.images import RawArchitecture


@dataclass(frozen=True)
class RespectrumSettings(Settings):
    """The exponent that the covariance of the penultimate layer is given."""

    alpha: Annotated[
        float,
        Flag("Exponent to give.", metavar="A", parse=grammar.parse_not_negative, low=0, high=10),
    ] = 1.0
    arch: RawArchitecture = None
