"""Jacobian norm above, decisions below, on a plane through an image: A's Fig. 4.

Letters: ``P`` grid points a side.
"""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.collections import LineCollection
from matplotlib.colors import LogNorm, Normalize, to_rgb
from matplotlib.figure import Figure, SubFigure

from specrob.artifacts import Artifact
from specrob.plots import style
from specrob.plots.legend import Drawn, Entry, add_legend
from specrob.plots.series import Series

LAYOUT = "compressed"
PARTS = ("jacobian_norm", "label")
KEY = 0.32  # inches, of the classes

CLASSES = (
    *("#88ccee", "#cc6677", "#ddcc77", "#117733", "#5b4bb5", "#aa4499", "#44aa99"),
    *("#999933", "#882255", "#e08a2e"),
)
OTHER = "#a0a0a0"
DEEP = 0.06  # share of the plane that lies around the number of a class
APART = 0.13  # of two numbers, as a share of the plane
COARSE = 200  # points a side that suffice to find the middle of a region


def size(series: Sequence[Series], part: str | None) -> tuple[float, float]:
    """Return width and height where the panel stands alone, inches."""
    rows, columns = len(_rows(part)), len(series)
    width = min(1.4 + 1.9 * columns, style.DOUBLE)
    return width, rows * (width - 1.1 - 0.2 * columns) / columns + 1.1 + KEY


def _rows(part: str | None) -> tuple[str, ...]:
    return (part,) if part else PARTS


def draw(canvas: Figure | SubFigure, series: Sequence[Series], part: str | None = None) -> Drawn:
    """Draw a column per series, on one colour scale for the norm and one for the classes."""
    artifacts, rows = [one.artifact for one in series], _rows(part)
    one_plane = len({(*_extent(a.arrays["u"]), *_extent(a.arrays["v"])) for a in artifacts}) == 1
    share = True if one_plane else "col"
    grid = canvas.subplots(len(rows), len(series), squeeze=False, sharex=share, sharey=share)
    for axes, name in zip(grid, rows, strict=True):
        ROWS[name](canvas, axes, artifacts)
    for column, one in zip(grid.T, series, strict=True):
        style.write(column[0].set_title(" "), style.shorten(one.label))
        for axes in column:
            _frame(axes, one.artifact)
        column[-1].set_xlabel("$u$ (attacked space)")
    for axes in grid[:, 0]:
        axes.set_ylabel("$v$ (attacked space)")
    return Drawn(grid[:, 0])


def _norms(canvas: Figure | SubFigure, row: Sequence[Axes], artifacts: Sequence[Artifact]) -> None:
    """Draw the Jacobian norms of a row, and their colour bar."""
    scale = _scale([a.arrays["jacobian_norm"] for a in artifacts])
    images = [_norm_map(axes, a, scale) for axes, a in zip(row, artifacts, strict=True)]
    of = {str(a.fields["of"]) for a in artifacts if "of" in a.fields}
    bar = canvas.colorbar(images[-1], ax=row[-1] if len(row) == 1 else list(row), pad=0.03)
    name = f" of {style.shorten(of.pop())}" if len(of) == 1 else ""
    style.write(bar.ax.yaxis.label, f"Jacobian norm{name}\n(activation / attacked space)")
    bar.outline.set_linewidth(0.5)
    if isinstance(scale, LogNorm):
        style.tick_decades(bar.ax.yaxis)


def _all_decisions(
    canvas: Figure | SubFigure, row: Sequence[Axes], artifacts: Sequence[Artifact]
) -> None:
    """Draw the decisions of a row, and below the canvas what the colours mean."""
    colours = class_colours([a.arrays["label"] for a in artifacts])
    for axes, artifact in zip(row, artifacts, strict=True):
        _decisions(axes, artifact, colours)
    _name_classes(canvas, colours)


ROWS = {"jacobian_norm": _norms, "label": _all_decisions}


def class_colours(maps: Sequence[np.ndarray]) -> dict[int, str]:
    """Return a colour for every class on the maps; beyond ten classes the rarest share grey.

    >>> class_colours([np.array([[3, 3], [0, 3]])]) == {0: CLASSES[0], 3: CLASSES[3]}
    True
    """
    classes, counts = np.unique(np.concatenate([m.ravel() for m in maps]), return_counts=True)
    if all(0 <= c < len(CLASSES) for c in classes):
        return {int(c): CLASSES[int(c)] for c in classes}
    common = [int(c) for c in classes[np.argsort(-counts, kind="stable")]]
    given = dict(zip(common, CLASSES, strict=False))
    return {int(c): given.get(int(c), OTHER) for c in classes}


def _scale(maps: Sequence[np.ndarray]) -> Normalize:
    """Return the colour scale of all maps: logarithmic beyond a factor of 4."""
    finite = np.concatenate([m[np.isfinite(m)].ravel() for m in maps]).astype(float)
    low, high = (finite.min(), finite.max()) if len(finite) else (0.0, 1.0)
    if not high > low:
        room = abs(low) * 0.1 or 1.0
        return Normalize(low - room, high + room)
    return LogNorm(low, high) if low > 0 and high / low > 4 else Normalize(low, high)


def _extent(axis: np.ndarray) -> tuple[float, float]:
    """Return the outer edges of the cells around evenly spaced points."""
    low, high = float(axis.min()), float(axis.max())
    if not high > low:  # one point, or not a number
        return (low - 0.5, low + 0.5) if np.isfinite(low) else (-0.5, 0.5)
    half = (high - low) / (len(axis) - 1) / 2
    return low - half, high + half


