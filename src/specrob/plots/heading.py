"""What stands above a figure: the images that its numbers come from, or a title."""

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure

from specrob.artifacts import Provenance
from specrob.plots import style
from specrob.quantities.image_titles import images_of, transform_of


def add_heading(
    figure: Figure, title: str, runs: Sequence[Provenance], labels: Sequence[str]
) -> None:
    """Add a title above a figure; "auto" is the names of the images, "none" is nothing.

    >>> figure = style.new_figure(style.SINGLE, 2.0)
    >>> add_heading(figure, "Robustness", [], [])
    >>> figure.get_suptitle()
    'Robustness'
    """
    if title == "none":
        return
    text, size, color = (
        (name_images(runs, labels), 6.5, style.MUTED)
        if title == "auto"
        else (title, 8.0, style.INK)
    )
    if text:
        letters = int(figure.get_figwidth() / (style.letter() * size / 6.5))
        lines = textwrap.fill(text, max(letters, 10))
        heading = figure.suptitle(" ", fontsize=style.points(size), color=color)
        style.set_plain_text(heading, lines)


def name_images(runs: Sequence[Provenance], labels: Sequence[str]) -> str:
    """Return which images the numbers come from, where that is known.

    >>> from specrob.artifacts import Data
    >>> name_images([Provenance(data=Data("mnist", "MNIST", "", {}))], ["kh"])
    'Images: MNIST'

    Transforms of the same images stand behind them:

    >>> transformed = Data("mnist", "MNIST, pca:8", "", {}, transform=("pca:8",))
    >>> plain = Provenance(data=Data("mnist", "MNIST", "", {}))
    >>> name_images([plain, Provenance(data=transformed)], ["kh", "bp"])
    'Images: MNIST: as they are (kh), pca:8 (bp)'
    """
    sources = [run.lineage_data() for run in runs]
    labelled = {
        data.name: (data, label) for data, label in zip(sources, labels, strict=True) if data
    }
    if not labelled:
        return ""
    if len(labelled) == 1:
        return f"Images: {style.shorten(next(iter(labelled)))}"
    plain = {images_of(data) for data, _ in labelled.values()}
    same = plain.pop() if len(plain) == 1 else None
    parts = [
        f"{style.shorten(transform_of(data) or 'as they are' if same else name)} ({label})"
        for name, (data, label) in labelled.items()
    ]
    return f"Images: {f'{style.shorten(same)}: ' if same else ''}{', '.join(parts)}"
