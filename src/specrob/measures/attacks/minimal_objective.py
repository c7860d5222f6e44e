"""What a search for the nearest perturbation looks for, and the nearest so far.

Letters: ``B`` images, ``C`` classes.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.linalg import per_image
from specrob.measures.attacks.batch import Classifier
from specrob.measures.attacks.losses import margin
from specrob.norm_balls import Bounds, Geometry

CANDIDATES = 9  # classes with the highest logits, among which the nearest are sought


def gap(logits: Tensor, labels: Tensor, goal: Tensor) -> Tensor:
    """Return by how much the logit of another class exceeds the label's, (B,).

    >>> gap(torch.tensor([[3.0, 1.0]]), torch.tensor([0]), torch.tensor([1]))
    tensor([-2.])
    """
    return (logits.gather(1, goal[:, None]) - logits.gather(1, labels[:, None]))[:, 0]


@dataclass(frozen=True)
class Objective:
    """Images, and what it means that the model is fooled on them."""

    model: Classifier
    images: Tensor
    labels: Tensor
    geometry: Geometry
    bounds: Bounds
    targets: Tensor | None

    def fools(self, logits: Tensor) -> Tensor:
        """Return which images are fooled, (B,), bool."""
        if self.targets is None:
            return margin(logits, self.labels) > 0
        return margin(logits, self.targets) < 0

    def gap(self, logits: Tensor, goal: Tensor) -> Tensor:
        """Return by how much the goal leads: over the label, or as a target over all classes."""
        if self.targets is not None:
            return -margin(logits, self.targets)
        return gap(logits, self.labels, goal)

    @torch.no_grad()
    def best_class(self, images: Tensor) -> Tensor:
        """Return the class of the highest logit beside the label, (B,), or the target."""
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


class BestSoFar:
    """The nearest image that fools, for every image; at first the image, infinitely far."""

    def __init__(self, images: Tensor):
        self.images = images
        self.length = images.new_full((len(images),), torch.inf)

    def consider_(self, images: Tensor, length: Tensor, fools: Tensor) -> None:
        """Keep those of the perturbed images that fool and are nearer than before."""
        nearer = fools & (length < self.length)
        self.images = torch.where(per_image(nearer, images), images, self.images)
        self.length = torch.where(nearer, length, self.length)
