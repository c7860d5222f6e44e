"""What a panel shows: series of one kind, and how they are drawn."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from specrob.errors import ArtifactError
from specrob.plots.figure import Canvas, FigureKind, Panel, Series, Size
from specrob.plots.series import Groups, gather, relate_networks
from specrob.registry import FIGURES
from specrob.settings.plots import PanelSettings, XScale


@dataclass(frozen=True)
class PanelContent:
    """Series of one kind, a row of `FIGURES`, to be drawn together.

    The title is by default the label, where there is one series among several panels; the width
    is relative to the other panels of the row, by default what the kind asks for.
    """

    kind: str
    series: Sequence[Series]
    part: str | None = None
    title: str = ""
    width: float | None = None
    xscale: XScale = "auto"

    def __post_init__(self) -> None:
        parts = self.figure.parts
        if self.part is not None and self.part not in parts:
            choices = f"one of {', '.join(parts)}" if parts else "none"
            raise ArtifactError(
                f"expected as part of {self.kind} {choices}, found `{self.part}`; change it"
            )

    @property
    def figure(self) -> FigureKind:
        """How this kind is drawn."""
        kind: FigureKind = FIGURES[self.kind]
        return kind

    @property
    def labels(self) -> list[str]:
        """The labels of all series."""
        return [one.label for one in self.series]

    @property
    def size(self) -> Size:
        """Width and height where the panel stands alone, inches."""
        return self.figure.size(self.series, self.part)

    def draw(self, canvas: Canvas) -> Panel:
        """Draw on a figure, or on a part of one."""
        panel = self.figure.draw(canvas, self.series, self.part)
        if self.xscale != "auto":
            if panel.rescale is None:
                raise ArtifactError(
                    "expected robustness, distances, smoothness or two related quantities where "
                    f"`xscale` is given, found {self.kind}, whose axis has one scale; leave it "
                    "out"
                )
            panel.rescale(self.xscale)
        return panel


def content_of(
    groups: Groups,
    labels: Sequence[str],
    settings: PanelSettings,
    places: Mapping[str, int] | None = None,
) -> PanelContent:
    """Return what a panel shows of some artifacts, as `gather` takes them.

    The places of labels among the networks of the figure are by default their order.
    """
    if settings.relate is not None:
        kind, series = "relation", relate_networks(groups, labels, places or {}, settings)
    else:
        chosen = [places[label] for label in labels] if places else None
        kind, series = gather(groups, labels, chosen, settings)
    return PanelContent(kind, series, settings.part, xscale=settings.xscale)
