"""Which network an artifact is of, and what it is called."""

from collections import Counter
from collections.abc import Sequence
from pathlib import PurePosixPath

from specrob.artifacts.folder import FolderEntry
from specrob.artifacts.provenance import ROOTS

NONE = "no network"


def name_networks(
    entries: Sequence[FolderEntry],
) -> tuple[dict[str, list[FolderEntry]], list[str]]:
    """Return the entries of every network by its name, and what is doubtful about names.

    The name is the stem of the model's file, or that of a measure up to its first dot; a digest
    tells apart what has one name and different weights.

    >>> from specrob.artifacts import Artifact, Provenance, Source
    >>> run = Provenance(inputs=(Source("x", "model", "5e", Provenance()),))
    >>> law = Artifact("power-law", provenance=run)
    >>> measure = FolderEntry("measures/kh.alpha.json", law, "77")
    >>> model = FolderEntry("networks/hybrid.safetensors", Artifact("model"), "5e")
    >>> list(name_networks([measure])[0]), list(name_networks([measure, model])[0])
    (['kh'], ['hybrid'])
    """
    groups: dict[str, list[FolderEntry]] = {}
    for entry in entries:
        groups.setdefault(_key(entry), []).append(entry)
    files = {key: _files(key, group) for key, group in groups.items()}
    stems = {key: _stem(files[key] or group) for key, group in groups.items()}
    owners = Counter(stem for key, stem in stems.items() if files[key])
    several = Counter(stems.values())
    named, doubts = {}, []
    for key, group in groups.items():
        stem = name = stems[key]
        if several[stem] > 1 and not (files[key] and owners[stem] == 1):
            known = files[key] or group[0].artifact.provenance.root()
            name = f"{stem} ({key[:8] if known else NONE})"
            if owners[stem] == 1:
                doubts.append(f"{name} was measured on other weights than those in {stem}'s file")
        named[name] = group
    return dict(sorted(named.items())), doubts


def _key(entry: FolderEntry) -> str:
    """Return the digest of the network, or what stands for it where there is none."""
    if entry.artifact.kind in ROOTS:
        return entry.digest
    root = entry.artifact.provenance.root()
    return root.digest if root else f"{NONE}, {_first_part(entry)}"


def _files(key: str, group: Sequence[FolderEntry]) -> list[FolderEntry]:
    return [entry for entry in group if entry.digest == key]


def _stem(group: Sequence[FolderEntry]) -> str:
    first = group[0]
    return PurePosixPath(first.name).stem if first.artifact.kind in ROOTS else _first_part(first)


def _first_part(entry: FolderEntry) -> str:
    name = PurePosixPath(entry.name).name
    return name.split(".")[0] or name
