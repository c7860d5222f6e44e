"""Panels of several kinds in one figure, each drawn by the function that draws its kind alone."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from types import ModuleType
from typing import Any

import numpy as np
from matplotlib.figure import Figure, SubFigure

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError
from specrob.plots import FIGURES, style
from specrob.plots.layout import Cell, Layout
from specrob.plots.legend import Drawn, explain_alone, explain_together
from specrob.plots.series import Series, gather, same_images

Groups = Sequence[Artifact | Sequence[Artifact]]
Relate = Callable[..., Sequence[tuple[str, Artifact]]]

TITLE = 0.18  # inches, of the line with letter and title
LETTERS = "abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Panel:
    """Series of one kind to be drawn together.

    Parameters
    ----------
    kind : str
        A row of `FIGURES`.
    series : sequence of Series
    part : str, optional
        Which part of what the artifacts hold.
    title : str
        By default the label, where there is one series among several panels.
    width : float, optional
        Share of the row; by default what the kind asks for.
    """

    kind: str
    series: Sequence[Series]
    part: str | None = None
    title: str = ""
    width: float | None = None

    @property
    def module(self) -> ModuleType:
        """The module that draws this kind."""
        return importlib.import_module(f"specrob.plots.{FIGURES[self.kind]}")

    def size(self) -> tuple[float, float]:
        """Return width and height where the panel stands alone, inches."""
        return self.module.size(self.series, self.part)

    def draw(self, canvas: Figure | SubFigure) -> Drawn:
        """Draw on a figure, or on a part of one."""
        return self.module.draw(canvas, self.series, self.part)

    def check(self) -> "Panel":
        """Return the panel; raise ArtifactError if its kind has no such part."""
        parts = tuple(self.module.PARTS)
        if self.part is not None and self.part not in parts:
            known = f"one of {', '.join(parts)}" if parts else "none"
            raise ArtifactError(
                f"expected as part of a {self.kind} {known}, found `{self.part}`; change it"
            )
        return self


def panel(
    groups: Groups,
    labels: Sequence[str],
    places: Mapping[str, int] | None = None,
    *,
    relate: Relate | None = None,
    mixed: bool = False,
    **how: Any,
) -> Panel:
    """Return artifacts as a panel.

    Parameters
    ----------
    groups, labels
        As for `gather`.
    places : mapping of str to int, optional
        Of each label among the networks of the figure; by default their order.
    relate : callable, optional
        Makes of groups and labels one relation for each network, to be drawn instead.
    mixed : bool
        Whether attacks on different images may share it.
    **how
        Part, title and width of the panel.

    Examples
    --------
    >>> flat = {"source": "images", "size": 2, "layer": "x", "range": [1, 2]}
    >>> fits = [{**flat, "alpha": None, "reason": "no variance"}]
    >>> law = Artifact("power-law", fields={"fits": fits})
    >>> panel([law], ["kh"], {"bp": 0, "kh": 1}).series[0].place
    1
    """
    if relate is None:
        own = [places[label] for label in labels] if places else None
        of_all = how.get("part") == "robust_accuracy"
        return Panel(*gather(groups, labels, own, mixed=mixed, of_all=of_all), **how)
    if not mixed:
        same_images([a for g in groups for a in (g if isinstance(g, list | tuple) else [g])])
    known = dict(places or {})  # what artifacts of a network have in common is a new label
    series = [
        Series(artifact, label, known.setdefault(label, len(known)))
        for label, artifact in relate(groups, labels)
    ]
    return Panel("relation", series, **how)


def compose(layout: Layout, read: Callable[[list[str]], Groups], relate: Relate) -> Figure:
    """Return the figure of a layout.

    Parameters
    ----------
    layout : Layout
    read : callable
        Returns the artifacts of some files, for each the list of its members.
    relate : callable
        Makes of two names of quantities, groups and labels one relation for each network.

    Examples
    --------
    >>> from specrob.plots.layout import Row
    >>> flat = {"source": "images", "size": 2, "layer": "x", "range": [1, 2]}
    >>> fits = [{**flat, "alpha": None, "reason": "no variance"}]
    >>> law = Artifact("power-law", fields={"fits": fits})
    >>> one = Cell(["{network}.json"])
    >>> layout = Layout([Row([one, one])], {"kh": "local"})
    >>> figure = compose(layout, lambda files: [[law] for _ in files], None)
    >>> [box.get_suptitle() for row in figure.subfigs for box in row.subfigs]
    ['local', 'local']
    """
    places = layout.places()

    def content(cell: Cell) -> Panel:
        files, labels = zip(*layout.sources(cell), strict=True)
        related = partial(relate, cell.relate) if cell.relate else None
        how = {"part": cell.part, "title": cell.title, "width": cell.width}
        groups = read(list(files))
        drawn = panel(groups, labels, places, relate=related, mixed=cell.mixed, **how)
        if related:
            places.update({one.label: one.place for one in drawn.series})
        return drawn

    rows = [[content(cell) for cell in row.panels] for row in layout.rows]
    return arrange(rows, width=layout.width, height=layout.height)


def arrange(
    rows: Sequence[Sequence[Panel]], *, width: float | None = None, height: float | None = None
) -> Figure:
    """Return a figure of rows of panels.

    Parameters
    ----------
    rows : sequence of sequences of Panel
    width, height : float, inches, optional
        By default what the panels need; several panels fill two columns of a page.

    Examples
    --------
    >>> facts = {"eps": [0, 0.1, 1], "relative_accuracy": [1.0, 0.5, 0.0]}
    >>> one = Series(Artifact("robustness", fields=facts), "kh", 0)
    >>> figure = arrange([[Panel("robustness", [one])] * 2])
    >>> [box.texts[0].get_text() for row in figure.subfigs for box in row.subfigs]
    ['a', 'b']
    """
    panels = [panel.check() for row in rows for panel in row]
    with style.styled():
        if len(panels) == 1:
            figure = _alone(panels[0], width, height)
        else:
            figure = _together(rows, width or style.DOUBLE, height)
        every = [one for panel in panels for one in panel.series]
        style.name_data(figure, [one.artifact for one in every], [one.label for one in every])
    return figure


def _alone(panel: Panel, width: float | None, height: float | None) -> Figure:
    own = panel.size()
    layout = getattr(panel.module, "LAYOUT", "constrained")
    figure = style.new_figure(width or own[0], height or own[1], layout)
    drawn = panel.draw(figure)
    explain_alone(figure, drawn)
    style.name_panels(drawn.axes)
    return figure


def _together(rows: Sequence[Sequence[Panel]], width: float, height: float | None) -> Figure:
    shares = [_shares(row) for row in rows]
    heights = [_height(row, width * share) for row, share in zip(rows, shares, strict=True)]
    figure = style.new_figure(width, height or sum(heights))
    boxes = figure.subfigures(len(rows), 1, squeeze=False, height_ratios=heights)[:, 0]
    letters, drawn = iter(LETTERS), []
    for box, row, share in zip(boxes, rows, shares, strict=True):
        parts = box.subfigures(1, len(row), squeeze=False, width_ratios=share)[0]
        for canvas, panel in zip(parts, row, strict=True):
            drawn.append(panel.draw(canvas))
            _head(canvas, next(letters, ""), _title(panel))
    labels = [[one.label for one in panel.series] for row in rows for panel in row]
    explain_together(figure, drawn, labels)
    style.fit_labels(figure)
    return figure


def _shares(row: Sequence[Panel]) -> np.ndarray:
    """Return the share of the row's width of each panel."""
    wanted = np.array([panel.width or panel.size()[0] for panel in row])
    return wanted / wanted.sum()


def _height(row: Sequence[Panel], widths: np.ndarray) -> float:
    """Return the height of a row: panels that are narrower than alone are lower, too."""
    sizes = np.array([panel.size() for panel in row])
    return TITLE + float((sizes[:, 1] * np.minimum(widths / sizes[:, 0], 1)).max())


def _title(panel: Panel) -> str:
    return panel.title or (panel.series[0].label if len(panel.series) == 1 else "")


def _head(canvas: SubFigure, letter: str, title: str) -> None:
    """Put letter and title on one line at the upper left of a panel."""
    width, height = canvas.bbox.size / canvas.figure.dpi
    canvas.text(0.03 / width, 1 - 0.03 / height, letter, va="top", fontweight="bold", fontsize=8)
    style.write(canvas.suptitle(" ", x=0.2 / width, ha="left", fontsize=7.5), title or " ")
