"""The figures of a folder: what belongs together in one."""

from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from specrob.artifacts import Artifact, to_result
from specrob.artifacts.contract import record_of
from specrob.artifacts.folder import PICTURES, FolderEntry
from specrob.comparisons.differences import listed
from specrob.errors import SpecrobError
from specrob.plots import draw, render
from specrob.plots.figure import FigureKind
from specrob.quantities.attack_names import attack_name
from specrob.registry import FIGURES
from specrob.reports.page import Picture
from specrob.results import AttackResult, Comparison
from specrob.settings.plots import PanelSettings

HEAVY = 500_000  # bytes, beyond which an SVG gives way to a PNG


@dataclass(frozen=True)
class Shown:
    """An artifact with the network it is of, its group, and its number among the sources."""

    entry: FolderEntry
    network: str
    group: str
    number: int


Bundle = Sequence[Shown]  # one, or the seeds of one group


def draw_all(shown: Sequence[Shown]) -> tuple[list[Picture], list[str]]:
    """Return the figures of all artifacts that have one, and why some could not be drawn."""
    pictures, notes = [], []
    for kind in FIGURES:
        own = [one for one in shown if one.entry.artifact.kind == kind and _is_drawn(one)]
        for together in _overlaid(own):
            found, failed = _pictures(together, shown if kind == "spectrum" else [])
            pictures += found
            notes += failed
    return pictures, notes


def _pictures(shown: Sequence[Shown], laws: Sequence[Shown]) -> tuple[list[Picture], list[str]]:
    """Return the figures of what is overlaid, seeds as one, or each alone where they differ."""
    most, pictures, notes = _figure(shown[0]).most, list[Picture](), list[str]()
    bundles = _bundles(shown)
    try:
        for start in range(0, len(bundles), most):
            pictures.append(_picture(bundles[start : start + most], laws))
    except SpecrobError as error:
        if any(len(bundle) > 1 for bundle in bundles):
            alone = [[one] for one in shown]
            chunks = [alone[start : start + most] for start in range(0, len(alone), most)]
            try:
                return [_picture(chunk, laws) for chunk in chunks], []
            except SpecrobError:
                pass
        notes.append(f"no figure of {listed([one.entry.name for one in shown])}: {error}")
    return pictures, notes


def _bundles(shown: Sequence[Shown]) -> list[Bundle]:
    """Return the artifacts, those of the seeds of one group together where a figure has means."""
    groups: dict[str, list[Shown]] = {}
    for one in shown:
        groups.setdefault(one.group, []).append(one)
    bundles: list[Bundle] = []
    for several in groups.values():
        once = len({one.network for one in several}) == len(several)
        is_drawn_as_one = _figure(several[0]).seeds and once
        bundles += [several] if is_drawn_as_one else [[one] for one in several]
    return bundles


def _is_drawn(one: Shown) -> bool:
    """Return whether an artifact holds something to draw: a model its weights or history."""
    artifact = one.entry.artifact
    trained = bool((artifact.fields.get("history") or {}).get("loss"))
    return artifact.kind != "model" or trained or bool(artifact.arrays)


def _figure(one: Shown) -> FigureKind:
    figure: FigureKind = FIGURES[one.entry.artifact.kind]
    return figure


def _overlaid(shown: Sequence[Shown]) -> Iterator[list[Shown]]:
    """Yield what is overlaid: of one attack or layer and the same images."""
    groups: dict[Hashable, list[Shown]] = {}
    for one in shown:
        groups.setdefault(_agreement(one), []).append(one)
    yield from groups.values()


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


def _laws(bundles: Sequence[Bundle], shown: Sequence[Shown]) -> list[Bundle]:
    """Return for each spectrum the first exponents that were fitted to it, where there are any."""
    laws: dict[str, Shown] = {}
    for one in shown:
        if one.entry.artifact.kind == "power-law":
            for source in one.entry.artifact.provenance.inputs:
                laws.setdefault(source.digest, one)
    found = [[laws.get(one.entry.digest) for one in bundle] for bundle in bundles]
    return [[law for law in several if law] for several in found if all(several)]


def _picture(bundles: Sequence[Bundle], shown: Sequence[Shown]) -> Picture:
    laws = _laws(bundles, shown)
    networks = [one.network for bundle in bundles for one in bundle]
    labels = [_label(bundle, networks) for bundle in bundles]
    artifacts = [[one.entry.artifact for one in bundle] for bundle in (*bundles, *laws)]
    figure = draw(artifacts, labels + [""] * len(laws), PanelSettings(mixed=True))
    drawn = [one for bundle in (*bundles, *laws) for one in bundle]
    data, media = render(figure, "svg"), PICTURES[".svg"]
    if len(data) > HEAVY:
        data, media = render(figure, "png"), PICTURES[".png"]
    title = f"{_title(bundles[0][0])} of {', '.join(labels)}"
    return Picture(title, media, data, figure.get_figwidth(), tuple(o.number for o in drawn))


def _label(bundle: Bundle, networks: Sequence[str]) -> str:
    one = bundle[0]
    if one.entry.artifact.kind == Comparison.kind:  # it is of no network
        return one.entry.name
    if len(bundle) > 1:
        return one.group
    return one.network if networks.count(one.network) == 1 else one.entry.name


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
