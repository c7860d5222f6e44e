"""How a computation is carried out, whatever is computed."""

import signal
from dataclasses import dataclass
from typing import Annotated, Literal

from specrob import grammar
from specrob.settings.flag import Flag, Settings

PANEL = "Run"
# signals by which schedulers and terminals stop a job, beside Ctrl-C
STOPS = (signal.SIGTERM, signal.SIGHUP, signal.SIGXCPU, signal.SIGUSR1, signal.SIGUSR2)
Device = Literal["auto", "cpu", "cuda", "mps"]
Precision = Literal["float32", "bfloat16"]


@dataclass(frozen=True)
class OutputSettings(Settings):
    """Where the result is written, and whether progress and a summary are shown."""

    output: Annotated[
        str,
        Flag("Write to this file; - is stdout.", name="--output,-o", metavar="FILE"),
    ] = "-"
    quiet: Annotated[bool, Flag("Show no progress and no summary.", name="--quiet,-q")] = False


@dataclass(frozen=True)
class ComputeSettings(Settings):
    """Seed, device, batch size and log."""

    seed: Annotated[int, Flag("Random seed.", low=0, high=2**32 - 1, panel=PANEL)] = 0
    device: Annotated[
        Device, Flag("Device; auto takes a CUDA GPU if there is one.", panel=PANEL)
    ] = "auto"
    batch_size: Annotated[
        int | None, Flag("Number of images computed at a time.", low=1, panel=PANEL)
    ] = None
    log: Annotated[
        str | None,
        Flag(
            "Add a line of JSON to this file whenever an epoch, or some images, are done; a name "
            "that ends in / is a folder of curves for TensorBoard.",
            name="--log,--log-file",
            metavar="FILE",
            panel=PANEL,
        ),
    ] = None


@dataclass(frozen=True)
class CheckpointSettings(Settings):
    """How the state of a run is saved and resumed."""

    checkpoint: Annotated[
        str | None, Flag("Write the state of the run to this file regularly.", metavar="FILE")
    ] = None
    checkpoint_every: Annotated[
        float,
        Flag(
            "Minutes between two checkpoints; 0 writes one after every epoch.",
            metavar="MINUTES",
            parse=grammar.parse_not_negative,
            low=0,
        ),
    ] = 1.0
    resume: Annotated[
        str | None,
        Flag(
            "Continue from this checkpoint, and keep writing to it; where --checkpoint names it, "
            "too, begin if it is not there.",
            metavar="FILE",
        ),
    ] = None

    def kind_of_output(self, kind: str) -> str:
        """Return the kind of the output, where that of a whole run is known."""
        return kind

    def part_of_images(self) -> tuple[int, int] | None:
        """Return which of how many parts of the images are measured; None for all."""
        return None


@dataclass(frozen=True)
class SeedSettings(Settings):
    """The seeds for which a command is run."""

    seeds: Annotated[
        tuple[int, ...] | None,
        Flag(
            "Run once for each of these seeds; names of files have to hold {seed}.",
            metavar="S,...",
            parse=grammar.parse_seeds,
            panel=PANEL,
        ),
    ] = None
