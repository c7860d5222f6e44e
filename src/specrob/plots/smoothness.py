"""Norms of Jacobians and of the first weights, a row for each, networks side by side in it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.radius_axis import set_log_axis
from specrob.plots.seeds import MEAN, check_same
from specrob.results import Smoothness
from specrob.settings.plots import XScale
from specrob.statistics.intervals import NORMAL_975

ROW, STEP = 0.14, 0.12  # inches, between rows and between the networks of a row
WIDE = 5.0  # ratio of the largest to the smallest norm, beyond which the axis is logarithmic
LABEL = "norm (activation / attacked space)"
INTERVAL = "95% interval of the mean over images"
SEED: style.Look = {"linestyle": "none", "marker": "o", "markersize": 2.2, "markeredgewidth": 0}


@dataclass(frozen=True)
class Norm:
    """A norm of one network: its row, the values of the seeds, and its interval for one seed."""

    row: str
    values: tuple[float, ...]
    ends: tuple[float, float] | None = None

    @property
    def mean(self) -> float:
        """The mean over seeds."""
        return float(np.mean(self.values))

    @property
    def bar(self) -> tuple[float, float] | None:
        """The interval over images, or one standard deviation over seeds."""
        if len(self.values) == 1:
            return self.ends
        deviation = float(np.std(self.values, ddof=1))
        return self.mean - deviation, self.mean + deviation


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    rows = len(_rows([list(norms_of(one)) for one in series]))
    return style.SINGLE, 0.75 + rows * (ROW + STEP * len(series))


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw the mean Jacobian norm of every layer, and norms of the first weights W if known."""
    axes = canvas.subplots()
    groups = [list(norms_of(one)) for one in series]
    rows = _rows(groups)
    reach = STEP / (ROW + STEP * len(series))  # from one network to the next; rows are 1 apart
    for place, (one, norms) in enumerate(zip(series, groups, strict=True)):
        for norm in norms:
            y = rows.index(norm.row) + reach * (place - (len(series) - 1) / 2)
            _draw_norm(axes, y, norm, one.look | {"linestyle": "none"})
    axes.set_yticks(range(len(rows)), rows)
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
    axes.set_ylim(len(rows) - 0.5, -0.5)
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    for border in range(1, len(rows)):
        axes.axhline(border - 0.5, color=style.FAINT, linewidth=0.4, zorder=0)
    axes.grid(axis="x")
    axes.set_xlabel(LABEL)
    values = [value for norms in groups for norm in norms for value in norm.values]
    rescale = partial(_set_scale, axes, values)
    rescale("auto")
    entries = [Entry(one.label, one.look | {"linestyle": "none"}) for one in series]
    look = {"color": style.MUTED, "marker": "|", "markersize": 4}
    meanings = [] if all(one.has_seeds for one in series) else [Entry(INTERVAL, look)]
    return Panel([axes], entries, meanings, outside=True, rescale=rescale)


def norms_of(one: Series) -> Iterator[Norm]:
    """Yield the norms of a network.

    Raises
    ------
    ArtifactError
        If its seeds were measured at different layers.
    """
    results = one.results(Smoothness)
    check_same([tuple(row.layer for row in r.jacobian) for r in results], "layers", one.label)
    weights = {
        "Frobenius norm of W": [result.frobenius_norm for result in results],
        "spectral norm of W": [result.spectral_norm for result in results],
    }
    for name, values in weights.items():
        known = tuple(value for value in values if value is not None)
        if len(known) == len(results):
            yield Norm(name, known)
    for rows in zip(*(result.jacobian for result in results), strict=True):
        first, error = rows[0], rows[0].stderr
        ends = None
        if error is not None:
            ends = first.mean - NORMAL_975 * error, first.mean + NORMAL_975 * error
        yield Norm(f"Jacobian of {style.shorten(first.layer)}", tuple(r.mean for r in rows), ends)


def _rows(groups: Sequence[Sequence[Norm]]) -> list[str]:
    return list(dict.fromkeys(norm.row for norms in groups for norm in norms))


def _draw_norm(axes: Axes, y: float, norm: Norm, look: style.Look) -> None:
    if len(norm.values) > 1:
        pale = SEED | {"color": style.shade(look["color"], 0.5)}
        axes.plot(norm.values, [y] * len(norm.values), **pale, zorder=2)
    if norm.bar is not None:
        axes.plot(norm.bar, [y, y], color=look["color"], zorder=3)
    axes.plot([norm.mean], [y], **look, markersize=4, zorder=4)


def _set_scale(axes: Axes, values: Sequence[float], scale: XScale) -> None:
    """Set the axis; it is by default logarithmic where norms differ much."""
    low, high = min(values), max(values)
    if scale == "log" or scale == "auto" and low > 0 and high / low > WIDE:
        set_log_axis(axes, np.array(values))
    else:
        axes.set_xscale("linear")
        axes.margins(x=0.08)
        axes.autoscale(axis="x")


FIGURE = FigureKind("Norms of Jacobians and weights", draw, size, seeds=MEAN, agree=("normalize",))
