"""Accuracy over the size of the perturbation, as in Fig. 1 (left) of arXiv:2405.00679."""

from collections.abc import Sequence

import numpy as np

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.seeds import average
from specrob.quantities.attack_names import SETTINGS, AttackName, attack_name, name_attacks
from specrob.results import Robustness

RELATIVE, ROBUST = "relative_accuracy", "robust_accuracy"


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    return style.SINGLE, 2.5


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw against eps the share of attacked images that keep their label, or that of all."""
    name = part or RELATIVE
    curves = [_curve(one, name) for one in series]
    attacks = [attack_name(one.result(Robustness)) for one in series]
    axes = canvas.subplots()
    logarithmic = spans_decades([eps for eps, *_ in curves])
    for one, (eps, accuracy, spread) in zip(series, curves, strict=True):
        shown = eps > 0 if logarithmic else slice(None)
        every = max(1, len(eps) // 16)
        axes.plot(eps[shown], accuracy[shown], **one.look, markevery=every, clip_on=False)
        style.add_band(axes, eps[shown], accuracy[shown], spread[shown], one.look["color"])
    axes.set_xscale("log" if logarithmic else "linear")
    if not any(np.isfinite(accuracy).any() for _, accuracy, _ in curves):
        style.add_message(axes, "no image was attacked:\nnone was classified correctly")
    axes.set_ylim(0, 1)
    axes.margins(x=0.03)
    if logarithmic:
        style.tick_decades(axes.xaxis)
    axes.grid(axis="y")
    axes.set(ylabel=name.replace("_", " "), xlabel=_eps_label(attacks))
    names = name_attacks([one.label for one in series], attacks)
    return Panel([axes], [Entry(n, one.look) for n, one in zip(names, series, strict=True)])


def spans_decades(grids: Sequence[style.Array]) -> bool:
    """Return whether radii ask for a logarithmic axis: some are positive and not evenly spaced.

    >>> spans_decades([np.array([0.0, 1.0, 2.0, 3.0])]), spans_decades([np.array([0, 0.01, 0.1])])
    (False, True)
    """
    unique = [np.unique(grid[np.isfinite(grid)]) for grid in grids]
    if len({radius for grid in unique for radius in grid[grid > 0]}) < 2:
        return False
    return not all(
        len(grid) < 3 or np.allclose(np.diff(grid), np.diff(grid).mean(), rtol=0.05, atol=0)
        for grid in unique
    ) or all(len(grid) < 3 for grid in unique)


def _curve(one: Series, name: str) -> tuple[style.Array, style.Array, style.Array]:
    """Return eps, ascending, accuracy, NaN where no image was attacked, and its spread."""
    results = one.results(Robustness)
    if any(result.eps != results[0].eps for result in results):
        raise ArtifactError(
            f"expected seeds with the same eps in {one.label}, found different ones; "
            "plot each alone"
        )
    eps = np.array(results[0].eps, dtype=float)
    curves = [
        np.array(r.robust_accuracy if name == ROBUST else r.relative_accuracy, dtype=float)
        for r in results
    ]
    accuracy, spread = average(curves, name, one.label)
    order = np.argsort(eps, kind="stable")
    return eps[order], accuracy[order], spread[order]


def _eps_label(attacks: Sequence[AttackName]) -> str:
    first = attacks[0]
    if len(set(attacks)) > 1:
        units = "length or std" if any(one.eps_is_std for one in attacks) else "length"
        return f"$ε$, {units} in the attacked space"
    details = f" ({first.settings})" if first.settings else ""
    if first.eps_is_std:
        return f"{first.method}{details}: $ε$, standard deviation per pixel"
    return f"{first.method}{details}: $ε$, {first.norm} length in the attacked space"


FIGURE = FigureKind(
    "Accuracy under attack",
    draw,
    size,
    parts=(RELATIVE, ROBUST),
    averages=True,
    agree=SETTINGS,
)
