"""Images that commands made to learn from: the first of each file, with their labels."""

from collections.abc import Sequence
from dataclasses import dataclass

from specrob.errors import ArtifactError
from specrob.plots import style
from specrob.plots.figure import Canvas, FigureKind, Panel, Series, Size
from specrob.plots.pictures import draw_image, name_classes
from specrob.results import ImageFile

ROWS, COLUMNS = 4, 8  # of all files together, and of one row
SIDE, CAPTION = 0.75, 0.3  # inches


@dataclass(frozen=True)
class Block:
    """The first images of a file: (B, C, H, W), with labels before and to learn from, (B,)."""

    images: style.Array
    true_labels: style.Array
    labels: style.Array
    caption: str

    @property
    def height(self) -> int:
        """Rows of the figure that it takes."""
        return -(-len(self.images) // COLUMNS)


def size(series: Sequence[Series], part: str | None) -> Size:
    """Return width and height where the panel stands alone, inches."""
    rows = sum(block.height for block in _blocks(series))
    return max(SIDE * COLUMNS, style.SINGLE), (SIDE + 0.1) * rows + CAPTION * len(series)


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
        chosen = zip(block.images, block.true_labels, block.labels, strict=True)
        for axes, (image, true_label, label) in zip(panels.flat, chosen, strict=False):
            draw_image(axes, image)
            name_classes(axes, int(true_label), int(label))
        style.set_plain_text(box.supxlabel(" ", fontsize=style.points(7)), block.caption)
    return Panel()


def _blocks(series: Sequence[Series]) -> list[Block]:
    return [_block(one, max(1, ROWS // len(series)) * COLUMNS) for one in series]


def _block(one: Series, most: int) -> Block:
    file = one.result(ImageFile)
    for split, images, _ in file.parts():
        true_labels, labels = file.labels(split)
        if true_labels is not None and labels is not None:
            caption = f"{style.shorten(one.label)}: {style.shorten(str(file.name))}, {split}"
            return Block(images[:most], true_labels[:most], labels[:most], caption)
    raise ArtifactError(
        f"expected images in {one.label}, found none; make some with `specrob invert` or `specrob "
        "attack --save-data`"
    )


FIGURE = FigureKind("Images to learn from", draw, size, most=4)
