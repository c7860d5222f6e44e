"""Projected gradient ascent whose steps shrink where they stop raising the loss.

Letters: ``B`` images.

References
----------
.. [1] F. Croce and M. Hein, "Reliable evaluation of adversarial robustness with an ensemble of
   diverse parameter-free attacks", arXiv:2003.01690, algorithm 1.
"""

from collections.abc import Iterator

import torch
from torch import Tensor

from specrob.linalg import per_image
from specrob.measures.attacks.batch import Classifier, loss_gradient, radius_per_image
from specrob.measures.attacks.losses import margin
from specrob.norms import NORMS, Bounds, unbounded
from specrob.settings.attack import Loss, Norm

MOMENTUM = 0.75  # alpha of [1]_: the share of the new step
RISING = 0.75  # rho: the share of steps that have to raise the loss between two checks


def adaptive_pgd(
    model: Classifier,
    images: Tensor,
    labels: Tensor,
    *,
    eps: float | Tensor,
    norm: Norm = "linf",
    steps: int = 40,
    loss: Loss = "ce",
    bounds: Bounds | None = None,
    targets: Tensor | None = None,
    start: Tensor | None = None,
) -> Tensor:
    """Return images in the ball and the bounds, (B, ...), that fool, or have the highest loss.

    Parameters
    ----------
    model : callable, (B, ...) -> (B, C) logits
    images : Tensor, (B, ...)
    labels : Tensor, (B,)
    eps : float or Tensor, (B,), pixel units
    norm : {"linf", "l2", "l1"}
    steps : int
    loss : {"ce", "margin"}
    bounds : Bounds, optional
    targets : Tensor, (B,), optional
        Classes to be reached instead of any wrong one.
    start : Tensor, (B, ...), optional
        Where the ascent starts within the ball; by default at the images.

    Examples
    --------
    >>> two = lambda x: torch.stack([x[:, 0], -x[:, 0]], 1)
    >>> adaptive_pgd(two, torch.tensor([[0.2, 5.0]]), torch.tensor([0]), eps=0.5)
    tensor([[-0.3000,  5.0000]])
    """
    ascent = _Ascent(model, images, labels, eps, norm, loss, bounds, targets)
    x = before = images if start is None else start
    length = 2 * ascent.eps
    checks = set(check_points(steps))
    for taken in range(steps + 1):
        slope = ascent.look_(x)
        if taken == steps or bool(ascent.fools.all()):
            break
        if taken in checks:
            halved = ascent.stalls_()
            length = torch.where(halved, length / 2, length)
            back = per_image(halved, x)
            x, before = torch.where(back, ascent.best, x), torch.where(back, ascent.best, before)
            slope = torch.where(back, ascent.slope_at_best, slope)
        ahead = ascent.project(x + per_image(length, x) * ascent.direction(slope, x, length))
        moved = x + MOMENTUM * (ahead - x) + (1 - MOMENTUM) * (x - before) if taken else ahead
        x, before = ascent.project(moved), x
    return torch.where(per_image(ascent.fools, images), ascent.fooling, ascent.best)


def check_points(steps: int) -> Iterator[int]:
    """Yield the steps at which progress is checked: section 3.1 of [1]_.

    >>> list(check_points(40))
    [9, 17, 23, 29, 32, 35, 38, 40]
    """
    before, at = 0.0, 0.22
    while at < 1:
        yield int(-(-at * steps // 1))
        before, at = at, at + max(at - before - 0.03, 0.06)


class _Ascent:
    """The best iterate of every image, and how the loss rose since the last check."""

    def __init__(
        self,
        model: Classifier,
        images: Tensor,
        labels: Tensor,
        eps: float | Tensor,
        norm: Norm,
        loss: Loss,
        bounds: Bounds | None,
        targets: Tensor | None,
    ):
        self.model, self.images, self.loss = model, images, loss
        self.goal, self.sign = (labels, 1) if targets is None else (targets, -1)
        self.eps, self.geometry = radius_per_image(eps, images), NORMS[norm]
        self.bounds = bounds or unbounded(images)
        self.best = self.fooling = images
        self.slope_at_best = torch.zeros_like(images)
        self.highest = images.new_full((len(images),), -torch.inf)
        self.fools = torch.zeros_like(self.highest, dtype=torch.bool)
        self.last, self.rises, self.looks = self.highest, torch.zeros_like(self.highest), 0
        self.checked, self.had_stalled = self.highest, self.fools

    def project(self, x: Tensor) -> Tensor:
        """Return images moved into the ball, and the bounds."""
        return self.bounds.clip(self.images + self.geometry.project(x - self.images, self.eps))

    def direction(self, slope: Tensor, x: Tensor, length: Tensor) -> Tensor:
        """Return the directions of steps of a length from iterates."""
        return self.geometry.ascent_direction(slope, x, self.bounds, length)

    def look_(self, x: Tensor) -> Tensor:
        """Return the slope of the loss at iterates, uphill, and keep the best."""
        slope, loss, logits = loss_gradient(self.model, x, self.goal, self.loss)
        slope, loss = self.sign * slope, self.sign * loss
        fools = self.sign * margin(logits, self.goal) > 0
        new = per_image(fools & ~self.fools, x)
        self.fooling, self.fools = torch.where(new, x, self.fooling), self.fools | fools
        wide = per_image(loss > self.highest, x)
        self.best, self.highest = (
            torch.where(wide, x, self.best),
            torch.maximum(loss, self.highest),
        )
        self.slope_at_best = torch.where(wide, slope, self.slope_at_best)
        self.rises, self.looks = self.rises + (loss > self.last), self.looks + 1
        self.last = loss
        return slope

    def stalls_(self) -> Tensor:
        """Return where steps have to be halved, (B,), and start to count anew.

        They are where the loss rose in too few steps, or where nothing was gained since the last
        check although steps were not halved then.
        """
        few = self.rises < RISING * self.looks
        stuck = ~self.had_stalled & (self.highest <= self.checked)
        self.had_stalled = few | stuck
        self.checked, self.looks = self.highest, 0
        self.rises = torch.zeros_like(self.rises)
        return self.had_stalled