def _frame(axes: Axes, artifact: Artifact) -> None:
    """Mark the image and set limits around the plane."""
    axes.plot([0], [0], marker="+", color="white", markersize=7, markeredgewidth=2.2)
    axes.plot([0], [0], marker="+", color="black", markersize=6, markeredgewidth=0.9)
    axes.set_xlim(_extent(artifact.arrays["u"]))
    axes.set_ylim(_extent(artifact.arrays["v"]))
    axes.locator_params(nbins=4)
    for spine in axes.spines.values():
        spine.set_visible(True)


def _show(axes: Axes, values: np.ndarray, artifact: Artifact, **options):
    where = (*_extent(artifact.arrays["u"]), *_extent(artifact.arrays["v"]))
    return axes.imshow(values, origin="lower", extent=where, aspect="equal", **options)


def _norm_map(axes: Axes, artifact: Artifact, scale: Normalize):
    values = np.ma.masked_invalid(artifact.arrays["jacobian_norm"].astype(float))
    axes.set_facecolor(style.FAINT)
    return _show(axes, values, artifact, norm=scale, cmap="viridis")


def _decisions(axes: Axes, artifact: Artifact, colours: dict[int, str]) -> None:
    """Draw classes as colours, paler where less confident, with their borders and numbers."""
    label = artifact.arrays["label"]
    confidence = np.nan_to_num(artifact.arrays["confidence"].astype(float)).clip(0, 1)
    hues = np.zeros((*label.shape, 3))
    for number, colour in colours.items():
        hues[label == number] = to_rgb(colour)
    _show(axes, 1 - (0.1 + 0.9 * confidence[..., None]) * (1 - hues), artifact)
    segments = borders(label, artifact.arrays["u"], artifact.arrays["v"])
    many = len(segments) > 5000
    axes.add_collection(
        LineCollection(segments, colors=style.INK, linewidths=0.4, rasterized=many), autolim=False
    )
    _number(axes, artifact, colours)


def _number(axes: Axes, artifact: Artifact, colours: dict[int, str]) -> None:
    """Write the number of each class into its region, the deepest first, if there is room."""
    label, u, v = (artifact.arrays[name] for name in ("label", "u", "v"))
    found = [(middle(label == number), number) for number in colours]
    taken: list[tuple[int, int]] = []
    for (row, column, depth), number in sorted(found, key=lambda one: -one[0][2]):
        near = any(max(abs(row - i), abs(column - j)) < APART * len(label) for i, j in taken)
        if depth >= DEEP * len(label) and not near:
            taken.append((row, column))
            box = {"boxstyle": "round,pad=0.15", "fc": "white", "ec": "none", "alpha": 0.85}
            at = {"ha": "center", "va": "center", "fontsize": 6.5, "bbox": box, "clip_on": True}
            axes.text(u[column], v[row], str(number), **at)


def borders(label: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Return the sides between cells of different classes, (segments, 2 ends, 2 coordinates).

    >>> borders(np.array([[0, 1]]), np.array([0.0, 1.0]), np.array([0.0])).tolist()
    [[[0.5, -0.5], [0.5, 0.5]]]
    """
    (left, right), (low, high) = _extent(u), _extent(v)
    x = np.linspace(left, right, len(u) + 1)
    y = np.linspace(low, high, len(v) + 1)
    i, j = np.nonzero(label[:, 1:] != label[:, :-1])
    upright = np.stack([np.stack([x[j + 1], y[i]], 1), np.stack([x[j + 1], y[i + 1]], 1)], 1)
    i, j = np.nonzero(label[1:] != label[:-1])
    level = np.stack([np.stack([x[j], y[i + 1]], 1), np.stack([x[j + 1], y[i + 1]], 1)], 1)
    return np.concatenate([upright, level])


def middle(region: np.ndarray) -> tuple[int, int, int]:
    """Return the point of a region, (P, P), bool, farthest from its border, and how far it is.

    >>> middle(np.pad(np.ones((3, 3), dtype=bool), 2))
    (3, 3, 2)
    """
    step = -(-max(region.shape) // COARSE)
    inner, depth = region[::step, ::step], 0
    kept = inner
    while inner.any():
        kept, p, depth = inner, np.pad(inner, 1), depth + step
        inner = inner & p[2:, 1:-1] & p[:-2, 1:-1] & p[1:-1, 2:] & p[1:-1, :-2]
    rows, columns = np.nonzero(kept)
    half = len(rows) // 2
    return (int(rows[half]) * step, int(columns[half]) * step, depth) if depth else (0, 0, 0)


def _name_classes(canvas: Figure | SubFigure, colours: dict[int, str]) -> None:
    own = {number: colour for number, colour in colours.items() if colour != OTHER}
    names = [str(number) for number in own] + ["other"] * (len(own) < len(colours))
    look = {"marker": "s", "linestyle": "none", "markersize": 5, "markeredgecolor": style.INK}
    fills = [*own.values(), OTHER][: len(names)]
    entries = [
        Entry.of(name, color=fill, markeredgewidth=0.4, **look)
        for name, fill in zip(names, fills, strict=True)
    ]
    options = {"title": "class (paler: less confident)", "handlelength": 0.8, "columnspacing": 1.2}
    add_legend(canvas, entries, loc="outside lower center", ncols=len(names), **options)
