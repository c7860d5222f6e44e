"""Which pixels move an eigenvalue: a row for each image, a column for each rank.

As Fig. 2D of arXiv:2012.04729.

Letters: ``R`` ranks, ``B`` images, ``C, H, W`` an image.
"""

import textwrap
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize

from specrob.plots import style
from specrob.plots.figure import Canvas, FigureKind, Panel, Series, Size
from specrob.plots.montage import montage
from specrob.plots.seeds import check_same
from specrob.results import Sensitivity

CELL, MOST_ROWS, MOST_COLUMNS = 0.85, 8, 10  # inches; images and columns that are drawn
WRAP = 13  # characters above a column
SEEDS = "mean of {n} seeds"
SCALE = Normalize(-1, 1)


@dataclass(frozen=True)
class Column:
    """Pictures of one rank, or the images themselves, each (H, W) or (H, W, 3)."""

    title: str
    pictures: Sequence[style.Array]
    signed: bool

    def is_same(self, other: "Column") -> bool:
        """Return whether both are of the same images, which are shown once."""
        return (
            not (self.signed or other.signed)
            and len(self.pictures) == len(other.pictures)
            and all(map(np.array_equal, self.pictures, other.pictures))
        )


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    columns = _columns(series)
    return max(CELL * len(columns) + 0.9, style.SINGLE), CELL * _height(columns) + 0.8


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw every map on its own scale, symmetric about zero, beside the images if known.

    The derivatives have a sign that no choice enters, so that those of seeds have a mean.
    """
    columns = _columns(series)
    grid = canvas.subplots(_height(columns), len(columns), squeeze=False)
    for panels, column in zip(grid.T, columns, strict=True):
        style.set_plain_text(panels[0].set_title(" "), column.title)
        for axes, picture in zip(panels, column.pictures, strict=False):
            if column.signed:
                axes.imshow(picture, cmap=style.SIGNED, norm=SCALE)
            else:
                axes.imshow(picture, cmap="gray")
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[], frame_on=bool(axes.images))
        for spine in axes.spines.values():
            spine.set(visible=True, color=style.FAINT)
    _add_scale(canvas, grid, columns, _described(series))
    return Panel()


def _described(series: Sequence[Series]) -> str:
    """Return the layer, and the number of seeds, where they are those of all series."""
    layers = {one.result(Sensitivity).of for one in series} - {None}
    seeds = {len(one.members) for one in series}
    of = f", {style.shorten(str(layers.pop()))} layer" if len(layers) == 1 else ""
    return of + (f", mean of {seeds.pop()} seeds" if len(seeds) == 1 and max(seeds) > 1 else "")


def _add_scale(canvas: Canvas, grid: style.Array, columns: Sequence[Column], of: str) -> None:
    """Add a colour bar, or below pictures in colour a line, with what is the same for all."""
    if any(c.signed and np.ndim(c.pictures[0]) == 2 for c in columns):
        shown = ScalarMappable(norm=SCALE, cmap=style.SIGNED)
        bar = canvas.colorbar(shown, ax=grid, ticks=[-1, 0, 1], pad=0.02)
        bar.outline.set_linewidth(0.5)
        style.set_plain_text(bar.ax.yaxis.label, "derivative / its largest" + of)
    else:
        line = canvas.supxlabel(" ", fontsize=style.points(6.5))
        style.set_plain_text(line, "derivative; grey is none" + of)


def _height(columns: Sequence[Column]) -> int:
    return min(max(len(column.pictures) for column in columns), MOST_ROWS)


def _columns(series: Sequence[Series]) -> list[Column]:
    several = len(series) > 1
    groups = [columns_of(mean_of(one), one.label if several else "") for one in series]
    shown: list[Column] = []
    for column in (column for group in groups for column in group):
        if not any(column.is_same(other) for other in shown):
            shown.append(column)
    return shown[:MOST_COLUMNS]


def mean_of(one: Series) -> Sensitivity:
    """Return the maps of a network, the mean over its seeds.

    Raises
    ------
    ArtifactError
        If the seeds differ in ranks, images or layer.
    """
    results = one.results(Sensitivity)
    facts = [(r.maps.shape, *r.ranks.tolist(), *r.index.tolist(), r.of) for r in results]
    check_same(facts, "ranks, images and layer", one.label)
    return replace(results[0], maps=np.mean([r.maps for r in results], axis=0))


def columns_of(result: Sensitivity, label: str) -> list[Column]:
    r"""Return the images, if known, and the maps of each rank; their axes are C, H, W on disk.

    >>> maps = np.array([[[[[2.0, -1.0]]]]])
    >>> found = columns_of(Sensitivity(maps=maps, ranks=np.array([1]), index=np.array([7])), "kh")
    >>> found[0].title, found[0].pictures[0].tolist()
    ('kh\nn = 1', [[1.0, -0.5]])
    """
    before = f"{textwrap.fill(style.shorten(label), WRAP)}\n" if label else ""
    columns = []
    if result.images is not None:
        columns.append(Column("images", [_photograph(x) for x in result.images], False))
    for rank, maps in zip(result.ranks, np.nan_to_num(result.maps), strict=True):
        columns.append(Column(f"{before}n = {rank}", [montage(m[None]) for m in maps], True))
    return columns


def _photograph(image: style.Array) -> style.Array:
    """Return an image, (C, H, W), as (H, W, 3) or the mean over channels, scaled to 0..1."""
    image = np.nan_to_num(image.astype(float))
    low, high = min(image.min(), 0.0), image.max()
    scaled = (image - low) / (high - low if high > low else 1)
    return np.asarray(scaled.transpose(1, 2, 0) if len(image) == 3 else scaled.mean(0))


FIGURE = FigureKind(
    "Sensitivity of eigenvalues", draw, size, layout="compressed", most=1, seeds=SEEDS
)
