"""Supervised training: one loss, one loop; penalties come in as functions.

Letters: ``B`` images, ``C`` classes, ``N`` units of a layer.
"""

import math
from collections.abc import Callable, Mapping
from copy import deepcopy
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from specrob.data import minibatches
from specrob.devices import threads_for
from specrob.distributed import SINGLE_PROCESS, BatchShard, Processes, check_coupling
from specrob.errors import ModelError
from specrob.learning.penalties import Batch
from specrob.learning.training_state import History, LayerAccess, TrainingPlan, TrainingState
from specrob.progress import Report, silent
from specrob.random import derive_seed
from specrob.random import make_generator as generator_of


def train_supervised(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    course: TrainingPlan,
    access: LayerAccess | None = None,
    observe: Callable[[nn.Module], Mapping[str, float]] | None = None,
    generator: torch.Generator,
    processes: Processes = SINGLE_PROCESS,
    start: TrainingState | None = None,
    save: Callable[[TrainingState], None] | None = None,
    report: Report = silent,
) -> History:
    """Train the model in place with Adam on cross entropy and penalties; leave it evaluating.

    Parameters
    ----------
    model : nn.Module
        Images to logits, (B, C); parameters that need no gradient stay as they are.
    images : Tensor, (B, ...)
        Or the activations of a frozen layer, computed once.
    labels : Tensor, (B,), 0 to C - 1
    course : TrainingPlan
    access : LayerAccess, optional
        Needed by penalties that look at layers.
    observe : callable (model) -> mapping of str to float, optional
        Called after every epoch with the model in evaluation mode.
    generator : torch.Generator
        Orders the images; the seed that it began with decides dropout and the penalties' probes.
    processes : Processes
        Share every batch; all evaluate alike.
    start : TrainingState, optional
        Of an earlier run of the same settings, to go on from.
    save : callable (TrainingState), optional
        Called after every epoch.
    report : Report
    """
    check_coupling(model, images[: course.batch_size], processes)
    loop = _Loop(model, course, access or LayerAccess(), generator, processes)
    history = History([], [], {name: [] for name in course.penalties}, {})
    if start is not None:
        history = deepcopy(start.history)
        loop.restore_(start)
    work = min(course.batch_size, len(images)) * sum(w.numel() for w in model.parameters())
    for epoch in range(start.epoch if start else 0, course.epochs):
        loop.set_rate_(epoch)
        model.train()
        with threads_for(work), torch.random.fork_rng(enabled=images.device.type != "mps"):
            torch.random.manual_seed(derive_seed(generator.initial_seed(), "dropout", epoch))
            means = loop.epoch_(images, labels)
        if not math.isfinite(means[0]):
            raise ModelError(
                f"expected a finite loss, found {means[0]} in epoch {epoch}; lower --lr"
            )
        model.eval()
        _note(history, means, observe(model) if observe else {})
        accuracy = history.observed.get("test_accuracy", history.train_accuracy)[-1]
        report(epoch + 1, course.epochs, loss=history.loss[-1], accuracy=accuracy)
        if save is not None:
            save(loop.state(epoch + 1, history))
    model.eval()
    return history


class _Loop:
    """An optimizer with all that a step needs."""

    def __init__(
        self,
        model: nn.Module,
        course: TrainingPlan,
        access: LayerAccess,
        generator: torch.Generator,
        processes: Processes,
    ):
        self.model, self.course, self.access, self.generator = (
            model,
            course,
            access,
            generator,
        )
        self.processes = processes
        self.penalties = tuple(course.penalties.values())
        wanted = [name for penalty in self.penalties for name in penalty.layers]
        wanted += [known.below for known in access.maps(model, wanted).values()]
        self.wanted = tuple(dict.fromkeys(wanted))
        self.trained = [weights for weights in model.parameters() if weights.requires_grad]
        self.optimizer = torch.optim.Adam(self.trained, lr=course.rate, fused=True)
        self.steps = 0

    def state(self, epoch: int, history: History) -> TrainingState:
        """Return what the next epoch depends on."""
        kept = {
            f"{name}/{layer}": vectors
            for name, penalty in self.course.penalties.items()
            for layer, vectors in getattr(penalty, "vectors", {}).items()
        }
        optimizer = self.optimizer.state_dict()["state"]
        weights, order = self.model.state_dict(), self.generator.get_state()
        return TrainingState(epoch, history, weights, optimizer, order, self.steps, kept)

    def restore_(self, state: TrainingState) -> None:
        """Go back to a state."""
        self.model.load_state_dict(state.weights)
        groups = self.optimizer.state_dict()["param_groups"]
        self.optimizer.load_state_dict(
            {"state": deepcopy(state.optimizer), "param_groups": groups}
        )
        self.generator.set_state(state.order)
        self.steps = state.steps
        for name, vectors in state.vectors.items():
            penalty, _, layer = name.partition("/")
            self.course.penalties[penalty].vectors[layer] = vectors

    def set_rate_(self, epoch: int) -> None:
        """Set the rate of an epoch."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.course.rate * self.course.schedule(epoch, self.course.epochs)

    def epoch_(self, images: Tensor, labels: Tensor) -> list[float]:
        """See all images once; return mean loss, accuracy and penalties."""
        sums = torch.zeros(2 + len(self.penalties), device=images.device)
        for rows in minibatches(len(images), self.course.batch_size, self.generator):
            self._refresh_(len(images))
            share = BatchShard(self.processes, len(rows))
            own = rows[share.rows].to(images.device)
            batch, wanted = images[own], labels[own]
            if self.course.perturb is not None:
                batch = self.course.perturb(self.model.eval(), batch, wanted, own)
                self.model.train()
            sums += len(rows) * self._step_(batch, wanted, share)
        return (sums / len(images)).tolist()

    def _refresh_(self, images: int) -> None:
        per_epoch = -(-images // self.course.batch_size)
        for penalty in self.penalties:
            if getattr(penalty, "is_due", lambda *_: False)(self.steps, per_epoch):
                penalty.refresh_(partial(self.access.covariance, self.model))
                self.model.train()
        self.steps += 1

    def _step_(self, images: Tensor, labels: Tensor, share: BatchShard) -> Tensor:
        """Take one step; return loss, accuracy and penalties, (2 + penalties,)."""
        maps = self.access.maps(self.model, self.wanted)
        if any(penalty.needs_image_gradient(maps) for penalty in self.penalties):
            images = images.detach().requires_grad_()
        with share.coupled(self.model):
            layers = self.access.answer(self.model, images, (*self.wanted, "logits"))
        losses = cross_entropy(layers["logits"], labels, reduction="none")
        probes = generator_of(self.generator.initial_seed(), "probes", self.steps)
        batch = Batch(self.model, images, losses, layers, maps, probes, share)
        extra = [penalty(batch) for penalty in self.penalties]
        loss = share.mean(losses)
        self.optimizer.zero_grad()
        sum(extra, start=loss).backward()
        share.average_(self.trained)
        self.optimizer.step()
        correct = share.mean((layers["logits"].detach().argmax(1) == labels).float())
        return torch.stack([loss.detach(), correct, *(each.detach() for each in extra)])


def _note(history: History, means: list[float], observed: Mapping[str, float]) -> None:
    loss, accuracy, *extra = means
    history.loss.append(loss)
    history.train_accuracy.append(accuracy)
    for values, value in zip(history.penalties.values(), extra, strict=True):
        values.append(value)
    for name, value in observed.items():
        history.observed.setdefault(name, []).append(value)
