"""Which panels a figure has, as a small TOML file says."""

import tomllib
from dataclasses import fields
from pathlib import Path
from typing import Annotated

import msgspec
from msgspec import Meta, Struct
from msgspec.structs import replace

from specrob.artifacts.streams import read_bytes, title
from specrob.errors import ArtifactError
from specrob.plots.names import names_of
from specrob.quantities.relate import check_axes
from specrob.settings.plots import LARGEST_FONT, LARGEST_SIDE, SMALLEST_SIDE, PanelSettings

PLACE = "{network}"
Inches = Annotated[float, Meta(ge=SMALLEST_SIDE, le=LARGEST_SIDE)]
Points = Annotated[float, Meta(gt=0, le=LARGEST_FONT)]
SHOWN = "what is drawn"  # the settings of a panel in a table of its own, whose name none can give


class LayoutPanel(Struct, frozen=True, forbid_unknown_fields=True, rename={"settings": SHOWN}):
    """One panel: which artifacts, and how they are drawn.

    Parameters
    ----------
    artifacts : list of str
        Files of one kind, or spectra and their exponents; {network} stands for each network,
        {seed} for its seeds.
    title : str
        By default the label, where there is one network.
    networks : list of str
        By default all.
    width : float, optional
        Relative to the other panels of the row.
    settings : PanelSettings
        What is drawn; in the file these stand beside the others, but labels are of `networks`,
        and ``where`` is a table.
    """

    artifacts: Annotated[list[str], Meta(min_length=1)]
    title: str = ""
    networks: list[str] = []
    width: Annotated[float, Meta(gt=0, le=LARGEST_SIDE)] | None = None
    settings: PanelSettings = PanelSettings()

    def __post_init__(self) -> None:
        """Check the names that are related."""
        check_axes(self.settings.relate or ())


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
        plain = tomllib.loads(text.decode())
        for panel in _panels(plain):
            panel[SHOWN] = _settings_of(panel)
        return msgspec.convert(plain, Layout)
    except (ValueError, RecursionError, msgspec.ValidationError) as error:
        reason = str(error).replace(f".{SHOWN}", "").replace("`", "").removesuffix(".")
        raise ArtifactError(
            f"expected the layout of a figure in {source}, found: {reason}; correct the file"
        ) from None


def _panels(plain: object) -> list[dict[str, object]]:
    """Return the tables of panels in a file, whatever else is wrong with it."""
    rows = plain.get("rows") if isinstance(plain, dict) else None
    rows = [row for row in rows if isinstance(row, dict)] if isinstance(rows, list) else []
    several = [row.get("panels") for row in rows]
    every = [panel for panels in several if isinstance(panels, list) for panel in panels]
    return [panel for panel in every if isinstance(panel, dict)]


def _settings_of(panel: dict[str, object]) -> dict[str, object]:
    """Take the settings out of the table of a panel, and return them as a record has them."""
    names = [field.name for field in fields(PanelSettings) if field.name != "label"]
    given = {name: panel.pop(name) for name in names if name in panel}
    where = given.get("where")
    if isinstance(where, dict):
        given["where"] = [f"{name}={value}" for name, value in where.items()]
    return given
