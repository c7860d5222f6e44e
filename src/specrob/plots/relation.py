"""Two quantities of networks against each other: a point a network, as A's Fig. 6 and D's Fig. 8.

The artifact of a network has as `x` and `y` the `name` of a quantity, with the facts of the
attack behind it, and as `points` pairs of [value, low, high]; several points are its members.
No file holds it: it is made to be drawn.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.figure import Figure, SubFigure

from specrob.plots import style
from specrob.plots.legend import Drawn, Entry
from specrob.plots.reading import attack_name
from specrob.plots.series import Series

PARTS = ()
POINT = {"linestyle": "none", "markersize": 5.5, "zorder": 3}
BAR = {"fmt": "none", "elinewidth": 0.8, "capsize": 1.8, "capthick": 0.8, "zorder": 2}


def size(series: Sequence[Series], part: str | None) -> tuple[float, float]:
    """Return width and height where the panel stands alone, inches."""
    return style.SINGLE, 2.6


def draw(canvas: Figure | SubFigure, series: Sequence[Series], part: str | None = None) -> Drawn:
    """Draw a point for every network or member, with its interval where one is known."""
    axes = canvas.subplots()
    entries = []
    for one in series:
        points = np.array(one.artifact.fields["points"], float)  # (points, 2 axes, 3)
        value, ends = points[..., 0], points[..., 1:]
        ends = np.where(np.isfinite(ends), ends, points[..., :1])  # where one is not known
        (x, y), (dx, dy) = ends.mean(-1).T, np.ptp(ends, axis=-1).T / 2
        look = {k: v for k, v in one.look.items() if k != "linestyle"} | POINT
        bar = {"color": look["color"], **BAR}
        axes.errorbar(x, value[:, 1], xerr=dx, **bar)
        axes.errorbar(value[:, 0], y, yerr=dy, **bar)
        axes.plot(*value.T, **look)
        entries.append(Entry.of(one.label, **look))
    first = series[0].artifact.fields
    axes.set(xlabel=_said(first["x"]), ylabel=_said(first["y"]))
    axes.grid()
    axes.margins(0.08)
    return Drawn([axes], entries)


def _said(quantity: Mapping[str, Any]) -> str:
    """Return what an axis says of a quantity."""
    if "method" not in quantity:
        return quantity["name"]
    return f"{quantity['name']} ({', '.join(filter(None, attack_name(quantity)))})"
