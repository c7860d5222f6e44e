"""Which panels a figure has, as a small TOML file says."""

from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from specrob.artifacts.streams import read_bytes, title
from specrob.errors import ArtifactError
from specrob.plots.names import names_of
from specrob.settings.plots import LARGEST_FONT, LARGEST_WIDTH, PanelSettings, XScale

PLACE = "{network}"
Inches = Annotated[float, Meta(gt=0, le=LARGEST_WIDTH)]
Points = Annotated[float, Meta(gt=0, le=LARGEST_FONT)]


class LayoutPanel(Struct, frozen=True, forbid_unknown_fields=True):
    """One panel: which artifacts, and how they are drawn.

    Parameters
    ----------
    artifacts : list of str
        Files of one kind, or spectra and their exponents; {network} stands for each network,
        {seed} for its seeds.
    title : str
        By default the label, where there is one network.
    part : str, optional
        The part of what the artifacts hold: "weights" of a model, "noise" of a spectrum, ...
    relate : list of str, optional
        Two or three quantities or settings, to draw a point for every network.
    where : dict, at : float, by : str, optional
        As the options of `specrob plot`.
    networks : list of str
        By default all.
    mixed : bool
        Whether attacks on different images may share it.
    xscale : {"auto", "linear", "log"}
        Axis of the radii of attacks.
    width : float, optional
        Relative to the other panels of the row.
    """

    artifacts: Annotated[list[str], Meta(min_length=1)]
    title: str = ""
    part: str | None = None
    relate: Annotated[list[str], Meta(min_length=2, max_length=3)] | None = None
    where: dict[str, str | int | float] = {}
    at: float | None = None
    by: str | None = None
    networks: list[str] = []
    mixed: bool = False
    xscale: XScale = "auto"
    width: Inches | None = None

    @property
    def settings(self) -> PanelSettings:
        """What the panel shows."""
        return PanelSettings(
            part=self.part,
            relate=None if self.relate is None else tuple(self.relate),
            where=tuple(f"{name}={value}" for name, value in self.where.items()),
            at=self.at,
            by=self.by,
            mixed=self.mixed,
            xscale=self.xscale,
        )


class LayoutRow(Struct, frozen=True, forbid_unknown_fields=True):
    """Panels side by side."""

    panels: Annotated[list[LayoutPanel], Meta(min_length=1)]


class Layout(Struct, frozen=True, forbid_unknown_fields=True):
    """A figure: rows of panels, and what networks are called.

    Parameters
    ----------
    rows : list of LayoutRow
    networks : dict of str to str
        Name in the names of files -> label; their order gives each its colour and marker.
    width, height : float, optional
        Inches.
    title : str
        What stands above the figure: "auto" is the names of the images, "none" nothing.
    font_size : float, optional
        Points, of most text.
    """

    rows: Annotated[list[LayoutRow], Meta(min_length=1)]
    networks: dict[str, str] = {}
    width: Inches | None = None
    height: Inches | None = None
    title: str = "auto"
    font_size: Points | None = None

    def __post_init__(self) -> None:
        """Check that networks have different labels, and that panels speak of no others."""
        if len(set(self.networks.values())) < len(self.networks):
            raise ValueError("two networks have the same label")
        for panel in self.panels:
            unknown = [name for name in panel.networks if name not in self.networks]
            if not self.networks and any(PLACE in path for path in panel.artifacts):
                unknown.append(PLACE)
            if unknown:
                raise ValueError(f"the table [networks] has no {unknown[0]}")

    @property
    def panels(self) -> list[LayoutPanel]:
        """The panels of all rows."""
        return [panel for row in self.rows for panel in row.panels]

    def sources(self, panel: LayoutPanel) -> list[tuple[str, str]]:
        """Return the files of a panel, each with the label of its network.

        >>> panel = LayoutPanel(["{network}.npz", "images.npz"])
        >>> Layout([LayoutRow([panel])], {"kh": "local", "bp": "plain"}).sources(panel)
        [('kh.npz', 'local'), ('bp.npz', 'plain'), ('images.npz', 'images')]
        """
        chosen = [n for n in self.networks if n in panel.networks or not panel.networks]
        return [
            (path.replace(PLACE, name), self.networks.get(name, name))
            for path, own in zip(panel.artifacts, names_of(panel.artifacts), strict=True)
            for name in (chosen if PLACE in path else [own])
        ]

    def places(self) -> dict[str, int]:
        """Return the place of every label: the networks first, then files in their order.

        >>> Layout([LayoutRow([LayoutPanel(["a.npz"])])], {"kh": "local", "bp": "plain"}).places()
        {'local': 0, 'plain': 1, 'a': 2}
        """
        labels = [label for panel in self.panels for _, label in self.sources(panel)]
        names = dict.fromkeys([*self.networks.values(), *labels])
        return {name: place for place, name in enumerate(names)}

    def below(self, folder: str) -> "Layout":
        """Return the layout with files looked for in a folder; absolute paths stay.

        >>> Layout([LayoutRow([LayoutPanel(["a.npz"])])]).below("runs").panels[0].artifacts
        ['runs/a.npz']
        """

        def move(panel: LayoutPanel) -> LayoutPanel:
            return replace(panel, artifacts=[str(Path(folder, path)) for path in panel.artifacts])

        rows = [LayoutRow([move(panel) for panel in row.panels]) for row in self.rows]
        return replace(self, rows=rows)


def read_layout(path: str, root: str | None = None) -> Layout:
    """Return the layout in a file, or on stdin, with its artifacts below `root`.

    By default they lie where the layout does.
    """
    folder = root if root is not None else str(Path(path).parent)
    return parse_layout(read_bytes(path), title(path)).below(folder)


def parse_layout(text: bytes, source: str) -> Layout:
    """Return the layout that a TOML file holds.

    Raises
    ------
    ArtifactError
        If it is anything else; `source` is what the message calls it.

    Examples
    --------
    >>> text = b'rows = [{panels = [{artifacts = ["kh.npz"], title = "a network"}]}]'
    >>> parse_layout(text, "figure.toml").rows[0].panels[0].title
    'a network'
    """
    try:
        return msgspec.toml.decode(text, type=Layout)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        reason = str(error).replace("`", "").removesuffix(".")
        raise ArtifactError(
            f"expected the layout of a figure in {source}, found: {reason}; correct the file"
        ) from None
