"""Iterates of gradient steps, and the worst of them for every image.

Letters: ``B`` images, ``R`` of them, ``C`` classes.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from specrob.linalg import per_image
from specrob.measures.attacks.batch import logit_error
from specrob.measures.attacks.losses import margin
from specrob.norms import Bounds

Projection = Callable[[Tensor, Tensor], Tensor]  # perturbations (B, ...), radii (B,)


@dataclass(frozen=True)
class Iterates:
    """The images under attack, `rows` of all images, and the ball and box that they stay in."""

    rows: Tensor
    images: Tensor
    origins: Tensor
    goal: Tensor
    eps: Tensor
    length: Tensor
    bounds: Bounds

    def take(self, left: Tensor) -> "Iterates":
        """Return some of the iterates."""
        return Iterates(
            rows=self.rows[left],
            images=self.images[left],
            origins=self.origins[left],
            goal=self.goal[left],
            eps=self.eps[left],
            length=self.length[left],
            bounds=self.bounds.take(left),
        )

    def moved(self, direction: Tensor, projection: Projection | None) -> "Iterates":
        """Return the iterates a step further, on the ball and in the box."""
        x = torch.addcmul(self.images, per_image(self.length, direction), direction)
        if projection is not None:
            x = projection(x.sub_(self.origins), self.eps).add_(self.origins)
        return replace(self, images=self.bounds.clip(x, out=x))


class WorstIterates:
    """The worst iterate of every image: one that fools, and then the one of highest loss.

    With `first`, the first one that fools stays.
    """

    def __init__(self, images: Tensor, sign: int, gradient_dtype: torch.dtype, *, first: bool):
        self.images, self.sign, self.gradient_dtype = images.clone(), sign, gradient_dtype
        self.first = first
        self.fooled = images.new_zeros(len(images), dtype=torch.bool)
        self.loss = images.new_full((len(images),), -torch.inf)

    def standing(self, rows: Tensor) -> Tensor:
        """Return the places in `rows`, (R,), of images that nothing has fooled."""
        return (~self.fooled[rows]).nonzero()[:, 0]

    def consider_(
        self, at: Iterates, losses: Tensor, logits: Tensor, certain: bool = False
    ) -> None:
        """Keep the iterates that are worse than those kept before."""
        losses, gaps = self.sign * losses, self.sign * margin(logits, at.goal)
        fooled = gaps > (0 if certain else logit_error(logits, self.gradient_dtype))
        before, loss = self.fooled[at.rows], self.loss[at.rows]
        better = (fooled & ~before) | ((fooled == before) & (losses > loss))
        better &= ~(before & self.first)
        rows = at.rows[better]
        self.images[rows], self.loss[rows] = at.images[better], losses[better]
        self.fooled[rows] = fooled[better]
