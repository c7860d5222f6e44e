"""The images that a bound holds for: a ball around each image, within the bounds of its pixels.

Letters: ``B`` images, ``K`` forms, ``D`` pixels.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.linalg import per_image, steepest_first
from specrob.measures.certificates.linear_form import Interval, LinearForm
from specrob.norm_balls import Bounds, Geometry

ROUNDS = 6  # of the search for the multiplier of a ball within bounds


@dataclass(frozen=True)
class Region:
    """All images within a radius of images in a norm, and within bounds if there are any.

    Parameters
    ----------
    images : Tensor, (B, ...)
    radius : Tensor, (B,)
    geometry : Geometry
    bounds : Bounds, optional
        None where pixels may have any value.
    """

    images: Tensor
    radius: Tensor
    geometry: Geometry
    bounds: Bounds | None = None

    def take(self, rows: Tensor) -> "Region":
        """Return the region of some of the images."""
        bounds = None if self.bounds is None else self.bounds.take(rows)
        return Region(self.images[rows], self.radius[rows], self.geometry, bounds)

    def box(self) -> Interval:
        """Return the interval of every pixel, (B, ...)."""
        if self.bounds is None:
            side = per_image(self.radius, self.images)
            return Interval(self.images - side, self.images + side)
        around = self.bounds.around(self.images, self.radius)
        return Interval(around.low, around.high)

    def lowest(self, form: LinearForm) -> Tensor:
        """Return a lower bound of forms of the pixels, (B, K).

        It is the least value up to round-off. In L2 within bounds it is the dual's, ``sum of
        min (g d + m d^2 / 2) - m r^2 / 2``, which bounds for every multiplier m.

        Examples
        --------
        >>> from specrob.norm_balls import NORMS
        >>> x, form = torch.ones(1, 2), LinearForm(torch.tensor([[[3.0, 4.0]]]), torch.zeros(1, 1))
        >>> Region(x, torch.tensor([0.5]), NORMS["l2"]).lowest(form)
        tensor([[4.5000]])
        >>> inside = Bounds(torch.ones(1), 2 * torch.ones(1))
        >>> Region(x, torch.tensor([0.5]), NORMS["l2"], inside).lowest(form)
        tensor([[7.]])
        """
        if self.bounds is not None and self.geometry.p == 2:
            return form.value(self.images) + self._within_bounds(form.slopes.flatten(2))
        if self.bounds is None:
            steep = self.geometry.dual_length(form.slopes.flatten(0, 1))
            return form.value(self.images) - self.radius[:, None] * steep.reshape(
                form.constant.shape
            )
        if self.geometry.p == 1:
            return form.value(self.images) + self._steepest_first(form.slopes.flatten(2))
        low, high = self.box()
        reach = (form.slopes.abs().flatten(2) @ (high - low).flatten(1)[:, :, None])[:, :, 0]
        within_box: Tensor = form.value((low + high) / 2) - reach / 2
        return within_box

    def _steepest_first(self, slopes: Tensor) -> Tensor:
        """Return the least rise of forms along steps in the ball of L1 and the bounds, (B, K)."""
        low, high = (
            (end - self.images).flatten(1)[:, None].expand_as(slopes).flatten(0, 1)
            for end in self.box()
        )
        radius = self.radius[:, None].expand(slopes.shape[:2]).flatten()
        step = steepest_first(-slopes.detach().flatten(0, 1), low, high, radius)
        return (slopes * step.reshape(slopes.shape)).sum(2)

    def _within_bounds(self, slopes: Tensor) -> Tensor:
        """Return the least rise of forms along steps in the ball and the bounds, (B, K)."""
        low, high = ((end - self.images).flatten(1)[:, None] for end in self.box())
        radius = self.radius[:, None, None]
        multiplier = slopes.norm(dim=2, keepdim=True) / radius
        for _ in range(ROUNDS):
            multiplier = multiplier.clamp(min=1e-30)
            step = (-slopes / multiplier).clamp(low, high)
            is_free = (step > low) & (step < high)
            rest = radius.square() - torch.where(is_free, 0, step).square().sum(2, keepdim=True)
            free = torch.where(is_free, slopes, 0).norm(dim=2, keepdim=True)
            # where all of the box is in the ball, no multiplier is needed
            multiplier = torch.where(rest > 0, free / rest.clamp(min=1e-30).sqrt(), multiplier)
        step = (-slopes / multiplier.clamp(min=1e-30)).clamp(low, high)
        dual = slopes * step + multiplier / 2 * step.square()
        least: Tensor = dual.sum(2) - (multiplier * radius.square() / 2)[:, :, 0]
        return least
