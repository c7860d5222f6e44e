"""What attacks and certificates need of a norm.

Letters: ``B`` images, ``D`` pixels, ``K`` linear functions.
"""

from abc import ABC, abstractmethod
from typing import ClassVar

import torch
from torch import Tensor

from specrob.linalg import lp_norms, per_image
from specrob.norms.bounds import Bounds

NEWTON_STEPS = 20  # at most, towards a plane


class Geometry(ABC):
    """A norm: lengths, balls, and the steps along which linear functions change.

    Examples
    --------
    >>> from specrob.norms import NORMS
    >>> NORMS["l2"].steepest(torch.tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    >>> NORMS["linf"].project(torch.tensor([[3.0, -0.5]]), torch.tensor([1.0]))
    tensor([[ 1.0000, -0.5000]])
    """

    p: ClassVar[float]
    dual: ClassVar[float]  # 1/p + 1/dual = 1

    @abstractmethod
    def steepest(self, gradient: Tensor) -> Tensor:
        """Return the directions of norm 1 along which linear functions grow fastest, (B, ...).

        They are zero where the gradient, (B, ...), is.
        """

    @abstractmethod
    def project(self, perturbation: Tensor, radius: Tensor) -> Tensor:
        """Return the nearest perturbations, (B, ...), of at most a norm, (B,)."""

    @abstractmethod
    def fill(self, normals: Tensor) -> Tensor:
        """Return points uniform in the ball of radius 1, (B, D).

        They are made of independent N(0, 1) numbers, (B, D + 2).
        """

    @abstractmethod
    def least_change(self, slopes: Tensor, low: Tensor, high: Tensor, radius: Tensor) -> Tensor:
        """Return a lower bound of the change of linear functions over a ball in a box, (B, K).

        It is the least change up to round-off; in L2 it bounds for every multiplier, so that no
        error of the search for the best one can make it too high.

        Parameters
        ----------
        slopes : Tensor, (B, K, D)
        low, high : Tensor, (B, D)
            The lowest and the highest change of each pixel, no further than the radius.
        radius : Tensor, (B,)
        """

    def l2_radius_inside(self, pixels: int) -> float:
        """Return the radius of the largest ball of L2 in the ball of radius 1."""
        return 1.0

    def ascent_direction(
        self, gradient: Tensor, images: Tensor, bounds: Bounds, length: Tensor
    ) -> Tensor:
        """Return the directions, (B, ...), of steps of a length, (B,), from images within bounds.

        They are the steepest without bounds, which then clip the step.
        """
        return self.steepest(gradient)

    def shortest_rise(self, slope: Tensor, rise: Tensor, low: Tensor, high: Tensor) -> Tensor:
        """Return the shortest steps in a box, (B, D), along which linear functions rise as asked.

        They are ``clip(t v)``, v the steepest direction; the rise is concave in t, and Newton's
        method from 0 meets it from below in as many steps as bounds begin to bind.

        Parameters
        ----------
        slope : Tensor, (B, D)
        rise : Tensor, (B,), 0 or more
        low, high : Tensor, (B, D)
            The lowest and the highest change of each pixel, which may be infinite.
        """
        steepest = self.steepest(slope)
        free = torch.where(steepest > 0, high > 0, low < 0)
        length = torch.zeros_like(rise)
        for _ in range(NEWTON_STEPS):
            step = length[:, None] * steepest
            rate = (slope * steepest * (free & (step >= low) & (step <= high))).sum(1)
            missing = rise - (slope * step.clamp(low, high)).sum(1)
            further = torch.where(rate > 0, missing / rate.clamp(min=1e-30), 0).clamp(min=0)
            length = length + further
            if (further <= 1e-6 * length).all():
                break
        return (length[:, None] * steepest).clamp(low, high)

    def length(self, perturbation: Tensor) -> Tensor:
        """Return the norm of every perturbation, (B,)."""
        return lp_norms(perturbation, self.p)

    def dual_length(self, gradient: Tensor) -> Tensor:
        """Return how much a linear function of this gradient grows along `steepest`, (B,)."""
        return lp_norms(gradient, self.dual)

    def scale(self, direction: Tensor) -> Tensor:
        """Return the directions, (B, ...), scaled to norm 1; zero stays zero.

        >>> from specrob.norms import NORMS
        >>> NORMS["linf"].scale(torch.tensor([[1.0, -4.0]]))
        tensor([[ 0.2500, -1.0000]])
        """
        length = self.length(direction)
        return direction / per_image(torch.where(length > 0, length, 1), direction)
