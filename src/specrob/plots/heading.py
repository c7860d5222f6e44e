"""What stands above a figure: the images that its numbers come from, or a title."""

import textwrap
from collections.abc import Sequence

from matplotlib.figure import Figure

from specrob.artifacts import Provenance
from specrob.plots import style


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
    >>> name_images([plain, Provenance(data=transformed)], ["images", "8 components"])
    'Images: MNIST, as they are and as pca:8'
    """
    sources = [run.lineage_data() for run in runs]
    names = {data.name: label for data, label in zip(sources, labels, strict=True) if data}
    transforms = {data.name: ", ".join(data.transform) for data in sources if data}
    untransformed = {name.removesuffix(f", {how}") for name, how in transforms.items()}
    shorten = style.shorten
    if len(names) == 1:
        return f"Images: {shorten(next(iter(names)))}"
    if len(untransformed) == 1:
        plain = ["as they are"] if "" in transforms.values() else []
        ways = plain + [f"as {shorten(how)}" for how in transforms.values() if how]
        return f"Images: {shorten(untransformed.pop())}, {_and(ways)}"
    parts = [f"{shorten(name)} ({label})" for name, label in names.items()]
    return f"Images: {', '.join(parts)}" if parts else ""


def _and(words: Sequence[str]) -> str:
    return " and ".join(filter(None, [", ".join(words[:-1]), words[-1]]))
