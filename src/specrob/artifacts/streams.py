"""Where artifacts are read and written: a path, or "-" for stdin and stdout."""

import contextlib
import os
import stat
import sys
from pathlib import Path

from specrob.artifacts.artifact import Artifact
from specrob.artifacts.formats import decode, encode
from specrob.artifacts.kinds import KINDS
from specrob.errors import ArtifactError, OutputError, UsageError

STDIO = "-"


def read(source: str) -> Artifact:
    """Return the artifact at a path, or on stdin if `source` is "-".

    Raises
    ------
    ArtifactError
        If it is missing, empty or broken.
    UsageError
        If nothing is piped in.
    """
    return decode(read_bytes(source), title(source))


def title(source: str) -> str:
    """Return how error messages call a source.

    >>> title("-"), title("a.npz")
    ('stdin', 'a.npz')
    """
    return "stdin" if source == STDIO else source


def read_bytes(source: str) -> bytes:
    """Return all bytes of a path, or of stdin if `source` is "-"."""
    if source == STDIO:
        if sys.stdin is None or sys.stdin.isatty():
            raise UsageError("expected a file or a pipe, found a terminal; name a file")
        return sys.stdin.buffer.read()
    try:
        return Path(source).read_bytes()
    except OSError as error:
        raise ArtifactError(
            f"expected a readable file, found {error.strerror.lower()}: {source}; check the path"
        ) from error


def write(artifact: Artifact, target: str) -> None:
    """Write the artifact whole or not at all; indented JSON in a file, one line in a pipe."""
    as_text = target != STDIO or sys.stdout.isatty()
    write_bytes(encode(artifact, indent=2 if as_text else None), target)


def write_bytes(data: bytes, target: str) -> None:
    """Write bytes to a path, or to stdout if `target` is "-".

    Raises
    ------
    OutputError
        If they cannot be written; a file that was there before is still whole.
    BrokenPipeError
        If the reader of stdout has gone.
    """
    try:
        if target == STDIO:
            sys.stdout.buffer.write(data)
            sys.stdout.buffer.flush()
        else:
            _write_path(data, Path(os.path.realpath(target)))
    except BrokenPipeError:
        raise
    except OSError as error:
        raise OutputError(
            f"expected a writable output, found {(error.strerror or str(error)).lower()}: "
            f"{target if target != STDIO else 'stdout'}; choose another with -o"
        ) from error


def _write_path(data: bytes, path: Path) -> None:
    if path.exists() and not path.is_file():  # /dev/full, a fifo
        with path.open("wb") as sink:
            sink.write(data)
        return
    part = path.with_name(f".{path.name}.{os.getpid()}.part")
    try:
        with part.open("wb") as sink:
            sink.write(data)
            sink.flush()
            os.fsync(sink.fileno())
        if path.exists():
            part.chmod(stat.S_IMODE(path.stat().st_mode))
        part.replace(path)
    finally:
        with contextlib.suppress(FileNotFoundError):
            part.unlink()


def check_target(target: str, kind: str) -> None:
    """Raise before any work is done if the result could not be written.

    Raises
    ------
    UsageError
        If stdout is a terminal and the kind is binary that has no readable summary.
    OutputError
        If the folder of the target is missing or not writable.
    """
    if target == STDIO:
        if KINDS[kind].format == "safetensors" and sys.stdout.isatty():
            raise UsageError(f"expected -o FILE or a pipe for a {kind}, found a terminal")
        return
    path = Path(os.path.realpath(target))
    if path.is_dir() or not path.parent.is_dir() or not os.access(path.parent, os.W_OK):
        found = "a folder" if path.is_dir() else f"no writable folder {path.parent}"
        raise OutputError(f"expected a file in a writable folder, found {found}; change -o")
