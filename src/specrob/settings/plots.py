"""What a figure shows, and where its layout is."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.registry import FIGURES
from specrob.settings.flag import Flag, Settings
from specrob.settings.tables import RELATED_NAMES, conditions_of, parse_condition

XScale = Literal["auto", "linear", "log"]
# what each panel of a layout says itself
PANEL = ("label", "part", "relate", "where", "at", "by", "mixed", "xscale")
SMALLEST_SIDE, LARGEST_SIDE, LARGEST_FONT = 1.0, 50.0, 100.0  # inches, inches, points


def parse_relation(text: str) -> tuple[str, ...]:
    """Return the names of ``X,Y`` or ``X,Y,Z``.

    >>> parse_relation("accuracy,distance")
    ('accuracy', 'distance')
    """
    names = tuple(text.split(","))
    if len(names) not in (2, 3):
        raise UsageError(f"expected two quantities X,Y, or X,Y,Z for colours, found `{text}`")
    return names


@dataclass(frozen=True)
class PanelSettings(Settings):
    """What is drawn of some artifacts."""

    part: Annotated[
        str | None,
        Flag(
            "Draw only this part of the artifacts: weights, noise, ...",
            metavar="NAME",
            complete=lambda: [part for row in FIGURES.rows.values() for part in row.tags],
        ),
    ] = None
    relate: Annotated[
        tuple[str, ...] | None,
        Flag(
            "Draw a point for each network, of two quantities (accuracy, distance, alpha, ...) or "
            "settings (penalty.spectral.coefficient, epochs, ...); a third is drawn as colours.",
            parse=parse_relation,
            complete=lambda: list(RELATED_NAMES),
            joined=True,
            metavar="X,Y[,Z]",
        ),
    ] = None
    where: Annotated[
        tuple[str, ...],
        Flag(
            "Relate numbers measured so, for instance layer=hidden; repeatable.",
            metavar="NAME=VALUE",
            parse=parse_condition,
            repeat=True,
        ),
    ] = ()
    at: Annotated[
        float | None,
        Flag(
            "Relate accuracies at this radius. (default: the largest, as in reports)",
            metavar="EPS",
            parse=grammar.parse_not_negative,
            low=0,
        ),
    ] = None
    by: Annotated[
        str | None,
        Flag("Join related networks of one value of this setting by a line.", metavar="SETTING"),
    ] = None
    label: Annotated[
        tuple[str, ...],
        Flag(
            "Name of each artifact in the legend, or of each network with --relate; repeatable. "
            "(default: file names)",
            metavar="TEXT",
            repeat=True,
        ),
    ] = ()
    mixed: Annotated[
        bool,
        Flag(
            "Overlay attacks even if they are on different images; distances are on those that a "
            "network classifies correctly."
        ),
    ] = False
    xscale: Annotated[
        XScale,
        Flag(
            "Horizontal axis of robustness, distances, smoothness and --relate X,Y; log has 0 to "
            "the left. (auto: what the numbers ask for)"
        ),
    ] = "auto"

    def __post_init__(self) -> None:
        """Check the quantities and conditions of a relation, and that they stand beside one."""
        super().__post_init__()
        if self.relate is not None:
            parse_relation(",".join(self.relate))
        for text in self.where:
            parse_condition(text)
        for name in ("where", "at", "by") if self.relate is None else ():
            if getattr(self, name) not in (None, ()):
                raise UsageError(f"`{name}`: expected `relate` beside it, found none")

    def conditions(self) -> dict[str, str]:
        """Return the value of every condition by its name."""
        return conditions_of(self.where, self.at)


@dataclass(frozen=True)
class FigureSettings(Settings):
    """What a figure of any panels looks like."""

    title: Annotated[
        str,
        Flag("Line above the figure; auto names the images, none leaves it out.", metavar="TEXT"),
    ] = "auto"
    width: Annotated[
        float | None,
        Flag(
            "Width of the figure. (default: what the panels need)",
            metavar="INCHES",
            parse=grammar.parse_positive,
            low=SMALLEST_SIDE,
            high=LARGEST_SIDE,
        ),
    ] = None
    font_size: Annotated[
        float | None,
        Flag(
            "Size of most text; the rest is in proportion. (default: 7)",
            metavar="POINTS",
            parse=grammar.parse_positive,
            above=0,
            high=LARGEST_FONT,
        ),
    ] = None


@dataclass(frozen=True)
class PlotSettings(FigureSettings, PanelSettings):
    """What a figure shows: one panel, or the panels of a layout; and what it looks like."""

    layout: Annotated[
        str | None, Flag("Draw the panels that this TOML file lists.", metavar="FILE")
    ] = None
    root: Annotated[
        str | None,
        Flag("Folder of the layout's artifacts. (default: the layout's folder)", metavar="DIR"),
    ] = None

    def __post_init__(self) -> None:
        """Check that a layout says all, and that `root` belongs to one."""
        super().__post_init__()
        if self.layout is None and self.root is not None:
            raise UsageError("`root`: expected `layout` beside it, found none")
        for name in PANEL if self.layout is not None else ():
            if getattr(self, name) != getattr(PlotSettings, name):
                raise UsageError(
                    f"`layout`: expected no `{name}` beside it, found one; write it into the "
                    "layout"
                )

    def check_files(self, files: Sequence[str]) -> None:
        """Raise UsageError where a layout, which names them itself, or labels do not fit files."""
        if files and self.layout is not None:
            raise UsageError(
                f"`layout`: expected no file beside it, found {files[0]}; write it into the layout"
            )
        sources = max(len(files), 1)  # none is stdin
        if self.label and self.relate is None and len(self.label) != sources:
            raise UsageError(
                f"`label`: expected one for each of {sources} artifacts, found {len(self.label)}"
            )
