"""Exponents with their errors, one row a fit, beside those of a flat spectrum."""

import textwrap
from collections.abc import Sequence

from matplotlib.axes import Axes

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.alpha_map import COLUMNS, MOST, draw_maps
from specrob.plots.exponent_rows import BARS, Row, rows_of
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.legend import add_legend

HEADING = 44  # letters of a line above the axes
LETTERS = 42  # of a line of the name of a row
ROW, LINE, TALLEST = 0.19, 0.11, 20.0  # inches
FLAT: style.Look = {
    **{"color": style.MUTED, "marker": "d", "linestyle": "none", "markersize": 4.5},
    **{"markerfacecolor": "white", "markeredgewidth": 0.8},
}
BOUND: style.Look = {
    **{"color": style.MUTED, "marker": "|", "linestyle": "none", "markersize": 9},
    "markeredgewidth": 1.2,
}
SEED: style.Look = {"linestyle": "none", "markersize": 2.2, "markeredgewidth": 0, "zorder": 2}


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    rows, _ = rows_of(series)
    maps = min(sum(row.map is not None for row in rows), MOST)
    sizes = {
        "alpha": (2.2 + style.letter() * _letters(rows), _height(rows)),
        "map": (1.4 + 1.8 * min(maps, COLUMNS), _map_height(maps)),
    }
    chosen = [sizes[name] for name in _parts(rows, part)]
    return max(style.SINGLE, *(w for w, _ in chosen)), sum(h for _, h in chosen)


def _name(row: Row) -> str:
    """Return the name of a row, broken where it is long."""
    return textwrap.fill(row.name, LETTERS)


def _letters(rows: Sequence[Row]) -> int:
    return max((len(line) for row in rows for line in _name(row).split("\n")), default=0)


def _row_height(rows: Sequence[Row]) -> float:
    lines = max((1 + _name(row).count("\n") for row in rows), default=1)
    return ROW + LINE * (lines - 1)


def _height(rows: Sequence[Row]) -> float:
    return min(1.1 + _row_height(rows) * len(rows), TALLEST)


def _map_height(maps: int) -> float:
    return 0.4 + 1.7 * -(-maps // COLUMNS)


def _parts(rows: Sequence[Row], part: str | None) -> list[str]:
    return [part] if part else ["alpha"] + ["map"] * any(row.map for row in rows)


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw the exponent of every fit, and its map over ranges where there is one.

    Bars are intervals, or standard errors.
    """
    rows, common = rows_of(series)
    maps = [((row.fits[0], row.map), row.name or common) for row in rows if row.map][:MOST]
    parts = _parts(rows, part)
    if "map" in parts and not maps:
        raise ArtifactError(
            "expected exponents over all ranges, found none; make maps with "
            "`specrob fit-alpha --map`"
        )
    heights = {"alpha": _height(rows), "map": _map_height(len(maps))}
    ratios = [heights[name] for name in parts]
    boxes = canvas.subfigures(len(parts), 1, squeeze=False, height_ratios=ratios)
    for box, name in zip(boxes.flat, parts, strict=True):
        if name == "map":
            draw_maps(box, *map(list, zip(*maps, strict=True)))
        else:
            _draw_rows(box, rows, common)
    return Panel()


def _draw_rows(canvas: Canvas, rows: Sequence[Row], common: str) -> None:
    axes = canvas.subplots()
    bars = [_draw_row(axes, y, row) for y, row in enumerate(rows)]
    step = -(-len(rows) * _row_height(rows) // TALLEST) or 1
    ticks = range(0, len(rows), int(step))
    axes.set_yticks(ticks, [_name(rows[tick]) for tick in ticks])
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    kinds = ",\nor ".join(BARS[bar] for bar in BARS if bar in bars)
    axes.set_xlabel("exponent $α$" + (f"\n(bars: {kinds})" if kinds else ""))
    heading = axes.set_title(" ", loc="left", color=style.MUTED, fontsize=style.points(6.5))
    style.set_plain_text(heading, "\n".join(textwrap.wrap(common, HEADING)))
    entries = [
        Entry(name, look)
        for name, look, numbers in (
            ("flat spectrum of as many images and units", FLAT, [row.null for row in rows]),
            ("1 + 2/d for images of dimension d", BOUND, [row.bound for row in rows]),
        )
        if any(number is not None for number in numbers)
    ]
    if entries:
        add_legend(canvas, entries, loc="outside lower center")


def _draw_row(axes: Axes, y: int, row: Row) -> str | None:
    """Draw one row and return which bars it has."""
    one, look, bar = row.exponent, row.look | {"linestyle": "none"}, row.bar
    if one is None:
        text = axes.text(0.02, y, "no fit", transform=axes.get_yaxis_transform())
        text.set(va="center", color=style.MUTED, style="italic")
        return None
    if row.null is not None:
        axes.plot([row.null], [y], **FLAT)
    if row.bound is not None:
        axes.plot([row.bound], [y], **BOUND)
    if len(one.values) > 1:
        pale = look | SEED | {"color": style.shade(look["color"], 0.5), "marker": "o"}
        axes.plot(one.values, [y] * len(one.values), **pale)
    if bar is not None:
        axes.plot(bar[1], [y, y], color=look["color"], zorder=3)
    axes.plot([one.mean], [y], **look, markersize=4, zorder=4)
    return bar and bar[0]


FIGURE = FigureKind("Exponents", draw, size, parts=("alpha", "map"), seeds="{n} seeds")
