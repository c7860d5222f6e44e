"""specrob plot."""

from typing import Annotated

import typer

from specrob.commands import options
from specrob.commands.console import Pipe

Artifacts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ARTIFACT",
        help="One or several of a kind, overlaid; stdin without it.",
        show_default=False,
    ),
]
Label = Annotated[
    list[str] | None,
    typer.Option(help="Legend of each artifact, repeatable. (default file names)"),
]


@options.expand
def plot(pipe: Pipe, artifacts: Artifacts = None, label: Label = None) -> None:
    """Draw artifacts of one kind as a figure; PNG, PDF or SVG by the name of the output.

    Example: specrob plot spectrum.npz -o spectrum.png
    """
    from specrob.artifacts import KINDS
    from specrob.commands.console import figure_format, legend
    from specrob.plots import draw, render

    sources = artifacts or ["-"]
    form = figure_format(pipe.output)
    labels = legend(sources, label)
    figure = draw([pipe.read(source, tuple(KINDS)) for source in sources], labels)
    pipe.write_bytes(render(figure, form))
