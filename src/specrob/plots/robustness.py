"""Accuracy over the size of the perturbation, as in Fig. 1 (left) of arXiv:2405.00679."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, FigureKind, Panel, Series, Size
from specrob.plots.networks import entries_of_attacks
from specrob.plots.radius_axis import set_radius_axis
from specrob.plots.seeds import MEAN, average, check_same
from specrob.quantities.attack_names import SETTINGS, AttackName, attack_name
from specrob.results import Robustness
from specrob.statistics.intervals import wilson_interval

INTERVAL = "95% interval over images"
FEW = 4  # networks
RELATIVE, ROBUST = "relative_accuracy", "robust_accuracy"


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    return style.SINGLE, 2.5


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw against eps the share of attacked images that keep their label, or that of all.

    Bands are 95% intervals over the images of one network, or a standard deviation over seeds.
    """
    name = part or RELATIVE
    curves = [_curve(one, name) for one in series]
    attacks = [attack_name(one.result(Robustness)) for one in series]
    axes = canvas.subplots()
    for one, curve in zip(series, curves, strict=True):
        every = max(1, len(curve.eps) // 16)
        axes.plot(curve.eps, curve.accuracy, **one.look, markevery=every, clip_on=False)
        strength = 0.8 / max(len(series), FEW)  # many bands are paler
        band = {"color": one.look["color"], "alpha": strength, "linewidth": 0}
        axes.fill_between(curve.eps, curve.low, curve.high, **band)
    if not any(np.isfinite(curve.accuracy).any() for curve in curves):
        style.add_message(axes, "no image was attacked:\nnone was classified correctly")
    rescale = partial(set_radius_axis, axes, [curve.eps for curve in curves])
    rescale("auto")
    axes.set_ylim(0, 1)
    axes.grid(axis="y")
    axes.set(ylabel=name.replace("_", " "), xlabel=_eps_label(attacks))
    entries, meanings = entries_of_attacks(series, attacks)
    if not all(one.has_seeds for one in series):
        meanings.append(Entry(INTERVAL, style.BAND))
    return Panel([axes], entries, meanings, rescale=rescale)


@dataclass(frozen=True)
class Curve:
    """Radii, ascending, accuracy, NaN where no image was attacked, and the ends of its band."""

    eps: style.Array
    accuracy: style.Array
    low: style.Array
    high: style.Array


def _curve(one: Series, name: str) -> Curve:
    results = one.results(Robustness)
    check_same([result.eps for result in results], "eps", one.label)
    curves = [
        np.array(r.robust_accuracy if name == ROBUST else r.relative_accuracy, dtype=float)
        for r in results
    ]
    accuracy, spread = average(curves, name, one.label)
    low, high = accuracy - spread, accuracy + spread
    if not one.has_seeds:
        images = results[0].n_images if name == ROBUST else results[0].n_attacked
        ends = [wilson_interval(share, images) for share in accuracy]
        low, high = np.array(ends).T.reshape(2, -1)
    order = np.argsort(results[0].eps, kind="stable")
    columns = np.array([results[0].eps, accuracy, low, high], dtype=float)[:, order]
    return Curve(*columns)


def _eps_label(attacks: Sequence[AttackName]) -> str:
    first = attacks[0]
    if len(set(attacks)) > 1:
        norms = {one.norm for one in attacks}
        same = f"{first.norm} norm" if len(norms) == 1 else "norm"
        units = "norm or std" if any(one.eps_is_std for one in attacks) else same
        return f"$ε$, {units} in the attacked space"
    details = f" ({first.settings})" if first.settings else ""
    if first.eps_is_std:
        return f"{first.method}{details}: $ε$, standard deviation per pixel"
    return f"{first.method}{details}: $ε$, {first.norm} norm in the attacked space"


FIGURE = FigureKind(
    "Accuracy under attack",
    draw,
    size,
    parts=(RELATIVE, ROBUST),
    seeds=MEAN,
    agree=SETTINGS,
)
