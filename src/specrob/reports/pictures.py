"""The figures of a folder: what belongs together in one."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from specrob.artifacts import Artifact
from specrob.artifacts.folder import PICTURES, FolderEntry
from specrob.errors import SpecrobError
from specrob.plots import FIGURES, draw, render
from specrob.plots.reading import attack_name
from specrob.reports.report import Picture
from specrob.results import ATTACK_OPTIONS

HEAVY = 500_000  # bytes, beyond which an SVG gives way to a PNG
TITLES = {
    "model": "Training",
    "spectrum": "Eigenspectra",
    "power-law": "Exponents",
    "robustness": "Accuracy under attack",
    "distances": "Critical distances",
    "landscape": "Landscape",
    "sensitivity": "Sensitivity of eigenvalues",
    "adversarial": "Perturbed images",
}
MOST = {"landscape": 4, "sensitivity": 1, "adversarial": 1}  # in one figure
MOST_LINES = 7
# facts that part figures
APART = (*ATTACK_OPTIONS, "curve", "of", "normalize")


@dataclass(frozen=True)
class Shown:
    """An artifact with the network it is of, and its number among the sources."""

    entry: FolderEntry
    network: str
    number: int


def draw_all(shown: Sequence[Shown]) -> tuple[list[Picture], list[str]]:
    """Return the figures of all artifacts that have one, and why some could not be drawn."""
    pictures, doubts = [], []
    for kind in FIGURES:
        for group in _groups([one for one in shown if _has_figure(one.entry.artifact, kind)]):
            laws = _laws(group, shown) if kind == "spectrum" else []
            try:
                pictures.append(_picture(kind, group, laws))
            except SpecrobError as error:
                files = ", ".join(one.entry.name for one in group)
                doubts.append(f"no figure of {files}: {error}")
    return pictures, doubts


def _has_figure(artifact: Artifact, kind: str) -> bool:
    """Return whether an artifact is of a kind and has something to draw."""
    trained = bool((artifact.fields.get("history") or {}).get("loss"))
    return artifact.kind == kind and (kind != "model" or trained or bool(artifact.arrays))


def _groups(shown: Sequence[Shown]) -> Iterator[list[Shown]]:
    """Yield what is overlaid: of one attack or layer and the same images, not too many at once."""
    groups: dict[tuple, list[Shown]] = {}
    for one in shown:
        groups.setdefault(_alike(one.entry), []).append(one)
    for group in groups.values():
        most = MOST.get(group[0].entry.artifact.kind, MOST_LINES)
        yield from (group[start : start + most] for start in range(0, len(group), most))


def _alike(entry: FolderEntry) -> tuple:
    artifact = entry.artifact
    known = artifact.provenance.lineage_data()
    data = (*sorted(known.digests.items()), str(known.resize)) if known else ()
    if artifact.kind in ("model", "power-law"):
        return data, entry.name if artifact.arrays else ""
    which = "attacked" if artifact.provenance.chosen else "selection"  # as `plot` has it
    facts = tuple(str(artifact.fields.get(name)) for name in (*APART, which))
    place = (artifact.arrays["index"].tolist(),) if artifact.kind == "landscape" else ()
    rows = tuple(sorted(set(map(str, artifact.arrays.get("source", ())))))
    return facts, place, rows, data


def _laws(group: Sequence[Shown], shown: Sequence[Shown]) -> list[Shown]:
    """Return for each spectrum the first exponents that were fitted to it, where there are any."""
    found = {}
    for one in shown:
        if one.entry.artifact.kind == "power-law":
            for source in one.entry.artifact.provenance.inputs:
                found.setdefault(source.digest, one)
    return [found[one.entry.digest] for one in group if one.entry.digest in found]


def _picture(kind: str, group: Sequence[Shown], laws: Sequence[Shown]) -> Picture:
    networks = [one.network for one in group]
    labels = [one.network if networks.count(one.network) == 1 else one.entry.name for one in group]
    drawn = [*group, *laws]
    figure = draw([one.entry.artifact for one in drawn], labels + [""] * len(laws), mixed=True)
    data, media = render(figure, "svg"), PICTURES[".svg"]
    if len(data) > HEAVY:
        data, media = render(figure, "png"), PICTURES[".png"]
    first = group[0].entry.artifact
    attacked = kind in ("robustness", "distances")
    attack = ", ".join(filter(None, attack_name(first.fields))) if attacked else ""
    name = "First weights" if kind == "model" and first.arrays else TITLES[kind]
    title = f"{name}: {attack}" if attack else name
    said = f"{title} of {', '.join(labels)}"
    return Picture(said, media, data, figure.get_figwidth(), tuple(o.number for o in drawn))


def ready_made(files: dict[str, bytes]) -> list[Picture]:
    """Return pictures that lie in the folder, named by their files.

    >>> ready_made({"figures/a.png": b""})[0].title
    'Figure in the folder: figures/a.png'
    """
    return [
        Picture(f"Figure in the folder: {name}", PICTURES[name[-4:].lower()], data)
        for name, data in files.items()
    ]
