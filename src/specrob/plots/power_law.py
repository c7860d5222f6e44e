"""Exponents with their errors, one row a fit, beside those of a flat spectrum."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.alpha_map import COLUMNS, MOST, draw_maps
from specrob.plots.legend import Drawn, Entry, add_legend
from specrob.plots.reading import column, number
from specrob.plots.series import Series

PARTS = ("alpha", "map")
KEYS = ("source", "layer", "size", "range")
ROW, TALLEST = 0.19, 20.0  # inches
BARS = {"ci": "corrected, 95%", "stderr": "as fitted, standard error"}


@dataclass(frozen=True)
class Row:
    """One fit: whose it is, and what tells it from the others."""

    series: Series
    fit: Mapping[str, Any]
    name: str


def size(series: Sequence[Series], part: str | None) -> tuple[float, float]:
    """Return width and height where the panel stands alone, inches."""
    rows, _ = _rows(series)
    maps = min(sum("map" in row.fit for row in rows), MOST)
    sizes = {
        "alpha": (2.2 + style.LETTER * max((len(r.name) for r in rows), default=0), _height(rows)),
        "map": (1.4 + 1.8 * min(maps, COLUMNS), _map_height(maps)),
    }
    chosen = [sizes[name] for name in _parts(rows, part)]
    return max(style.SINGLE, *(w for w, _ in chosen)), sum(h for _, h in chosen)


def _height(rows: Sequence[Row]) -> float:
    return min(1.1 + ROW * len(rows), TALLEST)


def _map_height(maps: int) -> float:
    return 0.4 + 1.7 * -(-maps // COLUMNS)


def _parts(rows: Sequence[Row], part: str | None) -> list[str]:
    return [part] if part else ["alpha"] + ["map"] * any("map" in row.fit for row in rows)


def draw(canvas: Figure | SubFigure, series: Sequence[Series], part: str | None = None) -> Drawn:
    """Draw the exponent of every fit, and its map over ranges where there is one.

    Bars are intervals, or standard errors.
    """
    rows, common = _rows(series)
    mapped = [row for row in rows if "map" in row.fit][:MOST]
    parts = _parts(rows, part)
    if "map" in parts and not mapped:
        raise ArtifactError(
            "expected exponents over all ranges, found none; make them with "
            "`specrob fit-alpha --map`"
        )
    heights = {"alpha": _height(rows), "map": _map_height(len(mapped))}
    boxes = canvas.subfigures(
        len(parts), 1, squeeze=False, height_ratios=[heights[name] for name in parts]
    )
    for box, name in zip(boxes.flat, parts, strict=True):
        if name == "map":
            draw_maps(box, [r.fit for r in mapped], [r.name or common for r in mapped])
        else:
            _draw_rows(box, rows, common)
    return Drawn()


def _draw_rows(canvas: Figure | SubFigure, rows: Sequence[Row], common: str) -> None:
    axes = canvas.subplots()
    bars = [_row(axes, y, row) for y, row in enumerate(rows)]
    step = -(-len(rows) * ROW // TALLEST) or 1
    ticks = range(0, len(rows), int(step))
    axes.set_yticks(ticks, [rows[tick].name for tick in ticks])
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    said = " or ".join(BARS[bar] for bar in BARS if bar in bars)
    axes.set_xlabel("exponent $α$" + (f"\n(bars: {said})" if said else ""))
    style.write(axes.set_title(" ", loc="left", color=style.MUTED, fontsize=6.5), common)
    if any(np.isfinite(number(row.fit, "null_alpha", row.series.label)) for row in rows):
        hollow = Entry.of("flat spectrum of as many images and units", **NULL)
        add_legend(canvas, [hollow], loc="outside lower center")


NULL = {
    **{"color": style.MUTED, "marker": "d", "linestyle": "none", "markersize": 4.5},
    **{"markerfacecolor": "white", "markeredgewidth": 0.8},
}


def _row(axes: Axes, y: int, row: Row) -> str | None:
    """Draw one fit and return which bars it has."""
    fit, label, look = row.fit, row.series.label, row.series.look
    alpha, null = number(fit, "alpha", label), number(fit, "null_alpha", label)
    if not np.isfinite(alpha):
        where = axes.get_yaxis_transform()
        axes.text(
            0.02, y, "no fit", transform=where, va="center", color=style.MUTED, style="italic"
        )
        return None
    if np.isfinite(null):
        axes.plot([null], [y], **NULL)
    kind, middle, ends = _interval(fit, label)
    axes.plot(ends, [y, y], color=look["color"], zorder=3)
    axes.plot([middle], [y], **look | {"linestyle": "none"}, markersize=4, zorder=4)
    return kind


def _interval(fit: Mapping[str, Any], label: str) -> tuple[str | None, float, tuple[float, float]]:
    """Return the name of the bars, the exponent that they are around, and their ends."""
    alpha, error = number(fit, "alpha", label), number(fit, "stderr", label)
    ends = column(fit, "ci", label) if fit.get("ci") is not None else np.empty(0)
    if ends.shape == (2,) and np.isfinite(ends).all():
        return "ci", number(fit, "alpha_corrected", label), tuple(ends)
    error = error if np.isfinite(error) else 0.0
    return "stderr" if error else None, alpha, (alpha - error, alpha + error)


def _rows(series: Sequence[Series]) -> tuple[list[Row], str]:
    """Return a row for each fit, and what all of them have in common."""
    pairs = [(one, fit) for one in series for fit in one.artifact.fields["fits"]]
    parts = [(style.shorten(one.label), *(_said(fit, key) for key in KEYS)) for one, fit in pairs]
    same = [len(set(part)) == 1 for part in zip(*parts, strict=True)]
    if parts:
        same[0] = len(series) == 1

    def join(part: Sequence[str], shared: bool) -> str:
        chosen = (p for p, s in zip(part, same, strict=True) if p and s == shared)
        return style.shorten(", ".join(chosen))

    rows = [Row(*pair, join(part, False)) for pair, part in zip(pairs, parts, strict=True)]
    return rows, join(parts[0], True) if parts else ""


def _said(fit: Mapping[str, Any], key: str) -> str:
    value = fit[key]
    if key == "range":
        return f"n {value[0]}–{value[1]}"
    return f"{value} units" if key == "size" else style.shorten(str(value))
