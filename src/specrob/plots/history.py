"""Training of models: loss and accuracy, and exponents where a spectral penalty acts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.legend import Drawn, Entry, add_legend
from specrob.plots.reading import column
from specrob.plots.seeds import SPREAD
from specrob.plots.series import Series

WEAK = {"linestyle": style.DASHES[3], "markerfacecolor": "white"}
SPARSE = 8  # markers on a curve
WIDTH = 2.2  # inches, of a column beside others
TRUE, ESTIMATED = "alpha ", "estimated alpha "
SAID = {
    "loss": (),
    "accuracy": ("test", "training"),
    "exponent": ("test images", "the penalty's estimate"),
}


@dataclass(frozen=True)
class Axis:
    """What one axes shows: a key of `SAID`, its name, and the names of its curves in a history."""

    kind: str
    name: str
    curves: tuple[str, ...]


def of(model: Artifact) -> Mapping[str, Any] | None:
    """Return the history of training, None where there is none.

    >>> of(Artifact("model", fields={"history": {"loss": [0.5]}}))
    {'loss': [0.5]}
    """
    found = model.fields.get("history")
    return found if isinstance(found, Mapping) and found.get("loss") else None


def rows(series: Sequence[Series]) -> list[Axis]:
    """Return what there is to draw: loss, accuracy, the exponents of regularized layers.

    Raises
    ------
    ArtifactError
        If a model has no history.
    """
    found = [of(one.artifact) for one in series]
    for one, history in zip(series, found, strict=True):
        if history is None:
            raise ArtifactError(
                f"expected models with a history of training, found none in {one.label}; "
                "plot it by itself to see its weights"
            )
    names = dict.fromkeys(name for history in found for name in history)
    true = (n for n in names if n.startswith(TRUE) and not n.endswith(SPREAD))
    layers = [name.removeprefix(TRUE) for name in true]
    exponents = [
        Axis("exponent", f"exponent $α$\nof {layer}", (TRUE + layer, ESTIMATED + layer))
        for layer in layers
    ]
    accuracies = ("test_accuracy", "train_accuracy")
    return [Axis("loss", "loss", ("loss",)), Axis("accuracy", "accuracy", accuracies), *exponents]


def draw(canvas: Figure | SubFigure, series: Sequence[Series]) -> Drawn:
    """Draw loss, accuracies and exponents over epochs: side by side where there is room."""
    shown = rows(series)
    wide = canvas.bbox.width > 1.3 * canvas.bbox.height
    shape = (1, len(shown)) if wide else (len(shown), 1)
    panels = canvas.subplots(*shape, sharex=True, squeeze=False).ravel()
    for axes, axis in zip(panels, shown, strict=True):
        for one in series:
            _curves(axes, axis, one)
        axes.set_ylabel(axis.name)
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axes.grid(axis="y")
        if said := SAID[axis.kind]:
            look = {"color": style.MUTED, "marker": "o"}
            add_legend(axes, [Entry.of(said[0], **look), Entry.of(said[1], **look | WEAK)])
    for axes in panels if wide else panels[-1:]:
        axes.set_xlabel("epoch")
    entries = [Entry.of(one.label, **one.look | {"linestyle": "-"}) for one in series]
    several = len(series) > 1 or "members" in series[0].artifact.fields
    return Drawn(panels, entries if several else ())


def _curves(axes: Axes, axis: Axis, one: Series) -> None:
    """Draw one model's curves on an axes, the second paler, with the spread of members."""
    history, color = of(one.artifact) or {}, one.look["color"]
    looks = (
        one.look | {"linestyle": "-"},
        one.look | {"color": style.shade(color, 0.6)} | WEAK,
    )
    for name, look in zip(axis.curves, looks, strict=False):
        curve = column(history, name, one.label)
        epochs = np.arange(1, len(curve) + 1)
        axes.plot(epochs, curve, **look, markevery=max(1, len(curve) // SPARSE))
        if look is looks[0] and name + SPREAD in history:
            style.band(axes, epochs, curve, column(history, name + SPREAD, one.label), color)
