"""Relative accuracy over the size of the perturbation, as in A's Fig. 1 (left)."""

from collections.abc import Sequence

import numpy as np
from matplotlib.figure import Figure

from specrob.artifacts import Artifact
from specrob.plots import style
from specrob.plots.reading import attack_name


def figure(artifacts: Sequence[Artifact], labels: Sequence[str]) -> Figure:
    """Draw the share of attacked images that keep their label against eps."""
    drawn = [_curve(artifact) for artifact in artifacts]
    attacks = [attack_name(artifact.fields) for artifact in artifacts]
    canvas = style.new_figure(style.SINGLE, 2.5)
    axes = canvas.subplots()
    logarithmic = spans_decades([eps for eps, *_ in drawn])
    lines = []
    for index, (eps, accuracy, spread) in enumerate(drawn):
        seen, look = eps > 0 if logarithmic else slice(None), style.series(index)
        sparse = {"markevery": max(1, len(eps) // 16), "clip_on": False}
        lines += axes.plot(eps[seen], accuracy[seen], **look, **sparse)
        style.band(axes, eps[seen], accuracy[seen], spread[seen], look["color"])
    axes.set_xscale("log" if logarithmic else "linear")
    if not any(np.isfinite(accuracy).any() for _, accuracy, _ in drawn):
        style.say(axes, "no image was attacked:\nnone was classified correctly")
    axes.set_ylim(0, 1)
    axes.margins(x=0.03)
    if logarithmic:
        style.tick_decades(axes.xaxis)
    axes.grid(axis="y")
    axes.set(ylabel="relative accuracy", xlabel=_eps_label(attacks))
    names = [
        f"{label} ({', '.join(filter(None, attack))})" if len(set(attacks)) > 1 else label
        for label, attack in zip(style.count_members(artifacts, labels), attacks, strict=True)
    ]
    style.name_series(axes, lines, names, loc="best")
    return canvas


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


def _curve(artifact: Artifact) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return eps, ascending, accuracy, NaN where no image was attacked, and its spread."""
    fields = artifact.fields
    eps, accuracy = (np.array(fields[n], dtype=float) for n in ("eps", "relative_accuracy"))
    spread = np.array(fields.get("relative_accuracy_spread", np.zeros_like(eps)), dtype=float)
    order = np.argsort(eps, kind="stable")
    return eps[order], accuracy[order], spread[order]


def _eps_label(attacks: Sequence[tuple[str, str]]) -> str:
    method, norm = attacks[0]
    if len(set(attacks)) > 1:
        units = "length or std" if any(m == "noise" for m, _ in attacks) else "length"
        return f"$ε$, {units} in the attacked space"
    if method == "noise":
        return "noise: $ε$, standard deviation per pixel"
    return f"{method}: $ε$, {norm} length in the attacked space"
