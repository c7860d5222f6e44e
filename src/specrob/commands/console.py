"""What every command does around its work: read, report, write, and a word at the end."""

import sys
from dataclasses import dataclass, field, replace
from typing import Any

import typer

from specrob.commands.bar import Bar
from specrob.commands.options import BatchSize, Device, Output, Quiet, Seed
from specrob.progress import Report


@dataclass
class Pipe:
    """One run of a command: the options of its two ends, and what passed through."""

    output: Output = "-"
    quiet: Quiet = False
    command: tuple[str, ...] = ()
    inputs: list[Any] = field(default_factory=list)
    bar: Any = None

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

    def read_all(self, sources: list[str]) -> list[Any]:
        """Return artifacts of any kind."""
        from specrob.artifacts import KINDS

        return [self.read(source, tuple(KINDS)) for source in sources]

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

        if self.quiet or sys.stderr is None or not sys.stderr.isatty():
            return silent
        self.bar = Bar(label)
        return self.bar

    def close(self) -> None:
        """Take the progress bar away, also where the work was cut short."""
        if self.bar is not None:
            self.bar.close()


@dataclass
class Run(Pipe):
    """A run that computes: also its seed, device and batch size."""

    seed: Seed = 0
    device: Device = "auto"
    batch_size: BatchSize = None
    precision: str = "float32"

    def processor(self, precision: str = "float32") -> Any:
        """Return the device, and keep its name and the precision for the record."""
        from specrob.devices import resolve

        device = resolve(self.device)
        self.device, self.precision = device.type, precision
        return device

    def checkpoints(self, kept: Any) -> Any:
        """Return where the state of the run is kept and resumed from."""
        from specrob.artifacts.streams import check_target
        from specrob.experiments.checkpoints import Checkpoints

        check_target(kept.checkpoint or "-", "power-law")
        return Checkpoints.of(
            kept.checkpoint, kept.checkpoint_every, kept.resume, self.provenance()
        )

    def wish(self, images: Any, transform: Any = None) -> Any:
        """Return the images that are asked for, and what is done to them."""
        from specrob.experiments.wish import Wish

        return Wish(**vars(images), transform=tuple(transform or ()), seed=self.seed)

    def subject(self, model: str, arch: str | None, images: Any, transform: Any = None) -> Any:
        """Return the network of MODEL with its images, on the device."""
        from specrob.experiments.subject import open_subject

        kinds = ("model", "weights", "arrays")
        artifact = None if model == "images" else self.read(model, kinds)
        return open_subject(
            artifact, self.wish(images, transform), arch=arch, device=self.processor()
        )

    def at_a_time(self, default: int = 1000) -> int:
        """Return how many images are computed at a time."""
        return self.batch_size or default
