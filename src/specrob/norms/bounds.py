"""The box that perturbed images stay in.

Letters: ``B`` images, ``D`` pixels.
"""

import math
from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.linalg import per_image


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

    def slack(self, images: Tensor) -> tuple[Tensor, Tensor]:
        """Return how far each pixel of images, (B, ...), may fall and rise, (B, D) each.

        >>> Bounds(torch.zeros(1), torch.ones(1)).slack(torch.tensor([[0.25]]))
        (tensor([[-0.2500]]), tensor([[0.7500]]))
        """
        low, high = (per_image(end, images) - images for end in (self.low, self.high))
        return low.flatten(1), high.flatten(1)

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
