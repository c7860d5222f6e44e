"""Perturbed images: a row for each of a few images, a column for each of a few radii.

Letters: ``E`` radii, ``B`` images.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from specrob.artifacts import Artifact
from specrob.plots import style
from specrob.plots.reading import attack_name

ROWS, COLUMNS = 5, 7
SIDE = 0.85  # inches


def figure(artifacts: Sequence[Artifact], labels: Sequence[str]) -> Figure:
    """Draw the first attacked images at some of the radii, with the class that each is taken for.

    Several artifacts lie below one another.
    """
    blocks = [_Block.of(artifact, max(1, ROWS // len(artifacts))) for artifact in artifacts]
    height = sum(max(1, len(block.rows)) for block in blocks)
    width = max(len(block.columns) for block in blocks)
    canvas = style.new_figure(max(SIDE * width + 0.3, style.SINGLE), SIDE * height + 0.6)
    parts = canvas.subfigures(
        len(blocks), 1, squeeze=False, height_ratios=[max(1, len(b.rows)) for b in blocks]
    )
    for part, block, label in zip(parts.flat, blocks, labels, strict=True):
        panels = part.subplots(max(1, len(block.rows)), width, squeeze=False)
        for axes in panels.flat:
            axes.set_axis_off()
        block.draw(panels)
        title = f"{style.shorten(label)}: {block.attack}, ε above each column"
        style.write(part.supxlabel(" ", fontsize=7), title)
    return canvas


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
        method, norm = attack_name(artifact.fields)
        return cls(arrays, rows, order[np.unique(spread)], f"{method} ({norm})")

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
