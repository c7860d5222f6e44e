"""Supervised training: one loss, one loop; penalties come in as functions.

Letters: ``B`` images, ``C`` classes.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torch.nn.functional import cross_entropy

from specrob.data import minibatches
from specrob.learning.schedules import constant
from specrob.progress import Report, silent


@dataclass(frozen=True)
class History:
    """What training saw, by epoch.

    Parameters
    ----------
    loss : list of float
        Mean cross entropy over the batches of the epoch.
    penalties : dict of str to list of float
        Mean of each penalty.
    train_accuracy : list of float, 0 to 1
        Over the batches, while the weights changed.
    test_accuracy : list of float, 0 to 1
        After the epoch, if it was measured.
    """

    loss: list[float]
    penalties: dict[str, list[float]]
    train_accuracy: list[float]
    test_accuracy: list[float]


def train_supervised(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    *,
    epochs: int,
    batch_size: int = 1000,
    rate: float = 1e-3,
    schedule: Callable[[int, int], float] = constant,
    penalties: Mapping[str, Callable[[nn.Module, Tensor], Tensor]] | None = None,
    evaluate: Callable[[nn.Module], float] | None = None,
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
    epochs, batch_size : int
    rate : float
        First learning rate.
    schedule : callable (epoch, epochs) -> float
        Factor on the rate.
    penalties : mapping of str to callable (model, images) -> Tensor, optional
    evaluate : callable (model) -> float, optional
        Test accuracy; called after every epoch with the model in evaluation mode.
    generator : torch.Generator
        Orders the images.
    report : Report
    """
    penalties = penalties or {}
    optimizer = torch.optim.Adam([w for w in model.parameters() if w.requires_grad], lr=rate)
    history = History([], {name: [] for name in penalties}, [], [])
    for epoch in range(epochs):
        for group in optimizer.param_groups:
            group["lr"] = rate * schedule(epoch, epochs)
        model.train()
        sums = torch.zeros(2 + len(penalties), device=images.device)
        for rows in minibatches(len(images), batch_size, generator):
            rows = rows.to(images.device)
            sums += len(rows) * _step(model, images[rows], labels[rows], penalties, optimizer)
        model.eval()
        _note(history, (sums / len(images)).tolist(), evaluate(model) if evaluate else None)
        latest = history.test_accuracy or history.train_accuracy
        report(epoch + 1, epochs, loss=history.loss[-1], accuracy=latest[-1])
    model.eval()
    return history


def _step(
    model: nn.Module,
    images: Tensor,
    labels: Tensor,
    penalties: Mapping[str, Callable[[nn.Module, Tensor], Tensor]],
    optimizer: torch.optim.Optimizer,
) -> Tensor:
    """Take one step; return loss, accuracy and penalties, (2 + penalties,)."""
    logits = model(images)
    loss = cross_entropy(logits, labels)
    extra = [penalty(model, images) for penalty in penalties.values()]
    optimizer.zero_grad()
    sum(extra, start=loss).backward()
    optimizer.step()
    correct = (logits.detach().argmax(1) == labels).float().mean()
    return torch.stack([loss.detach(), correct, *(e.detach() for e in extra)])


def _note(history: History, means: list[float], test_accuracy: float | None) -> None:
    loss, accuracy, *extra = means
    history.loss.append(loss)
    history.train_accuracy.append(accuracy)
    for values, value in zip(history.penalties.values(), extra, strict=True):
        values.append(value)
    if test_accuracy is not None:
        history.test_accuracy.append(test_accuracy)
