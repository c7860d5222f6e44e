"""What a search for the nearest perturbation looks for, and the nearest so far.

Letters: ``B`` images, ``C`` classes, ``K`` of them.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.linalg import per_image
from specrob.measures.attacks.batch import Classifier, gradient_of
from specrob.measures.attacks.linear_steps import to_plane, to_region
from specrob.measures.attacks.losses import margin
from specrob.norms import Bounds, Geometry

BEYOND = 1.01  # by how much further than the linearized boundary steps lead, to cross it
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

    @torch.no_grad()
    def best_class(self, images: Tensor) -> Tensor:
        """Return the class of the highest logit beside the label, (B,), or the target."""
        if self.targets is not None:
            return self.targets
        return self.model(images).scatter(1, self.labels[:, None], -torch.inf).argmax(1)

    def linearized(self, x: Tensor, goal: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        """Return the gradients of the gaps to the goal, (B, K, ...), rises, and the logits.

        The rises, (B, K), are by how much the linearized gaps have to rise from the images until
        the model is fooled. Several classes bound the region of a target, K of them; otherwise
        the one gap is that of the label.
        """
        if self.targets is None:
            slope, gaps, logits = gradient_of(self.model, x, lambda z: gap(z, self.labels, goal))
            slopes, gaps = slope[:, None], gaps[:, None]
        else:
            slopes, gaps, logits, _ = self._leads(x, goal)
            slopes, gaps = slopes.transpose(0, 1), gaps.T
        return slopes, (slopes * (x - self.images)[:, None]).flatten(2).sum(2) - gaps, logits

    def step(
        self, slopes: Tensor, rises: Tensor, lowest: Tensor, highest: Tensor
    ) -> tuple[Tensor, Tensor]:
        """Return steps from the images just beyond the linearized boundary, (B, ...).

        A plane's is the shortest. A region's is the shortest in L2, in L1 as well. In Linf it is
        the shortest in L2 within a radius halfway between one that is too small, `lowest`, (B,),
        and one that fools, `highest`, (B,). The radii that are too small for the linearized gaps
        are returned too, (B,).
        """
        if self.targets is None:
            rise = BEYOND * rises[:, 0].clamp(min=0)
            plane = self.geometry, self.bounds
            return to_plane(self.images, slopes[:, 0], rise, *plane), lowest
        rises = rises + (BEYOND - 1) * rises.abs()
        if self.geometry.p < math.inf:
            return to_region(self.images, slopes, rises, self.bounds), lowest
        steep = self.geometry.dual_length(slopes.flatten(0, 1)).reshape(rises.shape)
        lowest = torch.maximum(lowest, (rises / steep.clamp(min=1e-30)).amax(1))
        radius = torch.where(highest.isinf(), 2 * lowest, (lowest + highest) / 2)
        step = to_region(self.images, slopes, rises, self.bounds.around(self.images, radius))
        missing = rises - (slopes * step[:, None]).flatten(2).sum(2)
        return step, torch.where((missing > 1e-3 * rises.abs()).any(1), radius, lowest)

    def _leads(self, x: Tensor, own: Tensor) -> tuple[Tensor, Tensor, Tensor, Tensor]:
        """Return how far the logit of a class, (B,), is above the highest K others.

        The gradients, (K, B, ...), the leads, (K, B), the logits, (B, C), and the others, (K, B).
        """
        x = x.detach().requires_grad_()
        with torch.enable_grad():
            logits = self.model(x)
            rest = logits.detach().scatter(1, own[:, None], -torch.inf)
            rivals = rest.topk(min(CANDIDATES, logits.shape[1] - 1)).indices.T
            leads = [gap(logits, rival, own) for rival in rivals]
            slopes = [torch.autograd.grad(g.sum(), x, retain_graph=True)[0] for g in leads]
        finite = torch.stack(slopes).nan_to_num_(0, 0, 0)
        return finite, torch.stack(leads).detach(), logits.detach().to(x.dtype), rivals

    def near_classes(self, count: int) -> Tensor:
        """Return the classes of the nearest linearized boundaries, (count, B), or the target."""
        if self.targets is not None:
            return self.targets[None]
        slopes, leads, _, rivals = self._leads(self.images, self.labels)
        steep = torch.stack([self.geometry.dual_length(slope) for slope in slopes])
        distances = leads / steep.clamp(min=1e-30)
        nearest = distances.topk(min(count, len(rivals)), dim=0, largest=False).indices
        return rivals.gather(0, nearest)


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
