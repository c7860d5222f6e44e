"""Perturbed images: a row for each of a few images, a column for each of a few radii.

Letters: ``E`` radii, ``B`` images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from specrob.artifacts import Artifact
from specrob.plots import style
from specrob.plots.legend import Drawn
from specrob.plots.reading import attack_name
from specrob.plots.series import Series

PARTS = ()
ROWS, COLUMNS = 5, 7
SIDE = 0.85  # inches


def size(series: Sequence[Series], part: str | None) -> tuple[float, float]:
    """Return width and height where the panel stands alone, inches."""
    blocks = _blocks(series)
    width = max(len(block.columns) for block in blocks)
    return max(SIDE * width + 0.3, style.SINGLE), SIDE * sum(map(_height, blocks)) + 0.6


def draw(canvas: Figure | SubFigure, series: Sequence[Series], part: str | None = None) -> Drawn:
    """Draw the first attacked images at some of the radii, with the class that each is taken for.

    Several artifacts lie below one another.
    """
    blocks = _blocks(series)
    width = max(len(block.columns) for block in blocks)
    heights = list(map(_height, blocks))
    parts = canvas.subfigures(len(blocks), 1, squeeze=False, height_ratios=heights)
    for box, block, one in zip(parts.flat, blocks, series, strict=True):
        panels = box.subplots(_height(block), width, squeeze=False)
        for axes in panels.flat:
            axes.set_axis_off()
        block.draw(panels)
        title = f"{style.shorten(one.label)}: {block.attack}, ε above each column"
        style.write(box.supxlabel(" ", fontsize=7), title)
    return Drawn()


def _blocks(series: Sequence[Series]) -> list["_Block"]:
    return [_Block.of(one.artifact, max(1, ROWS // len(series))) for one in series]


def _height(block: "_Block") -> int:
    return max(1, len(block.rows))


@dataclass(frozen=True)
class _Block:
    """The images of one artifact: which of them, (R,), at which radii, (K,)."""

    arrays: Mapping[str, np.ndarray]
    rows: np.ndarray
    columns: np.ndarray
    attack: str

    @classmethod
    def of(cls, artifact: Artifact, most: int) -> "_Block":
        arrays = artifact.arrays
        rows = np.flatnonzero(arrays["prediction"] == arrays["label"])[:most]
        order = np.argsort(arrays["eps"], kind="stable")
        spread = np.linspace(0, len(order) - 1, COLUMNS).round().astype(int)
        method, *how = filter(None, attack_name(artifact.fields))
        return cls(arrays, rows, order[np.unique(spread)], f"{method} ({', '.join(how)})")

    def draw(self, panels: np.ndarray) -> None:
        arrays = self.arrays
        if not len(self.rows):
            style.say(panels[0, 0], "no image was classified correctly")
        for row, image in zip(panels, self.rows, strict=False):
            highest = np.nan_to_num(np.abs(arrays["x"][self.columns[0], image])).max()
            for axes, column in zip(row, self.columns, strict=False):
                _picture(axes, arrays["x"][column, image] / max(highest, 1e-12))
                found, own = (
                    arrays["prediction_adversarial"][column, image],
                    arrays["label"][image],
                )
                said = f"{own} → {found}" if found != own else f"{own}"
                colour = style.PALETTE[1] if found != own else style.MUTED
                axes.text(
                    0.5,
                    -0.05,
                    said,
                    color=colour,
                    ha="center",
                    va="top",
                    fontsize=6.5,
                    transform=axes.transAxes,
                )
        for axes, column in zip(panels[0], self.columns, strict=False):
            axes.set_title(f"{arrays['eps'][column]:.3g}")


def _picture(axes: Axes, image: np.ndarray) -> None:
    shown = np.clip(np.nan_to_num(image), 0, 1).transpose(1, 2, 0)
    axes.imshow(shown if shown.shape[2] == 3 else shown.mean(2), cmap="gray", vmin=0, vmax=1)
