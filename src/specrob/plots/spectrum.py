"""Eigenspectra on double logarithmic axes: images beside white noise, as in A's Fig. 2 and 3.

Letters: ``S`` spectra, ``N`` ranks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from specrob.artifacts import Artifact
from specrob.plots import style
from specrob.plots.legend import Drawn, Entry
from specrob.plots.reading import number
from specrob.plots.series import Series

PARTS = ("images", "noise", "eigenvalues")
TITLES = {"images": "images", "noise": "white noise"}

ROUND_OFF = 2.2e-16  # times N lambda_1: eigenvalues below say nothing
LINES = {"noise": (0, (4, 1.4)), "noise-exact": (0, (1, 1.2))}
LONGEST_KEY = 3  # sizes below the most
PALEST = 0.3
EXPONENT = {"images": "α", "noise": "noise"}
Look = dict[str, Any]
SHARE = 0.9  # of the variance, marked by a star as in B's Fig. 2A
STAR = {"marker": "*", "s": 45, "edgecolor": "white", "linewidth": 0.4}
FIT = {"linewidth": 0.8}
RAISED = 2.0  # how far above the eigenvalues a fit is drawn, not to hide them


@dataclass(frozen=True)
class Curve:
    """One spectrum: whose it is, and its eigenvalues above round-off over their unit, (N,).

    Also the rank at 90% of the variance, of a fit alpha and the ends of its line, (2, 2), and how
    strong its colour is: 1 for the most units of its name.
    """

    name: str
    source: str
    size: int
    values: np.ndarray
    star: int | None = None
    alpha: float = np.nan
    line: np.ndarray | None = None
    strength: float = 1.0

    @property
    def panel(self) -> str:
        """The panel it belongs to."""
        return "noise" if self.source.startswith("noise") else "images"


def above_round_off(eigenvalues: np.ndarray) -> np.ndarray:
    """Return the leading eigenvalues that say something.

    >>> above_round_off(np.array([4.0, 2.0, 1e-20, np.nan]))
    array([4., 2.])
    """
    values = eigenvalues[np.isfinite(eigenvalues)]
    if not len(values) or not values[0] > 0:
        return values[:0]
    return values[values > len(values) * ROUND_OFF * values[0]]


def curves(
    artifact: Artifact,
    label: str,
    fits: Sequence[Mapping[str, Any]] = (),
    *,
    normalized: bool = True,
) -> list[Curve]:
    """Return the spectra of an artifact, over their first, each with the name its legend has.

    >>> names = {"source": np.array(["images"]), "layer": np.array(["hidden"])}
    >>> arrays = {"eigenvalues": np.array([[4.0, 2.0]]), "size": np.array([2]), **names}
    >>> curves(Artifact("spectrum", arrays), "kh")  # doctest: +NORMALIZE_WHITESPACE
    [Curve(name='kh', source='images', size=2, values=array([1. , 0.5]), star=2,
    alpha=nan, line=None, strength=1.0)]
    """
    arrays = artifact.arrays
    layers = [str(layer) for layer in arrays["layer"]]
    several = len(set(layers)) > 1
    found = []
    for row, (values, layer) in enumerate(zip(arrays["eigenvalues"], layers, strict=True)):
        clean = above_round_off(values)
        unit = clean[0] if normalized and len(clean) else 1.0
        head = (str(arrays["source"][row]), int(arrays["size"][row]), clean / unit)
        total = arrays["variance"][row] if "variance" in arrays else np.nansum(values)
        within = np.nancumsum(values) >= SHARE * total
        star = int(within.argmax()) + 1 if len(clean) and within.any() else None
        fit = _fitted(fits[row], unit, label) if row < len(fits) and len(clean) else ()
        found.append(Curve(f"{label}, {layer}" if several else label, *head, star, *fit))
    return found


def _fitted(fit: Mapping[str, Any], unit: float, label: str) -> tuple[float, np.ndarray] | tuple:
    """Return alpha and the ends of the fitted line, rank and lambda over its unit, (2, 2)."""
    alpha, intercept = (number(fit, name, label) for name in ("alpha", "intercept"))
    if not np.isfinite(alpha + intercept):
        return ()
    ranks = np.array(fit["range"], float)
    return alpha, np.stack([ranks, np.exp(intercept - alpha * np.log(ranks)) / unit])


def size(series: Sequence[Series], part: str | None) -> tuple[float, float]:
    """Return width and height where the panel stands alone, inches."""
    return (style.DOUBLE if len(_titles(series, part)) > 1 else style.SINGLE), 2.6


def _titles(series: Sequence[Series], part: str | None) -> list[str]:
    """Return which of images and noise are drawn, each on axes of its own."""
    sources = {str(source) for one in series for source in one.artifact.arrays["source"]}
    there = {"noise" if source.startswith("noise") else "images" for source in sources}
    return [part] if part in TITLES else [t for t in TITLES if t in there] or ["images"]


def draw(canvas: Figure | SubFigure, series: Sequence[Series], part: str | None = None) -> Drawn:
    """Draw eigenvalues against their rank, over the first unless the part is "eigenvalues".

    Colours and markers are series (and layers), lighter shades are fewer units; solid lines
    are images, dashed ones noise, dotted ones exact noise; thin lines above are fits.
    """
    normalized, titles = part != "eigenvalues", _titles(series, part)
    drawn, shades = _shaded(_placed(series, titles, normalized=normalized))
    panels = canvas.subplots(1, len(titles), sharex=True, sharey=True, squeeze=False)[0]
    for axes, title in zip(panels, titles, strict=True):
        axes.set(xscale="log", yscale="log", xlabel="rank $n$")
        axes.set_title(TITLES[title] if part not in TITLES else "")
        for look, curve in drawn:
            if curve.panel == title:
                _line(axes, look, curve)
        if not any(len(line.get_xdata()) for line in axes.lines):
            style.say(axes, "no variance")
    panels[0].set_ylabel(f"{'normalized ' * normalized}eigenvalue $λ_n{' / λ_1' * normalized}$")
    _limit(panels[0], [c for _, c in drawn])
    return Drawn(panels, _entries(drawn), _meanings(shades, [c for _, c in drawn]))


def _placed(
    series: Sequence[Series], titles: Sequence[str], *, normalized: bool
) -> list[tuple[Look, Curve]]:
    """Return the curves of the panels, each with its look: of its series, or of its layer."""
    groups = [curves(s.artifact, s.label, s.fits, normalized=normalized) for s in series]
    layers = max((len({c.name for c in group}) for group in groups), default=1)
    found = []
    for one, group in zip(series, groups, strict=True):
        names = list(dict.fromkeys(c.name for c in group))
        looks = {n: style.series(one.place * layers + i) for i, n in enumerate(names)}
        found += [(looks[c.name], c) for c in group if c.panel in titles]
    return found


def _shaded(
    drawn: Sequence[tuple[Look, Curve]],
) -> tuple[list[tuple[Look, Curve]], dict[int, float]]:
    """Return the curves with their strengths, and the strength of all sizes but the most."""
    most: dict[str, int] = {}
    for _, c in drawn:
        most[c.name] = max(c.size, most.get(c.name, 0))
    fewer = sorted({c.size for _, c in drawn if c.size < most[c.name]}, reverse=True)
    shades = {size: 1 - (1 - PALEST) * n / len(fewer) for n, size in enumerate(fewer, 1)}
    strong = [
        (look, replace(c, strength=1.0 if c.size == most[c.name] else shades[c.size]))
        for look, c in drawn
    ]
    return strong, shades


def _line(axes: Axes, look: Look, curve: Curve) -> None:
    strength = curve.strength
    ranks = np.arange(1, len(curve.values) + 1)
    decades = (
        10 ** (np.arange(7) + 0.3 + 0.17 * (style.MARKERS.index(look["marker"]) % 6))
        if strength == 1
        else np.empty(0)
    )
    decades = decades if len(ranks) > 1 else np.ones(1)  # a point alone has no line
    axes.plot(
        ranks,
        curve.values,
        color=style.shade(look["color"], strength),
        linestyle=LINES.get(curve.source, "-"),
        marker=look["marker"],
        markevery=sorted({int(n) - 1 for n in decades[decades <= len(ranks)]}),
        zorder=2 + strength,
    )
    if strength == 1 and curve.star and len(ranks) >= curve.star > 1:
        place = (curve.star, curve.values[curve.star - 1])
        axes.scatter(*place, color=look["color"], zorder=5, **STAR)
    if strength == 1 and curve.line is not None:
        axes.plot(curve.line[0], RAISED * curve.line[1], color=look["color"], zorder=4, **FIT)


def _limit(axes: Axes, drawn: Sequence[Curve]) -> None:
    """Leave the fall of the last ranks out of the limits: it is the end of the sample."""
    full = [c.values for c in drawn if len(c.values)]
    lowest = min((v[-(-97 * len(v) // 100) - 1] for v in full), default=0.1)
    highest = max((v[0] for v in full), default=1.0)
    axes.set_ylim(min(lowest / 3, 0.3 * highest), 2 * highest)
    axes.set_xlim(0.8, max((len(v) for v in full), default=10) * 1.3 + 1)
    style.tick_decades(axes.xaxis)
    style.tick_decades(axes.yaxis)


def _entries(drawn: Sequence[tuple[Look, Curve]]) -> list[Entry]:
    """Return a line of the legend for each name, with the exponents of its most units."""
    looks = {c.name: look for look, c in drawn}
    own = [c for _, c in drawn if c.line is not None and c.strength == 1]
    words = EXPONENT if len({c.panel for c in own}) > 1 else dict.fromkeys(EXPONENT, "α")
    found = []
    for name, look in looks.items():
        said = {
            c.panel: f"{words[c.panel]} {c.alpha:.2f}" for c in reversed(own) if c.name == name
        }
        text = ", ".join([name, *(said[panel] for panel in TITLES if panel in said)])
        found.append(Entry.of(text, color=look["color"], marker=look["marker"]))
    return found


def _meanings(shades: Mapping[int, float], drawn: Sequence[Curve]) -> list[Entry]:
    """Return what shades, stars and dashes mean, where there are several."""
    said = [(f"{n} units", shades[n]) for n in _some(list(shades))]
    said = [("most units", 1.0)] * bool(said) + said
    found = [Entry.of(name, color=style.shade(style.INK, strength)) for name, strength in said]
    if any(c.star and len(c.values) >= c.star > 1 for c in drawn):
        star = {"color": style.MUTED, "linestyle": "none", "marker": "*", "markersize": 6}
        found.append(Entry.of(f"{SHARE:.0%} of the variance", **star))
    if any(curve.line is not None for curve in drawn):
        found.append(Entry.of("fit, raised", color=style.MUTED, **FIT))
    if set(LINES) <= {curve.source for curve in drawn}:
        said = zip(("sampled", "exact"), LINES.values(), strict=True)
        found += [Entry.of(name, color=style.MUTED, linestyle=line) for name, line in said]
    return found


def _some(sizes: Sequence[int]) -> list[int]:
    """Return the sizes that the legend names: at most a few, first and last among them."""
    chosen = np.linspace(0, len(sizes) - 1, min(len(sizes), LONGEST_KEY)).astype(int)
    return [sizes[i] for i in chosen]
