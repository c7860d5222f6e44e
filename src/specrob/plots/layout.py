"""Which panels a figure has, as a small TOML file says."""

import tomllib
from collections.abc import Mapping
from dataclasses import MISSING, dataclass, field, fields, replace
from pathlib import Path
from typing import Any, get_type_hints

from specrob.artifacts.streams import read_bytes, title
from specrob.artifacts.validation import conforms
from specrob.errors import ArtifactError

PLACE = "{network}"
LARGEST = 50  # inches
SAID = {
    str: "a text",
    bool: "true or false",
    float | None: "a number",
    str | None: "a text",
    list[str]: "a list of texts",
    dict[str, str]: "a table of labels",
}


@dataclass(frozen=True)
class Cell:
    """One panel: which artifacts, and how they are drawn.

    Parameters
    ----------
    artifacts : list of str
        Files of one kind, or spectra and their exponents; {network} stands for each network,
        {seed} for its members.
    title : str
        By default the label, where there is one network.
    part : str, optional
        Of what the artifacts hold: "weights" of a model, "noise" of a spectrum, ...
    relate : list of str
        Two quantities, to draw a point for every network.
    networks : list of str
        By default all.
    mixed : bool
        Whether attacks on different images may share it.
    width : float, optional
        Share of the row.
    """

    artifacts: list[str]
    title: str = ""
    part: str | None = None
    relate: list[str] = field(default_factory=list)
    networks: list[str] = field(default_factory=list)
    mixed: bool = False
    width: float | None = None


@dataclass(frozen=True)
class Row:
    """Panels side by side."""

    panels: list[Any]


@dataclass(frozen=True)
class Layout:
    """A figure: rows of panels, and what networks are called.

    Parameters
    ----------
    rows : list of Row
    networks : dict of str to str
        Name in the names of files -> label; their order gives each its colour and marker.
    width, height : float, optional
        Inches.
    """

    rows: list[Any]
    networks: dict[str, str] = field(default_factory=dict)
    width: float | None = None
    height: float | None = None

    def sources(self, cell: Cell) -> list[tuple[str, str]]:
        """Return the files of a panel, each with the label of its network.

        >>> cell = Cell(["{network}.npz", "images.npz"])
        >>> Layout([], {"kh": "local", "bp": "plain"}).sources(cell)
        [('kh.npz', 'local'), ('bp.npz', 'plain'), ('images.npz', 'images')]
        """
        wanted = [n for n in self.networks if n in cell.networks or not cell.networks]
        return [
            (path.replace(PLACE, name), self.networks.get(name, name))
            for path in cell.artifacts
            for name in (wanted if PLACE in path else [stem(path)])
        ]

    def places(self) -> dict[str, int]:
        """Return the place of every label: the networks first, then files in their order.

        >>> Layout([], {"kh": "local", "bp": "plain"}).places()
        {'local': 0, 'plain': 1}
        """
        cells = [cell for row in self.rows for cell in row.panels]
        labels = [label for cell in cells for _, label in self.sources(cell)]
        return {
            name: i for i, name in enumerate(dict.fromkeys([*self.networks.values(), *labels]))
        }

    def below(self, root: str) -> "Layout":
        """Return the layout with files looked for in a folder; absolute paths stay.

        >>> Layout([Row([Cell(["a.npz"])])]).below("runs").rows[0].panels[0].artifacts
        ['runs/a.npz']
        """

        def move(cell: Cell) -> Cell:
            return replace(cell, artifacts=[str(Path(root, path)) for path in cell.artifacts])

        return replace(self, rows=[Row([move(cell) for cell in row.panels]) for row in self.rows])


def stem(path: str) -> str:
    """Return what a file is called in a legend.

    >>> stem("runs/bp-{seed}.npz")
    'bp'
    """
    name = Path(path.replace("{seed}", "")).stem
    return name.strip("-_. ") or name


def open_layout(path: str, root: str | None = None) -> Layout:
    """Return the layout in a file, or on stdin, with its artifacts below `root`.

    By default they lie where the layout does.
    """
    folder = root if root is not None else str(Path(path).parent)
    return parse(read_bytes(path), title(path)).below(folder)


def parse(text: bytes, source: str) -> Layout:
    """Return the layout that a TOML file holds.

    Raises
    ------
    ArtifactError
        If it is anything else; `source` is what the message calls it.

    Examples
    --------
    >>> text = b'rows = [{panels = [{artifacts = ["kh.npz"], title = "a network"}]}]'
    >>> parse(text, "figure.toml").rows[0].panels[0].title
    'a network'
    """
    try:
        plain = tomllib.loads(text.decode())
    except ValueError as error:
        raise ArtifactError(f"expected TOML, found {error} in {source}; mend it") from None
    layout = _sized(_record(Layout, plain, source), source)
    if len(set(layout.networks.values())) < len(layout.networks):
        raise ArtifactError(
            f"expected a label of its own for each network of {source}, found one twice; change it"
        )
    for n, row in enumerate(layout.rows, 1):
        layout.rows[n - 1] = _record(Row, row, f"row {n} of {source}")
        panels = layout.rows[n - 1].panels
        for m, cell in enumerate(panels, 1):
            where = f"panel {m} of row {n} of {source}"
            panels[m - 1] = _known(_sized(_record(Cell, cell, where), where), layout, where)
    return layout


def _record(record: type, plain: Any, where: str) -> Any:
    """Return a table of the file as a record, its keys and their types checked."""
    hints = {f.name: f for f in fields(record)}
    types = get_type_hints(record)
    if not isinstance(plain, Mapping):
        raise ArtifactError(f"expected a table as {where}, found `{plain!r:.40}`; see the README")
    for name, value in plain.items():
        if name not in hints:
            raise ArtifactError(
                f"expected {', '.join(hints)} in {where}, found `{name}`; take it out"
            )
        if not conforms(value, types[name]):
            said = SAID.get(types[name], "a list of tables")
            raise ArtifactError(
                f"expected {said} as `{name}` of {where}, found `{value!r:.40}`; change it"
            )
    given = {name for name, value in plain.items() if value not in ([], None)}
    needed = {f.name for f in hints.values() if MISSING is f.default is f.default_factory}
    for name in sorted(needed - given):
        raise ArtifactError(f"expected `{name}` in {where}, found none; add it")
    return record(**plain)


def _known(cell: Cell, layout: Layout, where: str) -> Cell:
    """Return a panel that speaks of networks the layout has."""
    unknown = [name for name in cell.networks if name not in layout.networks]
    if unknown or (any(PLACE in path for path in cell.artifacts) and not layout.networks):
        raise ArtifactError(
            f"expected networks out of {', '.join(layout.networks) or 'the table [networks]'} in "
            f"{where}, found `{(unknown or [PLACE])[0]}`; add it to [networks]"
        )
    return cell


def _sized(record: Any, where: str) -> Any:
    """Return a record whose sizes can be drawn."""
    for name in ("width", "height"):
        size = getattr(record, name, None)
        if size is not None and not 0 < size <= LARGEST:
            raise ArtifactError(
                f"expected inches up to {LARGEST} as `{name}` of {where}, found {size}; change it"
            )
    return record
