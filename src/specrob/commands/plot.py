"""specrob plot."""

from functools import partial

from specrob.commands.console import Pipe
from specrob.commands.options import expand
from specrob.commands.options_plots import Artifacts, Drawing


@expand
def plot(pipe: Pipe, how: Drawing, artifacts: Artifacts = None) -> None:
    """Draw artifacts of one kind, or panels of several; PNG, PDF or SVG by the output's name.

    Example: specrob plot spectrum.npz -o spectrum.png
    """
    from specrob.artifacts.names import suffix_of
    from specrob.experiments.relations import relate
    from specrob.plots import SUFFIXES, draw, legend, render
    from specrob.plots.compose import compose
    from specrob.plots.layout import open_layout

    how.check(artifacts)
    suffix, sources = suffix_of(pipe.output, SUFFIXES, "a figure"), artifacts or ["-"]
    if how.layout is not None:
        figure = compose(open_layout(how.layout, how.root), pipe.read_all, relate)
    else:
        related = how.relate and partial(relate, how.relate)
        labels = legend(sources, how.label)
        files = pipe.read_all(sources)
        figure = draw(files, labels, relate=related, part=how.part, mixed=how.mixed)
    pipe.write_bytes(render(figure, suffix.removeprefix(".")))
