"""A folder of results: its artifacts, its pictures, and the files that are neither."""

import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from xml.etree import ElementTree

from specrob.artifacts.artifact import Artifact
from specrob.artifacts.contract import expect
from specrob.artifacts.formats import decode, sniff
from specrob.artifacts.streams import read_bytes
from specrob.errors import ArtifactError
from specrob.registry import ARCHITECTURES, KINDS

FEW = 6  # files, from which on they are counted
ZIP = b"PK\x03\x04"
PICTURES = {".png": "image/png", ".svg": "image/svg+xml"}


@dataclass(frozen=True)
class FolderEntry:
    """An artifact in a folder, with its name relative to the folder and its digest.

    The weights of models are dropped after hashing, except those of local layers, which are drawn.
    """

    name: str
    artifact: Artifact
    digest: str


@dataclass(frozen=True)
class Folder:
    """The files below a folder, in the order of their names.

    Parameters
    ----------
    name : str
    entries : list of FolderEntry
    pictures : mapping of str to bytes
        PNG and SVG files.
    left_out : mapping of str to str
        Why a file is neither; empty if its first bytes are not those of an artifact.
    """

    name: str
    entries: list[FolderEntry]
    pictures: dict[str, bytes]
    left_out: dict[str, str]

    def remarks(self, unused: Sequence[str] = ()) -> list[str]:
        """Return a line for each broken file, one for all that are no results, and for all shards.

        Parameters
        ----------
        unused : sequence of str
            Artifacts of which nothing was taken.

        Examples
        --------
        >>> shard = Artifact("checkpoint", fields={"state": {"shard": [1, 2]}})
        >>> entries = [FolderEntry("d.st", shard, "")]
        >>> folder = Folder("runs", entries, {}, {"a.pt": "", "b.npz": "broken"})
        >>> for line in folder.remarks(["c.npz", "d.st"]):
        ...     print(line)
        left out b.npz: broken
        left out, not results: a.pt, c.npz
        left out, shards that `specrob merge` joins: d.st
        """
        broken = [f"left out {name}: {why}" for name, why in self.left_out.items() if why]
        shards = [entry.name for entry in self.entries if is_shard(entry.artifact)]
        idle = [name for name, why in self.left_out.items() if not why]
        idle += [name for name in unused if name not in shards]
        named = {"not results": idle, "shards that `specrob merge` joins": shards}
        return broken + [
            f"left out, {what}: {_few(names)}" for what, names in named.items() if names
        ]


def is_shard(artifact: Artifact) -> bool:
    """Return whether an artifact holds what some shard has measured, and is no result yet."""
    state = artifact.fields.get("state") if artifact.kind == "checkpoint" else None
    return isinstance(state, Mapping) and state.get("shard") is not None


def _few(names: Sequence[str]) -> str:
    """Return the names of some files, or how many there are, and of what suffixes."""
    suffixes = sorted({Path(name).suffix or name for name in names})
    return ", ".join(sorted(names) if len(names) < FEW else [f"{len(names)} files", *suffixes])


def scan(path: str, *, skip: Sequence[str] = ()) -> Folder:
    """Return all artifacts and pictures below a folder; broken files do not stop it.

    Parameters
    ----------
    path : str
    skip : sequence of str
        Files and folders to skip; hidden files and TOML are always skipped.

    Raises
    ------
    ArtifactError
        If it is not a folder, or holds neither artifacts nor pictures.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> from specrob.artifacts import write
    >>> fit = {"source": "images", "layer": "hidden", "size": 2, "range": [1, 2], "alpha": None}
    >>> law = Artifact("power-law", fields={"fits": [{**fit, "reason": "too few"}]})
    >>> with TemporaryDirectory() as folder:
    ...     write(law, f"{folder}/kh.alpha.json")
    ...     _ = Path(folder, "notes.txt").write_text("hello")
    ...     found = scan(folder)
    >>> [entry.name for entry in found.entries], found.left_out
    (['kh.alpha.json'], {'notes.txt': ''})
    """
    root = Path(path)
    if not root.is_dir():
        raise ArtifactError(f"expected a folder of results, found none: {path}; check the path")
    skipped = {_whole_path(other) for other in skip}
    folder = Folder(root.resolve().name, [], {}, {})
    for file in sorted(root.rglob("*")):
        below = file.relative_to(root)
        hidden = any(part.startswith(".") for part in below.parts)
        hidden |= file.suffix == ".toml"  # layouts and claims
        whole = _whole_path(file)
        hidden |= not skipped.isdisjoint([whole, *whole.parents])
        if not hidden and file.is_file():
            _add_file_(folder, file, below.as_posix())
    if not (folder.entries or folder.pictures):
        broken = next((f"; {reason}" for reason in folder.left_out.values() if reason), "")
        raise ArtifactError(
            f"expected artifacts below {path}, found none in {len(folder.left_out)} files{broken}"
        )
    return folder


def _whole_path(path: str | Path) -> Path:
    """Return where links lead; where they lead in a circle, any of them."""
    return Path(os.path.realpath(path))


def _add_file_(folder: Folder, file: Path, name: str) -> None:
    try:
        data = _bytes(file)
        if data.lstrip()[:1] == b"[" or _is_other_zip(data):  # TOML or a list, or a checkpoint
            folder.left_out[name] = ""
        elif file.suffix.lower() in PICTURES and sniff(data) is None:
            folder.pictures[name] = _whole_picture(data, name)
        elif sniff(data) is None:
            folder.left_out[name] = ""
        else:
            folder.entries.append(_entry(name, decode(data, name)))
    except ArtifactError as error:
        folder.left_out[name] = str(error)


def _is_other_zip(data: bytes) -> bool:
    """Return whether these are the bytes of a zip that begins with anything but an array."""
    length = int.from_bytes(data[26:28], "little")
    return (
        data.startswith(ZIP)
        and len(data) > 30 + length
        and data[26 + length : 30 + length] != b".npy"
    )


def _whole_picture(data: bytes, name: str) -> bytes:
    """Return the bytes of a PNG or SVG file; raise ArtifactError where they are not that."""
    if name.lower().endswith(".svg"):
        try:
            whole = ElementTree.fromstring(data).tag.split("}")[-1] == "svg"
        except (ElementTree.ParseError, ValueError, LookupError):  # the last of encodings
            whole = False
    else:
        whole = data.startswith(b"\x89PNG\r\n\x1a\n") and b"IEND" in data[-12:]
    if not whole:
        raise ArtifactError(f"expected a picture in {name}, found broken bytes; draw it again")
    return data


def _bytes(file: Path) -> bytes:
    """Return the bytes of an artifact or picture, and of other files the first 64."""
    try:
        with file.open("rb") as source:
            head = source.read(64)
    except OSError:
        head = b""  # reading all of it raises the error
    wanted = sniff(head) or file.suffix.lower() in PICTURES or not head.strip()
    return read_bytes(str(file)) if wanted else head


def _entry(name: str, artifact: Artifact) -> FolderEntry:
    expect(artifact, None, name)
    digest = artifact.digest
    is_model = KINDS[artifact.kind].format == "safetensors"
    drop = is_model and not ARCHITECTURES.is_tagged(str(artifact.fields.get("arch")), "local")
    return FolderEntry(name, replace(artifact, arrays={}) if drop else artifact, digest)
