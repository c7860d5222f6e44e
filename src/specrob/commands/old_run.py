"""What every command does around its work: read, report, write, and a word at the end."""

import os
import sys
from dataclasses import dataclass, field, replace
from typing import Any

import typer

from specrob.commands.options import BatchSize, Device, Output, Quiet, Seed
from specrob.commands.progress_bar import ProgressBar
from specrob.errors import UsageError
from specrob.progress import Report

SECOND = {"save": "adversarial", "curve": "robustness"}  # option -> what its file holds


def is_rank_zero() -> bool:
    """Return whether this process talks and writes: of those of torchrun, only the first."""
    return "TORCHELASTIC_RUN_ID" not in os.environ or os.environ.get("RANK") == "0"


@dataclass
class Pipe:
    """One run of a command: the options of its two ends, and what passed through."""

    output: Output = "-"
    quiet: Quiet = False
    command: tuple[str, ...] = ()
    inputs: list[Any] = field(default_factory=list)
    bar: Any = None

    def begin(self, kind: str, *, shares: bool = False, **beside: str | None) -> None:
        """Refuse before any work what could not be written in the end, or shared by torchrun."""
        from specrob.artifacts.streams import check_target

        if "TORCHELASTIC_RUN_ID" in os.environ:
            if not shares:
                name = " ".join(self.command[1:2])
                raise UsageError(
                    "expected train-kh, train-sup, spectrum, attack or crit-dist under torchrun, "
                    f"found {name}; run it without"
                )
            if self.output == "-":
                raise UsageError("--output: expected a file under torchrun, found stdout")
        check_target(self.output, kind)
        for flag, target in beside.items():
            self.check_second(target, SECOND[flag], f"--{flag}")

    def check_second(self, target: str | None, kind: str, flag: str) -> None:
        """Refuse before any work what could not be written beside the output."""
        from specrob.artifacts.streams import check_target

        if target is None:
            return
        if target in ("-", self.output):
            raise UsageError(f"{flag}: expected a file of its own beside -o, found `{target}`")
        check_target(target, kind, flag)

    def read(self, source: str, kinds: str | tuple[str, ...] | None = None) -> Any:
        """Return an artifact of one of the kinds, and remember where it came from."""
        from specrob.artifacts import Source, expect, read
        from specrob.artifacts.streams import title

        if "TORCHELASTIC_RUN_ID" in os.environ and source == "-":
            raise UsageError("expected a file under torchrun, found stdin; name it")
        artifact = expect(read(source), kinds, title(source))
        known = Source(source, artifact.kind, artifact.digest, artifact.provenance)
        self.inputs.append(known)
        return artifact

    def read_all(self, sources: list[str]) -> list[list[Any]]:
        """Return artifacts of any kind, for each source the members of its {seed}."""
        from specrob.artifacts.file_names import files_of_seeds

        return [[self.read(file) for file in files_of_seeds(s)] for s in sources]

    def finish(self, artifact: Any, data: Any = None) -> None:
        """Write the artifact with its provenance, and say what matters of it."""
        from specrob.artifacts import write
        from specrob.artifacts.streams import STDIO, on_terminal
        from specrob.quantities.describe import sentence, summarize
        from specrob.registry import KINDS

        self.close()
        if not is_rank_zero():
            return
        whole = replace(artifact, provenance=self.provenance(data))
        facts = summarize(whole)
        if self.output == STDIO and KINDS[whole.kind].format == "npz" and on_terminal():
            typer.echo("\n".join(f"{name:28} {sentence({'': v})}" for name, v in facts.items()))
            return
        write(whole, self.output)
        self.say(sentence(facts))

    def save(self, artifact: Any, target: str, data: Any) -> Any:
        """Write a second artifact; return it as it was written."""
        from specrob.artifacts import read, write

        if is_rank_zero():
            write(replace(artifact, provenance=self.provenance(data)), target)
        return read(target) if is_rank_zero() else artifact

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
        if not self.quiet and is_rank_zero():
            member = self.command[-2:] if "--seed" in self.command[-2:] else ()
            typer.echo(f"{' '.join((*self.command[:2], *member))}: {text}", err=True)

    def say_all(self, lines: list[str]) -> None:
        """Print lines on stderr, each one a line whatever files say, unless quiet."""
        for line in lines:
            self.say("".join(c if c.isprintable() else "?" for c in line))

    def progress(self, label: str) -> Report:
        """Return a progress bar on stderr; nothing if that is no terminal, or quiet."""
        from specrob.progress import silent

        if self.quiet or not is_rank_zero() or sys.stderr is None or not sys.stderr.isatty():
            return silent
        self.bar = ProgressBar(label)
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
    shared: Any = None

    def processor(self, precision: str = "float32") -> Any:
        """Return the device, and keep its name and the precision for the record."""
        from specrob.devices import resolve_device
        from specrob.distributed import join_processes

        device = resolve_device(self.device)
        self.shared = join_processes(device)  # before anything is put there
        self.device, self.precision = device.type, precision
        return device

    def checkpoints(self, kept: Any) -> Any:
        """Return where the state of the run is kept and resumed from."""
        from specrob.experiments.checkpoints import Checkpoints

        self.check_second(kept.checkpoint, "checkpoint", "--checkpoint")
        return Checkpoints.of(
            kept.checkpoint, kept.checkpoint_every, kept.resume, self.provenance()
        )

    def wish(self, images: Any, transform: Any = None) -> Any:
        """Return the images that are asked for, and what is done to them."""
        from specrob.experiments.image_request import ImageSettings

        return ImageSettings(**vars(images), transform=tuple(transform or ()), seed=self.seed)

    def subject(
        self,
        model: str,
        network: Any,
        images: Any,
        *,
        transform: Any = None,
        only: list[str] | None = None,
        precision: str = "float32",
    ) -> Any:
        """Return the network of MODEL with its images, on the device."""
        from specrob.errors import ModelError
        from specrob.experiments.loading import load_model
        from specrob.experiments.pretrained import weights_file
        from specrob.settings.images import WeightSettings

        model, origin = weights_file(model, network.weights)
        if model == "images":
            raise ModelError("expected a model, found `images`, which have no network")
        artifact = None if origin else self.read(model, ("model", "weights"))
        device = self.processor(precision)
        subject = load_model(
            artifact,
            self.wish(images, transform).settings,
            weights=WeightSettings(network.arch, network.weights),
            transforms=tuple(transform or ()),
            seed=self.seed,
            device=device,
        )
        self.say_default(artifact, images)
        return subject.only([self.read(file, ("distances", "adversarial")) for file in only or []])

    def say_default(self, artifact: Any, images: Any) -> None:
        """Say so where neither the weights nor the command line tell which images to take."""
        from specrob.experiments.image_request import DEFAULT_DATA

        unknown = artifact is not None and artifact.kind in ("model", "weights")
        if unknown and images.data is None and artifact.provenance.lineage_data() is None:
            self.say(
                f"the weights do not say what images they are of; these are the {DEFAULT_DATA}, "
                "unless --data names others"
            )

    def course(self, kept: Any, label: str, precision: str = "float32") -> dict[str, Any]:
        """Return where training is done, and how it is kept, shared and reported."""
        return {
            "device": self.processor(precision),
            "checkpoints": self.checkpoints(
                kept if is_rank_zero() else replace(kept, checkpoint=None)
            ),
            "processes": self.shared,
            "report": self.progress(label),
        }

    def along(self, kept: Any, label: str) -> Any:
        """Return how a long measurement is shared, kept and reported."""
        from specrob.experiments.batching import RunContext

        own = replace(kept, **self.shared.own_files(vars(kept), ("checkpoint", "resume")))
        return RunContext(self.checkpoints(own), self.shared, self.progress(label))

    def at_a_time(self, default: int = 1000) -> int:
        """Return how many images are computed at a time."""
        return self.batch_size or default
