"""A run of a command that computes: its model and images, seed, device and processes."""

import os
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from specrob.commands.framework.arguments import importable
from specrob.commands.framework.pipe import Pipe
from specrob.commands.framework.progress_log import Log, open_log
from specrob.commands.framework.torchrun import is_rank_zero, under_torchrun
from specrob.errors import ModelError, UsageError
from specrob.progress import Report, report_to_all
from specrob.settings.images import DEFAULT_DATA, ImageSettings, WeightSettings
from specrob.settings.run import CheckpointSettings, ComputeSettings, OutputSettings

if TYPE_CHECKING:
    import torch

    from specrob.artifacts import Artifact, Data, Provenance
    from specrob.distributed import Processes
    from specrob.experiments.checkpoints import Checkpoints
    from specrob.experiments.loaded_model import LoadedModel
    from specrob.experiments.representations import Representation
    from specrob.experiments.run_context import RunContext

IMAGES = "images"  # as MODEL: the images themselves


class Run(Pipe):
    """A run that computes: also its seed, device, batch size and processes."""

    records = (OutputSettings, ComputeSettings)

    def __init__(self, command: tuple[str, ...], output: OutputSettings, compute: ComputeSettings):
        super().__init__(command, output)
        self.compute, self.precision = compute, "float32"
        self.code: str | None = None  # of an architecture of one's own
        self.device: torch.device | None = None
        self.processes: Processes | None = None
        self.checkpoints: Checkpoints | None = None
        self.log: Log | None = None

    @property
    def seed(self) -> int:
        """The random seed."""
        return self.compute.seed

    def start(self, precision: str = "float32") -> "torch.device":
        """Return the device, after the processes of torchrun have joined."""
        from specrob.devices import keep_freed_memory, repeat_bits, resolve_device
        from specrob.distributed import join_processes

        if not {"MALLOC_MMAP_MAX_", "MALLOC_TRIM_THRESHOLD_"} & os.environ.keys():
            keep_freed_memory()
        self.device = resolve_device(self.compute.device)
        if self.device.type == "cuda":
            os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
            repeat_bits()
        self.processes = join_processes(self.device)  # before anything is put there
        self.precision = precision
        return self.device

    def load(
        self,
        model: str,
        weights: WeightSettings,
        images: ImageSettings,
        *,
        only: Sequence[str] | None = None,
        precision: str = "float32",
    ) -> "LoadedModel":
        """Return the network of MODEL with its images, on the device."""
        from specrob.artifacts.provenance import OF_EACH_IMAGE
        from specrob.experiments.loading import load_model

        if model == IMAGES and weights.weights is None:
            raise ModelError(
                f"expected a model, found the word `{model}`, which names no network; name a "
                "model file"
            )
        artifact = self._read_model(model, weights, ("model", "weights"))
        loaded = load_model(
            artifact, images, weights=weights, seed=self.seed, device=self.start(precision)
        )
        self.say_default(artifact, images)
        self.code = loaded.code
        return loaded.only([self.read(file, OF_EACH_IMAGE) for file in only or ()])

    def load_representation(
        self,
        model: str,
        weights: WeightSettings,
        images: ImageSettings,
    ) -> "Representation":
        """Return what MODEL names: a network with images, activations, or images themselves."""
        from specrob.experiments.loading import load_representation

        artifact = self._read_model(model, weights, ("model", "weights", "arrays"))
        representation = load_representation(
            artifact, images, weights=weights, seed=self.seed, device=self.start()
        )
        self.code = representation.code
        self.say_default(artifact, images)
        return representation

    def _read_model(
        self, model: str, weights: WeightSettings, kinds: tuple[str, ...]
    ) -> "Artifact | None":
        """Return the file that MODEL or --weights names; None for `images` and named weights."""
        from specrob.experiments.pretrained import weights_file

        importable(weights.arch)
        name, origin = weights_file(model, weights.weights)
        return None if name == IMAGES or origin else self.read(name, kinds)

    def say_default(self, artifact: "Artifact | None", images: ImageSettings) -> None:
        """Report that default images are used where neither the file nor a flag names others."""
        if artifact is None or artifact.kind == "arrays" or images.data is not None:
            return
        if artifact.provenance.lineage_data() is None:
            self.say(
                "the file does not say which images its weights belong to; using the "
                f"{DEFAULT_DATA}, unless --data names others"
            )

    def context(
        self,
        label: str,
        checkpoint: CheckpointSettings | None = None,
        *,
        file_per_process: bool = False,
    ) -> "RunContext":
        """Return how the computation is carried out, with a progress bar of that label.

        Parameters
        ----------
        checkpoint : CheckpointSettings, optional
        file_per_process : bool
            Whether every process of torchrun writes a checkpoint, rather than the first alone.
        """
        from specrob.distributed import SINGLE_PROCESS
        from specrob.experiments.checkpoints import Checkpoints
        from specrob.experiments.run_context import RunContext

        device = self.device or self.start()
        processes = self.processes or SINGLE_PROCESS
        self.checkpoints = Checkpoints.of(
            checkpoint or CheckpointSettings(),
            self.provenance(),
            device,
            rank=processes.rank,
            file_per_process=file_per_process,
        )
        self.say_all(
            f"warning: begun with {other}; the last bits of results may differ"
            for other in self.checkpoints.provenance.begun_with
        )
        self.checkpoints.warn = lambda text: self.say_all([f"warning: {text}"])
        return RunContext(
            seed=self.seed,
            batch_size=self.compute.batch_size,
            device=device,
            processes=processes,
            checkpoints=self.checkpoints,
            report=self.progress(label),
            shard=self._shard(checkpoint),
        )

    def _shard(self, checkpoint: CheckpointSettings | None) -> tuple[int, int] | None:
        shard = checkpoint.part_of_images() if checkpoint else None
        if shard is not None and under_torchrun():
            raise UsageError(
                "`shard`: expected torchrun or shards, found both; processes of torchrun share "
                "all images"
            )
        return shard

    def check_log(self, files: Sequence[str | None]) -> None:
        """Raise UsageError where the log is one of the files that the command writes."""
        if self.compute.log is not None and self.compute.log in files:
            raise UsageError(
                f"`log`: expected a file other than those written, found `{self.compute.log}`"
            )

    def progress(self, label: str) -> Report:
        """Return a progress bar, and the log if there is one, of the first process."""
        bar = super().progress(label)
        if self.compute.log is None or not is_rank_zero():
            return bar
        self.log = open_log(self.compute.log, label, self.seed, self.say)
        if self.checkpoints is not None and self.checkpoints.resumed is not None:
            self.log.resume()
        return report_to_all([bar, self.log])

    def keep_state(self) -> str | None:
        """Write the last state to the checkpoint, if there is one; return the file."""
        return self.checkpoints.write_last() if self.checkpoints is not None else None

    def close(self) -> None:
        """Remove the progress bar and close the log."""
        super().close()
        if self.log is not None:
            self.log.close()

    def provenance(self, data: "Data | None" = None) -> "Provenance":
        """Return the record of this run, with seed, device and precision."""
        device = self.device.type if self.device is not None else self.compute.device
        return replace(
            super().provenance(data),
            seed=self.seed,
            device=device,
            precision=self.precision,
            code=self.code,
            begun_with=self.checkpoints.provenance.begun_with if self.checkpoints else (),
        )
