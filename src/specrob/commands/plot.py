"""specrob plot."""

from typing import Annotated

import typer

from specrob.commands.framework.command import command
from specrob.commands.framework.pipe import Pipe
from specrob.settings.plots import PlotSettings

Artifacts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ARTIFACT",
        help="One or several files of a kind, overlaid, or seeds NAME-{seed}; stdin without it.",
        show_default=False,
    ),
]


@command
def plot(settings: PlotSettings, pipe: Pipe, artifacts: Artifacts = None) -> None:
    """Draw artifacts of one kind, or panels of several; PNG, PDF or SVG by the output's name.

    Example: specrob plot spectrum.npz -o spectrum.png
    """
    from specrob.artifacts.file_names import suffix_of
    from specrob.plots import SUFFIXES, draw, labels_of, render
    from specrob.plots.compose import compose
    from specrob.plots.layout import read_layout

    settings.check_files(artifacts or ())
    suffix, sources = suffix_of(pipe.output, SUFFIXES, "a figure"), artifacts or ["-"]
    if settings.layout is not None:
        figure = compose(read_layout(settings.layout, settings.root), pipe.read_all, settings)
    else:
        groups = pipe.read_all(sources)
        labels = labels_of(sources, () if settings.relate else settings.label, groups)
        figure = draw(groups, labels, settings, settings)
    pipe.write_bytes(render(figure, suffix.removeprefix(".")))
