"""What legends say, and where they stand: once, below a figure, where its panels agree."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from specrob.plots import style

MOST, WIDEST = 8, 26  # entries and letters of a legend that fits into an axes
HANDLE, LINE = 0.6, 0.14  # inches


@dataclass(frozen=True)
class Entry:
    """One line of a legend; `look` holds what Line2D takes, in pairs that never change."""

    name: str
    look: tuple[tuple[str, Any], ...]

    @classmethod
    def of(cls, name: str, **look: Any) -> "Entry":
        """Return the entry of something that looks so.

        >>> Entry.of("kh", color="black") == Entry.of("kh", color="black")
        True
        """
        return cls(name, tuple(look.items()))

    @property
    def key(self) -> tuple[str, Any]:
        """What makes two entries one: a curve and a point of one network are."""
        return self.name, dict(self.look).get("color")


@dataclass(frozen=True)
class Drawn:
    """What was drawn on a canvas: its axes in order, and what their legend must say.

    Parameters
    ----------
    axes : sequence of Axes
        They get letters where the panel stands alone; the first has room for `entries`, the last
        for `meanings`.
    entries : sequence of Entry
        One for each series.
    meanings : sequence of Entry
        What shades, stars and dashes mean.
    loc : str
        Where a legend inside the axes stands.
    """

    axes: Sequence[Axes] = ()
    entries: Sequence[Entry] = ()
    meanings: Sequence[Entry] = ()
    loc: str = "best"


def add_legend(where: Axes | Figure, entries: Sequence[Entry], **options: Any) -> Legend:
    """Add a legend whose names appear as given, even where they start with "_" or hold "$".

    >>> axes = style.new_figure(style.SINGLE, 2.0).subplots()
    >>> add_legend(axes, [Entry.of("_kh", color="black")]).get_texts()[0].get_text()
    '_kh'
    """
    handles = [Line2D([], [], **dict(entry.look)) for entry in entries]
    legend = where.legend(handles, ["x"] * len(handles), **options)
    for text, entry in zip(legend.get_texts(), entries, strict=True):
        style.write(text, style.shorten(entry.name))
    return legend


def add_legends(drawn: Drawn) -> None:
    """Add the legends of one panel inside its axes."""
    if len(drawn.axes) == 1:
        drawn = replace(drawn, entries=[*drawn.entries, *drawn.meanings], meanings=())
    if drawn.entries:
        add_legend(drawn.axes[0], drawn.entries, loc=drawn.loc)
    if drawn.meanings:
        add_legend(drawn.axes[-1], drawn.meanings, loc="best")


def explain_alone(figure: Figure, drawn: Drawn) -> None:
    """Add the legends of a figure of one panel: inside, or below where they would not fit.

    >>> figure = style.new_figure(style.SINGLE, 2.0)
    >>> entries = [Entry.of(str(n), color="black") for n in range(9)]
    >>> explain_alone(figure, Drawn([figure.subplots()], entries))
    >>> len(figure.legends[0].get_texts())
    9
    """
    names = [entry.name for entry in drawn.entries]
    if len(names) > MOST or max(map(len, names), default=0) > WIDEST:
        below(figure, drawn.entries)
        drawn = replace(drawn, entries=())
    add_legends(drawn)


def explain_together(
    figure: Figure, panels: Sequence[Drawn], labels: Sequence[Sequence[str]]
) -> None:
    """Add below a figure what several of its panels say, and in each panel the rest.

    The name of a panel's only series is its title, and so left out.
    """
    named = [_without_title(*one) for one in zip(panels, labels, strict=True)]
    known = {label for several in labels for label in several}
    said = [[*(e for e in drawn.entries if e.name in known), *drawn.meanings] for drawn in named]
    times = Counter(key for entries in said for key in dict.fromkeys(e.key for e in entries))
    shared = {e.key: e for entries in reversed(said) for e in entries if times[e.key] > 1}
    for drawn in named:
        entries, meanings = (
            [e for e in part if e.key not in shared] for part in (drawn.entries, drawn.meanings)
        )
        add_legends(replace(drawn, entries=entries, meanings=meanings))
    below(figure, [shared[key] for key in times if key in shared])


def _without_title(drawn: Drawn, labels: Sequence[str]) -> Drawn:
    if len(labels) > 1:
        return drawn
    rest = [replace(e, name=e.name.removeprefix(labels[0]).lstrip(", ")) for e in drawn.entries]
    return replace(drawn, entries=[entry for entry in rest if entry.name])


def below(figure: Figure, entries: Sequence[Entry]) -> None:
    """Add a legend below the panels of a figure, which grows for it."""
    if not entries:
        return
    width, height = figure.get_size_inches()
    longest = max(len(style.shorten(entry.name)) for entry in entries)
    columns = min(max(1, int(width / (HANDLE + style.LETTER * longest))), len(entries))
    figure.set_size_inches(width, height + LINE * -(-len(entries) // columns))
    add_legend(figure, entries, loc="outside lower center", ncols=columns)
