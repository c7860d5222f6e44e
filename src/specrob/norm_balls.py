"""Norms, balls and boxes: where perturbed images may lie.

Letters: ``B`` images, ``D`` pixels.

References
----------
.. [1] J. Duchi et al., "Efficient projections onto the l1-ball for learning in high dimensions",
   ICML 2008, DOI 10.1145/1390156.1390191, figure 1.
.. [2] F. Barthe et al., "A probabilistic approach to the geometry of the l_p^n-ball", Ann. Probab.
   33, 2005, DOI 10.1214/009117904000000874, theorem 1.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.linalg import lp_norms, per_image, steepest_first


@dataclass(frozen=True)
class Bounds:
    """The box that perturbed images stay in: a lowest and a highest value of an image's pixels.

    Parameters
    ----------
    low, high : Tensor, (B,), or (B, ...) for each pixel, units of the attacked space

    Examples
    --------
    >>> Bounds(torch.zeros(1), torch.ones(1)).clip(torch.tensor([[-1.0, 0.5, 2.0]]))
    tensor([[0.0000, 0.5000, 1.0000]])
    """

    low: Tensor
    high: Tensor

    def clip(self, images: Tensor, out: Tensor | None = None) -> Tensor:
        """Return the images, (B, ...), clipped to the box: new, or written into `out`."""
        low, high = (per_image(end, images) for end in (self.low, self.high))
        return torch.clamp(images, low, high, out=out)

    def take(self, rows: Tensor | slice) -> "Bounds":
        """Return the bounds of some of the images."""
        return Bounds(self.low[rows], self.high[rows])

    def around(self, images: Tensor, radius: Tensor) -> "Bounds":
        """Return the part of the box within a Linf radius, (B,), of the images, by pixel.

        >>> Bounds(torch.zeros(1), torch.ones(1)).around(torch.tensor([[0.25]]), torch.ones(1) / 2)
        Bounds(low=tensor([[0.]]), high=tensor([[0.7500]]))
        """
        side = per_image(radius, images)
        low, high = (per_image(end, images) for end in (self.low, self.high))
        return Bounds((images - side).clamp(low, high), (images + side).clamp(low, high))


def unbounded(images: Tensor) -> Bounds:
    """Return bounds that never bind, for images (B, ...).

    >>> unbounded(torch.zeros(2, 3)).high
    tensor([inf, inf])
    """
    infinity = images.new_full((len(images),), math.inf)
    return Bounds(-infinity, infinity)


@dataclass(frozen=True)
class Geometry:
    """The operations of a norm that attacks use: length, steepest direction and projection.

    Parameters
    ----------
    p, dual : float
        The norm and its dual, 1/p + 1/dual = 1.
    steepest : callable, (B, ...) -> (B, ...)
        The direction of norm 1 along which a linear function of this gradient grows fastest;
        zero where the gradient is.
    project : callable, (B, ...), (B,) -> (B, ...)
        The nearest perturbation of at most the given norm.
    fill : callable, (B, D + 2) -> (B, D)
        Maps independent N(0, 1) numbers to points uniform in the ball of radius 1.

    Examples
    --------
    >>> NORMS["l2"].steepest(torch.tensor([[3.0, 4.0]]))
    tensor([[0.6000, 0.8000]])
    >>> NORMS["linf"].project(torch.tensor([[3.0, -0.5]]), torch.tensor([1.0]))
    tensor([[ 1.0000, -0.5000]])
    """

    p: float
    dual: float
    steepest: Callable[[Tensor], Tensor]
    project: Callable[[Tensor, Tensor], Tensor]
    fill: Callable[[Tensor], Tensor]

    def uphill(self, gradient: Tensor, images: Tensor, bounds: Bounds, length: Tensor) -> Tensor:
        """Return the directions, (B, ...), of steps of a length, (B,), from images within bounds.

        In L1 a step moves pixels to their bounds, the steepest first, until its length is spent;
        in other norms the direction is the steepest without bounds, which then clip the step.

        >>> box, x = Bounds(torch.zeros(1), torch.ones(1)), torch.tensor([[0.75, 0.5, 1.0]])
        >>> slope = torch.tensor([[3.0, -2.0, 4.0]])
        >>> NORMS["l1"].uphill(slope, x, box, torch.tensor([0.5]))
        tensor([[ 0.5000, -0.5000,  0.0000]])
        """
        if self.p != 1:
            return self.steepest(gradient)
        low, high = (
            (per_image(end, images) - images).flatten(1) for end in (bounds.low, bounds.high)
        )
        step = steepest_first(gradient.flatten(1), low, high, length).reshape(images.shape)
        return step / per_image(length.clamp(min=1e-30), images)

    def length(self, perturbation: Tensor) -> Tensor:
        """Return the norm of every perturbation, (B,)."""
        return lp_norms(perturbation, self.p)

    def dual_length(self, gradient: Tensor) -> Tensor:
        """Return how much a linear function of this gradient grows along `steepest`, (B,)."""
        return lp_norms(gradient, self.dual)

    def scale(self, direction: Tensor) -> Tensor:
        """Return the directions, (B, ...), scaled to norm 1; zero stays zero.

        >>> NORMS["linf"].scale(torch.tensor([[1.0, -4.0]]))
        tensor([[ 0.2500, -1.0000]])
        """
        length = self.length(direction)
        return direction / per_image(torch.where(length > 0, length, 1), direction)


def _unit(gradient: Tensor) -> Tensor:
    largest = lp_norms(gradient, math.inf)
    scaled = gradient / per_image(torch.where(largest > 0, largest, 1), gradient)
    return scaled / per_image(lp_norms(scaled).clamp(min=0.5), scaled)


def _to_ball(perturbation: Tensor, radius: Tensor) -> Tensor:
    length = lp_norms(perturbation)
    shrink = torch.where(length > radius, radius / length.clamp(min=1e-38), 1)
    return perturbation * per_image(shrink, perturbation)


def _to_box(perturbation: Tensor, radius: Tensor) -> Tensor:
    side = per_image(radius, perturbation)
    return perturbation.clamp(-side, side)


def _fill_ball(normals: Tensor) -> Tensor:
    """Return the first D of D + 2 coordinates of a point on the sphere: uniform in the D-ball."""
    on_sphere: Tensor = normals / normals.norm(dim=1, keepdim=True)
    return on_sphere[:, :-2]


def _fill_box(normals: Tensor) -> Tensor:
    return torch.erf(normals[:, :-2] / math.sqrt(2))


def _largest(gradient: Tensor) -> Tensor:
    """Return the sign of the largest entry of each image where it is, and 0 elsewhere."""
    flat = gradient.flatten(1)
    at = flat.abs().argmax(1, keepdim=True)
    signs = flat.gather(1, at).sign()
    return torch.zeros_like(flat).scatter(1, at, signs).reshape(gradient.shape)


def _to_cross_polytope(perturbation: Tensor, radius: Tensor) -> Tensor:
    """Return the nearest perturbations in the ball of L1: all entries shrink alike, [1]_."""
    sizes = perturbation.flatten(1).abs()
    falling = sizes.sort(1, descending=True).values
    counts = torch.arange(1, sizes.shape[1] + 1, device=sizes.device)
    shrinks = (falling.cumsum(1) - radius[:, None]) / counts
    last = (falling > shrinks).sum(1, keepdim=True).clamp(min=1) - 1
    shrink = per_image(shrinks.gather(1, last)[:, 0].clamp(min=0), perturbation)
    return perturbation.sign() * (perturbation.abs() - shrink).clamp(min=0)


def _fill_cross_polytope(normals: Tensor) -> Tensor:
    """Return D Laplace numbers over the sum of their sizes and one more: uniform, [2]_."""
    exact = normals.double()
    sizes = -torch.special.log_ndtr(-exact[:, :-2].abs()) - math.log(2)  # exponential
    last = exact[:, -2:].square().sum(1, keepdim=True) / 2  # exponential as well
    points: Tensor = exact[:, :-2].sign() * sizes / (sizes.sum(1, keepdim=True) + last)
    return points.to(normals.dtype)


NORMS = {
    "l1": Geometry(1.0, math.inf, _largest, _to_cross_polytope, _fill_cross_polytope),
    "l2": Geometry(2.0, 2.0, _unit, _to_ball, _fill_ball),
    "linf": Geometry(math.inf, 1.0, torch.sign, _to_box, _fill_box),
}
