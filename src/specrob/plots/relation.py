"""Two quantities or settings of networks against each other, or a third over both as colours.

As Fig. 6 of arXiv:2405.00679.

Letters: ``N`` networks and seeds.
"""

import textwrap
from collections.abc import Hashable, Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from matplotlib.axes import Axes

from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.radius_axis import set_log_axis
from specrob.settings.plots import XScale

if TYPE_CHECKING:  # the table of quantities takes half a second
    from specrob.quantities.relate import Relation

POINT: style.Look = {"linestyle": "none", "markersize": 5.5, "zorder": 3}
MEMBER: style.Look = {"linestyle": "none", "markersize": 3, "alpha": 0.45, "zorder": 2.5}
BAR: style.Look = {"fmt": "none", "elinewidth": 0.8, "capsize": 1.8, "capthick": 0.8, "zorder": 2}
ARROW: style.Look = {"arrowstyle": "->", "linewidth": 0.8, "shrinkA": 0, "shrinkB": 0}
SPREAD = "large: mean of seeds, bars ± s.d."
SHARE = 0.8  # of the width, for a line above the axes
COLOURS = "cividis"  # of equal steps in lightness, also in grey


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    return style.SINGLE + 0.5 * bool(_relations(series)[0][1].z), 2.6


def _relations(series: Sequence[Series]) -> "list[tuple[Series, Relation]]":
    return [(one, one.relation) for one in series if one.relation is not None]


