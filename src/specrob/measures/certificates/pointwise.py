"""Non-linearities between two lines, over an interval of every unit.

A convex function lies above every tangent and below its chord, a concave one below and above. One
that bends upward below 0 and downward above it lies above the tangents that pass below its value
at the upper end. Where a line may touch is free: `place`, from 0 to 1, chooses it, and every
choice is a bound.

Letters: ``B`` images, ``N`` units.

References
----------
.. [1] H. Zhang et al., "Efficient neural network robustness certification with general activation
   functions", arXiv:1811.00866.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.measures.certificates.linear_form import Interval, LinearForm


@dataclass(frozen=True)
class Line:
    """``slope a + offset`` for every unit."""

    slope: Tensor
    offset: Tensor


class Pointwise:
    """A non-decreasing function of every unit alone."""

    def forward(self, a: Tensor) -> Tensor:
        """Return f(a)."""
        raise NotImplementedError

    def slope(self, a: Tensor) -> Tensor:
        """Return f'(a)."""
        raise NotImplementedError

    def usual_place(self, over: Interval) -> Tensor:
        """Return where lines touch unless other places are better, from 0 to 1."""
        return torch.full_like(over.low, 0.5)

    def below(self, over: Interval, place: Tensor) -> Line:
        """Return a line below f over an interval, which touches it at `place`."""
        raise NotImplementedError

    def above(self, over: Interval, place: Tensor) -> Line:
        """Return a line above f over an interval."""
        raise NotImplementedError

    def steepest(self, over: Interval) -> Tensor:
        """Return the largest slope over an interval."""
        raise NotImplementedError

    def interval(self, below: Interval) -> Interval:
        """Return the interval of f."""
        return Interval(self.forward(below.low), self.forward(below.high))

    def backward(self, form: LinearForm, over: Interval, place: Tensor | None) -> LinearForm:
        """Return a form of a, over an interval, that is nowhere above a form of f(a)."""
        over = Interval(*(end[:, None] for end in over))
        place = self.usual_place(over) if place is None else place
        under, upper = self.below(over, place), self.above(over, place)
        up, down = form.slopes.clamp(min=0), form.slopes.clamp(max=0)
        constant = (up * under.offset + down * upper.offset).flatten(2).sum(2)
        return form.add(up * under.slope + down * upper.slope, constant)

    def carried(self, sizes: Tensor, over: Interval) -> Tensor:
        """Return what sizes of slopes, (B, K, ...), above are at most below, over an interval."""
        return sizes * self.steepest(over)[:, None]

    def moved(self, over: Interval, error: Tensor) -> Tensor:
        """Return how far f(a) moves at most where a, within an interval, moves by an error."""
        return self.steepest(over) * error


def tangent(function: Pointwise, at: Tensor) -> Line:
    """Return the tangent that touches a function at a point."""
    slope = function.slope(at)
    return Line(slope, function.forward(at) - slope * at)


def chord(function: Pointwise, over: Interval, *, is_above: bool) -> Line:
    """Return the line through the ends of an interval, on one side of both in spite of round-off.

    >>> over = Interval(torch.tensor([-1.0]), torch.tensor([3.0]))
    >>> chord(Power(1), over, is_above=True)
    Line(slope=tensor([0.7500]), offset=tensor([0.7500]))
    """
    first, last = function.forward(over.low), function.forward(over.high)
    width = over.high - over.low
    slope = torch.where(width > 0, (last - first) / torch.where(width > 0, width, 1), 0)
    offsets = first - slope * over.low, last - slope * over.high
    side = torch.maximum if is_above else torch.minimum
    return Line(slope, side(*offsets))


class Power(Pointwise):
    """``relu(a)^m``, m of at least 1: convex.

    Examples
    --------
    >>> over = Interval(torch.tensor([-1.0]), torch.tensor([3.0]))
    >>> Power(1).above(over, torch.ones(1))
    Line(slope=tensor([0.7500]), offset=tensor([0.7500]))
    >>> Power(1).below(over, torch.ones(1)).slope, Power(2).below(over, torch.ones(1)).slope
    (tensor([1.]), tensor([6.]))
    """

    def __init__(self, power: float):
        self.power = power

    def forward(self, a: Tensor) -> Tensor:
        """Return f(a)."""
        return a.relu() if self.power == 1 else a.relu().pow(self.power)

    def slope(self, a: Tensor) -> Tensor:
        """Return f'(a)."""
        positive = (a > 0).to(a)
        return positive if self.power == 1 else self.power * a.relu().pow(self.power - 1)

    def usual_place(self, over: Interval) -> Tensor:
        """Return the middle; of relu around 0 its slope at the farther end."""
        if self.power > 1:
            return super().usual_place(over)
        return (over.high > -over.low).to(over.low)

    def below(self, over: Interval, place: Tensor) -> Line:
        """Return a tangent; of relu around 0 one of slope `place` at 0."""
        if self.power > 1:
            return tangent(self, over.low + place * (over.high - over.low))
        slope = torch.where(over.low >= 0, 1, torch.where(over.high <= 0, 0, place))
        return Line(slope, torch.zeros_like(slope))

    def above(self, over: Interval, place: Tensor) -> Line:
        """Return the chord."""
        return chord(self, over, is_above=True)

    def curvature(self, over: Interval) -> Tensor:
        """Return the largest second derivative over an interval; inf where there is none."""
        m = self.power
        if m >= 2:
            return m * (m - 1) * over.high.relu().pow(m - 2) * (over.high > 0)
        inner = m * (m - 1) * over.low.clamp(min=1e-300).pow(m - 2)
        return torch.where(over.low > 0, inner, torch.where(over.high > 0, torch.inf, 0))

    def steepest(self, over: Interval) -> Tensor:
        """Return the slope at the upper end."""
        return self.slope(over.high)
