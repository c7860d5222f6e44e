"""A folder and published numbers to a report."""

from collections.abc import Sequence
from pathlib import PurePath

from specrob.artifacts.folder import Folder, FolderEntry, scan
from specrob.artifacts.provenance import ROOTS
from specrob.registry import FIGURES
from specrob.reports.networks import name_networks
from specrob.reports.numbers import NUMBERS, numbers_of
from specrob.reports.pictures import Shown, draw_all, ready_made
from specrob.reports.published import Published, read_published
from specrob.reports.report import Origin, Picture, Report
from specrob.reports.seeds import members_of, over_seeds
from specrob.reports.tables import Found, compare, strangers, surest, tabulate

FEW = 6  # files that are named one by one


def assemble(path: str, published: str | None, *, besides: str, figures: bool) -> Report:
    """Return all that is known of a folder of results.

    Parameters
    ----------
    path : str
        Of the folder.
    published : str or None
        File of published numbers, see `read_published`.
    besides : str
        The output, which is not looked at.
    figures : bool
        Whether figures are drawn.

    Raises
    ------
    ArtifactError
        If there is nothing below the folder, or the published numbers are broken.
    """
    theirs = read_published(published) if published else None
    folder = scan(path, besides=[besides, *([published] if published else [])])
    used = [
        entry for entry in folder.entries if entry.artifact.kind in {*NUMBERS, *FIGURES, *ROOTS}
    ]
    groups, doubts = name_networks(used)
    if theirs:
        groups = {**{n: groups[n] for n in theirs.networks if n in groups}, **groups}
    pairs = [
        (entry, network)
        for network, entries in groups.items()
        for entry in sorted(entries, key=lambda entry: entry.artifact.kind not in ROOTS)
    ]
    shown = [Shown(entry, network, number) for number, (entry, network) in enumerate(pairs, 1)]
    every = [
        Found(one.network, number, one.number)
        for one in shown
        for number in numbers_of(one.entry.artifact)
    ]
    found = surest(every)
    pictures, undrawn = _pictures(folder, shown) if figures else ([], [])
    tables = [*over_seeds(found, members_of(groups)), *tabulate(found)]
    if theirs:
        beside = compare(found, theirs)
        tables = [beside, *tables] if beside.rows else tables
        doubts += strangers(found, theirs)
    notes = [*doubts, *undrawn, *_warnings(shown), *_left_out(folder, used)]
    origins = [_origin(one.entry, one.number) for one in shown]
    return Report(folder.name, _lead(shown, theirs), tables, pictures, origins, notes)


def _pictures(folder: Folder, shown: Sequence[Shown]) -> tuple[list[Picture], list[str]]:
    pictures, doubts = draw_all(shown)
    return pictures + ready_made(folder.pictures), doubts


def _lead(shown: Sequence[Shown], published: Published | None) -> list[str]:
    """Return what the page says first: networks, images, what it is compared with."""
    known = [one.entry.artifact.provenance.lineage_data() for one in shown]
    names = list(dict.fromkeys(data.name for data in known if data))
    networks = list(dict.fromkeys(one.network for one in shown))
    lines = [f"Networks: {', '.join(networks)}."] if networks else []
    lines += [f"Images: {', '.join(names)}."] if names else []
    if published:
        said = ", ".join(filter(None, (published.title, published.source))) or published.file
        lines.append(f"Compared with: {said}.")
    return lines


def _warnings(shown: Sequence[Shown]) -> list[str]:
    return [
        f"{one.entry.name}: {warning}"
        for one in shown
        for warning in one.entry.artifact.fields.get("warnings", ())
    ]


def _left_out(folder: Folder, used: Sequence[FolderEntry]) -> list[str]:
    """Return a line for every broken file, and one for all that are no results."""
    broken = [f"left out {name}: {why}" for name, why in folder.left_out.items() if why]
    idle = [name for name, why in folder.left_out.items() if not why]
    names = {entry.name for entry in used}
    idle += [entry.name for entry in folder.entries if entry.name not in names]
    kinds = sorted({PurePath(name).suffix or name for name in idle})
    said = sorted(idle) if len(idle) <= FEW else [f"{len(idle)} files", *kinds]
    return [*broken, *([f"left out, being no results: {', '.join(said)}"] if idle else [])]


def _origin(entry: FolderEntry, number: int) -> Origin:
    run = entry.artifact.provenance
    data = run.lineage_data()
    facts = {
        "kind": entry.artifact.kind,
        "SHA-256": entry.digest,
        "command": " ".join(run.command),
        "specrob": run.version if run.command else "",
        "seed": "" if run.seed is None else str(run.seed),
        "device": run.device or "",
        "precision": run.precision or "",
        "images": data.name if data else "",
    }
    facts |= {
        f"{split} images": digest for split, digest in (data.digests if data else {}).items()
    }
    return Origin(number, entry.name, {k: v for k, v in facts.items() if v}, run.script())