def _values(relation: "Relation") -> style.Array:
    """Return the points, (N, axes, 3): value, low, high; open ends are the value."""
    points = np.array(relation.points, float)
    return np.where(np.isfinite(points), points, points[..., :1])


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw a point for every network with its interval, or for seeds their mean and deviation.

    Networks of one value of a setting are joined by a line, where there is one.
    """
    axes, relations = canvas.subplots(), _relations(series)
    first = relations[0][1]
    axes.set(xlabel=first.x, ylabel=first.y)
    axes.grid()
    if first.z:
        _draw_colours(canvas, axes, relations)
        _add_notes(canvas, axes, _different_ranges(relations))
        return Panel([axes])
    for one, relation in relations:
        _draw_points(axes, one, relation)
    _join(axes, relations)
    _add_notes(canvas, axes, [*_different_ranges(relations), *_correlation(relations)])
    axes.margins(0.08)
    seeds = any(len(relation.points) > 1 for _, relation in relations)
    meanings = [Entry(SPREAD, {"color": style.MUTED, "marker": "o"} | POINT)] if seeds else []
    entries = [Entry(one.label, _look(one) | POINT) for one, _ in relations]
    values = np.concatenate([_values(relation)[:, 0].ravel() for _, relation in relations])
    return Panel([axes], entries, meanings, rescale=partial(_rescale, axes, values))


def _rescale(axes: Axes, values: style.Array, scale: XScale) -> None:
    if scale == "log":
        set_log_axis(axes, values)


def _look(one: Series) -> style.Look:
    return {name: value for name, value in one.look.items() if name != "linestyle"}


def _draw_points(axes: Axes, one: Series, relation: "Relation") -> None:
    points, look = _values(relation), _look(one)
    value = points[..., 0]
    if len(value) == 1:
        ends = points[..., 1:]
        (x, y), (dx, dy) = ends.mean(-1).T, np.ptp(ends, axis=-1).T / 2
        axes.errorbar(x, value[:, 1], xerr=dx, color=look["color"], **BAR)
        axes.errorbar(value[:, 0], y, yerr=dy, color=look["color"], **BAR)
        axes.plot(*value.T, **look | POINT)
        _draw_open_ends(axes, relation, look["color"])
        return
    axes.plot(*value.T, **look | MEMBER)
    (x, y), (dx, dy) = value.mean(0), value.std(0, ddof=1)
    axes.errorbar([x], [y], xerr=[dx], yerr=[dy], color=look["color"], **BAR)
    axes.plot([x], [y], **look | POINT)


def _draw_open_ends(axes: Axes, relation: "Relation", color: str) -> None:
    """Draw an arrow from a point to the edge of the axes where its interval has no end."""
    ((x, y, *_),) = relation.points
    for n, (_, *ends) in enumerate((x, y)):
        for edge, end in enumerate(ends):
            if np.isinf(end):
                to = (edge, y[0]) if n == 0 else (x[0], edge)
                place = ("axes fraction", "data") if n == 0 else ("data", "axes fraction")
                look = ARROW | {"color": color}
                axes.annotate("", to, (x[0], y[0]), place, "data", arrowprops=look)


def _join(axes: Axes, relations: "Sequence[tuple[Series, Relation]]") -> None:
    """Join the means at each x of networks of one value of a setting, and name it."""
    lines: dict[str, dict[float, list[float]]] = {}
    for _, relation in relations:
        if relation.by is not None:
            at_x = lines.setdefault(relation.by, {})
            for x, y in _values(relation)[..., 0]:
                at_x.setdefault(float(x), []).append(float(y))
    for place, (value, points) in enumerate(lines.items()):
        x, y = np.array(sorted((x, np.mean(ys)) for x, ys in points.items())).T
        dash = style.DASHES[place % len(style.DASHES)]
        axes.plot(x, y, color=style.MUTED, linestyle=dash, linewidth=0.8, zorder=1)
        text = axes.annotate(" ", (x[-1], y[-1]), xytext=(4, 0), textcoords="offset points")
        text.set(color=style.MUTED, fontsize=style.points(6), va="center")
        style.set_plain_text(text, style.shorten(value))


def _add_notes(canvas: Canvas, axes: Axes, notes: Sequence[str]) -> None:
    letters = canvas.bbox.width / canvas.get_figure(root=True).dpi / style.letter()
    lines = [wrap_evenly(note, max(int(SHARE * letters), 10)) for note in notes]
    if lines:
        size = style.points(6.5)
        axes.set_title("\n".join(lines), loc="left", fontsize=size, color=style.MUTED)


def _different_ranges(relations: "Sequence[tuple[Series, Relation]]") -> list[str]:
    """Return a line for an axis whose exponents were fitted over different ranks."""
    every = [ranks for _, relation in relations for ranks in relation.ranks]
    ranges = [sorted(set(axis)) for axis in zip(*every, strict=True)]
    different = dict.fromkeys(" and ".join(found) for found in ranges if len(found) > 1)
    return [f"exponents fitted over different ranks: {found}" for found in different]


def _correlation(relations: "Sequence[tuple[Series, Relation]]") -> list[str]:
    """Return how far ranks agree, where networks are enough for an interval."""
    from specrob.statistics.correlations import means_of_kinds, rank_correlation  # takes 0.5 s

    kinds: dict[Hashable, list[style.Array]] = {}  # seeds may be given one by one
    for one, relation in relations:
        kinds.setdefault(relation.kind or one.label, []).append(_values(relation)[..., 0])
    x, y = means_of_kinds([np.concatenate(points) for points in kinds.values()]).T
    found = rank_correlation(x, y, np.random.default_rng(0))
    if not np.isfinite(found.low):
        return []
    return [
        f"Spearman's ρ {found.value:.2f} (95% {found.low:.2f} to {found.high:.2f}, "
        f"{found.networks} {'kinds of networks' if len(kinds) > 1 else 'networks'})"
    ]


def wrap_evenly(text: str, letters: int) -> str:
    r"""Return a text on as few lines as have room, which are about equally long.

    >>> wrap_evenly("of one and two", 11)
    'of one\nand two'
    """
    lines = textwrap.wrap(text, letters)
    widths = range(-(-len(text) // max(len(lines), 1)), letters + 1)
    even = (textwrap.wrap(text, width) for width in widths)
    return "\n".join(next((found for found in even if len(found) == len(lines)), lines))


def _draw_colours(
    canvas: Canvas, axes: Axes, relations: "Sequence[tuple[Series, Relation]]"
) -> None:
    """Draw a square for each pair of settings, its colour the mean of the third quantity."""
    cells: dict[tuple[float, float], list[float]] = {}
    for _, relation in relations:
        for x, y, z in _values(relation)[..., 0]:
            cells.setdefault((float(x), float(y)), []).append(float(z))
    across, upward = (sorted({pair[axis] for pair in cells}) for axis in (0, 1))
    grid = np.full((len(upward), len(across)), np.nan)
    for (x, y), values in cells.items():
        grid[upward.index(y), across.index(x)] = np.mean(values)
    image = axes.imshow(grid, origin="lower", aspect="auto", cmap=COLOURS)
    axes.set_xticks(range(len(across)), [f"{x:g}" for x in across])
    axes.set_yticks(range(len(upward)), [f"{y:g}" for y in upward])
    axes.grid(visible=False)
    label = f"{relations[0][1].z}\n({_describe_cells([len(v) for v in cells.values()])})"
    canvas.colorbar(image, ax=axes, label=label)
    middle = (np.nanmin(grid) + np.nanmax(grid)) / 2
    for (row, column), value in np.ndenumerate(grid):
        if np.isfinite(value):
            ink = "white" if value < middle else style.INK
            text = axes.text(column, row, f"{value:.3g}", ha="center", va="center", color=ink)
            text.set_fontsize(style.points(6))


def _describe_cells(counts: Sequence[int]) -> str:
    """Return of how many networks the number of a cell is the mean.

    >>> _describe_cells([3, 3]), _describe_cells([1, 3]), _describe_cells([1, 1])
    ('mean of 3 networks a cell', 'mean of 1 to 3 networks a cell', 'one network a cell')
    """
    low, high = min(counts), max(counts)
    if high == 1:
        return "one network a cell"
    return f"mean of {high if low == high else f'{low} to {high}'} networks a cell"


FIGURE = FigureKind("Two quantities of networks", draw, size)
