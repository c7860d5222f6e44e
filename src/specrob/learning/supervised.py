"""Supervised training: one loss, to which penalties are added, and one loop.

Letters: ``B`` images, ``C`` classes, ``N`` units of a layer.
"""

import math
from collections.abc import Callable, Mapping
from copy import deepcopy

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from specrob.data import Images, minibatches
from specrob.devices import products_in, threads_for
from specrob.distributed import SINGLE_PROCESS, BatchShard, Processes, check_coupling
from specrob.errors import ModelError
from specrob.learning.objective import Objective
from specrob.learning.optimizers import make_optimizer
from specrob.learning.penalties import Batch
from specrob.learning.training_state import History, TrainingState
from specrob.models.layers import activations, pointwise_maps
from specrob.progress import Report, silent
from specrob.random import derive_seed, make_generator, restore_generator_
from specrob.registry import SCHEDULES
from specrob.results import ROBUST_TRAIN_ACCURACY
from specrob.settings.training import TrainingSettings


def train_supervised(
    model: nn.Module,
    images: Images,
    labels: Tensor,
    training: TrainingSettings,
    objective: Objective | None = None,
    *,
    batch_size: int = 1000,
    observe: Callable[[nn.Module], Mapping[str, float | None]] | None = None,
    generator: torch.Generator,
    processes: Processes = SINGLE_PROCESS,
    start: TrainingState | None = None,
    save: Callable[[TrainingState], None] | None = None,
    report: Report = silent,
) -> History:
    """Train the model in place on cross entropy and penalties; leave it evaluating.

    Parameters
    ----------
    model : nn.Module
        Images to logits, (B, C); parameters that need no gradient stay as they are.
    images : Images, (B, ...)
        Images, of which a batch at a time is read, or activations of a frozen layer.
    labels : Tensor, (B,), 0 to C - 1
    training : TrainingSettings
        Optimizer, learning rate, schedule (by default constant), and number of epochs, or the
        level at which it stops. Penalties and perturbations are those of the objective.
    observe : callable (model) -> mapping of str to float, optional
        Called after every epoch with the model in evaluation mode.
    generator : torch.Generator
        Orders the images; its initial seed decides dropout and the penalties' probes.
    processes : Processes
        They share every batch; all evaluate alike.
    start : TrainingState, optional
        State of an earlier run with the same settings, from which it is resumed.
    save : callable (TrainingState), optional
        Called after every epoch.
    """
    check_coupling(model, images[:batch_size], processes)
    objective = objective or Objective()
    loop = _Loop(model, training, objective, batch_size, generator, processes)
    history = History([], [], {name: [] for name in objective.penalties}, {})
    if start is not None:
        history = deepcopy(start.history)
        loop.restore_(start)
    work = min(batch_size, len(images)) * sum(w.numel() for w in model.parameters())
    for epoch in range(start.epoch if start else 0, training.epochs):
        if history.has_reached(training.until):
            break
        loop.set_rate_(epoch)
        model.train()
        with threads_for(work), torch.random.fork_rng(enabled=images.device.type != "mps"):
            torch.random.manual_seed(derive_seed(generator.initial_seed(), "dropout", epoch))
            means, robust = loop.epoch_(images, labels, epoch)
        if not (math.isfinite(means[0]) and loop.has_finite_weights()):
            raise ModelError(
                f"expected finite loss and weights, found others in epoch {epoch}; lower `lr`"
            )
        model.eval()
        history.add_(means, robust | dict(observe(model) if observe else {}))
        report(epoch + 1, training.epochs, **history.latest())
        if save is not None:
            save(loop.state(epoch + 1, history))
    model.eval()
    return history


