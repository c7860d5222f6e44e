"""Linear functions of the activations of one stage, which bound functions above it from below.

Letters: ``B`` images, ``K`` functions of each.
"""

from dataclasses import dataclass
from typing import NamedTuple

import torch
from torch import Tensor


class Interval(NamedTuple):
    """The lowest and highest values of activations, (B, ...), over a ball of images."""

    low: Tensor
    high: Tensor

    @property
    def magnitude(self) -> Tensor:
        """The largest absolute values, (B, ...)."""
        return torch.maximum(self.low.abs(), self.high.abs())


class Ranges(NamedTuple):
    """Where the activations before every stage, and the logits, may be over a region.

    Parameters
    ----------
    intervals : list of Interval
    centre : Tensor, (B, ...)
        The activations of the images themselves before the first stage that is not affine.
    """

    intervals: list[Interval]
    centre: Tensor

    def take(self, rows: Tensor) -> "Ranges":
        """Return the ranges of some of the images."""
        some = [Interval(one.low[rows], one.high[rows]) for one in self.intervals]
        return Ranges(some, self.centre[rows])


@dataclass(frozen=True)
class LinearForm:
    """``slopes . a + constant`` of activations a, (B, ...).

    Parameters
    ----------
    slopes : Tensor, (B, K, ...)
    constant : Tensor, (B, K)
    """

    slopes: Tensor
    constant: Tensor

    def add(self, slopes: Tensor, constant: Tensor) -> "LinearForm":
        """Return a form with other slopes and a constant added."""
        return LinearForm(slopes, self.constant + constant)

    def value(self, at: Tensor) -> Tensor:
        """Return the values, (B, K), at activations, (B, ...).

        >>> LinearForm(torch.ones(1, 2, 3), torch.zeros(1, 2)).value(torch.ones(1, 3))
        tensor([[3., 3.]])
        """
        flat = self.slopes.flatten(2) @ at.flatten(1)[:, :, None]
        value: Tensor = flat[:, :, 0] + self.constant
        return value


def unit_forms(shape: tuple[int, ...], units: range, like: Tensor, sign: int = 1) -> LinearForm:
    """Return the forms that are some units of a stage of a shape, or their negatives.

    Parameters
    ----------
    like : Tensor, (B, ...)
        Images, whose number, type and device the forms have.

    Examples
    --------
    >>> unit_forms((3,), range(1, 3), torch.zeros(1, 2), -1).slopes
    tensor([[[-0., -1., -0.],
             [-0., -0., -1.]]])
    """
    rows = torch.zeros(len(units), torch.Size(shape).numel(), dtype=like.dtype, device=like.device)
    rows[torch.arange(len(units)), torch.tensor(units)] = 1
    slopes = (sign * rows).reshape(1, len(units), *shape).expand(len(like), -1, *shape)
    return LinearForm(slopes, like.new_zeros(len(like), len(units)))


def margin_forms(labels: Tensor, classes: int) -> LinearForm:
    """Return the logit of each label less those of the other classes, (B, C - 1) forms.

    >>> margin_forms(torch.tensor([1]), 3).slopes
    tensor([[[-1.,  1.,  0.],
             [ 0.,  1., -1.]]], dtype=torch.float64)
    """
    eye = torch.eye(classes, dtype=torch.float64, device=labels.device)
    others = torch.arange(classes - 1, device=labels.device).expand(len(labels), -1)
    others = others + (others >= labels[:, None])
    slopes = eye[labels][:, None] - eye[others]
    return LinearForm(slopes, slopes.new_zeros(slopes.shape[:2]))
