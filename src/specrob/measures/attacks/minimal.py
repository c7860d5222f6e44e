"""The nearest perturbation that fools: no budget is given, the length is what is minimized.

Three searches share one record of the nearest image so far. A descent whose budget shrinks while
it fools and grows while it does not, [1]_, crosses to whichever class is near, also where the
model is far from linear. Steps to the linearized boundary, solved exactly within the bounds, [2]_
and [3]_, then reach a local minimum in a few steps: once from the nearest image so far, and once
from the original image towards each of the nearest classes. At last every perturbation is
shortened along its line. For a target in Linf, whose region several planes bound, the steps bisect
the radius.

Letters: ``B`` images, ``C`` classes, ``D`` pixels.

References
----------
.. [1] M. Pintor et al., "Fast minimum-norm adversarial attacks through adaptive norm
   constraints", arXiv:2102.12827; with one step for both norms it is also the decoupled
   direction and norm of J. Rony et al., arXiv:1811.09600.
.. [2] S.-M. Moosavi-Dezfooli, A. Fawzi and P. Frossard, "DeepFool", arXiv:1511.04599.
.. [3] F. Croce and M. Hein, "Minimally distorted adversarial examples with a fast adaptive
   boundary attack", arXiv:1907.02044.
"""

import math

import torch
from torch import Tensor

from specrob.linalg import per_image
from specrob.measures.attacks.batch import (
    AttackBatch,
    Classifier,
    PreparedAttack,
    distance_to_runner_up,
    gradient_of,
    prepare_ray,
)
from specrob.measures.attacks.losses import LOSSES
from specrob.measures.attacks.minimal_objective import BestSoFar, Objective
from specrob.norms import NORMS, Bounds, unbounded
from specrob.settings.attack import Loss, Norm
from specrob.settings.attacks import Minimal

SHRINK = 0.05  # initial relative change of the budget after each step of the descent
APPROACH, POLISH = 4, 6  # steps towards each near class, and from the nearest image so far
CLASSES = 3  # how many of the nearest are approached from the image itself
BISECTIONS = 12  # bisections of the line to the boundary, which is then known to 0.03%


def minimal(
    model: Classifier,
    images: Tensor,
    labels: Tensor,
    *,
    norm: Norm = "l2",
    options: Minimal = Minimal(),
    loss: Loss = "ce",
    bounds: Bounds | None = None,
    targets: Tensor | None = None,
) -> Tensor:
    """Return the nearest perturbed images that fool, (B, ...); the image itself where none does.

    Parameters
    ----------
    model : callable, (B, ...) -> (B, C) logits
    images : Tensor, (B, ...)
    labels : Tensor, (B,)
    norm : {"l2", "linf", "l1"}
        The norm that is minimized; for targets in L1, the steps to their linearized regions are
        the shortest in L2.
    options : Minimal
    loss : {"ce", "margin"}
        The loss that the descent increases.
    bounds : Bounds, optional
    targets : Tensor, (B,), optional
        Classes to be reached instead of any wrong one.

    Examples
    --------
    >>> two = lambda x: torch.stack([x[:, 0], -x[:, 0]], 1)
    >>> minimal(two, torch.tensor([[0.2, 5.0]]), torch.tensor([0])).abs() < 1e-3
    tensor([[ True, False]])
    """
    task = Objective(model, images, labels, NORMS[norm], bounds or unbounded(images), targets)
    nearest = BestSoFar(images)
    _descend_(task, nearest, steps=options.steps, loss=loss)
    _approach_(task, nearest, task.best_class(nearest.images), nearest.images, POLISH)
    for goal in task.near_classes(CLASSES):
        _approach_(task, nearest, goal, images, APPROACH)
    return _shorten(task, nearest.images)


def _descend_(task: Objective, nearest: BestSoFar, *, steps: int, loss: Loss) -> None:
    """Climb the loss within a budget that follows the boundary, [1]_."""
    images, geometry = task.images, task.geometry
    toward, sign = (task.labels, 1) if task.targets is None else (task.targets, -1)
    x = images
    budget = reach = distance_to_runner_up(task.model, x, toward, geometry)
    for taken in range(steps):
        slope, _, logits = gradient_of(task.model, x, lambda z: sign * LOSSES[loss](z, toward))
        fools = task.fools(logits)
        nearest.consider_(x, geometry.length(x - images), fools)
        left = (1 + math.cos(math.pi * taken / steps)) / 2
        change = SHRINK * (0.02 + 0.98 * left)
        searching = nearest.length.isinf()
        growth = torch.where(searching, 1 + 2 * SHRINK, 1 + change)
        shrunk = torch.minimum(budget, nearest.length) * (1 - change)
        budget = torch.where(fools, shrunk, budget * growth)
        length = (0.01 + 0.99 * left) * reach
        moved = x + per_image(length, x) * geometry.ascent_direction(slope, x, task.bounds, length)
        x = task.bounds.clip(images + geometry.project(moved - images, budget))


def _approach_(
    task: Objective, nearest: BestSoFar, goal: Tensor, start: Tensor, steps: int
) -> None:
    """Step to the nearest point of the linearized boundary with a class, again and again."""
    x, images = start, task.images
    lowest = torch.zeros_like(nearest.length)
    for taken in range(steps + 1):
        slopes, rises, logits = task.linearized(x, goal)
        nearest.consider_(x, task.geometry.length(x - images), task.fools(logits))
        if taken < steps:
            step, lowest = task.step(slopes, rises, lowest, nearest.length)
            x = task.bounds.clip(images + step)


@torch.no_grad()
def _shorten(task: Objective, perturbed: Tensor) -> Tensor:
    """Return the points just beyond where the lines to the images cross the boundary."""
    low, high = perturbed.new_zeros(len(perturbed)), perturbed.new_ones(len(perturbed))
    step = perturbed - task.images
    for _ in range(BISECTIONS):
        middle = (low + high) / 2
        fools = task.fools(task.model(task.images + per_image(middle, step) * step))
        low, high = torch.where(fools, low, middle), torch.where(fools, middle, high)
    shortened = task.images + per_image(high, step) * step
    return torch.where(per_image(high < 1, step), shortened, perturbed)


def prepare_minimal(options: Minimal, batch: AttackBatch) -> PreparedAttack:
    """Return the attack along the lines to the nearest perturbed images of a batch."""
    perturbed = minimal(
        batch.model,
        batch.images,
        batch.labels,
        norm=batch.norm,
        options=options,
        loss=batch.loss,
        bounds=batch.bounds,
        targets=batch.targets,
    )
    step = perturbed - batch.images
    length = batch.geometry.length(step)
    near = torch.where(length > 0, length, torch.inf)
    return prepare_ray(batch, batch.geometry.scale(step), lambda: near)
