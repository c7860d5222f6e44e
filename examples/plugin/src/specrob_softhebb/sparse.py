"""An attack on the few pixels that matter most."""

from dataclasses import dataclass
from typing import Annotated

import torch

from specrob.measures.attacks.batch import (
    AttackBatch,
    PreparedAttack,
    loss_gradient,
    prepare_ray,
)
from specrob.settings.attack import Attack
from specrob.settings.flag import Flag


@dataclass(frozen=True)
class Sparse(Attack):
    """A step along the gradient in the pixels where it is largest, and nowhere else."""

    name = "sparse"
    default_norm = "linf"
    uses_gradient = True

    pixels: Annotated[int, Flag("Number of pixels that change.", low=1)] = 5

    def prepare(self, batch: AttackBatch) -> PreparedAttack:
        """Return the attack along one direction for each image, found once."""
        gradient, _, _ = loss_gradient(
            batch.model, batch.images, batch.labels, batch.loss, batch.gradient_dtype
        )
        flat = gradient.flatten(1)
        largest = flat.abs().topk(min(self.pixels, flat.shape[1]), dim=1).indices
        chosen = torch.zeros_like(flat).scatter_(1, largest, 1.0)
        few = (flat * chosen).reshape(gradient.shape)
        return prepare_ray(batch, batch.geometry.steepest(few))
