"""The nearest perturbation that fools: no budget is given, the length is what is minimized.

Three searches share one memory of the nearest image found. A descent whose budget shrinks while
it fools and grows while it does not, [1]_, crosses to whichever class is near, also where the
model is far from linear. Steps to the boundary as the gradient draws it, solved exactly within
the bounds, [2]_ and [3]_, then reach a local minimum in a few steps: once from what was found,
and once from the image towards each of the classes that lie nearest. At last every perturbation
is shortened on its own line.

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
from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.geometry import NORMS, Bounds, Geometry, to_plane, unbounded
from specrob.linalg import per_image
from specrob.measures.attacks.batch import (
    LOSSES,
    Classifier,
    gradient_of,
    linear_distance,
    margin,
)

SHRINK = 0.05  # of the budget while it fools, at first
BEYOND = 1.01  # of a step to the linearized boundary, so that it crosses
APPROACH, POLISH = 4, 6  # steps towards each near class, and from what was found
CANDIDATES = 9  # classes with the highest logits, of which the nearest are approached
HALVINGS = 12  # of the line to the boundary: to 0.03%


def minimal(
    model: Classifier,
    images: Tensor,
    labels: Tensor,
    *,
    norm: str = "l2",
    steps: int = 50,
    classes: int = 3,
    loss: str = "ce",
    bounds: Bounds | None = None,
    targets: Tensor | None = None,
) -> Tensor:
    """Return the nearest images found that fool, (B, ...); an image as it was where none was.

    Parameters
    ----------
    model : callable, (B, ...) -> (B, C) logits
    images : Tensor, (B, ...)
    labels : Tensor, (B,)
    norm : {"l2", "linf"}
        What is minimized.
    steps : int
        Of the descent.
    classes : int
        How many of the nearest classes are approached from the image itself.
    loss : {"ce", "margin"}
        What the descent climbs.
    bounds : Bounds, optional
    targets : Tensor, (B,), optional
        Classes to be reached instead of any wrong one.

    Examples
    --------
    >>> two = lambda x: torch.stack([x[:, 0], -x[:, 0]], 1)
    >>> minimal(two, torch.tensor([[0.2, 5.0]]), torch.tensor([0])).abs() < 1e-3
    tensor([[ True, False]])
    """
    quest = _Objective(model, images, labels, NORMS[norm], bounds or unbounded(images), targets)
    nearest = _BestSoFar(images)
    _descend_(quest, nearest, steps=steps, loss=loss)
    _approach_(quest, nearest, quest.answers(nearest.images), nearest.images, POLISH)
    for goal in quest.near_classes(classes):
        _approach_(quest, nearest, goal, images, APPROACH)
    return _shorten(quest, nearest.images)


@dataclass(frozen=True)
class _Objective:
    """Images, and what it means to fool the model on them."""

    model: Classifier
    images: Tensor
    labels: Tensor
    geometry: Geometry
    bounds: Bounds
    targets: Tensor | None

    def fools(self, logits: Tensor) -> Tensor:
        if self.targets is None:
            return margin(logits, self.labels) > 0
        return margin(logits, self.targets) < 0

    def gap(self, logits: Tensor, goal: Tensor) -> Tensor:
        """Return by how much the goal leads: over the label, or as a target over all classes."""
        if self.targets is not None:
            return -margin(logits, self.targets)
        return gap(logits, self.labels, goal)

    @torch.no_grad()
    def answers(self, images: Tensor) -> Tensor:
        """Return the class that stands first beside the label, (B,), or the target."""
        if self.targets is not None:
            return self.targets
        return self.model(images).scatter(1, self.labels[:, None], -torch.inf).argmax(1)

    def near_classes(self, count: int) -> Tensor:
        """Return the classes whose linearized boundaries are nearest, (count, B)."""
        if self.targets is not None:
            return self.targets[None]
        x = self.images.detach().requires_grad_()
        with torch.enable_grad():
            logits = self.model(x)
            others = logits.detach().scatter(1, self.labels[:, None], -torch.inf)
            likely = others.topk(min(CANDIDATES, logits.shape[1] - 1)).indices.T
            gaps = [gap(logits, self.labels, goal) for goal in likely]
            slopes = [torch.autograd.grad(g.sum(), x, retain_graph=True)[0] for g in gaps]
        steep = torch.stack([self.geometry.dual_length(slope) for slope in slopes])
        distances = -torch.stack(gaps).detach() / steep.clamp(min=1e-30)
        nearest = distances.topk(min(count, len(likely)), dim=0, largest=False).indices
        return likely.gather(0, nearest)


class _BestSoFar:
    """The nearest image that fools, for every image; at first the image, infinitely far."""

    def __init__(self, images: Tensor):
        self.images = images
        self.length = images.new_full((len(images),), torch.inf)

    def consider_(self, images: Tensor, length: Tensor, fools: Tensor) -> None:
        nearer = fools & (length < self.length)
        self.images = torch.where(per_image(nearer, images), images, self.images)
        self.length = torch.where(nearer, length, self.length)


def gap(logits: Tensor, labels: Tensor, goal: Tensor) -> Tensor:
    """Return by how much the logit of another class exceeds the label's, (B,).

    >>> gap(torch.tensor([[3.0, 1.0]]), torch.tensor([0]), torch.tensor([1]))
    tensor([-2.])
    """
    return (logits.gather(1, goal[:, None]) - logits.gather(1, labels[:, None]))[:, 0]


def _descend_(quest: _Objective, nearest: _BestSoFar, *, steps: int, loss: str) -> None:
    """Climb the loss within a budget that follows the boundary, [1]_."""
    images, geometry = quest.images, quest.geometry
    toward, sign = (quest.labels, 1) if quest.targets is None else (quest.targets, -1)
    x = images
    budget = reach = linear_distance(quest.model, x, toward, geometry)
    for taken in range(steps):
        slope, _, logits = gradient_of(quest.model, x, lambda z: sign * LOSSES[loss](z, toward))
        fools = quest.fools(logits)
        nearest.consider_(x, geometry.length(x - images), fools)
        left = (1 + math.cos(math.pi * taken / steps)) / 2
        change = SHRINK * (0.02 + 0.98 * left)
        searching = nearest.length.isinf()
        growth = torch.where(searching, 1 + 2 * SHRINK, 1 + change)
        shrunk = torch.minimum(budget, nearest.length) * (1 - change)
        budget = torch.where(fools, shrunk, budget * growth)
        moved = x + per_image((0.01 + 0.99 * left) * reach, x) * geometry.steepest(slope)
        x = quest.bounds.clip(images + geometry.project(moved - images, budget))


def _approach_(
    quest: _Objective, nearest: _BestSoFar, goal: Tensor, start: Tensor, steps: int
) -> None:
    """Step to the nearest point of the linearized boundary with one class, again and again."""
    x, images = start, quest.images
    for taken in range(steps + 1):
        slope, gaps, logits = gradient_of(quest.model, x, lambda z: quest.gap(z, goal))
        nearest.consider_(x, quest.geometry.length(x - images), quest.fools(logits))
        if taken < steps:
            rise = (slope * (x - images)).flatten(1).sum(1) - gaps
            step = to_plane(images, slope, rise.clamp(min=0), quest.geometry, quest.bounds)
            x = quest.bounds.clip(images + BEYOND * step)


@torch.no_grad()
def _shorten(quest: _Objective, found: Tensor) -> Tensor:
    """Return the images where the lines to those found cross the boundary, just beyond it."""
    low, high = found.new_zeros(len(found)), found.new_ones(len(found))
    step = found - quest.images
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        fools = quest.fools(quest.model(quest.images + per_image(middle, step) * step))
        low, high = torch.where(fools, low, middle), torch.where(fools, middle, high)
    shortened = quest.images + per_image(high, step) * step
    return torch.where(per_image(high < 1, step), shortened, found)
