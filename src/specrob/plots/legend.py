"""What legends say, and where they stand: once, below a figure, where its panels agree."""

from collections import Counter
from collections.abc import Hashable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.legend import Legend
from matplotlib.lines import Line2D

from specrob.plots import style
from specrob.plots.figure import Canvas, Entry, Panel

MOST, WIDEST = 8, 26  # entries and letters of a legend that fits into an axes
WIDE = 0.55  # of the figure, beyond which a legend of one column does not fit
HANDLE, LINE = 0.5, 0.14  # inches


def add_legend(where: Axes | Canvas, entries: Sequence[Entry], **options: Any) -> Legend:
    """Add a legend whose names appear as given, even where they start with "_" or hold "$".

    >>> axes = style.new_figure(style.SINGLE, 2.0).subplots()
    >>> add_legend(axes, [Entry("_kh", {"color": "black"})]).get_texts()[0].get_text()
    '_kh'
    """
    handles = [Line2D([], [], **entry.look) for entry in entries]
    legend = where.legend(handles, ["x"] * len(handles), **options)
    for text, entry in zip(legend.get_texts(), entries, strict=True):
        style.set_plain_text(text, entry.text)
    return legend


def add_legend_below(figure: Figure, entries: Sequence[Entry]) -> None:
    """Add a legend below the panels of a figure, which grows for it."""
    if not entries:
        return
    width, height = figure.get_size_inches()
    texts = [style.width_of(entry.text) for entry in entries]
    fitting = (n for n in range(len(entries), 1, -1) if _in_columns(texts, n) <= width)
    columns = next(fitting, 1)
    figure.set_size_inches(width, height + style.points(LINE) * -(-len(entries) // columns))
    add_legend(figure, entries, loc="outside lower center", ncols=columns)


def _width(entries: Sequence[Entry]) -> float:
    """Return the width of a legend in one column, inches."""
    return _in_columns([style.width_of(entry.text) for entry in entries], 1) if entries else 0.0


def _in_columns(texts: Sequence[float], columns: int) -> float:
    """Return the width of a legend with texts of some widths; it is filled column by column."""
    parts = np.array_split(np.array(texts), columns)
    return float(sum(style.points(HANDLE) + part.max() for part in parts))


def add_legends(panel: Panel) -> None:
    """Add the legends of one panel inside its axes."""
    if len(panel.axes) == 1:
        panel = replace(panel, entries=[*panel.entries, *panel.meanings], meanings=())
    # axes must not shrink for what lies inside them
    if panel.entries:
        add_legend(panel.axes[0], panel.entries, loc=panel.loc).set_in_layout(False)
    if panel.meanings:
        add_legend(panel.axes[-1], panel.meanings, loc="best").set_in_layout(False)


def add_legends_alone(figure: Figure, panel: Panel) -> None:
    """Add the legends of a figure of one panel: inside, or below where they would not fit.

    >>> figure = style.new_figure(style.SINGLE, 2.0)
    >>> entries = [Entry(str(n), {"color": "black"}) for n in range(9)]
    >>> add_legends_alone(figure, Panel([figure.subplots()], entries))
    >>> len(figure.legends[0].get_texts())
    9
    """
    inside = [*panel.entries, *panel.meanings] if len(panel.axes) == 1 else panel.entries
    longest = max((len(entry.text) for entry in inside), default=0)
    is_wide = longest > WIDEST or _width(inside) > WIDE * figure.get_figwidth()
    if panel.outside or len(inside) > MOST or is_wide:
        add_legend_below(figure, inside)
        panel = replace(panel, entries=(), meanings=() if len(panel.axes) == 1 else panel.meanings)
    add_legends(panel)


def add_shared_legends(
    figure: Figure, panels: Sequence[Panel], labels: Sequence[Sequence[str]]
) -> None:
    """Add below a figure the entries that several of its panels share, and in each the rest.

    The name of a panel's only series is its title, and so left out. A network stands there once,
    with its exponents; where they differ between panels, each panel has its own.
    """
    panels = [_without_title(*one) for one in zip(panels, labels, strict=True)]
    networks = {label for several in labels for label in several}
    candidates = [[*(e for e in p.entries if e.name in networks), *p.meanings] for p in panels]
    times = Counter(key for entries in candidates for key in dict.fromkeys(e.key for e in entries))
    shared = {key: _merge(key, candidates) for key in times if times[key] > 1}
    below = list(shared.values())
    for panel in panels:
        entries = [rest for e in panel.entries if (rest := _beside(e, shared.get(e.key)))]
        meanings = [e for e in panel.meanings if e.key not in shared]
        if panel.outside or _width(entries) > WIDE * _inches(panel):
            below += [e for e in entries if e.name]
            entries = [e for e in entries if not e.name]
        if panel.outside or _width(meanings) > WIDE * _inches(panel):
            below, meanings = [*below, *meanings], []
        add_legends(replace(panel, entries=entries, meanings=meanings))
    add_legend_below(figure, below)


def _merge(key: Hashable, candidates: Sequence[Sequence[Entry]]) -> Entry:
    """Return an entry that several panels share, with its remark where there is one alone.

    Its marker is its own, where a panel has it, rather than that of a layer.
    """
    alike = [e for entries in candidates for e in entries if e.key == key]
    remarks = {e.remark for e in alike if e.remark}
    chosen = min(alike, key=lambda e: "fillstyle" in e.look)
    return replace(chosen, remark=remarks.pop() if len(remarks) == 1 else "")


def _beside(entry: Entry, shared: Entry | None) -> Entry | None:
    """Return what a panel says of an entry beside what is said below all panels."""
    if shared is None:
        return entry
    return replace(entry, name="") if entry.remark != shared.remark and entry.remark else None


def _inches(panel: Panel) -> float:
    """Return the width of the canvas that a panel is drawn on."""
    canvas = panel.axes[0].figure if len(panel.axes) else None
    return canvas.bbox.width / canvas.dpi if canvas is not None else 0.0


def _without_title(panel: Panel, labels: Sequence[str]) -> Panel:
    if len(set(labels)) > 1:
        return panel
    label = labels[0]
    rest = [replace(e, name=e.name.removeprefix(label).lstrip(", ")) for e in panel.entries]
    return replace(panel, entries=[entry for entry in rest if entry.text])
