"""Training of models: loss and accuracies, and exponents where a spectral penalty acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, Panel, Series
from specrob.plots.legend import add_legend
from specrob.plots.seeds import MEAN, average
from specrob.results import DRIFT, ESTIMATED_ALPHA, ROBUST_TRAIN_ACCURACY, TRUE_ALPHA, Model

WEAK: style.Look = {"linestyle": style.DASHES[3], "markerfacecolor": "white"}
SPARSE = 8  # markers on a curve
WIDTH = 2.2  # inches, of a column beside others
COLUMNS = 3  # axes beside each other
ROOM = 1.5  # inches, below which a legend would cover curves
Curves = dict[str, tuple[style.Array, style.Array]]  # name -> mean and spread over epochs


@dataclass(frozen=True)
class HistoryAxis:
    """What one axes shows: its name, the names of its curves in a history, and their legend."""

    name: str
    curves: tuple[str, ...]
    legend: tuple[str, ...] = ()


LOSS = HistoryAxis("loss", ("loss",))
ACCURACY = HistoryAxis("accuracy", ("test_accuracy", "train_accuracy"), ("test", "training"))
ROBUST_ACCURACY = HistoryAxis("accuracy on perturbed\ntraining images", (ROBUST_TRAIN_ACCURACY,))


def history_of(model: Model) -> Mapping[str, Any]:
    """Return the history of training; it is empty where there is none."""
    return model.history if model.history and model.history.get("loss") else {}


def axes_of(series: Sequence[Series]) -> list[HistoryAxis]:
    """Return what there is to draw: loss, accuracies, the exponents of regularized layers.

    Raises
    ------
    ArtifactError
        If a model has no history.
    """
    histories = [_curves(one) for one in series]
    for one, history in zip(series, histories, strict=True):
        if not history:
            name = one.label.removesuffix(f", {MEAN.format(n=len(one.members))}")
            which = "each of its files" if one.has_seeds else "it"
            raise ArtifactError(
                f"expected models with a history of training, found none in {name}; plot {which} "
                "alone to see the weights"
            )
    names = dict.fromkeys(name for history in histories for name in history)
    layers = [name.removeprefix(TRUE_ALPHA) for name in names if name.startswith(TRUE_ALPHA)]
    legend = ("test images", "estimate")
    exponents = [
        HistoryAxis(
            f"exponent $α$\nof {layer}", (TRUE_ALPHA + layer, ESTIMATED_ALPHA + layer), legend
        )
        for layer in layers
    ]
    renewed = [name.removeprefix(DRIFT) for name in names if name.startswith(DRIFT)]
    drifts = [HistoryAxis(f"drift of the\neigenvectors\nof {n}", (DRIFT + n,)) for n in renewed]
    robust = [ROBUST_ACCURACY] * (ROBUST_TRAIN_ACCURACY in names)
    return [LOSS, ACCURACY, *robust, *exponents, *drifts]


def draw_history(canvas: Canvas, series: Sequence[Series]) -> Panel:
    """Draw loss, accuracies and exponents over epochs: side by side where there is room."""
    shown = axes_of(series)
    wide = canvas.bbox.width > 1.3 * canvas.bbox.height
    columns = min(COLUMNS, len(shown)) if wide else 1
    grid = canvas.subplots(-(-len(shown) // columns), columns, sharex=True, squeeze=False)
    panels, unused = list(grid.flat)[: len(shown)], list(grid.flat)[len(shown) :]
    for axes, axis in zip(panels, shown, strict=True):
        for one in series:
            _draw_curves(axes, axis, one)
        axes.set_ylabel(axis.name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axes.grid(axis="y")
        looks = ({"color": style.MUTED, "marker": "o"} | weak for weak in ({}, WEAK))
        if axis.legend and canvas.bbox.width > ROOM * canvas.get_figure(root=True).dpi:
            add_legend(axes, list(map(Entry, axis.legend, looks)))
        elif axis.legend:
            axes.set_ylabel(f"{axis.name}\n(hollow: {axis.legend[1]})")
    for axes in unused:
        axes.set_visible(False)
    for axes in panels[-columns:]:
        axes.set_xlabel("epoch")
        axes.tick_params(labelbottom=True)
    entries = [Entry(one.label, one.look | {"linestyle": "-"}) for one in series]
    return Panel(panels, entries if len(series) > 1 or len(series[0].members) > 1 else ())


def _draw_curves(axes: Axes, axis: HistoryAxis, one: Series) -> None:
    """Draw one model's curves on an axes, the second paler, with the spread of seeds."""
    curves, look = _curves(one), one.look | {"linestyle": "-"}
    paler = look | {"color": style.shade(look["color"], 0.6)} | WEAK
    for name, chosen in zip(axis.curves, (look, paler), strict=False):
        mean, spread = curves.get(name, (np.empty(0), np.empty(0)))
        epochs = np.arange(1, len(mean) + 1)
        axes.plot(epochs, mean, **chosen, markevery=max(1, len(mean) // SPARSE))
        if chosen is look:
            style.add_band(axes, epochs, mean, spread, look["color"])


def _curves(one: Series) -> Curves:
    """Return the curves that the histories of all seeds have, null as NaN."""
    histories = [history_of(model) for model in one.results(Model)]
    names = [name for name in histories[0] if all(name in history for history in histories)]
    shown = (*LOSS.curves, *ACCURACY.curves, *ROBUST_ACCURACY.curves)
    curves: Curves = {}
    for name in names:
        if name in shown or name.startswith((TRUE_ALPHA, ESTIMATED_ALPHA, DRIFT)):
            values = [_column(history[name], name, one.label) for history in histories]
            curves[name] = average(values, name, one.label)
    return curves


def _column(values: object, name: str, label: str) -> style.Array:
    """Return a list of numbers or nulls as floats, null as NaN."""
    if isinstance(values, list | tuple):
        try:
            return np.array(values, dtype=float)
        except (TypeError, ValueError, OverflowError):
            pass
    raise ArtifactError(
        f"expected a list of numbers as `{name}` of {label}, found `{values!r:.40}`; make it again"
    )
