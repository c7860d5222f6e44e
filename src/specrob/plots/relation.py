"""Two quantities of networks against each other: a point for each network.

As Fig. 6 of arXiv:2405.00679.
"""

from collections.abc import Sequence

import numpy as np

from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size

POINT: style.Look = {"linestyle": "none", "markersize": 5.5, "zorder": 3}
BAR: style.Look = {"fmt": "none", "elinewidth": 0.8, "capsize": 1.8, "capthick": 0.8, "zorder": 2}


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    return style.SINGLE, 2.6


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw a point for every network or seed, with its interval where one is known."""
    axes = canvas.subplots()
    entries = []
    relations = [(one, one.relation) for one in series if one.relation is not None]
    for one, relation in relations:
        points = np.array(relation.points, float)  # (points, 2 axes, 3)
        value, ends = points[..., 0], points[..., 1:]
        ends = np.where(np.isfinite(ends), ends, points[..., :1])  # where one is not known
        (x, y), (dx, dy) = ends.mean(-1).T, np.ptp(ends, axis=-1).T / 2
        look = {k: v for k, v in one.look.items() if k != "linestyle"} | POINT
        axes.errorbar(x, value[:, 1], xerr=dx, color=look["color"], **BAR)
        axes.errorbar(value[:, 0], y, yerr=dy, color=look["color"], **BAR)
        axes.plot(*value.T, **look)
        entries.append(Entry(one.label, look))
    for _, relation in relations[:1]:
        axes.set(xlabel=relation.x, ylabel=relation.y)
    axes.grid()
    axes.margins(0.08)
    return Panel([axes], entries)


FIGURE = FigureKind("Two quantities of networks", draw, size)
