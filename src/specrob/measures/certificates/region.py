"""The images that a bound holds for: a ball around each image, within the bounds of its pixels.

Letters: ``B`` images, ``K`` forms, ``D`` pixels.
"""

from dataclasses import dataclass

from torch import Tensor

from specrob.linalg import per_image
from specrob.measures.certificates.linear_form import Interval, LinearForm
from specrob.norms import Bounds, Geometry


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

        It is the least value up to round-off.

        Examples
        --------
        >>> import torch
        >>> from specrob.norms import NORMS
        >>> x, form = torch.ones(1, 2), LinearForm(torch.tensor([[[3.0, 4.0]]]), torch.zeros(1, 1))
        >>> Region(x, torch.tensor([0.5]), NORMS["l2"]).lowest(form)
        tensor([[4.5000]])
        >>> inside = Bounds(torch.ones(1), 2 * torch.ones(1))
        >>> Region(x, torch.tensor([0.5]), NORMS["l2"], inside).lowest(form)
        tensor([[7.]])
        """
        slopes = form.slopes.flatten(2)
        if self.bounds is None:
            steep = self.geometry.dual_length(slopes.flatten(0, 1)).reshape(form.constant.shape)
            return form.value(self.images) - self.radius[:, None] * steep
        low, high = self.bounds.around(self.images, self.radius).slack(self.images)
        return form.value(self.images) + self.geometry.least_change(slopes, low, high, self.radius)
