"""What the shell offers for the value of an option, without torch or numpy."""

from collections.abc import Callable, Iterator
from pathlib import Path

import typer

from specrob.settings.flag import Flag

LARGEST_HEADER = 2**24  # bytes
# what reading a file that is none of ours may raise: then it offers nothing
UNREADABLE = (OSError, ValueError, KeyError, SyntaxError, AttributeError)


def completer(flag: Flag) -> Callable[[typer.Context, str], list[str]]:
    """Return what gives Typer the words that begin as the typed one does."""

    def complete(ctx: typer.Context, incomplete: str) -> list[str]:
        words = flag.complete() if flag.complete else []
        if flag.offers_layers:
            words += [layer for file in _files(ctx) for layer in layers_in(file)]
        before, comma, _ = incomplete.rpartition(",") if flag.joined else ("", "", "")
        offered = [f"{before}{comma}{word}" for word in dict.fromkeys(words)]
        return [word for word in offered if word.startswith(incomplete)]

    return complete


def _files(ctx: typer.Context) -> Iterator[Path]:
    """Yield the files among the arguments of a command line that is not complete."""
    for word in (*ctx.params.values(), *ctx.args):
        if isinstance(word, str) and word != "-" and Path(word).is_file():
            yield Path(word)


def layers_in(file: Path) -> list[str]:
    """Return the layers with weights in a safetensors file, or those of a spectrum in an NPZ.

    >>> layers_in(Path(__file__))
    []
    """
    try:
        with file.open("rb") as stream:
            is_archive = stream.read(2) == b"PK"
        return _spectrum_layers(file) if is_archive else _weight_layers(file)
    except UNREADABLE:
        return []


def _weight_layers(file: Path) -> list[str]:
    """Return the modules, and those that they are in, that the names of weights show."""
    import json

    with file.open("rb") as stream:
        size = int.from_bytes(stream.read(8), "little")
        weights = json.loads(stream.read(size)) if size <= LARGEST_HEADER else {}
    names = [name.removeprefix("net.") for name in weights if name != "__metadata__"]
    parts = [name.split(".") for name in names]
    return sorted({".".join(part[:end]) for part in parts for end in range(1, len(part))})


def _spectrum_layers(file: Path) -> list[str]:
    """Return the words of the array ``layer``: NPY, a header and then fixed-width UTF-32."""
    import ast
    import zipfile

    try:
        with zipfile.ZipFile(file) as archive:
            data = archive.read("layer.npy")
    except zipfile.BadZipFile:
        return []
    start = 10 + int.from_bytes(data[8:10], "little")
    kind = ast.literal_eval(data[10:start].decode())["descr"]  # for instance <U6
    width = 4 * int(kind.removeprefix("<U"))
    words = [data[at : at + width] for at in range(start, len(data), width)]
    return list(dict.fromkeys(word.decode("utf-32-le").rstrip("\0") for word in words))
