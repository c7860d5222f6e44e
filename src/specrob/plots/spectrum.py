"""Eigenspectra on double logarithmic axes: images beside white noise.

As Fig. 2 and 3 of arXiv:2405.00679; the stars are those of Fig. 2A of arXiv:2012.04729.

Letters: ``S`` spectra, ``N`` ranks.
"""

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes

from specrob.plots import style
from specrob.plots.figure import Canvas, FigureKind, Panel, Series, Size
from specrob.plots.looks import look_of
from specrob.plots.spectrum_curves import curves, merge, panel_of
from specrob.plots.spectrum_legend import FIT, ShownCurve, entries_of, meanings_of
from specrob.results import Spectrum

PARTS = ("images", "noise", "eigenvalues")
TITLES = {
    "images": "images",
    "uncentred": "means not subtracted",
    "initial": "initial weights",
    "noise": "white noise",
}
PALEST = 0.3
STAR: style.Look = {"marker": "*", "s": 45, "edgecolor": "white", "linewidth": 0.4}
MOST_FITS = 4  # lines of fits in one panel
WHOLE = 0.97  # of the ranks: the fall of the last ones is the end of the sample
RAISED = 2.0  # how far above the eigenvalues a fit is drawn, not to hide them


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    return (style.DOUBLE if len(_titles(series, part)) > 1 else style.SINGLE), 2.6


def _titles(series: Sequence[Series], part: str | None) -> list[str]:
    """Return which of images and noise are drawn, each on axes of its own."""
    if part in TITLES:
        return [part]
    there = {panel_of(str(x)) for one in series for x in one.result(Spectrum).source}
    return [title for title in TITLES if title in there] or ["images"]


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw eigenvalues against their rank, over the first unless the part is "eigenvalues".

    Colours are networks; markers and dashes are their layers, where there are several; lighter
    shades are fewer units; dashed lines of noise are sampled, dotted ones exact; thin lines above
    are fits. The band of several seeds is one geometric standard deviation about their geometric
    mean.
    """
    normalized, titles = part != "eigenvalues", _titles(series, part)
    drawn = _with_few_fits(_shaded(_drawn(series, titles, normalized=normalized)))
    panels = canvas.subplots(1, len(titles), sharex=True, sharey=True, squeeze=False)[0]
    for axes, title in zip(panels, titles, strict=True):
        axes.set(xscale="log", yscale="log", xlabel="rank $n$")
        axes.set_title(TITLES[title] if part not in TITLES else "")
        for one in drawn:
            if one.curve.panel == title:
                _draw_curve(axes, one)
        if not any(len(line.get_xdata()) for line in axes.lines):
            style.add_message(axes, "no variance")
    panels[0].set_ylabel(f"{'normalized ' * normalized}eigenvalue $λ_n{' / λ_1' * normalized}$")
    _set_limits(panels[0], drawn)
    return Panel(panels, entries_of(drawn), meanings_of(drawn))


def _drawn(
    series: Sequence[Series], titles: Sequence[str], *, normalized: bool
) -> list[ShownCurve]:
    """Return the curves of the panels, each with the look of its network, or of its layer."""
    groups = []
    for one in series:
        seeds = zip(one.results(Spectrum), one.fits or [()] * len(one.members), strict=True)
        groups.append(merge([curves(*s, normalized=normalized) for s in seeds], one.label))
    layers = list(dict.fromkeys(c.layer for group in groups for c in group))
    several = len({one.place for one in series}) > 1
    return [
        ShownCurve(one.label, _look(one, layers, curve.layer, several_networks=several), curve)
        for one, group in zip(series, groups, strict=True)
        for curve in group
        if curve.panel in titles
    ]


def _look(one: Series, layers: Sequence[str], layer: str, *, several_networks: bool) -> style.Look:
    """Return the look of a layer; those of one network differ in colour, too."""
    at = layers.index(layer)
    if len(layers) > 1:
        return look_of(one.place if several_networks else at, at)
    turn = one.place // len(style.PALETTE)
    dash = {"linestyle": style.DASHES[turn % 4]} if one.variant is None else {}
    return one.look | dash


def _shaded(drawn: Sequence[ShownCurve]) -> list[ShownCurve]:
    """Return the curves with their strengths: the most units of a layer are the strongest."""
    most: dict[tuple[str, str], int] = {}
    for one in drawn:
        most[one.key] = max(one.curve.whole, most.get(one.key, 0))
    fewer = sorted({x.curve.size for x in drawn if x.curve.whole < most[x.key]}, reverse=True)
    shades = {size: 1 - (1 - PALEST) * n / len(fewer) for n, size in enumerate(fewer, 1)}
    return [
        replace(x, curve=replace(x.curve, strength=shades[x.curve.size]))
        if x.curve.whole < most[x.key]
        else x
        for x in drawn
    ]


def _with_few_fits(drawn: Sequence[ShownCurve]) -> Sequence[ShownCurve]:
    """Return the curves without the lines of their fits, where a panel would have many."""
    panels = [x.curve.panel for x in drawn if x.exponent and x.curve.line is not None]
    if max(map(panels.count, panels), default=0) <= MOST_FITS:
        return drawn
    return [replace(x, curve=replace(x.curve, line=None)) for x in drawn]


def _draw_curve(axes: Axes, one: ShownCurve) -> None:
    curve, look = one.curve, one.look
    strength, color = curve.strength, look["color"]
    ranks = np.arange(1, len(curve.values) + 1)
    marked: style.Array = np.empty(0)
    if len(ranks) == 1:
        marked = np.ones(1)  # a point alone has no line
    elif strength == 1:
        first = 0.3 + 0.17 * (style.MARKERS.index(look["marker"]) % 6)
        marked = 10 ** np.arange(first, 7, 0.5 if "fillstyle" in look else 1.0)
    axes.plot(
        ranks,
        curve.values,
        **look | {"color": style.shade(color, strength), "linestyle": one.line},
        markevery=sorted({int(n) - 1 for n in marked[marked <= len(ranks)]}),
        zorder=2 + strength,
    )
    if curve.spread is not None:
        inner = slice(int(np.ceil(WHOLE * len(ranks))))
        factor, values = np.exp(curve.spread[inner]), curve.values[inner]
        ends = values / factor, values * factor
        axes.fill_between(ranks[inner], *ends, color=color, alpha=0.2 * strength, linewidth=0)
    if strength == 1 and curve.star and len(ranks) >= curve.star > 1:
        axes.scatter(curve.star, curve.values[curve.star - 1], color=color, zorder=5, **STAR)
    if strength == 1 and curve.line is not None:
        axes.plot(curve.line[0], RAISED * curve.line[1], color=color, zorder=4, **FIT)


def _set_limits(axes: Axes, drawn: Sequence[ShownCurve]) -> None:
    """Leave the fall of the last ranks out of the limits."""
    full = [one.curve.values for one in drawn if len(one.curve.values)]
    lowest = min((v[int(np.ceil(WHOLE * len(v))) - 1] for v in full), default=0.1)
    highest = max((v[0] for v in full), default=1.0)
    axes.set_ylim(min(lowest / 3, 0.3 * highest), 2 * highest)
    axes.set_xlim(0.8, max((len(v) for v in full), default=10) * 1.3 + 1)
    style.tick_decades(axes.xaxis)
    style.tick_decades(axes.yaxis)


FIGURE = FigureKind("Eigenspectra", draw, size, parts=PARTS, seeds="{n} seeds", agree=("source",))
