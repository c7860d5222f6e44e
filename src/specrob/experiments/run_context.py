"""How a computation is carried out: seed, batches, device, processes, checkpoints, progress."""

from dataclasses import dataclass, field

import torch

from specrob.distributed import SINGLE_PROCESS, Processes
from specrob.experiments.checkpoints import Checkpoints
from specrob.progress import Report, silent


@dataclass(frozen=True)
class RunContext:
    """What every experiment is given beside its settings.

    Parameters
    ----------
    batch_size : int or None
        Images computed at a time; None leaves the choice to the experiment.
    processes : Processes
        Which of the processes of ``torchrun`` this is.
    """

    seed: int = 0
    batch_size: int | None = None
    device: torch.device = torch.device("cpu")
    processes: Processes = SINGLE_PROCESS
    checkpoints: Checkpoints = field(default_factory=Checkpoints)
    report: Report = silent
