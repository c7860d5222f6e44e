"""Which network an artifact is of, what it is called, and which networks differ in seeds alone."""

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import PurePosixPath

from specrob.artifacts import Artifact
from specrob.artifacts.folder import FolderEntry
from specrob.artifacts.provenance import ROOTS
from specrob.quantities.seeds import group_name, group_seeds, seed_of

NONE = "no network"


def name_networks(
    entries: Sequence[FolderEntry],
) -> tuple[dict[str, list[FolderEntry]], list[str]]:
    """Return the entries of every network by its name, and notes on doubtful names.

    The name is the stem of the model's file, or that of a measure up to its first dot, and a
    number between that and the next, which is a seed; a digest tells apart what has one name and
    different weights, or an architecture of different code.

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
    groups = {own: some for key, group in groups.items() for own, some in _by_code(key, group)}
    files = {key: [e for e in group if e.digest == key] for key, group in groups.items()}
    stems = {key: _stem((files[key] or group)[0]) for key, group in groups.items()}
    owners = Counter(stem for key, stem in stems.items() if files[key])
    several = Counter(stems.values())
    named, notes = {}, []
    for key, group in groups.items():
        stem = name = stems[key]
        if several[stem] > 1 and not (files[key] and owners[stem] == 1):
            has_digest = files[key] or group[0].artifact.provenance.root()
            name = f"{stem} ({key[:8] if has_digest else NONE})"
            if owners[stem] == 1:
                notes.append(f"{name} was measured on another network than that in {stem}'s file")
        named[name] = group
    return dict(sorted(named.items(), key=lambda item: natural_order(item[0]))), notes


def natural_order(name: str) -> list[tuple[int, str]]:
    """Return what sorts names with their numbers as numbers.

    >>> sorted(["rn16", "rn8", "rn"], key=natural_order)
    ['rn', 'rn8', 'rn16']
    """
    parts = re.split(r"([0-9]+)", name)
    return [(int(part) if part.isdecimal() else -1, part) for part in parts]


def _key(entry: FolderEntry) -> str:
    """Return the digest of the network, or a name in its place where there is none."""
    if entry.artifact.kind in ROOTS:
        return entry.digest
    root = entry.artifact.provenance.root()
    return root.digest if root else f"{NONE}, {_first_part(entry)}"


def _by_code(key: str, group: list[FolderEntry]) -> Iterator[tuple[str, list[FolderEntry]]]:
    """Yield the entries of one digest, those measured with different code of one's own apart."""
    codes = dict.fromkeys(entry.artifact.provenance.lineage_code() for entry in group)
    if len(set(codes) - {None}) < 2:
        yield key, group
        return
    for code in codes:
        own = [one for one in group if one.artifact.provenance.lineage_code() == code]
        yield code or key, own


def _stem(entry: FolderEntry) -> str:
    is_model = entry.artifact.kind in ROOTS
    return PurePosixPath(entry.name).stem if is_model else _first_part(entry)


def _first_part(entry: FolderEntry) -> str:
    """Return the name of a file up to its first dot, and a seed behind that.

    >>> [_first_part(FolderEntry(f, Artifact("model"), "")) for f in ("a/kh.npz", "kh.0.d.npz")]
    ['kh', 'kh.0']
    """
    name = PurePosixPath(entry.name).name
    begin = re.match(r"[^.]+(\.[0-9]+(?=\.))?", name)
    return begin[0] if begin else name


@dataclass(frozen=True)
class NetworkResults:
    """A network with its artifacts, and the group of networks that differ from it in seeds alone.

    Parameters
    ----------
    network : str
        Its own name.
    group : str
        The name that the members of its group begin with; its own where it is alone.
    seed : int or None
        The seed of the last command that trained it.
    entries : sequence of FolderEntry
    """

    network: str
    group: str
    seed: int | None
    entries: Sequence[FolderEntry]

    @property
    def without_seed(self) -> str:
        """Its own name without the seed, where it ends in that.

        >>> NetworkResults("kh-4", "kh-4", 4, ()).without_seed
        'kh'
        """
        ends = [] if self.seed is None else [f"{mark}{self.seed}" for mark in "-_."]
        return next(
            (self.network[: -len(e)] for e in ends if self.network.endswith(e)), self.network
        )


def members_of(networks: Mapping[str, Sequence[FolderEntry]]) -> list[NetworkResults]:
    """Return the networks with their groups, in the order given.

    >>> from specrob.artifacts import Artifact, Provenance
    >>> runs = [Provenance(("specrob", "train-sup", "-o", f"{s}"), seed=s) for s in (0, 1)]
    >>> entries = [FolderEntry("", Artifact("model", provenance=run), "") for run in runs]
    >>> found = members_of({"a-0": entries[:1], "a-1": entries[1:], "c": []})
    >>> [(one.network, one.group, one.seed) for one in found]
    [('a-0', 'a', 0), ('a-1', 'a', 1), ('c', 'c', None)]
    """
    groups = group_seeds(networks)
    grouped = {name for group in groups for name in group}
    shared = Counter(group_name(group) for group in groups)
    shared.update(name for name in networks if name not in grouped)
    names = {
        name: group[0] if shared[group_name(group)] > 1 else group_name(group)
        for group in groups
        for name in group
    }
    return [
        NetworkResults(network, names.get(network, network), seed_of(network, entries), entries)
        for network, entries in networks.items()
    ]


def common(labels: Sequence[str]) -> str:
    """Return the words with which all labels begin, or the first label; one label stays whole.

    >>> common(["kh-0", "kh-0.alpha"]), common(["local", "plain"]), common(["KH.", "KH."])
    ('kh-0', 'local', 'KH.')
    """
    if len(set(labels)) == 1:
        return labels[0]
    words = [re.split(r"(?<=[-_. ])", label) for label in labels]
    levels = zip(*words, strict=False)
    alike = takewhile(lambda level: len({word.strip("-_. ") for word in level}) == 1, levels)
    return "".join(level[0] for level in alike).strip("-_. ") or labels[0]


def model_of(artifact: Artifact) -> str:
    """Return the digest of the model that an artifact is, or was measured on; else its own.

    >>> from specrob.artifacts import Provenance, Source
    >>> run = Provenance(inputs=(Source("kh", "model", "12ab", Provenance()),))
    >>> model_of(Artifact("distances", provenance=run))
    '12ab'
    """
    root = None if artifact.kind in ROOTS else artifact.provenance.root()
    return root.digest if root else artifact.digest