class _Loop:
    """An optimizer with all that a step needs."""

    def __init__(
        self,
        model: nn.Module,
        training: TrainingSettings,
        objective: Objective,
        batch_size: int,
        generator: torch.Generator,
        processes: Processes,
    ):
        self.model, self.training, self.objective = model, training, objective
        self.batch_size, self.generator, self.processes = batch_size, generator, processes
        self.schedule = SCHEDULES[SCHEDULES.check(training.schedule or "constant")]
        self.penalties = tuple(objective.penalties.values())
        layers = [name for penalty in self.penalties for name in penalty.layers]
        layers += [map_.below for map_ in pointwise_maps(model, layers).values()]
        self.layers = tuple(dict.fromkeys(layers))
        self.trained = [weights for weights in model.parameters() if weights.requires_grad]
        self.optimizer = make_optimizer(training.optimizer, self.trained, training.lr)
        self.steps = 0

    def has_finite_weights(self) -> bool:
        """Return whether no trained weight is NaN or infinite."""
        return all(bool(weights.isfinite().all()) for weights in self.trained)

    def state(self, epoch: int, history: History) -> TrainingState:
        """Return what the next epoch depends on."""
        penalties = {
            f"{name}/{part}": values
            for name, penalty in self.objective.penalties.items()
            for part, values in penalty.state().items()
        }
        optimizer = self.optimizer.state_dict()["state"]
        weights, order = self.model.state_dict(), self.generator.get_state()
        return TrainingState(epoch, history, weights, optimizer, order, self.steps, penalties)

    def restore_(self, state: TrainingState) -> None:
        """Go back to a state."""
        self.model.load_state_dict(state.weights)
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict(
            {"state": deepcopy(state.optimizer), "param_groups": groups}
        )
        restore_generator_(self.generator, state.order)
        self.steps = state.steps
        for name, penalty in self.objective.penalties.items():
            start = f"{name}/"
            parts = {k: v for k, v in state.penalties.items() if k.startswith(start)}
            penalty.restore_({k.removeprefix(start): v for k, v in parts.items()})

    def set_rate_(self, epoch: int) -> None:
        """Set the learning rate of an epoch."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.training.lr * self.schedule(epoch, self.training.epochs)

    def epoch_(
        self, images: Images, labels: Tensor, epoch: int
    ) -> tuple[list[float], dict[str, float]]:
        """See all images once; return mean loss, accuracy and penalties, and robust accuracy."""
        sums = torch.zeros(3 + len(self.penalties), device=images.device)
        for rows in minibatches(len(images), self.batch_size, self.generator):
            self._refresh_(len(images))
            shard = BatchShard(self.processes, len(rows))
            part = rows[shard.rows].to(images.device)
            batch, targets, clean = images[part], labels[part], sums.new_zeros(())
            if self.objective.perturb is not None:
                self.model.eval()
                batch, correct = self.objective.perturb(self.model, batch, targets, part, epoch)
                self.model.train()
                clean = shard.mean(correct.float())
            sums += len(rows) * torch.cat([self._step_(batch, targets, shard), clean[None]])
        loss, accuracy, *penalties, clean = (sums / len(images)).tolist()
        if self.objective.perturb is None:
            return [loss, accuracy, *penalties], {}
        return [loss, clean, *penalties], {ROBUST_TRAIN_ACCURACY: accuracy}

    def _refresh_(self, images: int) -> None:
        for penalty in self.penalties:
            if penalty.is_due(self.steps, -(-images // self.batch_size)):
                if self.objective.covariances is None:
                    raise ModelError("expected an objective with covariances, found none")
                penalty.refresh_(self.objective.covariances(self.model, penalty.layers))
                self.model.train()
        self.steps += 1

    def _step_(self, images: Tensor, labels: Tensor, shard: BatchShard) -> Tensor:
        """Take one step; return loss, accuracy and penalties, (2 + penalties,)."""
        maps = pointwise_maps(self.model, self.layers)
        if any(penalty.needs_image_gradient(maps) for penalty in self.penalties):
            images = images.detach().requires_grad_()
        with shard.coupled(self.model), products_in(self.training.precision, images.device):
            layers = activations(self.model, images, (*self.layers, "logits"))
        layers = {name: z.to(images.dtype) for name, z in layers.items()}
        losses = cross_entropy(layers["logits"], labels, reduction="none")
        probes = make_generator(self.generator.initial_seed(), "probes", self.steps)
        batch = Batch(self.model, images, losses, layers, maps, probes, shard)
        extra = [penalty(batch) for penalty in self.penalties]
        loss = shard.mean(losses)
        self.optimizer.zero_grad()
        torch.autograd.backward(sum(extra, start=loss))
        shard.average_(self.trained)
        self.optimizer.step()
        correct = shard.mean((layers["logits"].detach().argmax(1) == labels).float())
        return torch.stack([loss.detach(), correct, *(each.detach() for each in extra)])
