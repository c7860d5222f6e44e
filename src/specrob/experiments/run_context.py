"""How a computation is carried out: seed, batches, device, processes, checkpoints, progress."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import torch

from specrob.data import ImageSet
from specrob.distributed import SINGLE_PROCESS, Processes
from specrob.experiments.checkpoints import Checkpoints
from specrob.progress import Report, silent
from specrob.settings.run import ComputeSettings


@dataclass(frozen=True)
class RunContext:
    """What every experiment is given beside its settings.

    Parameters
    ----------
    batch_size : int or None
        Images computed at a time; None leaves the choice to the experiment.
    processes : Processes
        Which of the processes of ``torchrun`` this is.
    shard : (int, int) or None
        Which part of the images a measure takes, from 1 on, and how many parts there are.
    """

    seed: int = 0
    batch_size: int | None = None
    device: torch.device = torch.device("cpu")
    processes: Processes = SINGLE_PROCESS
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    report: Report = silent
    shard: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        ComputeSettings(seed=self.seed, batch_size=self.batch_size)  # checks both

    def begin_checkpoint(
        self, facts: Mapping[str, Any], normalize: str, *images: ImageSet
    ) -> None:
        """Begin a checkpoint with everything that the numbers depend on."""
        self.checkpoints.begin(
            {
                "seed": self.seed,
                "batch_size": self.batch_size,
                "device": self.device.type,
                "resize": images[0].resize,
                **facts,
                "images": [split.selection for split in images],
                "normalize": normalize,
            }
        )
