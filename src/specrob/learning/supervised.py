"""Supervised training: one loss, one loop; penalties come in as functions.

Letters: ``B`` images, ``C`` classes, ``N`` units of a layer.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import partial

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from specrob.data import minibatches
from specrob.devices import threads_for
from specrob.learning.penalties import Answer, Batch, Penalty
from specrob.learning.schedules import constant
from specrob.progress import Report, silent

Perturb = Callable[[nn.Module, Tensor, Tensor, Tensor], Tensor]


@dataclass(frozen=True)
class Course:
    """How a network is trained.

    Parameters
    ----------
    epochs, batch_size : int
    rate : float
        First learning rate of Adam.
    schedule : callable (epoch, epochs) -> float
        Factor on the rate.
    penalties : mapping of str to Penalty
    perturb : callable (model, images, labels, rows) -> images, optional
        Adversarial training: what a batch becomes before the step; rows are its places.
    """

    epochs: int
    batch_size: int = 1000
    rate: float = 1e-3
    schedule: Callable[[int, int], float] = constant
    penalties: Mapping[str, Penalty] = field(default_factory=dict)
    perturb: Perturb | None = None


@dataclass(frozen=True)
class Access:
    """How penalties reach into a network of any kind.

    Parameters
    ----------
    answer : callable (model, images, layers) -> mapping of str to Tensor, (B, N)
        Activations of layers by name, ``logits`` among them.
    maps : callable (model, layers) -> mapping of str to Tensor, (N, D)
        Weights of those layers that are linear maps of the images.
    covariance : callable (model, layer) -> Tensor, (N, N), optional
        Of a layer over the whole training set, in evaluation mode.
    """

    answer: Answer = lambda model, images, layers: {"logits": model(images)}
    maps: Callable[[nn.Module, tuple[str, ...]], Mapping[str, Tensor]] = lambda model, layers: {}
    covariance: Callable[[nn.Module, str], Tensor] | None = None


@dataclass(frozen=True)
class History:
    """What training saw, by epoch.

    Parameters
    ----------
    loss : list of float
        Mean cross entropy over the batches of the epoch.
    train_accuracy : list of float, 0 to 1
        Over the batches, while the weights changed.
    penalties : dict of str to list of float
        Mean of each penalty.
    observed : dict of str to list of float
        What `observe` returned.
    """

    loss: list[float]
    train_accuracy: list[float]
    penalties: dict[str, list[float]]
    observed: dict[str, list[float]]


def train_supervised(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    course: Course,
    access: Access | None = None,
    observe: Callable[[nn.Module], Mapping[str, float]] | None = None,
    generator: torch.Generator,
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
    course : Course
    access : Access, optional
        Needed by penalties that look at layers.
    observe : callable (model) -> mapping of str to float, optional
        Called after every epoch with the model in evaluation mode.
    generator : torch.Generator
        Orders the images.
    report : Report
    """
    access, loop = access or Access(), _Loop(model, course, access or Access(), generator)
    history = History([], [], {name: [] for name in course.penalties}, {})
    work = min(course.batch_size, len(images)) * sum(w.numel() for w in model.parameters())
    for epoch in range(course.epochs):
        loop.set_rate_(epoch)
        model.train()
        with threads_for(work):
            means = loop.epoch_(images, labels)
        model.eval()
        _note(history, means, observe(model) if observe else {})
        accuracy = history.observed.get("test_accuracy", history.train_accuracy)[-1]
        report(epoch + 1, course.epochs, loss=history.loss[-1], accuracy=accuracy)
    model.eval()
    return history


class _Loop:
    """An optimizer with all that a step needs."""

    def __init__(
        self, model: nn.Module, course: Course, access: Access, generator: torch.Generator
    ):
        self.model, self.course, self.access, self.generator = model, course, access, generator
        self.penalties = tuple(course.penalties.values())
        self.wanted = tuple(dict.fromkeys(name for p in self.penalties for name in p.layers))
        trained = [weights for weights in model.parameters() if weights.requires_grad]
        self.optimizer = torch.optim.Adam(trained, lr=course.rate)
        self.steps = 0

    def set_rate_(self, epoch: int) -> None:
        """Set the rate of an epoch."""
        for group in self.optimizer.param_groups:
            group["lr"] = self.course.rate * self.course.schedule(epoch, self.course.epochs)

    def epoch_(self, images: Tensor, labels: Tensor) -> list[float]:
        """See all images once; return mean loss, accuracy and penalties."""
        sums = torch.zeros(2 + len(self.penalties), device=images.device)
        for rows in minibatches(len(images), self.course.batch_size, self.generator):
            self._refresh_(len(images))
            rows = rows.to(images.device)
            batch, wanted = images[rows], labels[rows]
            if self.course.perturb is not None:
                batch = self.course.perturb(self.model.eval(), batch, wanted, rows)
                self.model.train()
            sums += len(rows) * self._step_(batch, wanted)
        return (sums / len(images)).tolist()

    def _refresh_(self, images: int) -> None:
        per_epoch = -(-images // self.course.batch_size)
        for penalty in self.penalties:
            if getattr(penalty, "is_due", lambda *_: False)(self.steps, per_epoch):
                penalty.refresh_(partial(self.access.covariance, self.model))
                self.model.train()
        self.steps += 1

    def _step_(self, images: Tensor, labels: Tensor) -> Tensor:
        """Take one step; return loss, accuracy and penalties, (2 + penalties,)."""
        maps = self.access.maps(self.model, self.wanted)
        if any(penalty.needs_image_gradient(maps) for penalty in self.penalties):
            images = images.detach().requires_grad_()
        layers = self.access.answer(self.model, images, (*self.wanted, "logits"))
        losses = cross_entropy(layers["logits"], labels, reduction="none")
        batch = Batch(self.model, images, losses, layers, maps, self.generator)
        extra = [penalty(batch) for penalty in self.penalties]
        loss = losses.mean()
        self.optimizer.zero_grad()
        sum(extra, start=loss).backward()
        self.optimizer.step()
        correct = (layers["logits"].detach().argmax(1) == labels).float().mean()
        return torch.stack([loss.detach(), correct, *(each.detach() for each in extra)])


def _note(history: History, means: list[float], observed: Mapping[str, float]) -> None:
    loss, accuracy, *extra = means
    history.loss.append(loss)
    history.train_accuracy.append(accuracy)
    for values, value in zip(history.penalties.values(), extra, strict=True):
        values.append(value)
    for name, value in observed.items():
        history.observed.setdefault(name, []).append(value)
