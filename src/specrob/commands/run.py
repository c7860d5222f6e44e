"""What every command does around its work: check, read, report progress, write, summarize."""

import os
import re
import sys
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any, ClassVar

import typer

from specrob.commands.options import importable
from specrob.commands.progress_bar import ProgressBar
from specrob.errors import ModelError, UsageError
from specrob.progress import Report, silent
from specrob.settings.images import ImageSettings, TransformSettings, WeightSettings
from specrob.settings.run import CheckpointSettings, ComputeSettings, OutputSettings

if TYPE_CHECKING:
    import torch

    from specrob.artifacts import Artifact, Data, Provenance
    from specrob.distributed import Processes
    from specrob.experiments.loaded_model import LoadedModel
    from specrob.experiments.representations import Representation
    from specrob.experiments.run_context import RunContext
    from specrob.results import Result

IMAGES = "images"  # as MODEL: the images themselves


def is_rank_zero() -> bool:
    """Return whether this process talks and writes: of those of torchrun, only the first."""
    return not under_torchrun() or os.environ.get("RANK") == "0"


def under_torchrun() -> bool:
    """Return whether torchrun started this process."""
    return "TORCHELASTIC_RUN_ID" in os.environ


class Pipe:
    """One run of a command: what it reads, what it writes, and what it says on the way.

    Parameters
    ----------
    command : tuple of str
        The words of the command line.
    output : OutputSettings
    """

    records: ClassVar[tuple[type, ...]] = (OutputSettings,)

    def __init__(self, command: tuple[str, ...], output: OutputSettings):
        self.command, self.output, self.quiet = command, output.output, output.quiet
        self.inputs: list[Any] = []
        self.flags: dict[str, str] = {}  # parameter of the command -> its flag
        self.bar: ProgressBar | None = None

    def check_outputs(
        self, kind: str, *, distributed: bool = False, **beside: tuple[str | None, str]
    ) -> None:
        """Refuse before any work what could not be written in the end, or run under torchrun.

        Parameters
        ----------
        kind : str
            Kind of the output.
        distributed : bool
            Whether processes of torchrun can share the command.
        **beside : (target, kind)
            Further files that are written, by parameter.
        """
        from specrob.artifacts.streams import check_target

        if under_torchrun() and not distributed:
            raise UsageError(
                "expected train-kh, train-sup, spectrum, attack or crit-dist under torchrun, "
                f"found {' '.join(self.command[1:2])}; run it without"
            )
        if under_torchrun() and self.output == "-":
            raise UsageError("`output`: expected a file under torchrun, found stdout")
        check_target(self.output, kind)
        for parameter, (target, other) in beside.items():
            flag = f"--{parameter.replace('_', '-')}"
            if target in ("-", self.output):
                raise UsageError(f"{flag}: expected a file of its own beside -o, found `{target}`")
            if target is not None:
                check_target(target, other, flag)

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

    def write(self, result: "Result | Artifact", data: "Data | None" = None) -> None:
        """Write a result with its provenance, and say what matters of it."""
        from specrob.artifacts import write
        from specrob.artifacts.streams import STDIO, on_terminal
        from specrob.quantities.describe import sentence, summarize
        from specrob.registry import KINDS

        self.close()
        if not is_rank_zero():
            return
        artifact = self._artifact(result, data)
        facts = summarize(artifact)
        if self.output == STDIO and KINDS[artifact.kind].format == "npz" and on_terminal():
            lines = [f"{name:28} {sentence({'': value})}" for name, value in facts.items()]
            typer.echo("\n".join(lines))
            return
        write(artifact, self.output)
        self.say(sentence(facts))

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

        artifact = result if isinstance(result, Artifact) else Artifact.of(result.kind, result)
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
            member = self.command[-2:] if "--seed" in self.command[-2:] else ()
            typer.echo(f"{' '.join((*self.command[:2], *member))}: {text}", err=True)

    def say_all(self, lines: list[str]) -> None:
        """Print lines on stderr, unless quiet, with parameters as flags.

        What files hold cannot break a line.
        """
        for line in lines:
            text = re.sub(r"(?<!found )`([a-z_]+)`", lambda m: self.flags.get(m[1], m[0]), line)
            self.say("".join(c if c.isprintable() else "?" for c in text))

    def progress(self, label: str) -> Report:
        """Return a progress bar on stderr; nothing if that is no terminal, or quiet."""
        if self.quiet or not is_rank_zero() or sys.stderr is None or not sys.stderr.isatty():
            return silent
        self.bar = ProgressBar(label)
        return self.bar

    def close(self) -> None:
        """Remove the progress bar, also where the work was cut short."""
        if self.bar is not None:
            self.bar.close()


