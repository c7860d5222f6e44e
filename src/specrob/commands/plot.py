"""specrob plot."""

from typing import Annotated

import typer

from specrob.commands.console import Pipe
from specrob.commands.options import expand

Artifacts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ARTIFACT",
        help="One or several of a kind, overlaid, or members NAME-{seed}; stdin without it.",
        show_default=False,
    ),
]
Label = Annotated[
    list[str] | None,
    typer.Option(help="Legend of each artifact, repeatable. (default file names)"),
]


Mixed = Annotated[bool, typer.Option("--mixed", help="Overlay attacks on different images.")]


@expand
def plot(
    pipe: Pipe, artifacts: Artifacts = None, label: Label = None, mixed: Mixed = False
) -> None:
    """Draw artifacts of one kind as a figure; PNG, PDF or SVG by the output's name.

    Example: specrob plot spectrum.npz -o spectrum.png
    """
    from specrob.plots import draw, format_of, legend, render

    sources = artifacts or ["-"]
    form, labels = format_of(pipe.output), legend(sources, label)
    pipe.write_bytes(render(draw(pipe.read_all(sources), labels, mixed=mixed), form))
