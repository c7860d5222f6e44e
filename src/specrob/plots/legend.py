"""What legends say, and where they stand: once, below a figure, where its panels agree."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, Panel

MOST, WIDEST = 8, 26  # entries and letters of a legend that fits into an axes
HANDLE, LINE = 0.6, 0.14  # inches


def add_legend(where: Axes | Canvas, entries: Sequence[Entry], **options: Any) -> Legend:
    """Add a legend whose names appear as given, even where they start with "_" or hold "$".

    >>> axes = style.new_figure(style.SINGLE, 2.0).subplots()
    >>> add_legend(axes, [Entry("_kh", {"color": "black"})]).get_texts()[0].get_text()
    '_kh'
    """
    handles = [Line2D([], [], **entry.look) for entry in entries]
    legend = where.legend(handles, ["x"] * len(handles), **options)
    for text, entry in zip(legend.get_texts(), entries, strict=True):
        style.set_plain_text(text, style.shorten(entry.name))
    return legend


def add_legend_below(figure: Figure, entries: Sequence[Entry]) -> None:
    """Add a legend below the panels of a figure, which grows for it."""
    if not entries:
        return
    width, height = figure.get_size_inches()
    longest = max(len(style.shorten(entry.name)) for entry in entries)
    columns = min(max(1, int(width / (HANDLE + style.letter() * longest))), len(entries))
    figure.set_size_inches(width, height + style.points(LINE) * -(-len(entries) // columns))
    add_legend(figure, entries, loc="outside lower center", ncols=columns)


def add_legends(panel: Panel) -> None:
    """Add the legends of one panel inside its axes."""
    if len(panel.axes) == 1:
        panel = replace(panel, entries=[*panel.entries, *panel.meanings], meanings=())
    if panel.entries:
        add_legend(panel.axes[0], panel.entries, loc=panel.loc)
    if panel.meanings:
        add_legend(panel.axes[-1], panel.meanings, loc="best")


def add_legends_alone(figure: Figure, panel: Panel) -> None:
    """Add the legends of a figure of one panel: inside, or below where they would not fit.

    >>> figure = style.new_figure(style.SINGLE, 2.0)
    >>> entries = [Entry(str(n), {"color": "black"}) for n in range(9)]
    >>> add_legends_alone(figure, Panel([figure.subplots()], entries))
    >>> len(figure.legends[0].get_texts())
    9
    """
    names = [entry.name for entry in panel.entries]
    if len(names) > MOST or max(map(len, names), default=0) > WIDEST:
        add_legend_below(figure, panel.entries)
        panel = replace(panel, entries=())
    add_legends(panel)


def add_shared_legends(
    figure: Figure, panels: Sequence[Panel], labels: Sequence[Sequence[str]]
) -> None:
    """Add below a figure the entries that several of its panels share, and in each the rest.

    The name of a panel's only series is its title, and so left out.
    """
    panels = [_without_title(*one) for one in zip(panels, labels, strict=True)]
    networks = {label for several in labels for label in several}
    candidates = [[*(e for e in p.entries if e.name in networks), *p.meanings] for p in panels]
    times = Counter(key for entries in candidates for key in dict.fromkeys(e.key for e in entries))
    shared = {e.key: e for entries in reversed(candidates) for e in entries if times[e.key] > 1}
    for panel in panels:
        entries, meanings = (
            [e for e in part if e.key not in shared] for part in (panel.entries, panel.meanings)
        )
        add_legends(replace(panel, entries=entries, meanings=meanings))
    add_legend_below(figure, [shared[key] for key in times if key in shared])


def _without_title(panel: Panel, labels: Sequence[str]) -> Panel:
    if len(labels) > 1:
        return panel
    rest = [replace(e, name=e.name.removeprefix(labels[0]).lstrip(", ")) for e in panel.entries]
    return replace(panel, entries=[entry for entry in rest if entry.name])
