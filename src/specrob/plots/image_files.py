"""Images that commands made to learn from: the first of each file, with their labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.figure import Canvas, FigureKind, Panel, Series, Size
from specrob.plots.pictures import draw_image, name_classes
from specrob.results import ImageFile

ROWS, COLUMNS = 4, 8  # of all files together, and of one row
SIDE, TITLE = 0.75, 0.3  # inches


@dataclass(frozen=True)
class Block:
    """The first images of a file: (B, C, H, W), with labels before and to learn from, (B,)."""

    images: style.Array
    before: style.Array
    labels: style.Array
    title: str

    @property
    def height(self) -> int:
        """Rows of the figure that it takes."""
        return -(-len(self.images) // COLUMNS)


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    rows = sum(block.height for block in _blocks(series))
    return max(SIDE * COLUMNS, style.SINGLE), (SIDE + 0.1) * rows + TITLE * len(series)


def draw(canvas: Canvas, series: Sequence[Series], part: str | None = None) -> Panel:
    """Draw the first images of every file, training images where there are some.

    Below each stands the label of the image that it was made from, and the one to learn from
    where that is another.
    """
    blocks = _blocks(series)
    heights = [block.height for block in blocks]
    boxes = canvas.subfigures(len(blocks), 1, squeeze=False, height_ratios=heights)
    for box, block in zip(boxes.flat, blocks, strict=True):
        panels = box.subplots(block.height, COLUMNS, squeeze=False)
        for axes in panels.flat:
            axes.set_axis_off()
        chosen = zip(block.images, block.before, block.labels, strict=True)
        for axes, (image, before, label) in zip(panels.flat, chosen, strict=False):
            draw_image(axes, image)
            name_classes(axes, int(before), int(label))
        style.set_plain_text(box.supxlabel(" ", fontsize=style.points(7)), block.title)
    return Panel()


def _blocks(series: Sequence[Series]) -> list[Block]:
    return [_block(one, max(1, ROWS // len(series)) * COLUMNS) for one in series]


def _block(one: Series, most: int) -> Block:
    file = one.result(ImageFile)
    split, images, _ = next(file.parts(), (None, None, None))
    if images is None:
        raise ArtifactError(f"expected images in {one.label}, found none; make them again")
    before, labels = (getattr(file, f"{name}_{split}")[:most] for name in ("y_true", "y"))
    name = style.shorten(str(file.name))
    return Block(images[:most], before, labels, f"{style.shorten(one.label)}: {name}, {split}")


FIGURE = FigureKind("Images to learn from", draw, size, most=4)
