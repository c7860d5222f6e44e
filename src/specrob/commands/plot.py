"""specrob plot."""

from functools import partial

from specrob.commands.old_run import Pipe
from specrob.commands.options import expand
from specrob.commands.options_plots import Artifacts, Drawing


@expand
def plot(pipe: Pipe, how: Drawing, artifacts: Artifacts = None) -> None:
    """Draw artifacts of one kind, or panels of several; PNG, PDF or SVG by the output's name.

    Example: specrob plot spectrum.npz -o spectrum.png
    """
    from specrob.artifacts.file_names import suffix_of
    from specrob.plots import SUFFIXES, draw, labels_of, render
    from specrob.plots.compose import compose
    from specrob.plots.layout import open_layout
    from specrob.quantities.relate import relate

    how.check(artifacts)
    suffix, sources = suffix_of(pipe.output, SUFFIXES, "a figure"), artifacts or ["-"]
    if how.layout is not None:
        figure = compose(open_layout(how.layout, how.root), pipe.read_all, relate)
    else:
        related = how.relate and partial(relate, how.relate)
        labels = labels_of(sources, how.label)
        files = pipe.read_all(sources)
        figure = draw(files, labels, relate=related, part=how.part, mixed=how.mixed)
    pipe.write_bytes(render(figure, suffix.removeprefix(".")))
