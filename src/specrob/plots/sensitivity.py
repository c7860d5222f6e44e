"""Which pixels move an eigenvalue: a row an image, a column a rank, as B's Fig. 2D.

Letters: ``R`` ranks, ``B`` images, ``C, H, W`` an image.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize
from matplotlib.figure import Figure, SubFigure

from specrob.artifacts import Artifact
from specrob.plots import style
from specrob.plots.legend import Drawn
from specrob.plots.montage import montage
from specrob.plots.series import Series

LAYOUT = "compressed"
PARTS = ()
CELL, MOST_ROWS, MOST_COLUMNS = 0.85, 8, 10  # inches; images and columns that are drawn
SIGNED = {"cmap": "RdBu_r", "norm": Normalize(-1, 1)}


@dataclass(frozen=True)
class Column:
    """Pictures of one rank, or the images themselves, each (H, W) or (H, W, 3)."""

    title: str
    pictures: Sequence[np.ndarray]
    signed: bool


def size(series: Sequence[Series], part: str | None) -> tuple[float, float]:
    """Return width and height where the panel stands alone, inches."""
    drawn = _drawn(series)
    return max(CELL * len(drawn) + 0.9, style.SINGLE), CELL * _rows(drawn) + 0.8


def draw(canvas: Figure | SubFigure, series: Sequence[Series], part: str | None = None) -> Drawn:
    """Draw every map on its own scale, symmetric about zero, beside the images if known."""
    drawn = _drawn(series)
    grid = canvas.subplots(_rows(drawn), len(drawn), squeeze=False)
    for panels, column in zip(grid.T, drawn, strict=True):
        style.write(panels[0].set_title(" "), column.title)
        for axes, picture in zip(panels, column.pictures, strict=False):
            scale = SIGNED if column.signed else {"cmap": "gray"}
            axes.imshow(picture, **scale)
    for axes in grid.flat:
        axes.set(xticks=[], yticks=[], frame_on=bool(axes.images))
        for spine in axes.spines.values():
            spine.set(visible=True, color=style.FAINT)
    names = {str(s.artifact.fields["of"]) for s in series if "of" in s.artifact.fields}
    of = f", {style.shorten(names.pop())} layer" if len(names) == 1 else ""
    if any(c.signed and np.ndim(c.pictures[0]) == 2 for c in drawn):
        bar = canvas.colorbar(ScalarMappable(**SIGNED), ax=grid, ticks=[-1, 0, 1], pad=0.02)
        bar.outline.set_linewidth(0.5)
        style.write(bar.ax.yaxis.label, "derivative / its largest" + of)
    else:
        style.write(canvas.supxlabel(" ", fontsize=6.5), "derivative; grey is none" + of)
    return Drawn()


def _drawn(series: Sequence[Series]) -> list[Column]:
    several = len(series) > 1
    found = [c for one in series for c in columns(one.artifact, one.label if several else "")]
    return found[:MOST_COLUMNS]


def _rows(drawn: Sequence[Column]) -> int:
    return min(max(len(column.pictures) for column in drawn), MOST_ROWS)


def columns(artifact: Artifact, label: str) -> list[Column]:
    """Return the images, if known, and the maps of each rank; their axes are C, H, W on disk.

    >>> facts = {"ranks": np.array([1]), "index": np.array([7])}
    >>> maps = np.array([[[[[2.0, -1.0]]]]])
    >>> found = columns(Artifact("sensitivity", {"maps": maps, **facts}), "kh")
    >>> found[0].title, found[0].pictures[0].tolist()
    ('kh, n = 1', [[1.0, -0.5]])
    """
    arrays, found = artifact.arrays, []
    before = f"{style.shorten(label)}, " if label else ""
    if "images" in arrays:
        found.append(Column("images", [_photograph(x) for x in arrays["images"]], False))
    for rank, maps in zip(arrays["ranks"], np.nan_to_num(arrays["maps"]), strict=True):
        found.append(Column(f"{before}n = {rank}", [montage(m[None]) for m in maps], True))
    return found


def _photograph(image: np.ndarray) -> np.ndarray:
    """Return an image, (C, H, W), as (H, W, 3) or the mean over channels, scaled to 0..1."""
    image = np.nan_to_num(image.astype(float))
    low, high = min(image.min(), 0.0), image.max()
    scaled = (image - low) / (high - low if high > low else 1)
    return scaled.transpose(1, 2, 0) if len(image) == 3 else scaled.mean(0)
