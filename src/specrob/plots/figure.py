"""What a kind of figure is: the record that a row of `specrob.registry.FIGURES` names.

A module of a kind has a function that draws `Series` on a canvas and returns the `Panel`.
"""

from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeVar

from matplotlib.axes import Axes
from matplotlib.figure import Figure, SubFigure

from specrob.artifacts import Artifact, Provenance, to_result
from specrob.plots.looks import look_of
from specrob.plots.style import Engine, Look, shorten
from specrob.results import Fit, Result
from specrob.settings.plots import XScale

if TYPE_CHECKING:
    from specrob.quantities.relate import Relation

R = TypeVar("R", bound=Result)
Drawable = Artifact | Result
Canvas = Figure | SubFigure
Size = tuple[float, float]  # width and height, inches
MOST = 7  # as many as there are colours


@dataclass(frozen=True)
class Series:
    """One thing that is overlaid.

    Parameters
    ----------
    label : str
        What the legend calls it.
    place : int
        Among the networks of a figure: the same place looks the same in every panel.
    members : sequence of Artifact
        One, or several of different seeds that are drawn as mean and spread.
    fits : sequence of sequences of Fit
        Those of the spectra of each member.
    relation : Relation, optional
        The points of a network, in place of members.
    variant : int, optional
        Which of several series of one network: they differ in marker and dash.
    """

    label: str
    place: int
    members: Sequence[Artifact] = ()
    fits: Sequence[Sequence[Fit]] = ()
    relation: "Relation | None" = None
    variant: int | None = None

    @property
    def artifact(self) -> Artifact:
        """The artifact, or the first of its seeds."""
        return self.members[0]

    @property
    def has_seeds(self) -> bool:
        """Whether there are several members."""
        return len(self.members) > 1

    @property
    def provenance(self) -> Provenance:
        """Where the numbers come from."""
        return self.relation.provenance if self.relation else self.artifact.provenance

    @property
    def look(self) -> Look:
        """Colour, marker and dash."""
        return look_of(self.place, self.variant)

    def result(self, record: type[R]) -> R:
        """Return the record of the artifact, or of the first of its seeds."""
        return to_result(self.artifact, record, self.label)

    def results(self, record: type[R]) -> list[R]:
        """Return the records of all seeds."""
        return [to_result(member, record, self.label) for member in self.members]


@dataclass(frozen=True)
class Entry:
    """One line of a legend: its name, the look of its handle, and what is said after the name."""

    name: str
    look: Look = field(default_factory=dict)
    remark: str = ""

    @property
    def key(self) -> Hashable:
        """What makes two entries one: a curve and a point of one network are."""
        return self.name, self.look.get("color")

    @property
    def text(self) -> str:
        """What the legend says: the name is cut where it is long, the remark is not."""
        name = shorten(self.name) if self.name or not self.remark else ""
        return ", ".join(filter(None, [name, self.remark])) or name


@dataclass(frozen=True)
class Panel:
    """What was drawn on a canvas: its axes in order, and what their legends must say.

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
    outside : bool
        Whether the legend stands below the axes where the panel is alone.
    rescale : callable (XScale), optional
        Sets the scale of the horizontal axis, where there is a choice.
    """

    axes: Sequence[Axes] = ()
    entries: Sequence[Entry] = ()
    meanings: Sequence[Entry] = ()
    loc: str = "best"
    outside: bool = False
    rescale: Callable[[XScale], None] | None = None


@dataclass(frozen=True)
class FigureKind:
    """How artifacts of one kind are drawn: alone, as a panel of a layout, and in reports.

    Parameters
    ----------
    title : str
        Heading in reports.
    draw : callable (canvas, series, part) -> Panel
        Draws on a figure or on a part of one.
    size : callable (series, part) -> Size
        What the panel needs where it stands alone.
    parts : sequence of str
        What can be chosen of what the artifacts hold.
    seeds : str
        What the legend says of {n} seeds that are drawn as one; "" where they cannot be.
    layout : {"constrained", "compressed"}
        Compressed is for axes of a fixed aspect.
    most : int
        Largest number of artifacts in one figure of a report.
    agree : sequence of str
        Facts and arrays that are the same for all artifacts in one figure of a report.
    """

    title: str
    draw: Callable[[Canvas, Sequence[Series], str | None], Panel]
    size: Callable[[Sequence[Series], str | None], Size]
    parts: Sequence[str] = ()
    seeds: str = ""
    layout: Engine = "constrained"
    most: int = MOST
    agree: Sequence[str] = ()