class Run(Pipe):
    """A run that computes: also its seed, device, batch size and processes."""

    records = (OutputSettings, ComputeSettings)

    def __init__(self, command: tuple[str, ...], output: OutputSettings, compute: ComputeSettings):
        super().__init__(command, output)
        self.compute, self.precision = compute, "float32"
        self.device: torch.device | None = None
        self.processes: Processes | None = None

    @property
    def seed(self) -> int:
        """The random seed."""
        return self.compute.seed

    def start(self, precision: str = "float32") -> "torch.device":
        """Return the device, after the processes of torchrun have found each other."""
        from specrob.devices import resolve_device
        from specrob.distributed import join_processes

        self.device = resolve_device(self.compute.device)
        self.processes = join_processes(self.device)  # before anything is put there
        self.precision = precision
        return self.device

    def load(
        self,
        model: str,
        weights: WeightSettings,
        images: ImageSettings,
        *,
        transforms: TransformSettings | None = None,
        only: Sequence[str] | None = None,
        precision: str = "float32",
    ) -> "LoadedModel":
        """Return the network of MODEL with its images, on the device."""
        from specrob.experiments.loading import load_model

        if model == IMAGES and weights.weights is None:
            raise ModelError(f"expected a model, found `{model}`, which have no network")
        artifact = self._read_model(model, weights, ("model", "weights"))
        loaded = load_model(
            artifact,
            images,
            weights=weights,
            transforms=transforms.transform if transforms else (),
            seed=self.seed,
            device=self.start(precision),
        )
        self.say_default(artifact, images)
        return loaded.only([self.read(file, ("distances", "adversarial")) for file in only or ()])

    def load_representation(
        self,
        model: str,
        weights: WeightSettings,
        images: ImageSettings,
        transforms: TransformSettings,
    ) -> "Representation":
        """Return what MODEL names: a network with images, activations, or images themselves."""
        from specrob.experiments.loading import load_representation

        artifact = self._read_model(model, weights, ("model", "weights", "arrays"))
        representation = load_representation(
            artifact,
            images,
            weights=weights,
            transforms=transforms.transform,
            seed=self.seed,
            device=self.start(),
        )
        self.say_default(artifact, images)
        return representation

    def _read_model(
        self, model: str, weights: WeightSettings, kinds: tuple[str, ...]
    ) -> "Artifact | None":
        """Return the file that MODEL or --weights names; None for `images` and named weights."""
        from specrob.experiments.pretrained import place

        importable(weights.arch)
        name, origin = place(model, weights.weights)
        return None if name == IMAGES or origin else self.read(name, kinds)

    def say_default(self, artifact: "Artifact | None", images: ImageSettings) -> None:
        """Say so where neither the weights nor the command line tell which images to take."""
        from specrob.experiments.images import DEFAULT_DATA

        if artifact is None or artifact.kind == "arrays" or images.data is not None:
            return
        if artifact.provenance.lineage_data() is None:
            self.say(
                "the file does not say which images its weights belong to; using the "
                f"{DEFAULT_DATA}, unless --data names others"
            )

    def context(
        self, label: str, checkpoint: CheckpointSettings | None = None, *, own_files: bool = False
    ) -> "RunContext":
        """Return how the computation is carried out, with a progress bar of that label.

        Parameters
        ----------
        label : str
        checkpoint : CheckpointSettings, optional
        own_files : bool
            Whether every process of torchrun has a checkpoint of its own, rather than the first
            alone.
        """
        from specrob.distributed import SINGLE_PROCESS
        from specrob.experiments.checkpoints import Checkpoints
        from specrob.experiments.run_context import RunContext

        device = self.device or self.start()
        processes = self.processes or SINGLE_PROCESS
        checkpoints = Checkpoints()
        if checkpoint is not None:
            target, resume = checkpoint.checkpoint, checkpoint.resume
            if own_files and processes.rank:
                target = target and f"{target}.{processes.rank}"
                resume = resume and f"{resume}.{processes.rank}"
            elif not is_rank_zero():
                target = None
            checkpoints = Checkpoints.of(
                target, checkpoint.checkpoint_every, resume, self.provenance()
            )
        return RunContext(
            seed=self.seed,
            batch_size=self.compute.batch_size,
            device=device,
            processes=processes,
            checkpoints=checkpoints,
            report=self.progress(label),
        )

    def provenance(self, data: "Data | None" = None) -> "Provenance":
        """Return the record of this run, with seed, device and precision."""
        device = self.device.type if self.device is not None else self.compute.device
        return replace(
            super().provenance(data),
            seed=self.seed,
            device=device,
            precision=self.precision,
        )
