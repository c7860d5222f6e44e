"""Eigenspectra on double logarithmic axes: images beside white noise.

As Fig. 2 and 3 of arXiv:2405.00679; the stars are those of Fig. 2A of arXiv:2012.04729.

Letters: ``S`` spectra, ``N`` ranks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
from matplotlib.axes import Axes

from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.spectrum_curves import SHARE, Curve, curves, panel_of
from specrob.results import Spectrum

PARTS = ("images", "noise", "eigenvalues")
TITLES = {"images": "images", "initial": "initial weights", "noise": "white noise"}

LINES = {"noise": (0, (4, 1.4)), "noise-exact": (0, (1, 1.2))}
LONGEST_LEGEND = 3  # sizes below the largest
PALEST = 0.3
EXPONENT = {"images": "α", "initial": "initial", "noise": "noise"}
STAR: style.Look = {"marker": "*", "s": 45, "edgecolor": "white", "linewidth": 0.4}
FIT: style.Look = {"linewidth": 0.8}
RAISED = 2.0  # how far above the eigenvalues a fit is drawn, not to hide them
Looks = Sequence[tuple[style.Look, Curve]]


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

    Colours and markers are series (and layers), lighter shades are fewer units; solid lines
    are images, dashed ones noise, dotted ones exact noise; thin lines above are fits.
    """
    normalized, titles = part != "eigenvalues", _titles(series, part)
    looks, shades = _shaded(_looks(series, titles, normalized=normalized))
    shown = [curve for _, curve in looks]
    panels = canvas.subplots(1, len(titles), sharex=True, sharey=True, squeeze=False)[0]
    for axes, title in zip(panels, titles, strict=True):
        axes.set(xscale="log", yscale="log", xlabel="rank $n$")
        axes.set_title(TITLES[title] if part not in TITLES else "")
        for look, curve in looks:
            if curve.panel == title:
                _draw_curve(axes, look, curve)
        if not any(len(line.get_xdata()) for line in axes.lines):
            style.add_message(axes, "no variance")
    panels[0].set_ylabel(f"{'normalized ' * normalized}eigenvalue $λ_n{' / λ_1' * normalized}$")
    _set_limits(panels[0], shown)
    return Panel(panels, _entries(looks), _meanings(shades, shown))


def _looks(
    series: Sequence[Series], titles: Sequence[str], *, normalized: bool
) -> list[tuple[style.Look, Curve]]:
    """Return the curves of the panels, each with the look of its series, or of its layer."""
    groups = [curves(s.result(Spectrum), s.label, s.fits, normalized=normalized) for s in series]
    layers = max((len({c.name for c in group}) for group in groups), default=1)
    pairs = []
    for one, group in zip(series, groups, strict=True):
        names = list(dict.fromkeys(c.name for c in group))
        looks = {n: style.look_of(one.place * layers + i) for i, n in enumerate(names)}
        pairs += [(looks[c.name], c) for c in group if c.panel in titles]
    return pairs


def _shaded(looks: Looks) -> tuple[Looks, dict[int, float]]:
    """Return the curves with their strengths, and the strength of all sizes but the most."""
    most: dict[str, int] = {}
    for _, c in looks:
        most[c.name] = max(c.size, most.get(c.name, 0))
    fewer = sorted({c.size for _, c in looks if c.size < most[c.name]}, reverse=True)
    shades = {size: 1 - (1 - PALEST) * n / len(fewer) for n, size in enumerate(fewer, 1)}
    strong = [
        (look, replace(c, strength=1.0 if c.size == most[c.name] else shades[c.size]))
        for look, c in looks
    ]
    return strong, shades


def _draw_curve(axes: Axes, look: style.Look, curve: Curve) -> None:
    strength, color = curve.strength, look["color"]
    ranks = np.arange(1, len(curve.values) + 1)
    marked: style.Array = np.empty(0)
    if len(ranks) == 1:
        marked = np.ones(1)  # a point alone has no line
    elif strength == 1:
        marked = 10 ** (np.arange(7) + 0.3 + 0.17 * (style.MARKERS.index(look["marker"]) % 6))
    axes.plot(
        ranks,
        curve.values,
        color=style.shade(color, strength),
        linestyle=LINES.get(curve.source, "-"),
        marker=look["marker"],
        markevery=sorted({int(n) - 1 for n in marked[marked <= len(ranks)]}),
        zorder=2 + strength,
    )
    if strength == 1 and curve.star and len(ranks) >= curve.star > 1:
        axes.scatter(curve.star, curve.values[curve.star - 1], color=color, zorder=5, **STAR)
    if strength == 1 and curve.line is not None:
        axes.plot(curve.line[0], RAISED * curve.line[1], color=color, zorder=4, **FIT)


def _set_limits(axes: Axes, shown: Sequence[Curve]) -> None:
    """Leave the fall of the last ranks out of the limits: it is the end of the sample."""
    full = [c.values for c in shown if len(c.values)]
    lowest = min((v[-(-97 * len(v) // 100) - 1] for v in full), default=0.1)
    highest = max((v[0] for v in full), default=1.0)
    axes.set_ylim(min(lowest / 3, 0.3 * highest), 2 * highest)
    axes.set_xlim(0.8, max((len(v) for v in full), default=10) * 1.3 + 1)
    style.tick_decades(axes.xaxis)
    style.tick_decades(axes.yaxis)


def _entries(looks: Looks) -> list[Entry]:
    """Return a line of the legend for each name, with the exponents of its most units."""
    fitted = [c for _, c in looks if c.line is not None and c.strength == 1]
    several = len({c.panel for c in fitted}) > 1
    entries = []
    for name, look in {c.name: look for look, c in looks}.items():
        alphas = {c.panel: c.alpha for c in reversed(fitted) if c.name == name}
        texts = [
            f"{EXPONENT[panel] if several else 'α'} {alphas[panel]:.2f}"
            for panel in TITLES
            if panel in alphas
        ]
        text = ", ".join([name, *texts])
        entries.append(Entry(text, {"color": look["color"], "marker": look["marker"]}))
    return entries


def _meanings(shades: Mapping[int, float], shown: Sequence[Curve]) -> list[Entry]:
    """Return what shades, stars and dashes mean, where there are several."""
    strengths = {f"{n} units": shades[n] for n in _some(list(shades))}
    strengths = {"most units": 1.0, **strengths} if strengths else {}
    entries = [Entry(n, {"color": style.shade(style.INK, s)}) for n, s in strengths.items()]
    if any(c.star and len(c.values) >= c.star > 1 for c in shown):
        star = {"color": style.MUTED, "linestyle": "none", "marker": "*", "markersize": 6}
        entries.append(Entry(f"{SHARE:.0%} of the variance", star))
    if any(curve.line is not None for curve in shown):
        entries.append(Entry("fit, raised", {"color": style.MUTED} | FIT))
    if set(LINES) <= {curve.source for curve in shown}:
        for name, line in zip(("sampled", "exact"), LINES.values(), strict=True):
            entries.append(Entry(name, {"color": style.MUTED, "linestyle": line}))
    return entries


def _some(sizes: Sequence[int]) -> list[int]:
    """Return the sizes that the legend names: at most a few, first and last among them."""
    chosen = np.linspace(0, len(sizes) - 1, min(len(sizes), LONGEST_LEGEND)).astype(int)
    return [sizes[i] for i in chosen]


FIGURE = FigureKind("Eigenspectra", draw, size, parts=PARTS, agree=("source",))
