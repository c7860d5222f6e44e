"""The figures of a folder: what belongs together in one."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from specrob.artifacts import Artifact, to_result
from specrob.artifacts.contract import record_of
from specrob.artifacts.folder import PICTURES, FolderEntry
from specrob.errors import SpecrobError
from specrob.plots import draw, render
from specrob.plots.figure import FigureKind
from specrob.quantities.attack_names import attack_name
from specrob.registry import FIGURES
from specrob.reports.page import Picture
from specrob.results import AttackResult
from specrob.settings.plots import PanelSettings

HEAVY = 500_000  # bytes, beyond which an SVG gives way to a PNG


@dataclass(frozen=True)
class Shown:
    """An artifact with the network it is of, and its number among the sources."""

    entry: FolderEntry
    network: str
    number: int


def draw_all(shown: Sequence[Shown]) -> tuple[list[Picture], list[str]]:
    """Return the figures of all artifacts that have one, and why some could not be drawn."""
    pictures, notes = [], []
    for kind in FIGURES:
        own = [one for one in shown if one.entry.artifact.kind == kind and _is_drawn(one)]
        for group in _groups(own):
            laws = _laws(group, shown) if kind == "spectrum" else []
            try:
                pictures.append(_picture(group, laws))
            except SpecrobError as error:
                files = ", ".join(one.entry.name for one in group)
                notes.append(f"no figure of {files}: {error}")
    return pictures, notes


def _is_drawn(one: Shown) -> bool:
    """Return whether an artifact holds something to draw: a model its weights or history."""
    artifact = one.entry.artifact
    trained = bool((artifact.fields.get("history") or {}).get("loss"))
    return artifact.kind != "model" or trained or bool(artifact.arrays)


def _figure(one: Shown) -> FigureKind:
    figure: FigureKind = FIGURES[one.entry.artifact.kind]
    return figure


def _groups(shown: Sequence[Shown]) -> Iterator[list[Shown]]:
    """Yield what is overlaid: of one attack or layer and the same images, not too many at once."""
    groups: dict[Hashable, list[Shown]] = {}
    for one in shown:
        groups.setdefault(_agreement(one), []).append(one)
    for group in groups.values():
        most = _figure(group[0]).most
        yield from (group[start : start + most] for start in range(0, len(group), most))


def _agreement(one: Shown) -> Hashable:
    """Return what is the same for all artifacts of a figure."""
    artifact = one.entry.artifact
    data = artifact.provenance.lineage_data()
    images = (*sorted(data.digests.items()), str(data.resize)) if data else ()
    selection = "attacked" if artifact.provenance.chosen else "selection"  # as in `same_images`
    facts = [_plain(artifact, name) for name in (*_figure(one).agree, selection)]
    weights = one.entry.name if artifact.kind == "model" and artifact.arrays else ""
    return images, weights, *facts


def _plain(artifact: Artifact, name: str) -> str:
    array = artifact.arrays.get(name)
    return str(artifact.fields.get(name) if array is None else np.unique(array).tolist())


def _laws(group: Sequence[Shown], shown: Sequence[Shown]) -> list[Shown]:
    """Return for each spectrum the first exponents that were fitted to it, where there are any."""
    laws: dict[str, Shown] = {}
    for one in shown:
        if one.entry.artifact.kind == "power-law":
            for source in one.entry.artifact.provenance.inputs:
                laws.setdefault(source.digest, one)
    return [laws[one.entry.digest] for one in group if one.entry.digest in laws]


def _picture(group: Sequence[Shown], laws: Sequence[Shown]) -> Picture:
    networks = [one.network for one in group]
    labels = [one.network if networks.count(one.network) == 1 else one.entry.name for one in group]
    drawn = [*group, *laws]
    artifacts, names = [one.entry.artifact for one in drawn], labels + [""] * len(laws)
    figure = draw(artifacts, names, PanelSettings(mixed=True))
    data, media = render(figure, "svg"), PICTURES[".svg"]
    if len(data) > HEAVY:
        data, media = render(figure, "png"), PICTURES[".png"]
    title = f"{_title(group[0])} of {', '.join(labels)}"
    return Picture(title, media, data, figure.get_figwidth(), tuple(o.number for o in drawn))


def _title(one: Shown) -> str:
    artifact, title = one.entry.artifact, _figure(one).title
    if artifact.kind == "model" and artifact.arrays:
        return "First weights"
    result = to_result(artifact, record_of(artifact.kind))
    return f"{title}: {attack_name(result)}" if isinstance(result, AttackResult) else title


def ready_made(files: dict[str, bytes]) -> list[Picture]:
    """Return pictures that lie in the folder, named by their files.

    >>> ready_made({"figures/a.png": b""})[0].title
    'Figure in the folder: figures/a.png'
    """
    return [
        Picture(f"Figure in the folder: {name}", PICTURES[name[-4:].lower()], data)
        for name, data in files.items()
    ]
