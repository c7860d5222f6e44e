"""L1: a ball is a cross-polytope, and the steepest steps move one pixel after the other.

Letters: ``B`` images, ``D`` pixels, ``K`` linear functions.

References
----------
.. [1] J. Duchi et al., "Efficient projections onto the l1-ball for learning in high dimensions",
   ICML 2008, DOI 10.1145/1390156.1390191, figure 1.
.. [2] F. Barthe et al., "A probabilistic approach to the geometry of the l_p^n-ball", Ann. Probab.
   33, 2005, DOI 10.1214/009117904000000874, theorem 1.
"""

import math

import torch
from torch import Tensor

from specrob.linalg import per_image, steepest_first
from specrob.norms.bounds import Bounds
from specrob.norms.geometry import Geometry


class L1(Geometry):
    """The sum of absolute values."""

    p, dual = 1.0, math.inf

    def steepest(self, gradient: Tensor) -> Tensor:
        """Return the sign of the largest entry of each image where it is, and 0 elsewhere."""
        flat = gradient.flatten(1)
        at = flat.abs().argmax(1, keepdim=True)
        signs = flat.gather(1, at).sign()
        return torch.zeros_like(flat).scatter(1, at, signs).reshape(gradient.shape)

    def project(self, perturbation: Tensor, radius: Tensor) -> Tensor:
        """Return the nearest perturbations in the ball: all entries shrink alike, [1]_."""
        sizes = perturbation.flatten(1).abs()
        falling = sizes.sort(1, descending=True).values
        counts = torch.arange(1, sizes.shape[1] + 1, device=sizes.device)
        shrinks = (falling.cumsum(1) - radius[:, None]) / counts
        last = (falling > shrinks).sum(1, keepdim=True).clamp(min=1) - 1
        shrink = per_image(shrinks.gather(1, last)[:, 0].clamp(min=0), perturbation)
        return perturbation.sign() * (perturbation.abs() - shrink).clamp(min=0)

    def fill(self, normals: Tensor) -> Tensor:
        """Return D Laplace numbers over the sum of their sizes and one more: uniform, [2]_."""
        exact = normals.double()
        sizes = -torch.special.log_ndtr(-exact[:, :-2].abs()) - math.log(2)  # exponential
        last = exact[:, -2:].square().sum(1, keepdim=True) / 2  # exponential as well
        points: Tensor = exact[:, :-2].sign() * sizes / (sizes.sum(1, keepdim=True) + last)
        return points.to(normals.dtype)

    def least_change(self, slopes: Tensor, low: Tensor, high: Tensor, radius: Tensor) -> Tensor:
        """Return the change along the step that moves pixels, the steepest first."""
        count = slopes.shape[1]
        low, high = (end.repeat_interleave(count, 0) for end in (low, high))
        radii = radius.repeat_interleave(count)
        step = steepest_first(-slopes.detach().flatten(0, 1), low, high, radii)
        return (slopes * step.reshape(slopes.shape)).sum(2)

    def l2_radius_inside(self, pixels: int) -> float:
        """Return the distance of a face from the centre.

        >>> L1().l2_radius_inside(9)
        0.3333333333333333
        """
        return 1 / math.sqrt(pixels)

    def ascent_direction(
        self, gradient: Tensor, images: Tensor, bounds: Bounds, length: Tensor
    ) -> Tensor:
        """Return directions that move pixels to their bounds, the steepest first.

        >>> box, x = Bounds(torch.zeros(1), torch.ones(1)), torch.tensor([[0.75, 0.5, 1.0]])
        >>> L1().ascent_direction(torch.tensor([[3.0, -2.0, 4.0]]), x, box, torch.tensor([0.5]))
        tensor([[ 0.5000, -0.5000,  0.0000]])
        """
        step = steepest_first(gradient.flatten(1), *bounds.slack(images), length)
        return step.reshape(images.shape) / per_image(length.clamp(min=1e-30), images)

    def shortest_rise(self, slope: Tensor, rise: Tensor, low: Tensor, high: Tensor) -> Tensor:
        """Return steps that move pixels as far as they can, the steepest first."""
        return steepest_first(slope, low, high, rise, of_rise=True)
