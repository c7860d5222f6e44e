"""Exponents with their errors, one row a fit, beside those of a flat spectrum."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.alpha_map import COLUMNS, MOST, draw_maps
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.legend import add_legend
from specrob.results import Fit, PowerLaw

ROW, TALLEST = 0.19, 20.0  # inches
BARS = {"ci": "corrected, 95%", "stderr": "as fitted, standard error"}
FLAT: style.Look = {
    **{"color": style.MUTED, "marker": "d", "linestyle": "none", "markersize": 4.5},
    **{"markerfacecolor": "white", "markeredgewidth": 0.8},
}


@dataclass(frozen=True)
class Row:
    """One fit, how its series looks, and what tells it from the others."""

    fit: Fit
    look: style.Look
    name: str


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    rows, _ = _rows(series)
    maps = min(sum(row.fit.map is not None for row in rows), MOST)
    sizes = {
        "alpha": (2.2 + style.letter() * max((len(r.name) for r in rows), default=0), _height(rows)),
        "map": (1.4 + 1.8 * min(maps, COLUMNS), _map_height(maps)),
    }
    chosen = [sizes[name] for name in _parts(rows, part)]
    return max(style.SINGLE, *(w for w, _ in chosen)), sum(h for _, h in chosen)


def _height(rows: Sequence[Row]) -> float:
    return min(1.1 + ROW * len(rows), TALLEST)


def _map_height(maps: int) -> float:
    return 0.4 + 1.7 * -(-maps // COLUMNS)


def _parts(rows: Sequence[Row], part: str | None) -> list[str]:
    return [part] if part else ["alpha"] + ["map"] * any(row.fit.map for row in rows)


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw the exponent of every fit, and its map over ranges where there is one.

    Bars are intervals, or standard errors.
    """
    rows, common = _rows(series)
    maps = [((row.fit, row.fit.map), row.name or common) for row in rows if row.fit.map][:MOST]
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
    step = -(-len(rows) * ROW // TALLEST) or 1
    ticks = range(0, len(rows), int(step))
    axes.set_yticks(ticks, [rows[tick].name for tick in ticks])
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    kinds = " or ".join(BARS[bar] for bar in BARS if bar in bars)
    axes.set_xlabel("exponent $α$" + (f"\n(bars: {kinds})" if kinds else ""))
    heading = axes.set_title(" ", loc="left", color=style.MUTED, fontsize=style.points(6.5))
    style.set_plain_text(heading, common)
    if any(row.fit.null_alpha is not None for row in rows):
        hollow = Entry("flat spectrum of as many images and units", FLAT)
        add_legend(canvas, [hollow], loc="outside lower center")


def _draw_row(axes: Axes, y: int, row: Row) -> str | None:
    """Draw one fit and return which bars it has."""
    fit, look = row.fit, row.look
    if fit.alpha is None:
        text = axes.text(0.02, y, "no fit", transform=axes.get_yaxis_transform())
        text.set(va="center", color=style.MUTED, style="italic")
        return None
    if fit.null_alpha is not None:
        axes.plot([fit.null_alpha], [y], **FLAT)
    kind, middle, ends = _interval(fit, fit.alpha)
    axes.plot(ends, [y, y], color=look["color"], zorder=3)
    axes.plot([middle], [y], **look | {"linestyle": "none"}, markersize=4, zorder=4)
    return kind


def _interval(fit: Fit, alpha: float) -> tuple[str | None, float, tuple[float, float]]:
    """Return the name of the bars, the exponent that they are around, and their ends."""
    if fit.ci is not None:
        middle = np.nan if fit.alpha_corrected is None else fit.alpha_corrected
        return "ci", middle, fit.ci
    error = fit.stderr or 0.0
    return "stderr" if error else None, alpha, (alpha - error, alpha + error)


def _rows(series: Sequence[Series]) -> tuple[list[Row], str]:
    """Return a row for each fit, and what all of them have in common."""
    pairs = [(one, fit) for one in series for fit in one.result(PowerLaw).fits]
    parts = [(style.shorten(one.label), *_names(fit)) for one, fit in pairs]
    same = [len(set(part)) == 1 for part in zip(*parts, strict=True)]
    if parts:
        same[0] = len(series) == 1

    def join(part: Sequence[str], shared: bool) -> str:
        chosen = (p for p, s in zip(part, same, strict=True) if p and s == shared)
        return style.shorten(", ".join(chosen))

    rows = [
        Row(fit, one.look, join(part, False))
        for (one, fit), part in zip(pairs, parts, strict=True)
    ]
    return rows, join(parts[0], True) if parts else ""


def _names(fit: Fit) -> tuple[str, ...]:
    """Return what may tell a fit from others."""
    first, last = fit.range
    source, layer = style.shorten(fit.source), style.shorten(fit.layer)
    return source, layer, f"{fit.size} units", f"n {first}–{last}"


FIGURE = FigureKind("Exponents", draw, size, parts=("alpha", "map"))
