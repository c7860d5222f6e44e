"""Perturbed images whose pixels take the values of a file, for instance 256 levels."""

import torch
from torch import Tensor

from specrob.linalg import per_image
from specrob.measures.attacks.batch import AttackBatch, PreparedAttack
from specrob.settings.attack import Attack

SLACK = 1e-3  # of a level: a pixel that close to a level counts as being on it
ROUND_OFF = 1e-5  # relative: how far beyond its radius a perturbation may be


def prepare_attack(attack: Attack, batch: AttackBatch) -> PreparedAttack:
    """Return the attack ready for a batch, on the levels of its pixels where it has some."""
    prepared = attack.prepare(batch)
    return prepared if batch.levels is None else quantized(prepared, batch, batch.levels)


def quantized(prepared: PreparedAttack, batch: AttackBatch, levels: int) -> PreparedAttack:
    """Return the attack with every changed pixel on one of so many levels, within the radius.

    A pixel goes to the nearest level; where that leaves the ball, to the one nearer to the image;
    where that would pass the image, it stays as it was.
    """

    def perturb(rows: Tensor, eps: Tensor) -> Tensor:
        perturbed, box = prepared.perturb(rows, eps), batch.bounds.take(rows)
        original = batch.images[rows]
        low, width = (per_image(x, perturbed) for x in (box.low, box.high - box.low))
        place, rising = (perturbed - low) * ((levels - 1) / width), perturbed > original
        inward = torch.where(rising, (place + SLACK).floor(), (place - SLACK).ceil())
        nearest, inward = (low + n * width / (levels - 1) for n in (place.round(), inward))
        past = torch.where(rising, inward < original, inward > original) | ~inward.isfinite()
        inward = torch.where(past | (perturbed == original), original, inward)
        outside = (nearest - original).abs() > per_image(eps, perturbed) * (1 + ROUND_OFF)
        if batch.norm != "linf":
            length = batch.geometry.length(nearest - original)
            outside = per_image(length > eps * (1 + ROUND_OFF), perturbed)
        return torch.where(outside | ~nearest.isfinite(), inward, nearest)

    return PreparedAttack(perturb, prepared.near)
