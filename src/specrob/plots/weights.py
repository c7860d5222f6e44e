"""Models: first weights as images, variances of their rows (A's Fig. 5), and training."""

from collections.abc import Mapping, Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap
from matplotlib.figure import Figure, SubFigure
from matplotlib.ticker import MaxNLocator

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError
from specrob.plots import history, style
from specrob.plots.legend import Drawn
from specrob.plots.montage import MOST, montage
from specrob.plots.reading import column, number
from specrob.plots.series import Series

FIRST = ("hidden.synapses", "hidden.weight", "readout.weight")
BINS = 40
HEIGHT = 2.6  # inches
# from dark blue over white to orange: the signs differ in lightness too
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ("#0b2a5b", "#6f95c4", "#f7f7f7", "#f3b08c", "#d85a1c")
)


def size(series: Sequence[Series], part: str | None) -> tuple[float, float]:
    """Return width and height where the panel stands alone, inches."""
    parts = _parts(series, part)
    if parts == ["history"]:
        return style.DOUBLE, HEIGHT
    width = sum(WIDTHS[name] * (1 if name == "history" else len(series)) for name in parts)
    extra = len(history.rows(series)) - 2 if "history" in parts else 0
    return max(width, style.SINGLE), HEIGHT + 0.8 * extra


def draw(canvas: Figure | SubFigure, series: Sequence[Series], part: str | None = None) -> Drawn:
    """Draw the weights and training of one model, or the training of several.

    Raises
    ------
    ArtifactError
        If a model has not what is asked for, or nothing to show.
    """
    parts = _parts(series, part)
    widths = [WIDTHS[name] for name in parts]
    boxes = canvas.subfigures(1, len(parts), squeeze=False, width_ratios=widths)[0]
    found = [PARTS[name](box, series) for box, name in zip(boxes, parts, strict=True)]
    if len(found) == 1:
        return found[0]
    style.write(found[0].axes[0].set_title(" "), style.shorten(series[0].label))
    return Drawn([drawn.axes[0] for drawn in found])


def _parts(series: Sequence[Series], part: str | None) -> list[str]:
    """Return what of the models is drawn."""
    if part:
        return [part]
    if len(series) > 1 or "members" in series[0].artifact.fields:
        return ["history"]
    model, label = series[0].artifact, series[0].label
    there = {
        "weights": weight_images(model) is not None,
        "variances": row_variances(model, label) is not None,
        "history": history.of(model) is not None,
    }
    if not any(there.values()):
        raise ArtifactError(
            f"expected weights of the images' shape or a history in {label}, found neither; "
            "plot a model that `specrob train-kh` or `train-sup` wrote"
        )
    return [name for name in PARTS if there[name]]


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


def _weights(canvas: Figure | SubFigure, series: Sequence[Series]) -> Drawn:
    """Draw the weights of each model, side by side."""
    panels = canvas.subplots(1, len(series), squeeze=False)[0]
    for axes, one in zip(panels, series, strict=True):
        images = weight_images(one.artifact)
        if images is None:
            raise ArtifactError(
                f"expected weights of the images' shape in {one.label}, found none; "
                "choose another part"
            )
        _montage(axes, images)
        _title(axes, one, series)
    return Drawn(panels)


def _variances(canvas: Figure | SubFigure, series: Sequence[Series]) -> Drawn:
    """Draw how the row variances of each model are distributed, side by side."""
    panels = canvas.subplots(1, len(series), squeeze=False)[0]
    for axes, one in zip(panels, series, strict=True):
        variances = row_variances(one.artifact, one.label)
        if variances is None:
            raise ArtifactError(
                f"expected the synapses of a KH layer in {one.label}, found none; "
                "choose another part"
            )
        _histogram(axes, variances, one.artifact, one.label)
        _title(axes, one, series)
    return Drawn(panels)


PARTS = {"weights": _weights, "variances": _variances, "history": history.draw}
WIDTHS = {"weights": 2.3, "variances": 2.3, "history": history.WIDTH}  # inches


def _title(axes: Axes, one: Series, series: Sequence[Series]) -> None:
    if len(series) > 1:
        style.write(axes.set_title(" "), style.shorten(one.label))


def _montage(axes: Axes, images: np.ndarray) -> None:
    axes.set(xticks=[], yticks=[], anchor="N")
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
