"""What a local learning rule is, and the loop that trains a layer by any of them.

Letters: ``B`` images, ``D`` pixels, ``N`` hidden units.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, ClassVar

import torch
from torch import Tensor

from specrob.data import Images, minibatches
from specrob.devices import DTYPES, threads_for
from specrob.distributed import SINGLE_PROCESS, BatchShard, Processes
from specrob.linalg import lp_norms
from specrob.progress import Report, silent
from specrob.random import restore_generator_
from specrob.registry import SCHEDULES
from specrob.settings.local import LocalSettings

Update = Callable[[Tensor, float], None]  # images (B, D) and the rate


class LocalRule(ABC):
    """How the synapses S of a layer, (N, D), learn, and what has become of them.

    A rule needs `update_` and `converged`; everything else has a default. A rule keeps nothing
    from one step to the next that the synapses do not determine: they are its whole state in a
    checkpoint.
    """

    precisions: ClassVar[tuple[str, ...]] = ("float32",)  # in which `stepper` can compute

    def initial(
        self, units: int, pixels: int, *, std: float, generator: torch.Generator
    ) -> Tensor:
        """Return the synapses with which learning starts, by default N(0, std^2)."""
        return torch.randn(units, pixels, generator=generator) * std

    def weight(self, synapses: Tensor) -> Tensor:
        """Return W, (N, D), by which the layer answers: ``h = W x``."""
        return synapses

    @abstractmethod
    def update_(self, synapses: Tensor, images: Tensor, rate: float, shard: BatchShard) -> None:
        """Take one step.

        Parameters
        ----------
        synapses : Tensor, (N, D)
            Changed in place.
        images : Tensor, (B, D)
            The whole batch; ``shard.rows`` are those that this process has to look at, and
            ``shard.gather`` and ``shard.sum`` exchange what it finds. All processes have to
            take the same step.
        """

    def stepper(
        self,
        synapses: Tensor,
        *,
        precision: torch.dtype = torch.float32,
        processes: Processes = SINGLE_PROCESS,
    ) -> Update:
        """Return `update_` of these synapses; a rule may cache there what follows from them."""

        def update_(images: Tensor, rate: float) -> None:
            self.update_(synapses, images, rate, BatchShard(processes, len(images)))

        return update_

    @abstractmethod
    def converged(self, synapses: Tensor) -> Tensor:
        """Return which units have converged, (N,), bool."""

    def wrong_attractor(self, synapses: Tensor) -> Tensor:
        """Return which units converged, or will, to where they are of no use, (N,), bool."""
        return torch.zeros(len(synapses), dtype=torch.bool, device=synapses.device)

    def norms(self, synapses: Tensor) -> Tensor:
        """Return the norm of every unit's synapses that tells how far it has come, (N,)."""
        return lp_norms(synapses)


@dataclass(frozen=True)
class LocalFacts:
    """The numbers of a state, as a checkpoint holds them."""

    epoch: int
    most_converged: int
    stalled: int


@dataclass
class LocalState:
    """Everything that the next epoch depends on.

    Parameters
    ----------
    synapses : Tensor, (N, D)
    order : Tensor, uint8
        State of the generator that orders the images.
    epoch : int
        Epochs done.
    most_converged : int
        The largest number of converged units after any epoch so far.
    stalled : int
        Epochs since that number last rose.
    """

    synapses: Tensor
    order: Tensor
    epoch: int = 0
    most_converged: int = 0
    stalled: int = 0

    def to_arrays(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors and the numbers of a checkpoint."""
        arrays = {"synapses": self.synapses, "order": self.order}
        return arrays, asdict(LocalFacts(self.epoch, self.most_converged, self.stalled))

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Tensor], numbers: Mapping[str, Any]) -> "LocalState":
        """Return the state that `to_arrays` gave."""
        return cls(
            synapses=arrays["synapses"],
            order=arrays["order"].cpu(),
            epoch=numbers["epoch"],
            most_converged=numbers["most_converged"],
            stalled=numbers["stalled"],
        )


def train_local(
    rule: LocalRule,
    images: Images,
    settings: LocalSettings,
    state: LocalState,
    *,
    batch_size: int = 1000,
    processes: Processes = SINGLE_PROCESS,
    save: Callable[[LocalState], None] | None = None,
    report: Report = silent,
) -> LocalState:
    """Return the state after all epochs.

    Parameters
    ----------
    images : Images, (B, ...)
        Of which a batch at a time is taken.
    state : LocalState
        Where to start, or to go on from in an earlier run of the same settings.
    processes : Processes
        Share every batch.
    save : callable (LocalState), optional, called after every epoch
    """
    state = replace(state, synapses=state.synapses.clone())
    generator = torch.Generator()
    restore_generator_(generator, state.order)
    update_ = rule.stepper(
        state.synapses, precision=DTYPES[settings.precision], processes=processes
    )
    work = min(batch_size, len(images)) * state.synapses.numel()
    schedule = SCHEDULES[settings.schedule]
    while state.epoch < settings.epochs and not _is_out_of_patience(state, settings):
        rate = settings.lr * schedule(state.epoch, settings.epochs)
        with threads_for(work):
            for rows in minibatches(len(images), batch_size, generator):
                update_(images[rows.to(images.device)].flatten(1), rate)
        converged = int(rule.converged(state.synapses).sum())
        _count_epoch_(state, converged, generator)
        report(state.epoch, settings.epochs, converged=converged / len(state.synapses))
        if save is not None:
            save(state)
    return state


def _is_out_of_patience(state: LocalState, settings: LocalSettings) -> bool:
    return settings.patience is not None and state.stalled >= settings.patience


def _count_epoch_(state: LocalState, converged: int, generator: torch.Generator) -> None:
    """Count the epoch; it has stalled if at least half are converged and no more than before."""
    enough = 2 * converged >= len(state.synapses)
    state.stalled = state.stalled + 1 if enough and converged <= state.most_converged else 0
    state.most_converged = max(state.most_converged, converged)
    state.epoch, state.order = state.epoch + 1, generator.get_state()
