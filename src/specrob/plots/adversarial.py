"""Perturbed images: a row for each of a few images, a column for each of a few radii.

Letters: ``E`` radii, ``B`` images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from specrob.plots import style
from specrob.plots.figure import Canvas, FigureKind, Panel, Series, Size
from specrob.plots.pictures import draw_image, name_classes
from specrob.quantities.attack_names import SETTINGS, attack_name
from specrob.results import Adversarial

ROWS, COLUMNS = 5, 7
SIDE = 0.85  # inches


@dataclass(frozen=True)
class Block:
    """The images of one series: which of them, (R,), at which radii, (K,)."""

    result: Adversarial
    rows: style.Array
    columns: style.Array
    title: str

    @property
    def height(self) -> int:
        """Rows of the figure that it takes."""
        return max(1, len(self.rows))


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    blocks = _blocks(series)
    width = max(len(block.columns) for block in blocks)
    height = SIDE * sum(block.height for block in blocks) + 0.6
    return max(SIDE * width + 0.3, style.SINGLE), height


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw the first attacked images at some of the radii, with the class that each is taken for.

    Several series lie below one another.
    """
    blocks = _blocks(series)
    width = max(len(block.columns) for block in blocks)
    heights = [block.height for block in blocks]
    parts = canvas.subfigures(len(blocks), 1, squeeze=False, height_ratios=heights)
    for box, block in zip(parts.flat, blocks, strict=True):
        panels = box.subplots(block.height, width, squeeze=False)
        for axes in panels.flat:
            axes.set_axis_off()
        _draw_block(panels, block)
        style.set_plain_text(box.supxlabel(" ", fontsize=style.points(7)), block.title)
    return Panel()


def _blocks(series: Sequence[Series]) -> list[Block]:
    return [_block(one, max(1, ROWS // len(series))) for one in series]


def _block(one: Series, most: int) -> Block:
    """Return the images that were classified correctly, and radii from the least to the most."""
    result = one.result(Adversarial)
    rows = np.flatnonzero(result.prediction == result.label)[:most]
    order = np.argsort(result.eps, kind="stable")
    spread = np.linspace(0, len(order) - 1, COLUMNS).round().astype(int)
    attack = attack_name(result)
    title = f"{style.shorten(one.label)}: {attack.method} ({attack.details}), ε above each column"
    return Block(result, rows, order[np.unique(spread)], title)


def _draw_block(panels: style.Array, block: Block) -> None:
    result = block.result
    if not len(block.rows):
        style.add_message(panels[0, 0], "no image was classified correctly")
    for row, image in zip(panels, block.rows, strict=False):
        highest = np.nan_to_num(np.abs(result.x[block.columns[0], image])).max()
        for axes, column in zip(row, block.columns, strict=False):
            draw_image(axes, result.x[column, image] / max(highest, 1e-12))
            label, prediction = result.label[image], result.prediction_adversarial[column, image]
            name_classes(axes, int(label), int(prediction))
    for axes, column in zip(panels[0], block.columns, strict=False):
        axes.set_title(f"{result.eps[column]:.3g}")


FIGURE = FigureKind("Perturbed images", draw, size, most=1, agree=SETTINGS)
