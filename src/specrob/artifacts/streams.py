"""Where artifacts are read and written: a path, or "-" for stdin and stdout."""

import contextlib
import os
import stat
import sys
from pathlib import Path

from specrob.artifacts.artifact import Artifact
from specrob.artifacts.formats import decode, encode
from specrob.errors import ArtifactError, OutputError, UsageError
from specrob.registry import KINDS

STDIO = "-"


def read(source: str) -> Artifact:
    """Return the artifact at a path, or on stdin if `source` is "-".

    Raises
    ------
    ArtifactError
        If it is missing, empty or broken.
    UsageError
        If nothing is piped in.

    Examples
    --------
    >>> read("nowhere.npz")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.ArtifactError: expected a readable file, found no such file or directory...
    """
    return decode(read_bytes(source), title(source))


def title(source: str) -> str:
    """Return how error messages call a source.

    >>> title("-"), title("a.npz")
    ('stdin', 'a.npz')
    """
    return "stdin" if source == STDIO else source


def read_bytes(source: str) -> bytes:
    """Return all bytes of a path, or of stdin if `source` is "-".

    Raises
    ------
    ArtifactError
        If it cannot be read.
    UsageError
        If nothing is piped in.

    Examples
    --------
    >>> read_bytes(os.devnull)
    b''
    """
    if source == STDIO and (sys.stdin is None or sys.stdin.isatty()):
        raise UsageError("expected a file or a pipe, found a terminal; name a file")
    try:
        return sys.stdin.buffer.read() if source == STDIO else Path(source).read_bytes()
    except (OSError, ValueError) as error:  # the latter of a name that no file can have
        is_folder = isinstance(error, IsADirectoryError)
        reason = (
            "a folder" if is_folder else (getattr(error, "strerror", "") or str(error)).lower()
        )
        raise ArtifactError(
            f"expected a readable file, found {reason}: {title(source)}; {path_advice(source)}"
        ) from error


def path_advice(path: str) -> str:
    """Return what to do about a path that is no file.

    >>> path_advice("a.npz"), path_advice("net-*.npz")
    ('check the path', "name files of several seeds as 'net-{seed}.npz'")
    >>> path_advice(".")
    'name files in it; folders are for `specrob table`, `compare` and `report`'
    """
    if os.access(f"{path}/.".replace("\0", ""), os.F_OK):
        return "name files in it; folders are for `specrob table`, `compare` and `report`"
    of_seeds = path.replace("*", "{seed}")
    return f"name files of several seeds as '{of_seeds}'" if "*" in path else "check the path"


def on_terminal() -> bool:
    """Return whether stdout is a terminal; raises OutputError if it is closed."""
    if sys.stdout is None:
        raise OutputError("expected an open stdout, found it closed; name a file as `output`")
    return sys.stdout.isatty()


def write(artifact: Artifact, target: str) -> None:
    """Write the artifact whole or not at all; indented JSON in a file, one line in a pipe.

    Raises
    ------
    ArtifactError
        If the kind's format cannot hold it.
    OutputError, BrokenPipeError
        If it cannot be written.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write(Artifact("power-law", fields={"fits": []}), f"{folder}/law.json")
    ...     read(f"{folder}/law.json").fields
    {'fits': []}
    """
    as_text = target != STDIO or on_terminal()
    write_bytes(encode(artifact, indent=2 if as_text else None), target)


def write_bytes(data: bytes, target: str) -> None:
    """Write bytes to a path, or to stdout if `target` is "-".

    Raises
    ------
    OutputError
        If they cannot be written; a file that was there before is still whole.
    BrokenPipeError
        If the reader of stdout has gone.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     write_bytes(b"abc", f"{folder}/a")
    ...     read_bytes(f"{folder}/a")
    b'abc'
    """
    try:
        if target == STDIO:
            _write_stdout(data)
        else:
            _write_path(data, Path(target))
    except (BrokenPipeError, OutputError):
        raise
    except OSError as error:
        raise OutputError(
            f"expected a writable output, found {(error.strerror or str(error)).lower()}: "
            f"{target if target != STDIO else 'stdout'}; choose another `output`"
        ) from error


def _write_stdout(data: bytes) -> None:
    """Write past Python's buffer, which would fail once more at exit if the disk is full."""
    on_terminal()  # or closed
    sys.stdout.flush()
    sink = getattr(sys.stdout.buffer, "raw", sys.stdout.buffer)
    rest = memoryview(data)
    while rest:  # a raw write may end early
        rest = rest[sink.write(rest) or 0 :]


def _write_path(data: bytes, path: Path) -> None:
    if _is_device(path):
        with path.open("wb") as sink:
            sink.write(data)
        return
    path = Path(os.path.realpath(path))
    part = path.parent / f".{path.name[:60]}.{os.getpid()}.part"
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


def _is_device(path: Path) -> bool:
    """Return whether the path is there but no file that could be replaced: /dev/full, a fifo."""
    return os.access(path, os.F_OK) and not path.is_file() and not path.is_dir()


def check_target(target: str, kind: str, parameter: str = "`output`") -> None:
    """Raise before any work is done if the result could not be written.

    Raises
    ------
    UsageError
        If stdout is a terminal and the kind is binary that has no readable summary, or a file's
        name ends like another of our formats.
    OutputError
        If the folder of the target is missing or not writable.

    Examples
    --------
    >>> check_target(".", "model")  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.OutputError: expected a file in a writable folder, found a folder; change ...
    """
    if target == STDIO:
        if on_terminal() and KINDS[kind].format == "safetensors":
            raise UsageError(
                f"expected a file as `output` or a pipe for a {kind}, found a terminal"
            )
        return
    form, suffix = KINDS[kind].format, Path(target).suffix.lower().removeprefix(".")
    if suffix != form and suffix in {each.format for each in KINDS.values()}:
        raise UsageError(
            f"{parameter}: expected a name in .{form} for a {kind}, found `{target}`; rename it"
        )
    path = Path(os.path.realpath(target))
    is_folder = os.access(f"{path}/.", os.F_OK)  # false, not an error, for names that are too long
    if is_folder or not (_is_device(Path(target)) or os.access(f"{path.parent}/.", os.W_OK)):
        found = "a folder" if is_folder else f"no writable folder {path.parent}"
        raise OutputError(
            f"expected a file in a writable folder, found {found}; change {parameter}"
        )
