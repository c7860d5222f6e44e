"""What a kind of figure is: the record that a row of `specrob.registry.FIGURES` names."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from matplotlib.figure import Figure, SubFigure

from specrob.plots.legend import Panel
from specrob.plots.series import Series
from specrob.plots.style import Engine

Canvas = Figure | SubFigure
Size = tuple[float, float]  # width and height, inches
MOST = 7  # as many as there are colours


@dataclass(frozen=True)
class FigureKind:
    """How artifacts of one kind are drawn: alone, as a panel of a layout, and in reports.

    Parameters
    ----------
    title : str
        Heading in reports.
    draw : callable (canvas, series, part) -> Panel
        Draws on a figure or on a part of one.
    size : callable (series, part) -> Size
        What the panel needs where it stands alone.
    parts : sequence of str
        What can be chosen of what the artifacts hold.
    averages : bool
        Whether several seeds of one network can be drawn as mean and spread.
    layout : {"constrained", "compressed"}
        Compressed is for axes of a fixed aspect.
    most : int
        Largest number of artifacts in one figure of a report.
    agree : sequence of str
        Facts and arrays that are the same for all artifacts in one figure of a report.
    """

    title: str
    draw: Callable[[Canvas, Sequence[Series], str | None], Panel]
    size: Callable[[Sequence[Series], str | None], Size]
    parts: Sequence[str] = ()
    averages: bool = False
    layout: Engine = "constrained"
    most: int = MOST
    agree: Sequence[str] = ()
