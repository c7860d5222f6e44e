"""L2: a ball is round, and steps go along the gradient.

Letters: ``B`` images, ``D`` pixels, ``K`` linear functions.
"""

import math

import torch
from torch import Tensor

from specrob.linalg import lp_norms, per_image
from specrob.norms.geometry import Geometry

ROUNDS = 6  # of the search for the multiplier of a ball in a box


class L2(Geometry):
    """The root of the sum of squares."""

    p, dual = 2.0, 2.0

    def steepest(self, gradient: Tensor) -> Tensor:
        """Return the gradient over its norm, scaled first so that no square underflows."""
        largest = lp_norms(gradient, math.inf)
        scaled = gradient / per_image(torch.where(largest > 0, largest, 1), gradient)
        return scaled / per_image(lp_norms(scaled).clamp(min=0.5), scaled)

    def project(self, perturbation: Tensor, radius: Tensor) -> Tensor:
        """Return the perturbations, those that are too long shortened."""
        length = lp_norms(perturbation)
        shrink = torch.where(length > radius, radius / length.clamp(min=1e-38), 1)
        return perturbation * per_image(shrink, perturbation)

    def fill(self, normals: Tensor) -> Tensor:
        """Return the first D of D + 2 coordinates of points uniform on the sphere."""
        on_sphere: Tensor = normals / normals.norm(dim=1, keepdim=True)
        return on_sphere[:, :-2]

    def least_change(self, slopes: Tensor, low: Tensor, high: Tensor, radius: Tensor) -> Tensor:
        """Return the dual's value, ``sum of min (g d + m d^2 / 2) - m r^2 / 2``.

        It bounds for every multiplier m.
        """
        low, high, r = low[:, None], high[:, None], radius[:, None, None]
        multiplier = slopes.norm(dim=2, keepdim=True) / r
        for _ in range(ROUNDS):
            multiplier = multiplier.clamp(min=1e-30)
            step = (-slopes / multiplier).clamp(low, high)
            is_free = (step > low) & (step < high)
            rest = r.square() - torch.where(is_free, 0, step).square().sum(2, keepdim=True)
            free = torch.where(is_free, slopes, 0).norm(dim=2, keepdim=True)
            # where all of the box is in the ball, no multiplier is needed
            multiplier = torch.where(rest > 0, free / rest.clamp(min=1e-30).sqrt(), multiplier)
        step = (-slopes / multiplier.clamp(min=1e-30)).clamp(low, high)
        dual = slopes * step + multiplier / 2 * step.square()
        least: Tensor = dual.sum(2) - (multiplier * r.square() / 2)[:, :, 0]
        return least
