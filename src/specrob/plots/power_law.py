"""Exponents with their errors, one row a fit, beside those of a flat spectrum."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.lines import Line2D

from specrob.artifacts import Artifact
from specrob.plots import style
from specrob.plots.alpha_map import COLUMNS, MOST, draw_maps
from specrob.plots.reading import column, number

LETTER, ROW, TALLEST = 0.05, 0.19, 20.0  # inches
BARS = {"ci": "bias-corrected 95% interval", "stderr": "standard error"}


def figure(artifacts: Sequence[Artifact], labels: Sequence[str]) -> Figure:
    """Draw the exponent of every fit, and its map over ranges where there is one.

    Bars are intervals, or standard errors.
    """
    rows = [
        (index, label, fit)
        for index, (artifact, label) in enumerate(zip(artifacts, labels, strict=True))
        for fit in artifact.fields["fits"]
    ]
    names, common = _names(rows, several=len(artifacts) > 1)
    width = max(style.SINGLE, 2.2 + LETTER * max(map(len, names), default=0))
    height = min(1.1 + ROW * len(rows), TALLEST)
    mapped = [
        (fit, n or common) for (_, _, fit), n in zip(rows, names, strict=True) if "map" in fit
    ]
    if not mapped:
        canvas = style.new_figure(width, height)
        _draw_rows(canvas, rows, names, common)
        return canvas
    fits, titles = zip(*mapped[:MOST], strict=True)
    lower = 0.4 + 1.7 * -(-len(fits) // COLUMNS)
    width = max(width, 1.4 + 1.8 * min(len(fits), COLUMNS))
    canvas = style.new_figure(width, height + lower)
    above, below = canvas.subfigures(2, 1, height_ratios=[height, lower])
    _draw_rows(above, rows, names, common)
    draw_maps(below, fits, titles)
    return canvas


def _draw_rows(
    canvas: Figure | SubFigure,
    rows: Sequence[tuple[int, str, Mapping[str, Any]]],
    names: Sequence[str],
    common: str,
) -> None:
    axes = canvas.subplots()
    bars = [_row(axes, y, *row) for y, row in enumerate(rows)]
    step = -(-len(rows) * ROW // TALLEST) or 1
    ticks = range(0, len(rows), int(step))
    axes.set_yticks(ticks, [names[tick] for tick in ticks])
    for text in axes.get_yticklabels():
        text.set_parse_math(False)
    axes.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    axes.grid(axis="x")
    axes.tick_params(axis="y", length=0)
    axes.spines["left"].set_visible(False)
    said = " or ".join(BARS[bar] for bar in BARS if bar in bars)
    axes.set_xlabel("exponent $α$" + (f"\n(bars: {said})" if said else ""))
    style.write(axes.set_title(" ", loc="left", color=style.MUTED, fontsize=6.5), common)
    if any(np.isfinite(number(fit, "null_alpha", label)) for _, label, fit in rows):
        hollow = Line2D([], [], **NULL)
        style.add_legend(
            canvas,
            [hollow],
            ["flat spectrum of as many images and units"],
            loc="outside lower center",
        )


NULL = {
    **{"color": style.MUTED, "marker": "d", "linestyle": "none", "markersize": 4.5},
    **{"markerfacecolor": "white", "markeredgewidth": 0.8},
}


def _row(axes: Axes, y: int, index: int, label: str, fit: Mapping[str, Any]) -> str | None:
    """Draw one fit and return which bars it has."""
    alpha, null = number(fit, "alpha", label), number(fit, "null_alpha", label)
    if not np.isfinite(alpha):
        where = axes.get_yaxis_transform()
        axes.text(
            0.02, y, "no fit", transform=where, va="center", color=style.MUTED, style="italic"
        )
        return None
    if np.isfinite(null):
        axes.plot([null], [y], **NULL)
    kind, low, high = _interval(fit, label)
    axes.plot([alpha + low, alpha + high], [y, y], color=style.series(index)["color"], zorder=3)
    axes.plot([alpha], [y], **style.series(index) | {"linestyle": "none"}, markersize=4, zorder=4)
    return kind


def _interval(fit: Mapping[str, Any], label: str) -> tuple[str | None, float, float]:
    """Return the name of the bars and their ends relative to alpha."""
    alpha, error = number(fit, "alpha", label), number(fit, "stderr", label)
    ends = column(fit, "ci", label) if fit.get("ci") is not None else np.empty(0)
    if ends.shape == (2,) and np.isfinite(ends).all():
        return "ci", ends[0] - alpha, ends[1] - alpha
    return ("stderr", -error, error) if np.isfinite(error) else (None, 0.0, 0.0)


def _names(
    rows: Sequence[tuple[int, str, Mapping[str, Any]]], *, several: bool
) -> tuple[list[str], str]:
    """Return what each row is called, and what all of them have in common."""
    parts = [
        (style.shorten(label), *(_said(fit, key) for key in ("source", "layer", "size", "range")))
        for _, label, fit in rows
    ]
    same = [len(set(part)) == 1 for part in zip(*parts, strict=True)]
    if parts:
        same[0] = not several

    def join(part: Sequence[str], shared: bool) -> str:
        chosen = (p for p, s in zip(part, same, strict=True) if p and s == shared)
        return style.shorten(", ".join(chosen))

    return [join(part, False) for part in parts], join(parts[0], True) if parts else ""


def _said(fit: Mapping[str, Any], key: str) -> str:
    value = fit[key]
    if key == "range":
        return f"n {value[0]}–{value[1]}"
    return f"{value} units" if key == "size" else style.shorten(str(value))
