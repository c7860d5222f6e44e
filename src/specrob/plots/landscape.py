"""Jacobian norm above, decisions below, on a plane through an image.

As Fig. 4 of arXiv:2405.00679. Letters: ``P`` grid points a side.
"""

from collections.abc import Callable, Sequence
from typing import Any, Literal

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm, Normalize, to_rgb
from matplotlib.image import AxesImage

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.decisions import (
    OTHER,
    borders,
    class_colours,
    extent,
    middles,
)
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.legend import add_legend
from specrob.results import Landscape

BESIDE, NARROWEST = 1.1, 0.6  # inches, of names and scale; of a column
LEGEND = 0.32  # inches, of the classes
MANY = 5000  # segments of borders, beyond which they are drawn as pixels


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    rows, columns = len(_rows(part)), len(series)
    width = min(1.4 + 1.9 * columns, style.DOUBLE)
    return width, rows * (width - 1.1 - 0.2 * columns) / columns + 1.1 + LEGEND


def _rows(part: str | None) -> tuple[str, ...]:
    return (part,) if part else tuple(ROWS)


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw a column per series, on one colour scale for the norm and one for the classes."""
    _check_room(canvas, len(series))
    planes, rows = [one.result(Landscape) for one in series], _rows(part)
    one_plane = len({(*extent(plane.u), *extent(plane.v)) for plane in planes}) == 1
    share: Literal["all", "col"] = "all" if one_plane else "col"
    grid = canvas.subplots(len(rows), len(series), squeeze=False, sharex=share, sharey=share)
    for axes, name in zip(grid, rows, strict=True):
        ROWS[name](canvas, axes, planes)
    for column, plane in zip(grid.T, planes, strict=True):
        for axes in column:
            _frame(axes, plane)
    shared = _add_titles(grid[0], series, planes)
    grid[-1, (len(series) - 1) // 2].set_xlabel(f"$u$ (attacked space){shared}")
    for axes in grid[:, 0]:
        axes.set_ylabel("$v$ (attacked space)")
    return Panel(list(grid[:, 0]))


def _check_room(canvas: Canvas, columns: int) -> None:
    width = canvas.bbox.width / canvas.get_figure(root=True).dpi
    if (most := max(int((width - BESIDE) / NARROWEST), 1)) < columns:
        raise ArtifactError(
            f"expected at most {most} landscapes on {width:.3g} inches, found {columns}; draw "
            "fewer together, or set a larger `width`"
        )


def _add_titles(row: style.Array, series: Sequence[Series], planes: Sequence[Landscape]) -> str:
    """Name networks and images above the columns; return what the same image is in all."""
    facts = [(image_of(plane), answer_of(plane)) for plane in planes]
    same = [len(set(column)) == 1 for column in zip(*facts, strict=True)]
    for axes, one, own in zip(row, series, facts, strict=True):
        parts = [x for x, is_shared in zip(own, same, strict=True) if x and not is_shared]
        title = "\n".join([style.shorten(one.label), *parts])
        style.set_plain_text(axes.set_title(" "), title)
    shared = [x for x, is_shared in zip(facts[0], same, strict=True) if x and is_shared]
    return f"\n+ is {', '.join(shared)}" if same[0] else ""


def image_of(plane: Landscape) -> str:
    """Return which image is in the middle.

    >>> axis, zero = np.zeros(1), np.zeros((1, 1), int)
    >>> maps = {"label": zero, "confidence": zero, "jacobian_norm": zero, "u": axis, "v": axis}
    >>> facts = {"directions": np.zeros((2, 1)), "index": np.array(3)}
    >>> plane = Landscape(**maps, **facts, image_label=5, image_prediction=3)
    >>> image_of(plane), answer_of(plane)
    ('image 3, true class 5', 'classified 3')
    """
    known = "" if plane.image_label is None else f", true class {plane.image_label}"
    return f"image {int(plane.index)}{known}"


def answer_of(plane: Landscape) -> str:
    """Return how the network classifies the image where that is known."""
    if plane.image_label is None:
        return ""
    is_right = plane.image_prediction == plane.image_label
    return f"classified {'correctly' if is_right else plane.image_prediction}"


def _draw_norms(canvas: Canvas, row: style.Array, planes: Sequence[Landscape]) -> None:
    """Draw the Jacobian norms of a row, and their colour bar."""
    scale = _scale([plane.jacobian_norm for plane in planes])
    images = [_draw_norm(axes, plane, scale) for axes, plane in zip(row, planes, strict=True)]
    layers = {plane.of for plane in planes} - {None}
    bar = canvas.colorbar(images[-1], ax=row[-1] if len(row) == 1 else list(row), pad=0.03)
    name = f" of {style.shorten(str(layers.pop()))}" if len(layers) == 1 else ""
    label = f"Jacobian norm{name}\n(activation / attacked space)"
    style.set_plain_text(bar.ax.yaxis.label, label)
    bar.outline.set_linewidth(0.5)
    if isinstance(scale, LogNorm):
        style.tick_decades(bar.ax.yaxis)


def _draw_decisions(canvas: Canvas, row: style.Array, planes: Sequence[Landscape]) -> None:
    """Draw the decisions of a row, and below the canvas what the colours mean."""
    colours = class_colours([plane.label for plane in planes])
    for axes, plane in zip(row, planes, strict=True):
        _draw_classes(axes, plane, colours)
    _name_classes(canvas, colours)


ROWS: dict[str, Callable[[Canvas, style.Array, Sequence[Landscape]], None]] = {
    "jacobian_norm": _draw_norms,
    "label": _draw_decisions,
}


def _scale(maps: Sequence[style.Array]) -> Normalize:
    """Return the colour scale of all maps: logarithmic beyond a factor of 4."""
    finite = np.concatenate([m[np.isfinite(m)].ravel() for m in maps]).astype(float)
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    if not high > low:
        room = abs(low) * 0.1 or 1.0
        return Normalize(low - room, high + room)
    return LogNorm(low, high) if low > 0 and high / low > 4 else Normalize(low, high)


def _frame(axes: Axes, plane: Landscape) -> None:
    """Mark the image and set limits around the plane."""
    axes.plot([0], [0], marker="+", color="white", markersize=7, markeredgewidth=2.2)
    axes.plot([0], [0], marker="+", color="black", markersize=6, markeredgewidth=0.9)
    axes.set_xlim(extent(plane.u))
    axes.set_ylim(extent(plane.v))
    axes.locator_params(nbins=4)
    for spine in axes.spines.values():
        spine.set_visible(True)


def _show(axes: Axes, values: style.Array, plane: Landscape, **options: Any) -> AxesImage:
    where = (*extent(plane.u), *extent(plane.v))
    return axes.imshow(values, origin="lower", extent=where, aspect="equal", **options)


def _draw_norm(axes: Axes, plane: Landscape, scale: Normalize) -> AxesImage:
    values = np.ma.masked_invalid(plane.jacobian_norm.astype(float))
    axes.set_facecolor(style.FAINT)
    return _show(axes, values, plane, norm=scale, cmap="viridis")


def _draw_classes(axes: Axes, plane: Landscape, colours: dict[int, str]) -> None:
    """Draw classes as colours, paler where less confident, with their borders and numbers."""
    confidence = np.nan_to_num(plane.confidence.astype(float)).clip(0, 1)
    hues = np.zeros((*plane.label.shape, 3))
    for number, colour in colours.items():
        hues[plane.label == number] = to_rgb(colour)
    _show(axes, 1 - (0.1 + 0.9 * confidence[..., None]) * (1 - hues), plane)
    segments = list(borders(plane.label, plane.u, plane.v))
    as_pixels = len(segments) > MANY
    lines = LineCollection(segments, colors=style.INK, linewidths=0.4, rasterized=as_pixels)
    axes.add_collection(lines, autolim=False)
    box = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}
    for number, (row, column) in middles(plane.label, list(colours)).items():
        text = axes.text(plane.u[column], plane.v[row], str(number), bbox=box)
        text.set(ha="center", va="center", fontsize=style.points(6.5), clip_on=True)


def _name_classes(canvas: Canvas, colours: dict[int, str]) -> None:
    named = {str(number): colour for number, colour in colours.items() if colour != OTHER}
    if len(named) < len(colours):
        named["other"] = OTHER
    look = {"marker": "s", "linestyle": "none", "markersize": 5, "markeredgecolor": style.INK}
    look["markeredgewidth"] = 0.4
    entries = [Entry(name, look | {"color": colour}) for name, colour in named.items()]
    options = {"title": "class (paler: less confident)", "handlelength": 0.8, "columnspacing": 1.2}
    add_legend(canvas, entries, loc="outside lower center", ncols=len(named), **options)


FIGURE = FigureKind(
    "Landscape",
    draw,
    size,
    parts=tuple(ROWS),
    layout="compressed",
    most=4,
    agree=("of", "normalize", "index"),
)
