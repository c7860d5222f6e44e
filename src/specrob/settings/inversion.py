"""How images are found that a network represents as it does others."""

from dataclasses import dataclass
from typing import Annotated, Literal

from specrob.settings.flag import Flag, positive
from specrob.settings.images import WrittenImagesSettings
from specrob.settings.measures import LAYERS

Start = Literal["noise", "other"]


@dataclass(frozen=True)
class InversionSettings(WrittenImagesSettings):
    """Which layer is inverted, from where, and in which steps."""

    layer: Annotated[
        str,
        Flag(
            "Layer whose activations are to be those of the image.",
            complete=lambda: list(LAYERS),
            offers_layers=True,
        ),
    ] = "penultimate"
    start: Annotated[
        Start,
        Flag("Start from another image of the split, drawn for each, or from uniform noise."),
    ] = "other"
    steps: Annotated[int, Flag("Number of gradient steps.", low=1)] = 300
    step_size: Annotated[float, positive("Length of a step in L2.")] = 0.1
