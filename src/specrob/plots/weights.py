"""Models: first weights as images, variances of their rows (A's Fig. 5), and training."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.members import SPREAD
from specrob.plots.montage import MOST, montage
from specrob.plots.reading import column, number

FIRST = ("hidden.synapses", "hidden.weight", "readout.weight")
BINS = 40
HEIGHT, PANEL = 2.6, 2.3  # inches
# from dark blue over white to orange: the signs differ in lightness too
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ("#0b2a5b", "#6f95c4", "#f7f7f7", "#f3b08c", "#d85a1c")
)


TRAINING = {"linestyle": style.DASHES[3], "markerfacecolor": "white"}
KEYS = [
    {"color": style.MUTED, "marker": "o", "linestyle": "-"},
    {"color": style.MUTED, "marker": "o", **TRAINING},
]


def figure(artifacts: Sequence[Artifact], labels: Sequence[str]) -> Figure:
    """Draw one model's weights and training, or the training of several models.

    Raises
    ------
    ArtifactError
        If one of several has no history, or a single one neither history nor weights to show.
    """
    if len(artifacts) > 1 or "members" in artifacts[0].fields:
        return _compare(artifacts, style.count_members(artifacts, labels))
    model, label = artifacts[0], labels[0]
    images, variances = weight_images(model), row_variances(model, label)
    history = model.fields.get("history")
    trained = isinstance(history, Mapping) and bool(history.get("loss"))
    if images is None and variances is None and not trained:
        raise ArtifactError(
            f"expected weights of the images' shape or a history in {label}, found neither; "
            "plot a model that `specrob train-kh` or `train-sup` wrote"
        )
    parts = [images is not None, variances is not None, trained]
    wanted = [w for w, part in zip((PANEL, PANEL, PANEL - 0.1), parts, strict=True) if part]
    canvas = style.new_figure(max(sum(wanted), style.SINGLE), HEIGHT)
    grid = iter(canvas.add_gridspec(1, sum(parts), width_ratios=wanted))
    panels = []
    if images is not None:
        panels.append(canvas.add_subplot(next(grid)))
        _weights(panels[-1], images)
    if variances is not None:
        panels.append(canvas.add_subplot(next(grid)))
        _histogram(panels[-1], variances, model, label)
    if trained:
        pair = next(grid).subgridspec(2, 1)
        panels.append(canvas.add_subplot(pair[0]))
        below = canvas.add_subplot(pair[1], sharex=panels[-1])
        panels[-1].tick_params(labelbottom=False)
        _history([panels[-1], below], [history], [label])
    style.name_panels(panels)
    style.write(panels[0].set_title(" "), style.shorten(label))
    return canvas


def weight_images(model: Artifact) -> np.ndarray | None:
    """Return the rows of the first weights that are not zero as images, (N, C, H, W), or None.

    >>> weights = {"hidden.weight": np.array([[1.0, 2.0], [0.0, 0.0]])}
    >>> weight_images(Artifact("model", weights, {"shape": [1, 1, 2]})).tolist()
    [[[[1.0, 2.0]]]]
    """
    shape = tuple(int(n) for n in model.fields["shape"])
    named = {name.removeprefix("net."): array for name, array in model.arrays.items()}
    ordered = [named[name] for name in FIRST if name in named] + list(named.values())
    rows = (a for a in ordered if a.ndim == 2 and a.shape[1] == np.prod(shape) > 0)
    filters = (a for a in ordered if a.ndim == 4 and a.shape[1] == shape[0] and a.shape[-1] > 1)
    found = next(rows, None)
    images = next(filters, None) if found is None else found.reshape(-1, *shape)
    return None if images is None else images[images.any((1, 2, 3))]


def row_variances(model: Artifact, label: str) -> np.ndarray | None:
    """Return the variance of every row of S, (N,), pruned rows included, or None.

    >>> row_variances(Artifact("model", {"hidden.synapses": np.array([[1.0, 3.0]])}), "kh")
    array([1.])
    """
    pruning = model.fields.get("pruning")
    if isinstance(pruning, Mapping) and pruning.get("variances"):
        return column(pruning, "variances", label)
    names = [n for n in model.arrays if n.removeprefix("net.") == "hidden.synapses"]
    return model.arrays[names[0]].astype(float).var(1) if names else None


def _weights(axes: Axes, images: np.ndarray) -> None:
    axes.set(xticks=[], yticks=[])
    for spine in axes.spines.values():
        spine.set_visible(False)
    if not len(images):
        style.say(axes, "every unit is zero")
        return
    picture = montage(images)
    axes.imshow(picture, cmap=SIGNED, vmin=-1, vmax=1, interpolation="nearest")
    shown = min(len(images), MOST * MOST)
    scale = "grey: 0" if picture.ndim == 3 else "blue: negative, orange: positive"
    axes.set_xlabel(f"{shown} of {len(images)} units,\neach on its own scale\n({scale})")


def _histogram(axes: Axes, variances: np.ndarray, model: Artifact, label: str) -> None:
    """Draw how row variances are distributed, and the cut between kept and pruned units."""
    pruning = model.fields.get("pruning")
    cut = number(pruning if isinstance(pruning, Mapping) else {}, "threshold", label)
    positive = variances[np.isfinite(variances) & (variances > 0)]
    axes.set(xlabel="variance of a unit's weights", ylabel="units")
    if not len(positive):
        style.say(axes, "no variance")
        return
    marks = [*positive, cut] if cut > 0 else positive
    edges = np.geomspace(min(marks) / 1.1, max(marks) * 1.1, BINS + 1)
    axes.set_xscale("log")
    parts, names = [positive[~(positive > cut)], positive[positive > cut]], ["kept", "pruned"]
    colours = [style.PALETTE[2], style.PALETTE[3]]
    axes.hist(parts, edges, color=colours, label=names, stacked=True, histtype="stepfilled")
    axes.set_xlim(edges[0], edges[-1])
    style.tick_decades(axes.xaxis)
    if cut > 0:
        axes.axvline(cut, color=style.INK, linestyle=style.DASHES[1], label=f"cut {cut:.3g}")
        axes.legend(loc="best", frameon=True, framealpha=0.85, edgecolor="none")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))


def _history(
    pair: Sequence[Axes], histories: Sequence[Mapping[str, Any]], labels: Sequence[str]
) -> list:
    """Draw loss on the first axes and accuracies on the second; return the lines of the loss."""
    above, below = pair
    lines = []
    for index, (history, label) in enumerate(zip(histories, labels, strict=True)):
        look = style.series(index) | {"linestyle": "-"}
        curves = [column(history, n, label) for n in ("loss", "test_accuracy", "train_accuracy")]
        epochs = [np.arange(1, len(curve) + 1) for curve in curves]
        sparse = [{"markevery": max(1, len(c) // 8)} for c in curves]
        spreads = [column(history, n + SPREAD, label) for n in ("loss", "test_accuracy")]
        lines += above.plot(epochs[0], curves[0], **look, **sparse[0])
        below.plot(epochs[1], curves[1], **look, **sparse[1])
        for axes, *curve in zip(pair, epochs, curves, spreads, strict=False):
            style.band(axes, *curve, look["color"])
        weak = look | {"color": style.shade(look["color"], 0.6)} | TRAINING
        below.plot(epochs[2], curves[2], **weak, **sparse[2])
    above.set_ylabel("loss")
    below.set_ylabel("accuracy")
    below.set_xlabel("epoch")
    style.add_legend(below, [Line2D([], [], **key) for key in KEYS], ("test", "training"))
    for axes in pair:
        axes.xaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))
        axes.grid(axis="y")
    return lines


def _compare(artifacts: Sequence[Artifact], labels: Sequence[str]) -> Figure:
    histories = [artifact.fields.get("history") for artifact in artifacts]
    for history, label in zip(histories, labels, strict=True):
        if not (isinstance(history, Mapping) and history.get("loss")):
            raise ArtifactError(
                f"expected models with a history of training, found none in {label}; "
                "plot it by itself to see its weights"
            )
    canvas = style.new_figure(style.DOUBLE, 2.5)
    pair = canvas.subplots(1, 2)
    lines = _history(pair, histories, labels)
    pair[0].set_xlabel("epoch")
    style.name_series(pair[0], lines, labels, loc="best")
    style.name_panels(pair)
    return canvas
