"""Accuracy over the size of the perturbation, as in A's Fig. 1 (left)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure, SubFigure

from specrob.artifacts import Artifact
from specrob.plots import style
from specrob.plots.legend import Drawn, Entry
from specrob.plots.reading import attack_name, name_attacks
from specrob.plots.seeds import SPREAD
from specrob.plots.series import Series

PARTS = ("relative_accuracy", "robust_accuracy")


def size(series: Sequence[Series], part: str | None) -> tuple[float, float]:
    """Return width and height where the panel stands alone, inches."""
    return style.SINGLE, 2.5


def draw(canvas: Figure | SubFigure, series: Sequence[Series], part: str | None = None) -> Drawn:
    """Draw against eps the share of attacked images that keep their label, or that of all."""
    name = part or PARTS[0]
    curves = [_curve(one.artifact, name) for one in series]
    attacks = [attack_name(one.artifact.fields) for one in series]
    axes = canvas.subplots()
    logarithmic = spans_decades([eps for eps, *_ in curves])
    for one, (eps, accuracy, spread) in zip(series, curves, strict=True):
        seen = eps > 0 if logarithmic else slice(None)
        sparse = {"markevery": max(1, len(eps) // 16), "clip_on": False}
        axes.plot(eps[seen], accuracy[seen], **one.look, **sparse)
        style.band(axes, eps[seen], accuracy[seen], spread[seen], one.look["color"])
    axes.set_xscale("log" if logarithmic else "linear")
    if not any(np.isfinite(accuracy).any() for _, accuracy, _ in curves):
        style.say(axes, "no image was attacked:\nnone was classified correctly")
    axes.set_ylim(0, 1)
    axes.margins(x=0.03)
    if logarithmic:
        style.tick_decades(axes.xaxis)
    axes.grid(axis="y")
    axes.set(ylabel=name.replace("_", " "), xlabel=_eps_label(attacks))
    names = name_attacks([one.label for one in series], attacks)
    entries = [Entry.of(n, **one.look) for n, one in zip(names, series, strict=True)]
    return Drawn([axes], entries)


def spans_decades(grids: Sequence[np.ndarray]) -> bool:
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


def _curve(artifact: Artifact, name: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return eps, ascending, accuracy, NaN where no image was attacked, and its spread."""
    fields = artifact.fields
    eps, accuracy = (np.array(fields[n], dtype=float) for n in ("eps", name))
    spread = np.array(fields.get(name + SPREAD, np.zeros_like(eps)), dtype=float)
    order = np.argsort(eps, kind="stable")
    return eps[order], accuracy[order], spread[order]


def _eps_label(attacks: Sequence[tuple[str, ...]]) -> str:
    method, norm, settings = attacks[0]
    if len(set(attacks)) > 1:
        units = "length or std" if any(m == "noise" for m, *_ in attacks) else "length"
        return f"$ε$, {units} in the attacked space"
    if method == "noise":
        return "noise: $ε$, standard deviation per pixel"
    how = f" ({settings})" if settings else ""
    return f"{method}{how}: $ε$, {norm} length in the attacked space"
