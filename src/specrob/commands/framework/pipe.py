"""What every command does around its work: check, read, report progress, write, summarize."""

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar

import typer

from specrob.commands.framework.command import Group
from specrob.commands.framework.messages import with_flags
from specrob.commands.framework.progress_bar import ProgressBar
from specrob.commands.framework.torchrun import is_rank_zero, under_torchrun
from specrob.errors import UsageError
from specrob.printable import printable
from specrob.progress import Report, silent
from specrob.settings.flag import Settings
from specrob.settings.run import CheckpointSettings, OutputSettings

if TYPE_CHECKING:
    from specrob.artifacts import Artifact, Data, Provenance, Source
    from specrob.artifacts.folder import FolderEntry
    from specrob.results import Result


class Pipe(Group):
    """One run of a command: its inputs, output, messages and progress bar.

    Parameters
    ----------
    command : tuple of str
        The words of the command line.
    """

    records: ClassVar[tuple[type[Settings], ...]] = (OutputSettings,)

    def __init__(self, command: tuple[str, ...], output: OutputSettings):
        self.command, self.output, self.quiet = command, output.output, output.quiet
        self.inputs: list[Source] = []
        self.flags, self.seed_file = dict[str, str](), ""
        self.bar: ProgressBar | None = None

    def check_outputs(
        self,
        kind: str,
        *,
        distributed: bool = False,
        checkpoint: CheckpointSettings | None = None,
        **further: tuple[str | None, str],
    ) -> None:
        """Check before any work that results can be written, and that torchrun is supported.

        Parameters
        ----------
        kind : str
            Kind of the output.
        distributed : bool
            Whether processes of torchrun can share the command.
        checkpoint : CheckpointSettings, optional
        **further : (target, kind)
            Further files that are written, by parameter.
        """
        from specrob.commands.framework.outputs import check_files

        if under_torchrun() and not distributed:
            raise UsageError(
                "expected a command that trains or measures images under torchrun, found "
                f"{' '.join(self.command[1:2])}; run it without"
            )
        if under_torchrun() and self.output == "-":
            raise UsageError("`output`: expected a file under torchrun, found stdout")
        if checkpoint is not None:
            kind = checkpoint.kind_of_output(kind)
            further["checkpoint"] = checkpoint.checkpoint, "checkpoint"
        check_files(self.output, kind, further)
        self.check_log([self.output, *(target for target, _ in further.values())])

    def check_log(self, files: Sequence[str | None]) -> None:
        """Check that the log is no file that is written; commands without a log have none."""

    def read(self, source: str, kinds: str | tuple[str, ...] | None = None) -> "Artifact":
        """Return an artifact of one of the kinds, and remember where it came from."""
        from specrob.artifacts import Source, expect, read
        from specrob.artifacts.streams import title

        if under_torchrun() and source == "-":
            raise UsageError("expected a file under torchrun, found stdin; name it")
        artifact = expect(read(source), kinds, title(source))
        origin = Source(source, artifact.kind, artifact.digest, artifact.provenance)
        self.inputs.append(origin)
        return artifact

    def read_all(self, sources: list[str]) -> "list[list[Artifact]]":
        """Return artifacts of any kind, for each source the files of its {seed}."""
        from specrob.artifacts.file_names import files_of_seeds

        return [[self.read(file) for file in files_of_seeds(s)] for s in sources]

    def read_entries(self, sources: Sequence[str]) -> "list[FolderEntry]":
        """Return the artifacts of files, of the files of a {seed}, and below folders."""
        from specrob.artifacts import Source
        from specrob.artifacts.folder import FolderEntry, scan

        entries: list[FolderEntry] = []
        for source in sources:
            if Path(source).is_dir():
                folder = scan(source, skip=[self.output])
                entries += folder.entries
                for entry in folder.entries:
                    origin = f"{source}/{entry.name}", entry.artifact.kind, entry.digest
                    self.inputs.append(Source(*origin, entry.artifact.provenance))
                self.say_all(folder.remarks())
            else:
                named = self.read_named([source])
                entries += [FolderEntry(file, one, one.digest) for file, one in named]
        return entries

    def read_named(self, sources: Sequence[str]) -> "list[tuple[str, Artifact]]":
        """Return artifacts of any kind with their files, also those of every {seed}."""
        from specrob.artifacts.file_names import files_of_seeds

        files = [file for source in sources for file in files_of_seeds(source)]
        return [(file, self.read(file)) for file in files]

    def write(self, result: "Result | Artifact", data: "Data | None" = None) -> None:
        """Write a result with its provenance, and a summary on stderr."""
        from specrob.artifacts import write
        from specrob.artifacts.streams import STDIO, on_terminal
        from specrob.quantities.describe import sentences, summarize, warnings_about
        from specrob.registry import KINDS

        self.close()
        if not is_rank_zero():
            return
        artifact = self._artifact(result, data)
        facts, warnings = summarize(artifact), warnings_about(artifact)
        if self.output == STDIO and KINDS[artifact.kind].format == "npz" and on_terminal():
            lines = [printable(f"{name:28} {value}") for name, value in facts.items()]
            typer.echo("\n".join(lines))
        else:
            write(artifact, self.output)
            for line in filter(None, sentences(artifact)):
                self.say(line)
        self.say_all(f"warning: {warning}" for warning in warnings)

    def write_beside(
        self, result: "Result | Artifact", target: str, data: "Data | None" = None
    ) -> "Artifact":
        """Write a second result to a file; return it as it was written."""
        from specrob.artifacts import read, write

        artifact = self._artifact(result, data)
        if not is_rank_zero():
            return artifact
        write(artifact, target)
        return read(target)

    def _artifact(self, result: "Result | Artifact", data: "Data | None") -> "Artifact":
        from specrob.artifacts import Artifact

        artifact = result if isinstance(result, Artifact) else Artifact.of(result)
        return replace(artifact, provenance=self.provenance(data))

    def print(self, text: str) -> None:
        """Write text where the output goes."""
        self.write_bytes(f"{text}\n".encode(errors="backslashreplace"))

    def write_bytes(self, data: bytes) -> None:
        """Write a figure, or text, where the output goes."""
        from specrob.artifacts.streams import write_bytes

        write_bytes(data, self.output)

    def provenance(self, data: "Data | None" = None) -> "Provenance":
        """Return the record of this run."""
        from specrob.artifacts import Provenance

        return Provenance(self.command, data=data, inputs=tuple(self.inputs))

    def say(self, text: str) -> None:
        """Print one line on stderr, unless quiet."""
        if not self.quiet and is_rank_zero():
            trained = self.command[-2:] if "--seed" in self.command[-2:] else ()
            of_seed = (self.seed_file,) if self.seed_file else trained
            line = f"{' '.join((*self.command[:2], *of_seed))}: {text}"
            typer.echo(printable(line), err=True)  # files may hold anything

    def say_all(self, lines: Iterable[str]) -> None:
        """Print lines on stderr, unless quiet, with parameters as flags."""
        for line in lines:
            self.say(with_flags(line, self.flags))

    def progress(self, label: str) -> Report:
        """Return a progress bar on stderr; nothing if that is no terminal, or quiet."""
        if self.quiet or not is_rank_zero() or sys.stderr is None or not sys.stderr.isatty():
            return silent
        self.bar = ProgressBar(label)
        return self.bar

    def keep_state(self) -> str | None:
        """Keep nothing: there is no state."""
        return None

    def close(self) -> None:
        """Remove the progress bar, also where the work was cut short."""
        if self.bar is not None:
            self.bar.close()
