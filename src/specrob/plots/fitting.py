"""Text that has no room in its figure: names and titles are broken, ticks are left out."""

import re
import textwrap
from itertools import pairwise

from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.figure import Figure
from matplotlib.text import Text

FEWEST = 8  # letters of a line
SMALLEST = 0.7  # of its size, to which a title shrinks
APART = 6.0  # pixels, between the names of ticks


def fit_text(figure: Figure) -> None:
    r"""Break names and titles that are longer than their axes, once the axes have their sizes.

    >>> figure = Figure(figsize=(1.5, 1.5), layout="constrained")
    >>> label = figure.subplots().set_xlabel("$a b$ and a name that is too long for its axes")
    >>> fit_text(figure)
    >>> label.get_text().count("\n") >= 1, "$a b$" in label.get_text()
    (True, True)
    """
    figure.draw_without_rendering()
    for axes in figure.axes:
        sides = axes.get_window_extent()
        _break(axes.xaxis.label, _room(axes))
        if "\n" not in axes.yaxis.label.get_text():  # more lines would take the axes' width
            _break(axes.yaxis.label, sides.height)
        _break(axes.title, sides.width)
    _shrink_titles(figure)
    figure.draw_without_rendering()
    for axes in figure.axes:
        _thin_out(axes.xaxis)


def _room(axes: Axes) -> float:
    """Return the width for the name of the horizontal axis, in pixels.

    It is that of the axes, and where no others have a name beside it that of their part of the
    figure.
    """
    sides, canvas = axes.get_window_extent(), axes.figure
    named = [other for other in canvas.axes if other.get_xlabel()] if canvas else []
    if canvas is None or len(named) > 1:
        return float(sides.width)
    middle = (sides.x0 + sides.x1) / 2
    return float(2 * min(middle - canvas.bbox.x0, canvas.bbox.x1 - middle))


def _length(text: Text) -> float:
    """Return the length of the longest line, in pixels."""
    extent = text.get_window_extent()
    return float(extent.height if text.get_rotation() == 90 else extent.width)


def _break(text: Text, room: float) -> None:
    if not _length(text) > room > 0:
        return
    whole = re.sub(r"\$.*?\$", lambda math: math[0].replace(" ", "\0"), text.get_text())
    lines = whole.split("\n")
    letters = max(int(max(map(len, lines)) * room / _length(text)), FEWEST)
    wrapper = textwrap.TextWrapper(letters, break_long_words=False, break_on_hyphens=False)
    text.set_text("\n".join(map(wrapper.fill, lines)).replace("\0", " "))


def _shrink_titles(figure: Figure) -> None:
    """Make all titles small enough for the narrowest axes, down to a share of their size."""
    rooms = [(axes.title, axes.get_window_extent().width) for axes in figure.axes]
    ratios = [room / _length(title) for title, room in rooms if title.get_text().strip() and room]
    if (share := max(min(ratios, default=1.0), SMALLEST)) < 1:
        for title, _ in rooms:
            title.set_fontsize(share * float(title.get_fontsize()))


def _thin_out(axis: Axis) -> None:
    """Leave out the name of every second tick while names overlap."""
    named = [
        (tick.get_loc(), tick.label1)
        for tick in axis.get_major_ticks()
        if tick.label1.get_visible()
        and tick.label1.get_text()
        and _is_inside(axis, tick.get_loc())
    ]
    chosen = named
    while len(chosen) > 1 and _overlap([label for _, label in chosen]):
        chosen = chosen[::2]
    if len(chosen) < len(named):
        texts = [label.get_text() for _, label in chosen]
        axis.set_ticks([at for at, _ in chosen], texts)


def _is_inside(axis: Axis, at: float) -> bool:
    low, high = sorted(axis.get_view_interval())
    return bool(low <= at <= high)


def _overlap(labels: list[Text]) -> bool:
    extents = sorted((label.get_window_extent() for label in labels), key=lambda box: box.x0)
    return any(one.x1 + APART > other.x0 for one, other in pairwise(extents))
