"""Projected gradient descent, in L2 and Linf.

References
----------
.. [1] A. Madry et al., "Towards deep learning models resistant to adversarial attacks",
   arXiv:1706.06083.
.. [2] A. Kurakin, I. Goodfellow and S. Bengio, "Adversarial examples in the physical world",
   arXiv:1607.02533.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import torch
from torch import Tensor

from specrob.geometry import NORMS, Bounds, unbounded
from specrob.linalg import per_image
from specrob.measures.attacks.batch import (
    LABEL_DTYPE,
    LOSSES,
    Classifier,
    logit_error,
    loss_gradient,
    margin,
    radii,
)
from specrob.random import normals

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
    gradients_in: torch.dtype = LABEL_DTYPE,
    stop: bool = False,
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
    gradients_in : torch.dtype, in which products on the way to a gradient are taken
    stop : whether an image is left alone from its first iterate that fools, which is kept

    Examples
    --------
    >>> two = lambda x: torch.stack([x[:, 0], -x[:, 0]], 1)
    >>> pgd(two, torch.tensor([[0.2, 5.0]]), torch.tensor([0]), eps=0.5)
    tensor([[-0.3000,  5.0000]])
    """
    eps, bounds = radii(eps, images), bounds or unbounded(images)
    goal, sign = (labels, 1) if targets is None else (targets, -1)
    length = sign * (step_size or StepSize(2.5 / steps)).of(eps)
    move, onto = STEPS[step or _STEEPEST[norm]], NORMS[norm].project if project else None
    if project and norm == "linf":  # a ball that is a box: one clip does for both
        bounds, onto = bounds.around(images, eps), None
    rows = torch.arange(len(images), device=images.device)
    every = _Iterates(rows, images, images, goal, eps, length, bounds)
    worst = _Worst(images, sign, gradients_in, first=stop)
    for restart in range(restarts):
        at = every.take(worst.standing(rows)) if stop and restart else every
        if not len(at.rows):
            break
        if random_start:
            where = at.rows if index is None else index[at.rows]
            start = _start(at.origins, at.eps, norm, seed, where, restart)
            at = replace(at, images=at.bounds.clip(at.origins + start))
        for taken in range(steps):
            gradient, losses, logits = loss_gradient(model, at.images, at.goal, loss, gradients_in)
            if (taken or random_start) and keep == "worst":
                worst.consider_(at, losses, logits)
            left = worst.standing(at.rows)
            if stop and 4 * len(left) < 3 * len(at.rows):
                at, gradient = at.take(left), gradient[left]
            if not len(at.rows):
                break
            at = at.moved(move(gradient), onto)
        if keep == "worst" and len(at.rows):
            with torch.no_grad():
                logits = model(at.images).to(images.dtype)
            worst.consider_(at, LOSSES[loss](logits, at.goal), logits, certain=True)
    return worst.images if keep == "worst" else at.images


@dataclass(frozen=True)
class _Iterates:
    """Where images under attack are, and what holds them; `rows` of all images."""

    rows: Tensor
    images: Tensor
    origins: Tensor
    goal: Tensor
    eps: Tensor
    length: Tensor
    bounds: Bounds

    def take(self, left: Tensor) -> "_Iterates":
        names = ("rows", "images", "origins", "goal", "eps", "length")
        parts = {name: getattr(self, name)[left] for name in names}
        return replace(self, **parts, bounds=self.bounds.take(left))

    def moved(self, direction: Tensor, onto: Callable | None) -> "_Iterates":
        x = torch.addcmul(self.images, per_image(self.length, direction), direction)
        if onto is not None:
            x = onto(x.sub_(self.origins), self.eps).add_(self.origins)
        return replace(self, images=self.bounds.clip(x, out=x))


class _Worst:
    """The worst iterate of every image: one that fools, and then the one of highest loss.

    With `first`, the first one that fools stays.
    """

    def __init__(self, images: Tensor, sign: int, gradients_in: torch.dtype, *, first: bool):
        self.images, self.sign, self.gradients_in = images.clone(), sign, gradients_in
        self.first = first
        self.fooled = images.new_zeros(len(images), dtype=torch.bool)
        self.loss = images.new_full((len(images),), -torch.inf)

    def standing(self, rows: Tensor) -> Tensor:
        """Return the places in `rows`, (R,), of images that nothing has fooled."""
        return (~self.fooled[rows]).nonzero()[:, 0]

    def consider_(
        self, at: _Iterates, losses: Tensor, logits: Tensor, certain: bool = False
    ) -> None:
        """Keep the iterates that are worse than those kept before."""
        losses, gaps = self.sign * losses, self.sign * margin(logits, at.goal)
        fooled = gaps > (0 if certain else logit_error(logits, self.gradients_in))
        before, loss = self.fooled[at.rows], self.loss[at.rows]
        better = (fooled & ~before) | ((fooled == before) & (losses > loss))
        better &= ~(before & self.first)
        rows = at.rows[better]
        self.images[rows], self.loss[rows] = at.images[better], losses[better]
        self.fooled[rows] = fooled[better]


def _start(
    images: Tensor, eps: Tensor, norm: str, seed: int, where: Tensor, restart: int
) -> Tensor:
    pixels = images.shape[1:].numel()
    drawn = normals([pixels + 2], seed=seed, index=where.tolist(), stream="starts", draw=restart)
    unit = NORMS[norm].fill(drawn).to(images).reshape(images.shape)
    return per_image(eps, images) * unit
