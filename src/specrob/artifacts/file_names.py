"""Names of files: the files of several seeds, and the format that a suffix asks for."""

import glob
import re
from collections.abc import Sequence
from pathlib import Path

from specrob.artifacts.streams import STDIO, on_terminal
from specrob.errors import ArtifactError, UsageError


def files_of_seeds(source: str) -> list[str]:
    """Return the files of a name that holds {seed}, in the order of the seeds; else the name.

    Raises
    ------
    ArtifactError
        If there is none.

    Examples
    --------
    >>> files_of_seeds("kh.npz")
    ['kh.npz']
    """
    return list(seeds_of(source).values()) if "{seed}" in source else [source]


def seeds_of(source: str) -> dict[int, str]:
    """Return the files of a name that holds {seed} by their seeds, in the order of the seeds.

    Raises
    ------
    ArtifactError
        If there is none.

    Examples
    --------
    >>> from tempfile import TemporaryDirectory
    >>> with TemporaryDirectory() as folder:
    ...     Path(folder, "kh-3.npz").touch()
    ...     list(seeds_of(f"{folder}/kh-{{seed}}.npz"))
    [3]
    """
    path = Path(source)
    pattern = seed_pattern(str(path))
    name = glob.escape(str(path.relative_to(path.anchor))).replace("{seed}", "*")
    found = [pattern.fullmatch(str(each)) for each in Path(path.anchor).glob(name)]
    ordered = sorted((int(m["seed"]), m[0]) for m in found if m)
    if not ordered:
        raise ArtifactError(
            f"expected files such as {source.replace('{seed}', '0')}, found none; "
            "make one for each seed"
        )
    twice = next((a for a, b in zip(ordered, ordered[1:], strict=False) if a[0] == b[0]), None)
    if twice is not None:
        raise ArtifactError(
            f"expected one file for each seed of {source}, found several of seed {twice[0]}; "
            "rename one"
        )
    return dict(ordered)


def check_there(sources: Sequence[str], advice: str) -> None:
    """Raise ArtifactError where a name without {seed} is that of no file or folder.

    >>> check_there(["kh-{seed}.npz", "-"], "name files")
    """
    for source in sources:
        if "{seed}" not in source and source != STDIO and not Path(source).exists():
            raise ArtifactError(
                f"expected a file or a folder, found no such file as {source}; {advice}"
            )


def seed_pattern(name: str) -> re.Pattern[str]:
    """Return what matches a name, whole numbers in place of {seed}, the same in all places.

    >>> pattern = seed_pattern("{seed}/kh-{seed}.npz")
    >>> bool(pattern.fullmatch("3/kh-3.npz")), bool(pattern.fullmatch("3/kh-4.npz"))
    (True, False)
    """
    before, *after = map(re.escape, name.split("{seed}"))
    return re.compile(before + ("(?P<seed>[0-9]+)" + "(?P=seed)".join(after) if after else ""))


def suffix_of(output: str, known: Sequence[str], what: str, *, binary: bool = True) -> str:
    """Return the suffix of an output's name, out of `known`; the first of them for stdout.

    Raises
    ------
    UsageError
        If the name ends otherwise, or stdout is a terminal and the output is binary.

    Examples
    --------
    >>> suffix_of("figure.PDF", [".png", ".pdf"], "a figure")
    '.pdf'
    """
    if output == STDIO:
        if binary and on_terminal():
            raise UsageError(f"expected a file as `output` or a pipe for {what}, found a terminal")
        return known[0]
    suffix = Path(output).suffix.lower()
    if suffix not in known:
        *others, last = known
        wanted = f"{', '.join(others)} or {last}"
        raise UsageError(f"`output`: expected a name in {wanted}, found `{output}`; rename it")
    return suffix
