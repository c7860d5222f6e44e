"""What every command does around its work: read, report, write, and a word at the end."""

import sys
import time
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import typer

from specrob.commands.options import BatchSize, Device, Output, Quiet, Seed
from specrob.progress import Report

PATIENCE_S = 1.0  # work that is done sooner shows no progress bar


@dataclass
class Pipe:
    """One run of a command: the options of its two ends, and what passed through."""

    output: Output = "-"
    quiet: Quiet = False
    command: tuple[str, ...] = ()
    inputs: list[Any] = field(default_factory=list)

    def begin(self, kind: str) -> None:
        """Refuse before any work what could not be written in the end."""
        from specrob.artifacts.streams import check_target

        check_target(self.output, kind)

    def read(self, source: str, kinds: str | tuple[str, ...]) -> Any:
        """Return an artifact of one of the kinds, and remember where it came from."""
        from specrob.artifacts import Source, expect, read
        from specrob.artifacts.streams import title

        artifact = expect(read(source), kinds, title(source))
        known = Source(source, artifact.kind, artifact.digest, artifact.provenance)
        self.inputs.append(known)
        return artifact

    def finish(self, artifact: Any, data: Any = None) -> None:
        """Write the artifact with its provenance, and say what matters of it."""
        from specrob.artifacts import KINDS, write
        from specrob.artifacts.streams import STDIO, on_terminal
        from specrob.experiments.summary import sentence, summarize

        whole = replace(artifact, provenance=self.provenance(data))
        facts = summarize(whole)
        if self.output == STDIO and KINDS[whole.kind].format == "npz" and on_terminal():
            typer.echo("\n".join(f"{name:28} {sentence({'': v})}" for name, v in facts.items()))
            return
        write(whole, self.output)
        self.say(sentence(facts))

    def print(self, text: str) -> None:
        """Write text where the output goes."""
        self.write_bytes(f"{text}\n".encode(errors="backslashreplace"))

    def write_bytes(self, data: bytes) -> None:
        """Write what is no artifact: a figure, or text."""
        from specrob.artifacts.streams import write_bytes

        write_bytes(data, self.output)

    def provenance(self, data: Any = None) -> Any:
        """Return the record of this run."""
        from specrob.artifacts import Provenance

        own = {name: getattr(self, name, None) for name in ("seed", "device", "precision")}
        return Provenance(self.command, data=data, inputs=tuple(self.inputs), **own)

    def say(self, text: str) -> None:
        """Print one line on stderr, unless quiet."""
        if not self.quiet:
            name = " ".join(self.command[:2])
            typer.echo(f"{name}: {text}", err=True)

    def progress(self, label: str) -> Report:
        """Return a progress bar on stderr; nothing if that is no terminal, or quiet."""
        from specrob.progress import silent

        return silent if self.quiet or not sys.stderr.isatty() else _Bar(label)


@dataclass
class Run(Pipe):
    """A run that computes: also its seed, device and batch size."""

    seed: Seed = 0
    device: Device = "auto"
    batch_size: BatchSize = None
    precision: str = "float32"

    def processor(self) -> Any:
        """Return the device, and keep its name for the record."""
        from specrob.devices import resolve

        device = resolve(self.device)
        self.device = device.type
        return device

    def subject(self, model: str, arch: str | None, images: Any) -> Any:
        """Return the network of MODEL with its images, on the device."""
        from specrob.experiments.subject import Wish, open_subject

        kinds = ("model", "weights", "arrays")
        artifact = None if model == "images" else self.read(model, kinds)
        wish = Wish(**vars(images))
        return open_subject(artifact, wish, arch=arch, device=self.processor())

    def at_a_time(self, default: int = 1000) -> int:
        """Return how many images are computed at a time."""
        return self.batch_size or default


def figure_format(output: str) -> str:
    """Return png, pdf or svg, by the name of the output; png for stdout.

    Raises
    ------
    UsageError
        If the name ends otherwise, or stdout is a terminal.
    """
    from specrob.artifacts.streams import STDIO, on_terminal
    from specrob.errors import UsageError

    if output == STDIO:
        if on_terminal():
            raise UsageError("expected -o FILE or a pipe for a figure, found a terminal")
        return "png"
    suffix = Path(output).suffix.lower().removeprefix(".")
    if suffix not in ("png", "pdf", "svg"):
        raise UsageError(f"--output: expected a name in .png, .pdf or .svg, found `{output}`")
    return suffix


def legend(sources: list[str], labels: list[str] | None) -> list[str]:
    """Return a label for every source: those given, or the names of the files."""
    from specrob.errors import UsageError

    if labels and len(labels) != len(sources):
        raise UsageError(
            f"--label: expected one for each of {len(sources)} artifacts, found {len(labels)}"
        )
    return labels or [Path(source).stem for source in sources]


class _Bar:
    """A rich progress bar that appears once the work has taken a second."""

    def __init__(self, label: str):
        self.label, self.started, self.bar = label, time.monotonic(), None

    def __call__(self, done: int, total: int, **facts: float) -> None:
        if self.bar is None and time.monotonic() - self.started > PATIENCE_S:
            self.bar = _open_bar()
            self.task = self.bar.add_task(self.label, total=total, facts="")
        if self.bar is not None:
            said = "  ".join(f"{name} {value:.3g}" for name, value in facts.items())
            self.bar.update(self.task, completed=done, facts=said)
            if done >= total:
                self.bar.stop()


def _open_bar() -> Any:
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        progress.TimeElapsedColumn(),
        progress.TextColumn("left"),
        progress.TimeRemainingColumn(),
        progress.TextColumn("{task.fields[facts]}"),
    )
    bar = progress.Progress(*columns, console=Console(stderr=True), transient=True)
    bar.start()
    return bar
