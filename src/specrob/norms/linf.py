"""Linf: a ball is a box, and steps move all pixels alike.

Letters: ``B`` images, ``D`` pixels, ``K`` linear functions.
"""

import math

import torch
from torch import Tensor

from specrob.linalg import per_image
from specrob.norms.geometry import Geometry


class Linf(Geometry):
    """The largest absolute value."""

    p, dual = math.inf, 1.0

    def steepest(self, gradient: Tensor) -> Tensor:
        """Return the signs of the gradient."""
        return torch.sign(gradient)

    def project(self, perturbation: Tensor, radius: Tensor) -> Tensor:
        """Return the perturbations, each pixel clipped."""
        side = per_image(radius, perturbation)
        return perturbation.clamp(-side, side)

    def fill(self, normals: Tensor) -> Tensor:
        """Return the first D numbers, each mapped to a uniform one."""
        return torch.erf(normals[:, :-2] / math.sqrt(2))

    def least_change(self, slopes: Tensor, low: Tensor, high: Tensor, radius: Tensor) -> Tensor:
        """Return the change to the corner of the box where each function is lowest."""
        middle, reach = (low + high) / 2, (high - low) / 2
        least: Tensor = slopes @ middle[:, :, None] - slopes.abs() @ reach[:, :, None]
        return least[:, :, 0]
