"""Non-linearities that bend upward below 0 and downward above it, between two lines.

Letters: ``B`` images.
"""

from collections.abc import Callable

import torch
from torch import Tensor

from specrob.measures.certificates.linear_form import Interval
from specrob.measures.certificates.pointwise import Line, Pointwise, chord, tangent

BISECTIONS = 30  # of the search for the last point that a tangent may touch


class Sigmoidal(Pointwise):
    """A function that bends upward below 0, downward above it, and is odd about its middle.

    Parameters
    ----------
    function, derivative : callable (Tensor) -> Tensor
    middle : float
        Its value at 0.
    """

    def __init__(
        self,
        function: Callable[[Tensor], Tensor],
        derivative: Callable[[Tensor], Tensor],
        middle: float,
    ):
        self.function, self.derivative, self.middle = function, derivative, middle

    def forward(self, a: Tensor) -> Tensor:
        """Return f(a)."""
        return self.function(a)

    def slope(self, a: Tensor) -> Tensor:
        """Return f'(a)."""
        return self.derivative(a)

    def below(self, over: Interval, place: Tensor) -> Line:
        """Return a tangent where f bends upward enough, and else the chord."""
        last = self._last_tangent(over)
        line, through = (
            tangent(self, over.low + place * (last - over.low)),
            chord(self, over, is_above=False),
        )
        touches = last > over.low
        return Line(
            torch.where(touches, line.slope, through.slope),
            torch.where(touches, line.offset, through.offset),
        )

    def above(self, over: Interval, place: Tensor) -> Line:
        """Return the line below the function turned about its middle."""
        turned = self.below(Interval(-over.high, -over.low), place)
        return Line(turned.slope, 2 * self.middle - turned.offset)

    @torch.no_grad()
    def _last_tangent(self, over: Interval) -> Tensor:
        """Return the last point whose tangent is below f up to the upper end, (B, ...).

        It is the upper end where f bends upward throughout, and the lower end where no tangent is.
        """
        low, high = over.low, torch.minimum(over.high, torch.zeros_like(over.high))
        end = self.forward(over.high)

        def passes_below(at: Tensor) -> Tensor:
            return self.forward(at) + self.slope(at) * (over.high - at) <= end

        first, last = low, torch.maximum(low, high)
        convex = over.high <= 0
        for _ in range(BISECTIONS):
            at = (first + last) / 2
            passes = passes_below(at)
            first, last = torch.where(passes, at, first), torch.where(passes, last, at)
        return torch.where(convex, over.high, torch.where(passes_below(first), first, low))

    def steepest(self, over: Interval) -> Tensor:
        """Return the slope at the point nearest to 0."""
        zero = torch.zeros_like(over.low)
        return self.slope(torch.maximum(over.low, torch.minimum(zero, over.high)))


def tanh() -> Sigmoidal:
    """Return the hyperbolic tangent.

    >>> over = Interval(torch.tensor([-2.0]), torch.tensor([1.0]))
    >>> line, at = tanh().below(over, torch.ones(1)), torch.linspace(-2, 1, 5)
    >>> bool((line.slope * at + line.offset <= at.tanh() + 1e-6).all())
    True
    """
    return Sigmoidal(torch.tanh, lambda a: 1 - torch.tanh(a).square(), 0.0)


def sigmoid() -> Sigmoidal:
    """Return the logistic function."""
    return Sigmoidal(torch.sigmoid, lambda a: torch.sigmoid(a) * torch.sigmoid(-a), 0.5)
