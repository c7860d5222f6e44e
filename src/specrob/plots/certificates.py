"""Certified distances: between which bounds the distances of a network are distributed.

Letters: ``B`` images.
"""

from collections.abc import Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.radius_axis import set_log_axis
from specrob.quantities.attack_names import NORM_SYMBOLS
from specrob.quantities.certificates import CLOSE
from specrob.results import CertifiedDistances
from specrob.settings.plots import XScale

BAND, IMAGES = "band", "images"
HEIGHT = 2.2  # inches
LOWER: style.Look = {"linestyle": (0, (3, 1.2)), "linewidth": 0.9}
POINT: style.Look = {"linestyle": "none", "markersize": 2.2, "markeredgewidth": 0, "alpha": 0.5}
Columns = tuple[style.Array, style.Array | None]


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    both = part is None and any(_columns(one)[1] is not None for one in series)
    return style.DOUBLE if both else style.SINGLE, HEIGHT


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw the distributions of lower and upper bounds, and both of every image.

    The distances themselves are distributed somewhere in the band between the two curves. The
    images of several seeds are pooled.
    """
    columns = [_columns(one) for one in series]
    norm = _norm(series)
    pairs = any(upper is not None for _, upper in columns)
    if part == IMAGES and not pairs:
        raise ArtifactError(
            "expected distances beside the bounds for `part` images, found none; certify with "
            "`distances`"
        )
    parts = [part] if part else [IMAGES, BAND] if pairs else [BAND]
    axes = list(canvas.subplots(1, len(parts), squeeze=False)[0])
    rescalings = []
    for one, at in zip(parts, axes, strict=True):
        draw_part = _draw_band if one == BAND else _draw_images
        rescalings.append(partial(draw_part, at, series, columns, f"({norm}, attacked space)"))

    def rescale(scale: XScale) -> None:
        for rescaled in rescalings:
            rescaled(scale)

    rescale("auto")
    muted = {"color": style.MUTED}
    meanings = [Entry("proved: no nearer", muted | LOWER)]
    meanings += [Entry("found by an attack", muted)] if pairs else []
    shown = meanings if BAND in parts else []
    return Panel(
        axes,
        [Entry(one.label, one.look | {"linestyle": "-"}) for one in series],
        shown,
        rescale=rescale,
    )


def _norm(series: Sequence[Series]) -> str:
    """Return the norm of all; raise ArtifactError where they are measured in different ways."""
    results = [result for one in series for result in one.results(CertifiedDistances)]
    for name in ("norm", "bounds", "normalize"):
        values = list(dict.fromkeys(str(getattr(result, name)) for result in results))
        if len(values) > 1:
            raise ArtifactError(
                f"expected certified distances of one {name}, found {' and '.join(values)}; plot "
                "each alone"
            )
    return NORM_SYMBOLS.get(results[0].norm, results[0].norm)


def _columns(one: Series) -> Columns:
    """Return the bounds of images classified correctly; upper ones if all seeds have them."""
    results = one.results(CertifiedDistances)
    there = [np.isfinite(result.lower) for result in results]
    pairs = list(zip(results, there, strict=True))
    lower = np.concatenate([result.lower[rows] for result, rows in pairs])
    upper = [result.upper[rows] for result, rows in pairs if result.upper is not None]
    return lower, np.concatenate(upper) if len(upper) == len(results) else None


def _draw_band(
    axes: Axes, series: Sequence[Series], columns: Sequence[Columns], unit: str, scale: XScale
) -> None:
    axes.clear()
    _set_scale(axes, columns, scale)
    for one, (lower, upper) in zip(series, columns, strict=True):
        look = {"color": one.look["color"]}
        share = np.linspace(0, 1, 1001)
        if len(lower):
            low = np.quantile(lower, share, method="inverted_cdf")
            axes.plot(low, share, **look | LOWER)
        if len(lower) and upper is not None:
            high = np.quantile(upper, share, method="inverted_cdf")
            axes.plot(high, share, **one.look | {"markevery": [], "linestyle": "-"})
            axes.fill_betweenx(share, low, high, alpha=0.15, linewidth=0, **look)
    if not any(len(lower) for lower, _ in columns):
        style.add_message(axes, "no image was attacked:\nnone was classified correctly")
    axes.set_ylim(0, 1.02)
    axes.set_ylabel("share of images")
    axes.set_xlabel(f"distance {unit}")


def _draw_images(
    axes: Axes, series: Sequence[Series], columns: Sequence[Columns], unit: str, scale: XScale
) -> None:
    axes.clear()
    _set_scale(axes, columns, scale)
    axes.set_yscale(axes.get_xscale())
    axes.set_ylim(axes.get_xlim())
    if axes.get_yscale() == "log":
        style.tick_decades(axes.yaxis)
    for one, (lower, upper) in zip(series, columns, strict=True):
        if upper is not None:
            look = {"color": one.look["color"], "marker": one.look["marker"]} | POINT
            axes.plot(upper, np.maximum(lower, axes.get_ylim()[0]), **look)
    ends = np.array(axes.get_xlim())
    for factor in (1.0, CLOSE):
        axes.plot(ends, ends / factor, color=style.MUTED, linewidth=0.6, zorder=0)
    axes.set_xlabel(f"found by an attack {unit}")
    axes.set_ylabel("proved distance")


def _set_scale(axes: Axes, columns: Sequence[Columns], scale: XScale) -> None:
    known = [values for pair in columns for values in pair if values is not None]
    every = np.concatenate([*known, np.array([])])
    positive = every[np.isfinite(every) & (every > 0)]
    if not len(positive):
        positive = np.array([0.1, 1.0])
    if scale == "linear":
        axes.set_xlim(0, 1.05 * positive.max())
    else:
        set_log_axis(axes, positive)


FIGURE = FigureKind(
    "Certified distances",
    draw,
    size,
    parts=(BAND, IMAGES),
    seeds="pooled over {n} seeds",
    agree=("norm",),
)
