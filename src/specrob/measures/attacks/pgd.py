"""Projected gradient descent, in L2 and Linf.

References
----------
.. [1] A. Madry et al., "Towards deep learning models resistant to adversarial attacks",
   arXiv:1706.06083.
.. [2] A. Kurakin, I. Goodfellow and S. Bengio, "Adversarial examples in the physical world",
   arXiv:1607.02533.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.devices import normals
from specrob.linalg import NORMS, Bounds, per_image, unbounded
from specrob.measures.attacks.problem import LOSSES, Classifier, climb, margin, radii

STEPS: dict[str, Callable[[Tensor], Tensor]] = {
    "sign": torch.sign,
    "unit": NORMS["l2"].steepest,
    "raw": lambda gradient: gradient,
}
_STEEPEST = {"linf": "sign", "l2": "unit"}


@dataclass(frozen=True)
class StepSize:
    """Length of a step: a share of eps, or pixel units where `absolute`.

    >>> eps = torch.tensor([0.4])
    >>> StepSize(0.25).of(eps), StepSize(0.25, absolute=True).of(eps)
    (tensor([0.1000]), tensor([0.2500]))
    """

    size: float
    absolute: bool = False

    def of(self, eps: Tensor) -> Tensor:
        """Return the length for every radius."""
        return torch.full_like(eps, self.size) if self.absolute else self.size * eps


def pgd(
    model: Classifier,
    images: Tensor,
    labels: Tensor,
    *,
    eps: float | Tensor,
    norm: str = "linf",
    steps: int = 10,
    step_size: StepSize | None = None,
    step: str | None = None,
    loss: str = "ce",
    bounds: Bounds | None = None,
    project: bool = True,
    random_start: bool = False,
    restarts: int = 1,
    keep: str = "worst",
    targets: Tensor | None = None,
    seed: int = 0,
    index: Tensor | None = None,
) -> Tensor:
    """Return the images, (B, ...), after gradient steps projected on the ball and the bounds.

    Parameters
    ----------
    model : callable, (B, ...) -> (B, C) logits
    images, labels : Tensor, (B, ...) and (B,)
    eps : float or Tensor, (B,), pixel units
    norm, loss : {"linf", "l2"} and {"ce", "margin"}
    steps, step_size : number of steps and StepSize, by default 2.5 / steps of eps
    step : {"sign", "unit", "raw"}, of the gradient; by default the norm's steepest direction
    bounds : Bounds, optional
    project : whether steps are projected on the ball; the bounds hold in any case
    random_start, restarts : start uniformly in the ball, so many times; the worst is kept
    keep : {"worst", "last"}, the iterate that fools with the highest loss, or the last one
    targets : Tensor, (B,), optional, classes to be reached instead of any wrong one
    seed, index : int and Tensor, (B,), which decide the random starts

    Examples
    --------
    >>> two = lambda x: torch.stack([x[:, 0], -x[:, 0]], 1)
    >>> pgd(two, torch.tensor([[0.2, 5.0]]), torch.tensor([0]), eps=0.5)
    tensor([[-0.3000,  5.0000]])
    """
    eps, bounds = radii(eps, images), bounds or unbounded(images)
    length = (step_size or StepSize(2.5 / steps)).of(eps)
    move = STEPS[step or _STEEPEST[norm]]
    toward, sign = (labels, 1) if targets is None else (targets, -1)
    worst = _Worst(images)
    for restart in range(restarts):
        x = images
        if random_start:
            x = bounds.clip(images + _start(images, eps, norm, seed, index, restart))
        for taken in range(steps):
            gradient, losses, logits = climb(model, x, toward, loss)
            if taken and keep == "worst":
                worst.consider_(x, sign * losses, sign * margin(logits, toward) > 0)
            x = x + per_image(sign * length, x) * move(gradient)
            if project:
                x = images + NORMS[norm].project(x - images, eps)
            x = bounds.clip(x)
        if keep == "worst":
            with torch.no_grad():
                logits = model(x)
            losses = sign * LOSSES[loss](logits, toward)
            worst.consider_(x, losses, sign * margin(logits, toward) > 0)
    return worst.images if keep == "worst" else x


class _Worst:
    """The worst iterate of every image: one that fools, and then the one of highest loss."""

    def __init__(self, images: Tensor):
        self.images = images
        self.fooled = images.new_zeros(len(images), dtype=torch.bool)
        self.loss = images.new_full((len(images),), -torch.inf)

    def consider_(self, images: Tensor, loss: Tensor, fooled: Tensor) -> None:
        """Keep the iterates, (B, ...), that are worse than those kept before."""
        better = (fooled & ~self.fooled) | ((fooled == self.fooled) & (loss > self.loss))
        self.images = torch.where(per_image(better, images), images, self.images)
        self.loss = torch.where(better, loss, self.loss)
        self.fooled = self.fooled | fooled


def _start(
    images: Tensor, eps: Tensor, norm: str, seed: int, index: Tensor | None, restart: int
) -> Tensor:
    where = range(len(images)) if index is None else index.tolist()
    pixels = images[0].numel()
    drawn = normals([pixels + 2], seed=seed, index=where, stream="starts", draw=restart)
    unit = NORMS[norm].fill(drawn).to(images).reshape(images.shape)
    return per_image(eps, images) * unit
