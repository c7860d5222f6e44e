"""Projected gradient descent, in L1, L2 and Linf.

References
----------
.. [1] A. Madry et al., "Towards deep learning models resistant to adversarial attacks",
   arXiv:1706.06083.
.. [2] A. Kurakin, I. Goodfellow and S. Bengio, "Adversarial examples in the physical world",
   arXiv:1607.02533.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal

import torch
from torch import Tensor

from specrob.measures.attacks.batch import (
    LABEL_DTYPE,
    AttackBatch,
    Classifier,
    PreparedAttack,
    distance_to_runner_up,
    loss_gradient,
    radius_per_image,
)
from specrob.measures.attacks.iterates import Iterates, WorstIterates
from specrob.measures.attacks.losses import LOSSES
from specrob.measures.attacks.starts import random_perturbations
from specrob.norms import NORMS, Bounds, unbounded
from specrob.settings.attack import Loss, Norm, Step, StepSize
from specrob.settings.attacks import PGD

STEPS: dict[Step, Callable[[Tensor], Tensor]] = {
    "sign": torch.sign,
    "unit": NORMS["l2"].steepest,
    "raw": lambda gradient: gradient,
}


def pgd(
    model: Classifier,
    images: Tensor,
    labels: Tensor,
    *,
    eps: float | Tensor,
    norm: Norm = "linf",
    options: PGD = PGD(),
    loss: Loss = "ce",
    bounds: Bounds | None = None,
    keep: Literal["worst", "last"] = "worst",
    targets: Tensor | None = None,
    seed: int = 0,
    index: Tensor | None = None,
    gradient_dtype: torch.dtype = LABEL_DTYPE,
    stop: bool = False,
) -> Tensor:
    """Return the images, (B, ...), after gradient steps projected on the ball and the bounds.

    Parameters
    ----------
    model : callable, (B, ...) -> (B, C) logits
    images : Tensor, (B, ...)
    labels : Tensor, (B,)
    eps : float or Tensor, (B,), pixel units
    norm : {"linf", "l2", "l1"}
    options : PGD
    loss : {"ce", "margin"}
    bounds : Bounds, optional
    keep : {"worst", "last"}
        Return the iterate that fools with the highest loss, or the last one.
    targets : Tensor, (B,), optional
        Classes to be reached instead of any wrong one.
    seed : int
        With `index`, (B,), it decides the random starts.
    gradient_dtype : torch.dtype
        Precision of the matrix products on the way to a gradient.
    stop : bool
        Whether an image is left alone from its first iterate that fools, which is returned.

    Examples
    --------
    >>> two = lambda x: torch.stack([x[:, 0], -x[:, 0]], 1)
    >>> pgd(two, torch.tensor([[0.2, 5.0]]), torch.tensor([0]), eps=0.5)
    tensor([[-0.3000,  5.0000]])
    """
    eps, bounds = radius_per_image(eps, images), bounds or unbounded(images)
    goal, sign = (labels, 1) if targets is None else (targets, -1)
    length = sign * _length(options.step_size or StepSize(2.5 / options.steps), eps)
    chosen = STEPS[options.step] if options.step else None
    geometry = NORMS[norm]
    projection = geometry.project if options.project else None
    if options.project and norm == "linf":  # a ball that is a box: one clip does for both
        bounds, projection = bounds.around(images, eps), None
    rows = torch.arange(len(images), device=images.device)
    every = Iterates(rows, images, images, goal, eps, length, bounds)
    worst = WorstIterates(images, sign, gradient_dtype, first=stop)
    for restart in range(options.restarts):
        at = every.take(worst.standing(rows)) if stop and restart else every
        if not len(at.rows):
            break
        if options.random_start:
            where = at.rows if index is None else index[at.rows]
            start = random_perturbations(
                at.origins, at.eps, geometry, seed=seed, index=where, draw=restart
            )
            at = replace(at, images=at.bounds.clip(at.origins + start))
        for taken in range(options.steps):
            slope, losses, logits = loss_gradient(model, at.images, at.goal, loss, gradient_dtype)
            if (taken or options.random_start) and keep == "worst":
                worst.consider_(at, losses, logits)
            if stop and 4 * len(left := worst.standing(at.rows)) < 3 * len(at.rows):
                at, slope = at.take(left), slope[left]
            if not len(at.rows):
                break
            if chosen is None:
                within = at.images, at.bounds, at.length.abs()
                direction = sign * geometry.ascent_direction(sign * slope, *within)
            else:
                direction = chosen(slope)
            at = at.moved(direction, projection)
        if keep == "worst" and len(at.rows):
            with torch.no_grad():
                logits = model(at.images).to(images.dtype)
            worst.consider_(at, LOSSES[loss](logits, at.goal), logits, certain=True)
    return worst.images if keep == "worst" else at.images


def prepare_pgd(options: PGD, batch: AttackBatch) -> PreparedAttack:
    """Return the attack on the images of a batch, which is run anew for every radius."""

    def perturb(rows: Tensor, eps: Tensor) -> Tensor:
        return pgd(
            batch.model,
            batch.images[rows],
            batch.labels[rows],
            eps=eps,
            norm=batch.norm,
            options=options,
            loss=batch.loss,
            bounds=batch.bounds.take(rows),
            targets=None if batch.targets is None else batch.targets[rows],
            keep="worst" if batch.keep_worst or options.restarts > 1 else "last",
            seed=batch.seed,
            index=batch.index[rows],
            gradient_dtype=batch.gradient_dtype,
            stop=batch.stop_when_fooled,
        )

    def near() -> Tensor:
        return distance_to_runner_up(batch.model, batch.images, batch.goal, batch.geometry)

    return PreparedAttack(perturb, near)


def _length(step_size: StepSize, eps: Tensor) -> Tensor:
    """Return the length of a step for every radius, (B,).

    >>> eps = torch.tensor([0.4])
    >>> _length(StepSize(0.25), eps), _length(StepSize(0.25, absolute=True), eps)
    (tensor([0.1000]), tensor([0.2500]))
    """
    if step_size.absolute:
        return torch.full_like(eps, step_size.size)
    return step_size.size * eps
