"""Eigenspectra on double logarithmic axes: images beside white noise, as in A's Fig. 2 and 3.

Letters: ``S`` spectra, ``N`` ranks.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from specrob.artifacts import Artifact
from specrob.plots import style
from specrob.plots.reading import number

ROUND_OFF = 2.2e-16  # times N lambda_1: eigenvalues below say nothing
LINES = {"noise": (0, (4, 1.4)), "noise-exact": (0, (1, 1.2))}
LONGEST_KEY = 7
SHARE = 0.9  # of the variance, marked by a star as in B's Fig. 2A
STAR = {"marker": "*", "s": 45, "edgecolor": "white", "linewidth": 0.4}
FIT = {"linewidth": 0.8}
RAISED = 2.0  # how far above the eigenvalues a fit is drawn, not to hide them


@dataclass(frozen=True)
class Curve:
    """One spectrum: whose it is, and lambda_n / lambda_1 above round-off, (N,).

    Also the rank at 90% of the variance, and of a fit alpha and the ends of its line, (2, 2).
    """

    name: str
    source: str
    size: int
    values: np.ndarray
    star: int | None = None
    alpha: float = np.nan
    line: np.ndarray | None = None

    @property
    def panel(self) -> str:
        """The panel it belongs to."""
        return "white noise" if self.source.startswith("noise") else "images"


def normalized(eigenvalues: np.ndarray) -> np.ndarray:
    """Return lambda_n / lambda_1 as far as it is above round-off.

    >>> normalized(np.array([4.0, 2.0, 1e-20, np.nan]))
    array([1. , 0.5])
    """
    values = eigenvalues[np.isfinite(eigenvalues)]
    if not len(values) or not values[0] > 0:
        return values[:0]
    return values[values > len(values) * ROUND_OFF * values[0]] / values[0]


def curves(artifact: Artifact, label: str, fits: Sequence[Mapping[str, Any]] = ()) -> list[Curve]:
    """Return the spectra of an artifact, each with the name its legend has.

    >>> names = {"source": np.array(["images"]), "layer": np.array(["hidden"])}
    >>> arrays = {"eigenvalues": np.array([[4.0, 2.0]]), "size": np.array([2]), **names}
    >>> curves(Artifact("spectrum", arrays), "kh")  # doctest: +NORMALIZE_WHITESPACE
    [Curve(name='kh', source='images', size=2, values=array([1. , 0.5]), star=2,
    alpha=nan, line=None)]
    """
    arrays = artifact.arrays
    layers = [str(layer) for layer in arrays["layer"]]
    several = len(set(layers)) > 1
    found = []
    for row, (values, layer) in enumerate(zip(arrays["eigenvalues"], layers, strict=True)):
        head = (str(arrays["source"][row]), int(arrays["size"][row]), normalized(values))
        total = arrays["variance"][row] if "variance" in arrays else np.nansum(values)
        within = np.nancumsum(values) >= SHARE * total
        star = int(within.argmax()) + 1 if len(head[2]) and within.any() else None
        fit = _fitted(fits[row], values[0], label) if row < len(fits) else ()
        found.append(Curve(f"{label}, {layer}" if several else label, *head, star, *fit))
    return found


def _fitted(fit: Mapping[str, Any], first: float, label: str) -> tuple[float, np.ndarray] | tuple:
    """Return alpha and the ends of the fitted line, lambda_n / lambda_1 at two ranks, (2, 2)."""
    alpha, intercept = (number(fit, name, label) for name in ("alpha", "intercept"))
    if not (np.isfinite(alpha + intercept) and first > 0):
        return ()
    ranks = np.array(fit["range"], float)
    return alpha, np.stack([ranks, np.exp(intercept - alpha * np.log(ranks)) / first])


def figure(
    artifacts: Sequence[Artifact],
    labels: Sequence[str],
    fits: Sequence[Sequence[Mapping[str, Any]]] | None = None,
) -> Figure:
    """Draw normalized eigenvalues against their rank.

    Colours and markers are artifacts (and layers), lighter shades are fewer units; solid lines
    are images, dashed ones noise, dotted ones exact noise; thin lines above are fits.
    """
    three = zip(artifacts, labels, fits or [()] * len(artifacts), strict=True)
    groups = [curves(*one) for one in three]
    keys = list(dict.fromkeys((i, c.name) for i, group in enumerate(groups) for c in group))
    drawn = [(keys.index((i, c.name)), c) for i, group in enumerate(groups) for c in group]
    shades = _shades(groups)
    titles = [t for t in ("images", "white noise") if any(c.panel == t for _, c in drawn)]
    titles = titles or ["images"]
    canvas = style.new_figure(style.DOUBLE if len(titles) > 1 else style.SINGLE, 2.6)
    panels = canvas.subplots(1, len(titles), sharex=True, sharey=True, squeeze=False)[0]
    for axes, title in zip(panels, titles, strict=True):
        axes.set(xscale="log", yscale="log", title=title, xlabel="rank $n$")
        for index, curve in drawn:
            if curve.panel == title:
                _line(axes, index, curve, shades[curve.size])
        if not any(len(line.get_xdata()) for line in axes.lines):
            style.say(axes, "no variance")
    panels[0].set_ylabel("normalized eigenvalue $λ_n / λ_1$")
    _limit(panels[0], [c for _, c in drawn])
    handles = [_key(style.series(i)["color"], style.series(i)["marker"]) for i in range(len(keys))]
    names = [name + _exponents(groups[index], name, shades) for index, name in keys]
    _explain(panels, handles, names, _meanings(shades, drawn))
    style.name_panels(panels)
    return canvas


def _shades(groups: Sequence[Sequence[Curve]]) -> dict[int, float]:
    """Return how strong the colour of each size is: 1 unless sizes are compared."""
    sizes = sorted({c.size for group in groups for c in group}, reverse=True)
    compared = any(
        len({c.size for c in group if (c.name, c.source) == key}) > 1
        for group in groups
        for key in {(c.name, c.source) for c in group}
    )
    weakest = 0.3 if compared else 1.0
    return {size: 1 - (1 - weakest) * i / max(len(sizes) - 1, 1) for i, size in enumerate(sizes)}


def _line(axes: Axes, index: int, curve: Curve, strength: float) -> None:
    look = style.series(index)
    ranks = np.arange(1, len(curve.values) + 1)
    decades = 10 ** (np.arange(7) + 0.3 + 0.17 * (index % 6)) if strength == 1 else np.empty(0)
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
    axes.set_ylim(min(lowest / 3, 0.3), 2)
    axes.set_xlim(0.8, max((len(v) for v in full), default=10) * 1.3 + 1)
    style.tick_decades(axes.xaxis)
    style.tick_decades(axes.yaxis)


def _key(color: object, marker: str = "", line: object = "-") -> Line2D:
    return Line2D([], [], color=color, marker=marker, linestyle=line)


def _exponents(group: Sequence[Curve], name: str, shades: Mapping[int, float]) -> str:
    """Return the fitted exponents of one entry of the legend, of its largest size."""
    own = [c for c in group if c.name == name and c.line is not None and shades[c.size] == 1]
    said = {"images": "α", "white noise": "noise"}
    alphas = {c.panel: f"{said[c.panel]} {c.alpha:.2f}" for c in reversed(own)}
    return "".join(f", {alphas[panel]}" for panel in said if panel in alphas)


def _meanings(
    shades: dict[int, float], drawn: Sequence[tuple[int, Curve]]
) -> tuple[list[Line2D], list[str]]:
    """Return what shades and dashes mean, where there are several."""
    sizes = list(shades) if min(shades.values(), default=1) < 1 else []
    if len(sizes) > LONGEST_KEY:
        sizes = [sizes[i] for i in np.linspace(0, len(sizes) - 1, LONGEST_KEY).astype(int)]
    handles = [_key(style.shade(style.INK, shades[size])) for size in sizes]
    names = [f"{size} units" for size in sizes]
    if any(c.star and len(c.values) >= c.star > 1 for _, c in drawn):
        handles.append(
            Line2D([], [], color=style.MUTED, linestyle="none", marker="*", markersize=6)
        )
        names.append(f"{SHARE:.0%} of the variance")
    if any(curve.line is not None for _, curve in drawn):
        handles.append(Line2D([], [], color=style.MUTED, **FIT))
        names.append("fit, raised")
    if set(LINES) <= {curve.source for _, curve in drawn}:
        handles += [_key(style.MUTED, line=line) for line in LINES.values()]
        names += ["sampled", "exact"]
    return handles, names


def _explain(
    panels: Sequence[Axes],
    handles: list[Line2D],
    names: list[str],
    meanings: tuple[list[Line2D], list[str]],
) -> None:
    """Add the legends: in one panel together, in two what shades and dashes mean to the right."""
    if len(panels) == 1:
        handles, names = handles + meanings[0], names + meanings[1]
    elif meanings[0]:
        style.add_legend(panels[1], *meanings, loc="best")
    style.name_series(panels[0], handles, names, loc="best")
