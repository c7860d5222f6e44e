"""Models: first weights as images, variances of their rows, and training.

The variances are those of Fig. 5 of arXiv:2405.00679.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from specrob.artifacts import Artifact, to_result
from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.figure import Canvas, FigureKind, Panel, Series, Size
from specrob.plots.history import COLUMNS, WIDTH, axes_of, draw_history, history_of
from specrob.plots.montage import MOST, montage
from specrob.plots.seeds import MEAN
from specrob.results import Model

FIRST = ("hidden.synapses", "hidden.weight", "readout.weight")
BINS = 40
HEIGHT = 2.6  # inches


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    parts = _parts(series, part)
    if parts == ["history"]:
        rows = -(-len(axes_of(series)) // COLUMNS)
        return style.DOUBLE, HEIGHT * (1 + 0.75 * (rows - 1))
    width = sum(WIDTHS[name] * (1 if name == "history" else len(series)) for name in parts)
    extra = len(axes_of(series)) - 2 if "history" in parts else 0
    return max(width, style.SINGLE), HEIGHT + 0.8 * extra


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw the weights and training of one model, or the training of several.

    Raises
    ------
    ArtifactError
        If a model has not what is asked for, or nothing to show.
    """
    parts = _parts(series, part)
    widths = [WIDTHS[name] for name in parts]
    boxes = canvas.subfigures(1, len(parts), squeeze=False, width_ratios=widths)[0]
    panels = [PARTS[name](box, series) for box, name in zip(boxes, parts, strict=True)]
    if len(panels) == 1:
        return panels[0]
    title = panels[0].axes[0].set_title(" ")
    style.set_plain_text(title, style.shorten(series[0].label))
    return Panel([panel.axes[0] for panel in panels])


def _parts(series: Sequence[Series], part: str | None) -> list[str]:
    """Return what of the models is drawn."""
    if part:
        return [part]
    if len(series) > 1 or len(series[0].members) > 1:
        return ["history"]
    model = series[0].artifact
    there = {
        "weights": weight_images(model) is not None,
        "variances": row_variances(model) is not None,
        "history": bool(history_of(to_result(model, Model))),
    }
    if not any(there.values()):
        raise ArtifactError(
            "expected weights of the images' shape or a history in "
            f"{series[0].label}, found neither; plot a model that `specrob train-kh` or "
            "`train-sup` wrote"
        )
    return [name for name in PARTS if there[name]]


def weight_images(model: Artifact) -> style.Array | None:
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
    linear = next(rows, None)
    images = next(filters, None) if linear is None else linear.reshape(-1, *shape)
    with np.errstate(invalid="ignore"):  # NaN of broken files
        return None if images is None else images[images.any((1, 2, 3))]


def row_variances(model: Artifact) -> style.Array | None:
    """Return the variance of every row of the local weights, (N,), pruned ones included, or None.

    >>> weights = {"hidden.synapses": np.array([[1.0, 3.0]])}
    >>> facts = {"arch": "kh", "shape": [1, 1, 2], "classes": 2, "normalize": "none"}
    >>> row_variances(Artifact("model", weights, facts))
    array([1.])
    """
    pruning = to_result(model, Model).pruning
    if pruning and pruning.variances:
        return np.array(pruning.variances, dtype=float)
    names = [n for n in model.arrays if n.removeprefix("net.") == "hidden.synapses"]
    with np.errstate(invalid="ignore", over="ignore"):  # of weights that are not finite
        return np.asarray(model.arrays[names[0]].astype(float).var(1)) if names else None


def _side_by_side(
    canvas: Canvas, series: Sequence[Series], draw_one: Callable[[Axes, Series], None]
) -> Panel:
    panels = canvas.subplots(1, len(series), squeeze=False)[0]
    for axes, one in zip(panels, series, strict=True):
        draw_one(axes, one)
        if len(series) > 1:
            style.set_plain_text(axes.set_title(" "), style.shorten(one.label))
    return Panel(panels)


def _draw_weights(axes: Axes, one: Series) -> None:
    """Draw the first weights of a model as one picture."""
    images = weight_images(one.artifact)
    if images is None:
        raise _lacks("weights of the images' shape", one)
    axes.set(xticks=[], yticks=[], anchor="N")
    for spine in axes.spines.values():
        spine.set_visible(False)
    if not np.isfinite(images).all():
        raise ArtifactError(
            f"expected finite weights in {one.label}, found NaN or inf; lower `lr`, or choose "
            "another part"
        )
    if not len(images):
        style.add_message(axes, "every unit is zero")
        return
    picture = montage(images)
    axes.imshow(picture, cmap=style.SIGNED, vmin=-1, vmax=1, interpolation="nearest")
    shown = min(len(images), MOST * MOST)
    scale = "grey: 0" if picture.ndim == 3 else "blue: negative, orange: positive"
    axes.set_xlabel(f"{shown} of {len(images)} units,\neach on its own scale\n({scale})")


def _lacks(what: str, one: Series) -> ArtifactError:
    return ArtifactError(f"expected {what} in {one.label}, found none; choose another part")


def _draw_variances(axes: Axes, one: Series) -> None:
    """Draw how row variances are distributed, and the cut between kept and pruned units."""
    variances, pruning = row_variances(one.artifact), one.result(Model).pruning
    if variances is None:
        raise _lacks("the weights of a local layer", one)
    cut = np.nan if pruning is None or pruning.threshold is None else pruning.threshold
    positive = variances[np.isfinite(variances) & (variances > 0)]
    axes.set(xlabel="variance of a unit's weights", ylabel="units")
    if not len(positive):
        style.add_message(axes, "no variance")
        return
    marks = [*positive, cut] if cut > 0 else positive
    edges = np.geomspace(min(marks) / 1.1, max(marks) * 1.1, BINS + 1).tolist()
    axes.set_xscale("log")
    parts, names = [positive[~(positive > cut)], positive[positive > cut]], ["kept", "pruned"]
    colours = [style.PALETTE[2], style.PALETTE[3]]
    axes.hist(parts, edges, color=colours, label=names, stacked=True, histtype="stepfilled")
    axes.set_xlim(edges[0], edges[-1])
    style.tick_decades(axes.xaxis)
    if cut > 0:
        axes.axvline(cut, color=style.INK, linestyle=style.DASHES[1], label=f"cut {cut:.3g}")
        axes.legend(loc="best")
    axes.yaxis.set_major_locator(MaxNLocator(integer=True, nbins=6))


PARTS: dict[str, Callable[[Canvas, Sequence[Series]], Panel]] = {
    "weights": partial(_side_by_side, draw_one=_draw_weights),
    "variances": partial(_side_by_side, draw_one=_draw_variances),
    "history": draw_history,
}
WIDTHS = {"weights": 2.3, "variances": 2.3, "history": WIDTH}  # inches
FIGURE = FigureKind("Training", draw, size, parts=tuple(PARTS), seeds=MEAN)
