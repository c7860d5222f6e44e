"""Where an artifact comes from, and the commands that reproduce it."""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from specrob import __version__
from specrob.artifacts.validation import conforms
from specrob.settings.images import parse_resize
from specrob.settings.transforms import TransformSpec

ROOTS = ("model", "weights", "arrays")  # kinds that can be measured
# kinds that choose images for `only`
OF_EACH_IMAGE = ("distances", "adversarial", "bounds", "local-smoothness")


@dataclass(frozen=True)
class Data:
    """Which images were used: how they were asked for, their title and content digests."""

    source: str
    name: str
    root: str
    digests: Mapping[str, str]  # split -> SHA-256 of its images and labels, as stored
    resize: int | str | None = None  # pixels that the shorter side was scaled to: N, or N:CROP
    transform: tuple[str, ...] = ()  # of the pixels, before normalization
    split: str | None = None  # of the images that were used, where it was one

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Data":
        """Return the record of what JSON can hold; raise UsageError at a size or a transform."""
        data = cls(**{**plain, "transform": tuple(plain.get("transform", ()))})
        for word in data.transform:
            TransformSpec.parse(word)
        if data.resize is not None:
            parse_resize(str(data.resize))
        return data


@dataclass(frozen=True)
class Provenance:
    """One run of one command, with the runs that it read from.

    `begun_with` names other machines or versions of torch that computed a part of the result;
    `code` is the SHA-256 of the file that defines an architecture of one's own.
    """

    command: tuple[str, ...] = ()
    version: str = __version__
    seed: int | None = None
    device: str | None = None
    precision: str | None = None
    data: Data | None = None
    inputs: tuple["Source", ...] = ()
    begun_with: tuple[str, ...] = ()
    code: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return the run as values that JSON can hold."""
        return asdict(self)

    @classmethod
    def from_json(cls, plain: Mapping[str, Any]) -> "Provenance":
        """Return the run whose `to_json` went through JSON.

        Raises
        ------
        KeyError, TypeError, ValueError
            If it is anything else, or names a size or a transform that there is not.

        Examples
        --------
        >>> import json
        >>> run = Provenance(("specrob", "info"), seed=1)
        >>> Provenance.from_json(json.loads(json.dumps(run.to_json()))) == run
        True
        """
        if not conforms(plain, cls) or any("\0" in word for word in _words(plain)):
            raise TypeError("its history is not one")
        data = Data.from_json(plain["data"]) if plain["data"] else None
        inputs = tuple(
            Source(s["path"], s["kind"], s["digest"], cls.from_json(s["provenance"]))
            for s in plain["inputs"]
        )
        words = {name: tuple(plain.get(name, ())) for name in ("command", "begun_with")}
        return cls(**{**plain, **words, "data": data, "inputs": inputs})

    def lineage_data(self) -> Data | None:
        """Return the images of this run or of the nearest run that it came from.

        >>> digits = Data("digits", "digits", "data", {})
        >>> source = Source("-", "model", "", Provenance(data=digits))
        >>> Provenance(inputs=(source,)).lineage_data().name
        'digits'
        """
        return self.data or next(
            (d for s in self.inputs if (d := s.provenance.lineage_data())), None
        )

    def lineage_code(self) -> str | None:
        """Return the code of the network that this run measured, or one that it came from."""
        below = (source.provenance.lineage_code() for source in self.inputs)
        return self.code or next((code for code in below if code), None)

    def root(self) -> "Source | None":
        """Return the nearest model that this run came from, or None.

        >>> model = Source("kh.safetensors", "model", "5e", Provenance())
        >>> spectrum = Source("s.npz", "spectrum", "77", Provenance(inputs=(model,)))
        >>> Provenance(inputs=(spectrum,)).root().digest
        '5e'
        """
        level = self.inputs
        while level and not any(source.kind in ROOTS for source in level):
            level = tuple(below for source in level for below in source.provenance.inputs)
        return next((source for source in level if source.kind in ROOTS), None)

    def training_seed(self) -> int | None:
        """Return the seed of the command that trained a network; None if it came from elsewhere.

        >>> trained = Source("a", "model", "", Provenance(("specrob", "train-sup"), seed=3))
        >>> Provenance(("specrob", "respectrum"), seed=0, inputs=(trained,)).training_seed()
        3
        """
        if self.command[1:2] in ((), ("train-sup",), ("train-kh",)):  # none: by the library
            return self.seed
        models = [source.provenance for source in self.inputs if source.kind == "model"]
        return models[0].training_seed() if models else None

    def versions(self) -> set[str]:
        """Return the versions of specrob behind this run and those that it came from.

        >>> Provenance(version="0.1.0").versions()
        {'0.1.0'}
        """
        return {self.version}.union(*(source.provenance.versions() for source in self.inputs))

    @property
    def chosen(self) -> bool:
        """Whether the images were chosen by the results of other attacks."""
        options = {word.partition("=")[0] for word in self.command}
        is_beside = "--distances" in options and "--only" not in options
        return not is_beside and any(source.kind in OF_EACH_IMAGE for source in self.inputs)

    def script(self) -> list[str]:
        """Return the shell lines that reproduce this artifact, pipes as pipes.

        >>> source = Source("-", "model", "", Provenance(("specrob", "train-kh")))
        >>> Provenance(("specrob", "prune"), inputs=(source,)).script()
        ['specrob train-kh | specrob prune']
        """
        lines, pipe = [], []
        for source in self.inputs:
            *before, last = source.provenance.script() or [f"# {source.path}: made elsewhere"]
            lines += [line for line in before if line not in lines]
            made = output_of(source.provenance.command)
            if source.path == "-":
                pipe = [last]
            elif last.startswith("#") or source.path in source.provenance.command:
                lines += [last] if last not in lines else []
            elif made == "-":
                lines.append(f"{last} > {shlex.quote(source.path)}")
            else:
                lines += [last] if last not in lines else []
                if Path(made).resolve() != Path(source.path).resolve():
                    lines.append(shlex.join(["cp", made, source.path]))
        return [*lines, " | ".join([*pipe, shlex.join(self.command)])] if self.command else lines


def _words(plain: Mapping[str, Any]) -> Iterator[str]:
    """Yield the words of a run, its images and the files that it read, as JSON holds them."""
    yield from plain["command"]
    data = plain["data"] or {}
    yield from (data[name] for name in ("source", "root") if name in data)
    yield from (source["path"] for source in plain["inputs"])


@dataclass(frozen=True)
class Source:
    """An artifact that was read: its path, kind, digest and history."""

    path: str
    kind: str
    digest: str
    provenance: Provenance


def output_of(command: tuple[str, ...]) -> str:
    """Return the output file that a command names, "-" if it is stdout.

    >>> output_of(("specrob", "prune", "-qo", "a.st")), output_of(("specrob", "prune"))
    ('a.st', '-')
    """
    found = "-"
    for word, following in zip(command, (*command[1:], ""), strict=False):
        if re.fullmatch(r"--output|-q*o", word):
            found = following or found
        elif match := re.fullmatch(r"--output=(.+)|-q*o(.+)", word):
            found = match[1] or match[2]
    return found
