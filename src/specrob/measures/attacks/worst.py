"""The worst of several attacks, image by image.

It is what claims about robustness should rest on: one attack alone fails on some images.

Letters: ``B`` images, ``R`` of them.
"""

from dataclasses import replace

import torch
from torch import Tensor

from specrob.measures.attacks.adaptive import adaptive_pgd
from specrob.measures.attacks.batch import AttackBatch, PreparedAttack
from specrob.measures.attacks.minimal import prepare_minimal
from specrob.measures.attacks.starts import random_perturbations
from specrob.settings.attack import Loss
from specrob.settings.attacks import Minimal, Worst

BOTH: tuple[Loss, ...] = ("ce", "margin")


def prepare_worst(options: Worst, batch: AttackBatch) -> PreparedAttack:
    """Return the attack that tries one after the other until an image is fooled.

    First the nearest perturbations that `minimal` finds with either loss; where they are longer
    than the radius, adaptive gradient ascent on either loss, from the image and from random
    points of the ball.
    """
    searches = [prepare_minimal(Minimal(), replace(batch, loss=loss)) for loss in BOTH]
    lengths = [search.near() for search in searches if search.near is not None]
    nearest = torch.stack(lengths).amin(0)

    def perturb(rows: Tensor, eps: Tensor) -> Tensor:
        found = batch.images[rows]
        left = torch.arange(len(rows), device=rows.device)
        for attempt in range(len(BOTH) * (1 + options.restarts)):
            if attempt < len(searches):
                tried = searches[attempt].perturb(rows[left], eps[left])
            else:
                tried = _ascend(options, batch, rows[left], eps[left], attempt - len(searches))
            found[left] = tried
            with torch.no_grad():
                classes = batch.model(tried).argmax(1)
            left = left[~batch.fools(classes, rows[left])]
            if not len(left):
                break
        return found

    return PreparedAttack(perturb, lambda: nearest)


def _ascend(options: Worst, batch: AttackBatch, rows: Tensor, eps: Tensor, attempt: int) -> Tensor:
    """Return images after an ascent: on both losses in turn, the first two from the image."""
    images = batch.images[rows]
    restart, which = divmod(attempt, len(BOTH))
    start = None
    if restart:
        moved = random_perturbations(
            images, eps, batch.geometry, seed=batch.seed, index=batch.index[rows], draw=restart
        )
        start = batch.bounds.take(rows).clip(images + moved)
    return adaptive_pgd(
        batch.model,
        images,
        batch.labels[rows],
        eps=eps,
        norm=batch.norm,
        steps=options.steps,
        loss=BOTH[which],
        bounds=batch.bounds.take(rows),
        targets=None if batch.targets is None else batch.targets[rows],
        start=start,
    )
