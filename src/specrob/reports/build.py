"""A folder, and published numbers, to a report."""

from collections import Counter
from collections.abc import Mapping, Sequence

from specrob.artifacts import to_result
from specrob.artifacts.folder import Folder, FolderEntry, scan
from specrob.artifacts.provenance import ROOTS
from specrob.quantities.networks import NetworkResults, members_of, name_networks
from specrob.registry import FIGURES
from specrob.reports.figures import Shown, draw_all, ready_made
from specrob.reports.numbers import (
    REPORTED_KINDS,
    Reported,
    details_left_out,
    prefer_bootstrapped,
    reported_numbers,
)
from specrob.reports.overview import answers_table, headline, overview
from specrob.reports.page import Origin, Page
from specrob.reports.picture_files import figure_folders
from specrob.reports.published import Published, read_published, tabulate_published, unmatched
from specrob.reports.tables import tabulate
from specrob.results import Comparison

FEW_LETTERS = 12  # of a digest that the page has in full elsewhere


def build_report(
    path: str, published: str | None = None, *, exclude: str = "", figures: bool = True
) -> Page:
    """Return the report of a folder of results.

    Parameters
    ----------
    path : str
        Path of the folder.
    published : str, optional
        File of published numbers, see `read_published`.
    exclude : str
        A file that is not looked at, such as the output.
    figures : bool
        Whether figures are drawn.

    Raises
    ------
    ArtifactError
        If there is nothing below the folder, or the published numbers are broken.
    """
    published_numbers = read_published(published) if published else None
    skipped = [file for file in (exclude, published) if file]
    folder = scan(path, skip=[*skipped, *figure_folders(path)])
    kinds = {*REPORTED_KINDS, *FIGURES, *ROOTS}
    used = [entry for entry in folder.entries if entry.artifact.kind in kinds]
    networks, notes = name_networks(used)
    if published_numbers:  # in their order
        networks = {
            **{n: networks[n] for n in published_numbers.networks if n in networks},
            **networks,
        }
    shown = _number(networks)
    numbers = _numbers(shown, networks)
    answers = _answers(shown)
    several = len(answers) > 1
    tables = [
        answers_table(result, one.number, one.entry.name if several else "")
        for one, result in answers
    ]
    first = overview(numbers)
    tables += [first] if first else []
    if published_numbers:
        comparison = tabulate_published(numbers, published_numbers)
        tables += [comparison] if comparison.rows else []
        notes += unmatched(numbers, published_numbers)
    tables += tabulate(numbers)
    pictures, undrawn = draw_all(shown) if figures else ([], [])
    pictures += ready_made(folder.pictures) if figures else []
    notes += [*undrawn, *_warnings(shown), *folder.remarks(_unused(folder, used))]
    intro = [*headline([result for _, result in answers]), *_intro(shown, published_numbers)]
    origins, images = _origins(shown), _images(shown)
    left_out = details_left_out([one.entry.artifact for one in shown])
    return Page(folder.name, intro, tables, pictures, origins, notes, left_out, images)


def _answers(shown: Sequence[Shown]) -> list[tuple[Shown, Comparison]]:
    artifacts = [(one, one.entry.artifact) for one in shown]
    return [(one, to_result(a, Comparison)) for one, a in artifacts if a.kind == Comparison.kind]


def _numbers(
    shown: Sequence[Shown], networks: Mapping[str, Sequence[FolderEntry]]
) -> list[Reported]:
    """Return the numbers of all entries; of a fit and its resampled repetition the latter."""
    members: dict[str, NetworkResults] = {one.network: one for one in members_of(networks)}
    return prefer_bootstrapped(
        [
            number
            for one in shown
            for number in reported_numbers(one.entry.artifact, members[one.network], one.number)
        ]
    )


def _number(networks: dict[str, list[FolderEntry]]) -> list[Shown]:
    """Return the entries of all networks with their numbers, models before measures."""
    pairs = [
        (entry, network)
        for network, entries in networks.items()
        for entry in sorted(entries, key=lambda entry: entry.artifact.kind not in ROOTS)
    ]
    groups = {one.network: one.group for one in members_of(networks)}
    return [
        Shown(entry, network, groups[network], number)
        for number, (entry, network) in enumerate(pairs, 1)
    ]


def _intro(shown: Sequence[Shown], published: Published | None) -> list[str]:
    """Return what the page says first: networks, images, what it is compared with."""
    data_sets = [one.entry.artifact.provenance.lineage_data() for one in shown]
    parts = {
        "Networks": _group_names(shown),
        "Images": dict.fromkeys(data.name for data in data_sets if data),
        "Compared with": [published.name] if published else [],
    }
    return [f"{title}: {', '.join(names)}." for title, names in parts.items() if names]


def _group_names(shown: Sequence[Shown]) -> list[str]:
    """Return the names of networks, and of groups with their numbers of seeds."""
    networks: dict[str, list[FolderEntry]] = {}
    for one in shown:
        if one.entry.artifact.kind != Comparison.kind:
            networks.setdefault(one.network, []).append(one.entry)
    counts = Counter(member.group for member in members_of(networks))
    return [f"{name} ({n} seeds)" if n > 1 else name for name, n in counts.items()]


def _warnings(shown: Sequence[Shown]) -> list[str]:
    return [
        f"{one.entry.name}: {warning}"
        for one in shown
        for warning in one.entry.artifact.fields.get("warnings", ())
    ]


def _unused(folder: Folder, used: Sequence[FolderEntry]) -> list[str]:
    names = {entry.name for entry in used}
    return [entry.name for entry in folder.entries if entry.name not in names]


def _images(shown: Sequence[Shown]) -> list[str]:
    """Return the digests of images, of which the origins name the first letters."""
    data_sets = [one.entry.artifact.provenance.lineage_data() for one in shown]
    lines = [
        f"{data.name}, {split} images: SHA-256 {digest}"
        for data in data_sets
        if data
        for split, digest in data.digests.items()
    ]
    return list(dict.fromkeys(lines))


def _origins(shown: Sequence[Shown]) -> list[Origin]:
    return [_origin(one.entry, one.number) for one in shown]


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
    digests = data.digests if data else {}
    facts |= {f"{split} images": digest[:FEW_LETTERS] for split, digest in digests.items()}
    return Origin(number, entry.name, {k: v for k, v in facts.items() if v}, run.script())
