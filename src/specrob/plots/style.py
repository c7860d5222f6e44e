"""The palette, and what all figures share: sizes of text, ticks, bands, letters of panels.

Colours differ in lightness as well as in hue, for readers who do not see hues and for printers.
"""

import logging
import warnings
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import matplotlib
import numpy as np
from matplotlib.axes import Axes
from matplotlib.axis import Axis
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from matplotlib.font_manager import FontProperties
from matplotlib.text import Text
from matplotlib.textpath import text_to_path
from matplotlib.ticker import FuncFormatter, LogLocator, MaxNLocator, NullFormatter
from numpy.typing import NDArray

from specrob.printable import printable

STYLE = Path(__file__).with_name("specrob.mplstyle")
SINGLE, DOUBLE = 3.4, 7.0  # column widths, inches
INK, MUTED, FAINT = "#1a1a1a", "#6b6b6b", "#c4c4c4"
PALETTE = ("#0d0f2e", "#d85a1c", "#226da8", "#efb73e", "#8a1f3d", "#3aa982", "#a9d6f2")
# from dark blue over white to orange: the signs differ in lightness too
SIGNED = LinearSegmentedColormap.from_list(
    "signed", ("#0b2a5b", "#6f95c4", "#f7f7f7", "#f3b08c", "#d85a1c")
)
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
DASHES = ("-", (0, (5, 1.5)), (0, (5, 1.5, 1, 1.5)), (0, (2, 1.2)))
LONGEST = 44  # characters of a label
LETTER = 0.055  # inches, of small print
FONT = 7.0  # points, of most text
TEXTS = (
    *("font.size", "axes.labelsize", "axes.titlesize", "xtick.labelsize", "ytick.labelsize"),
    *("legend.fontsize", "legend.title_fontsize"),
)

Array = NDArray[Any]
Engine = Literal["constrained", "compressed"]
Look = dict[str, Any]  # what Line2D takes


@contextmanager
def _silent_log() -> Iterator[None]:
    """Pass over what matplotlib logs about letters that its fonts for formulas lack."""
    log = logging.getLogger("matplotlib.mathtext")
    level = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(level)


@contextmanager
def styled(font_size: float | None = None) -> Iterator[None]:
    """Draw with our style, and without warnings about letters that our font lacks.

    Nor about numbers too large for figures, which files may hold. The size of most text is in
    points; that of other text keeps its ratio to it.

    >>> with styled(14.0):
    ...     points(6.5), float(matplotlib.rcParams["xtick.labelsize"])
    (13.0, 13.0)
    """
    quiet = np.errstate(all="ignore")
    with matplotlib.rc_context(fname=STYLE), warnings.catch_warnings(), quiet, _silent_log():
        warnings.filterwarnings("ignore", "Glyph .* missing", UserWarning)
        scale = (font_size or FONT) / FONT
        current: Any = matplotlib.rcParams
        current.update({name: scale * current[name] for name in TEXTS})
        yield


def points(size: float) -> float:
    """Return the size of text that has a size where most text has 7 points."""
    return size * float(matplotlib.rcParams["font.size"]) / FONT


def letter() -> float:
    """Return the width of a letter of small print, in inches."""
    return points(LETTER)


def width_of(text: str) -> float:
    """Return the width of a text of a legend, in inches."""
    font = FontProperties(size=points(6.5))
    return float(text_to_path.get_text_width_height_descent(text, font, False)[0]) / 72


def new_figure(width: float, height: float, layout: Engine = "constrained") -> Figure:
    """Return an empty figure of a size in inches, whose parts make room for each other."""
    return Figure(figsize=(width, height), layout=layout)


def shade(color: Any, strength: float) -> tuple[float, ...]:
    """Return a colour mixed with white; a strength of 1 leaves it as it is.

    >>> shade("black", 0.0)
    (1.0, 1.0, 1.0)
    """
    return tuple(float(x) for x in 1 - strength * (1 - np.array(to_rgb(color))))


def shorten(text: str, longest: int = LONGEST) -> str:
    """Return a label on one line, its middle left out where it is long.

    >>> shorten("kh"), len(shorten("x" * 900))
    ('kh', 44)
    """
    words = "".join(c if c.isprintable() else " " for c in text).split()
    line = " ".join(words) or printable(text[:1])
    half = (longest - 1) // 2
    return line if len(line) <= longest else f"{line[: longest - 1 - half]}…{line[-half:]}"


def set_plain_text(artist: Text, text: str) -> None:
    """Set a text that comes from outside: as it is, never as mathematics.

    >>> axes = new_figure(SINGLE, 2.0).subplots()
    >>> set_plain_text(axes.title, "$x$")
    >>> axes.get_title(), axes.title.get_parse_math()
    ('$x$', False)
    """
    artist.set_parse_math(False)
    artist.set_text(text)


def add_band(axes: Axes, x: Array, mean: Array, spread: Array, color: Any) -> None:
    """Shade one standard deviation about the mean of several seeds.

    >>> axes = new_figure(SINGLE, 2.0).subplots()
    >>> add_band(axes, np.arange(2), np.ones(2), np.ones(2), "black")
    >>> len(axes.collections)
    1
    """
    if spread.any():
        axes.fill_between(x, mean - spread, mean + spread, color=color, alpha=0.2, linewidth=0)


BAND: Look = {"color": shade(MUTED, 0.35), "linewidth": 5, "solid_capstyle": "butt"}  # in legends


def add_message(axes: Axes, text: str) -> None:
    """Write in the middle of a panel why it is empty."""
    axes.text(0.5, 0.5, text, transform=axes.transAxes, ha="center", va="center", color=MUTED)


def tick_decades(axis: Axis) -> None:
    """Put readable ticks on a logarithmic axis whose limits are set, however few decades.

    >>> axes = new_figure(SINGLE, 2.0).subplots()
    >>> _ = axes.set(xscale="log", xlim=(2, 20))
    >>> tick_decades(axes.xaxis)
    >>> [float(tick) for tick in axes.get_xticks() if 2 <= tick <= 20]
    [2.0, 5.0, 10.0, 20.0]
    """
    low, high = sorted(axis.get_view_interval())
    axis.set_minor_formatter(NullFormatter())
    if np.floor(np.log10(high)) > np.ceil(np.log10(low)):  # two powers of ten or more
        return
    narrow = high / low < 6
    axis.set_major_locator(MaxNLocator(4) if narrow else LogLocator(subs=(1.0, 2.0, 5.0)))
    axis.set_major_formatter(FuncFormatter(lambda value, _: f"{value:g}"))


def letter_panels(panels: Sequence[Axes]) -> None:
    """Put a, b, ... at the upper left of panels, if there are several.

    >>> panels = new_figure(DOUBLE, 2.0).subplots(1, 2)
    >>> letter_panels(panels)
    >>> [axes.get_title("left") for axes in panels]
    ['a', 'b']
    """
    for axes, letter in zip(panels, "abcdefgh", strict=False):
        if len(panels) > 1:
            axes.set_title(letter, loc="left", fontweight="bold", fontsize=points(8))
