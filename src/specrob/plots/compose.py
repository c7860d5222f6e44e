"""Panels of several kinds in one figure, each drawn by the function that draws its kind alone."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure, SubFigure

from specrob.errors import SpecrobError
from specrob.plots import style
from specrob.plots.fitting import fit_text
from specrob.plots.heading import add_heading
from specrob.plots.layout import Layout, LayoutPanel
from specrob.plots.legend import add_legends_alone, add_shared_legends
from specrob.plots.panel_content import PanelContent, content_of
from specrob.plots.series import Groups
from specrob.settings.plots import FigureSettings

TEXT = 0.8  # inches, above and below axes of a fixed aspect
TITLE = 0.18  # inches, of the line with letter and title
LETTERS = "abcdefghijklmnopqrstuvwxyz"


def compose(
    layout: Layout, read: Callable[[list[str]], Groups], look: FigureSettings | None = None
) -> Figure:
    """Return the figure of a layout.

    Parameters
    ----------
    layout : Layout
    read : callable
        Returns the artifacts of some files, for each those of its seeds.
    look : FigureSettings, optional
        What is given goes before what the layout says.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> from specrob.plots.layout import LayoutRow
    >>> flat = {"source": "images", "size": 2, "layer": "x", "range": [1, 2]}
    >>> fits = [{**flat, "alpha": None, "reason": "no variance"}]
    >>> law = Artifact("power-law", fields={"fits": fits})
    >>> one = LayoutPanel(["{network}.json"])
    >>> figure = compose(Layout([LayoutRow([one, one])], {"kh": "local"}), lambda files: [law])
    >>> [box.get_suptitle() for row in figure.subfigs for box in row.subfigs]
    ['local', 'local']
    """
    places = layout.places()

    letters = iter(LETTERS)

    def read_panel(panel: LayoutPanel) -> PanelContent:
        files, labels = zip(*layout.sources(panel), strict=True)
        groups = read(list(files))
        with _naming(next(letters, "")):
            content = content_of(groups, labels, panel.settings, places)
        if panel.settings.relate is not None:  # labels that networks have in common get places
            places.update({one.label: one.place for one in content.series})
        return replace(content, title=panel.title, width=panel.width)

    rows = [[read_panel(panel) for panel in row.panels] for row in layout.rows]
    look = look or FigureSettings()
    chosen = FigureSettings(
        title=layout.title if look.title == "auto" else look.title,
        width=look.width or layout.width,
        font_size=look.font_size or layout.font_size,
    )
    return arrange(rows, chosen, height=layout.height)


def arrange(
    rows: Sequence[Sequence[PanelContent]],
    look: FigureSettings | None = None,
    *,
    height: float | None = None,
) -> Figure:
    """Return a figure of rows of panels, of a height in inches.

    By default it is what the panels need; several panels fill two columns of a page.
    """
    contents, look = [content for row in rows for content in row], look or FigureSettings()
    with style.styled(look.font_size):
        if len(contents) == 1:
            small = bool(look.width or look.font_size)
            figure = _alone(contents[0], look.width, height, fit_labels=small)
        else:
            figure = _together(rows, look.width or style.DOUBLE, height)
        every = [one for content in contents for one in content.series]
        add_heading(figure, look.title, [s.provenance for s in every], [s.label for s in every])
        if look.font_size:
            figure.draw_without_rendering()  # ticks take the size of text when they are made
    return figure


def _alone(
    content: PanelContent, width: float | None, height: float | None, *, fit_labels: bool
) -> Figure:
    own = content.size
    is_constrained = content.figure.layout == "constrained"
    # what has no fixed aspect need not be lower, or higher; text takes as much room as before
    scale = width / own[0] if width and not is_constrained else 1.0
    size = width or own[0], height or scale * own[1] + (1 - scale) * TEXT
    figure = style.new_figure(*size, content.figure.layout)
    panel = content.draw(figure)
    add_legends_alone(figure, panel)
    style.letter_panels(panel.axes)
    if fit_labels:
        fit_text(figure)
    return figure


def _together(
    rows: Sequence[Sequence[PanelContent]], width: float, height: float | None
) -> Figure:
    widths = [np.array([c.width or c.size[0] for c in row]) for row in rows]
    shares = [wide / wide.sum() for wide in widths]
    heights = [_height(row, width * share) for row, share in zip(rows, shares, strict=True)]
    figure = style.new_figure(width, height or sum(heights))
    boxes = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
    letters, panels = iter(LETTERS), []
    for box, row, share in zip(boxes, rows, shares, strict=True):
        parts = box.subfigures(1, len(row), squeeze=False, width_ratios=share)[0]
        for canvas, content in zip(parts, row, strict=True):
            letter = next(letters, "")
            with _naming(letter):
                panels.append(content.draw(canvas))
            title = content.title or (content.labels[0] if len(set(content.labels)) == 1 else "")
            _add_title(canvas, letter, title)
    add_shared_legends(figure, panels, [c.labels for row in rows for c in row])
    fit_text(figure)
    return figure


@contextmanager
def _naming(letter: str) -> Iterator[None]:
    """Say in a message which panel it is about."""
    try:
        yield
    except SpecrobError as error:
        error.args = (f"panel {letter}: {error}",) if letter else error.args
        raise


def _height(row: Sequence[PanelContent], widths: style.Array) -> float:
    """Return the height of a row: panels that are narrower than alone are lower, too."""
    sizes = np.array([content.size for content in row])
    return TITLE + float((sizes[:, 1] * np.minimum(widths / sizes[:, 0], 1)).max())


def _add_title(canvas: SubFigure, letter: str, title: str) -> None:
    """Put letter and title on one line at the upper left of a panel."""
    dpi = canvas.get_figure(root=True).dpi
    width, height = canvas.bbox.width / dpi, canvas.bbox.height / dpi
    canvas.text(
        0.03 / width,
        1 - 0.03 / height,
        letter,
        va="top",
        fontweight="bold",
        fontsize=style.points(8),
    )
    heading = canvas.suptitle(" ", x=0.2 / width, ha="left", fontsize=style.points(7.5))
    style.set_plain_text(heading, title or " ")
