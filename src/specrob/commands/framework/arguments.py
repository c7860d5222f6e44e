"""Arguments that several commands take beside settings records."""

import sys
from typing import Annotated

import typer

Model = Annotated[
    str,
    typer.Argument(
        metavar="MODEL",
        help="Model file, or one for each seed by NAME-{seed}; stdin without it.",
        show_default=False,
    ),
]
Only = Annotated[
    list[str] | None,
    typer.Option(
        metavar="FILE",
        help="Use only the images that the model of this result classified correctly. Repeatable.",
        show_default=False,
    ),
]
DistancesFile = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Distances from which --span auto takes the span; they may be of another model.",
        show_default=False,
    ),
]

UpperFile = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Critical distances of the same model, images and norm, to stand beside the bounds.",
        show_default=False,
    ),
]

PredictedFile = Annotated[
    str | None,
    typer.Option(
        metavar="FILE",
        help="Say how well margins and norms at each image rank these critical distances of the "
        "same model and images; bounds that stand beside distances are ranked, too.",
        show_default=False,
    ),
]


def importable(arch: str | None) -> None:
    """Let Python find the module of an architecture in the current folder, too."""
    if arch and ":" in arch and "" not in sys.path:
        sys.path.insert(0, "")
