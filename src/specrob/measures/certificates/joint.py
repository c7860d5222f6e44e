"""Bounds of the first non-linear stage that account for how far its units can move together.

A line above a convex function has to hold as far as its unit alone can go, which adds up over many
units, although no step of length r moves them all so far. With ``W = Q S V'`` the units move by
``Q S d`` along a rotated step d. A function may therefore lie ``g t^2`` above its line, t the
movement of the unit: over all units, whose slopes above are s, the excess is at most
``sum of |s| g t^2 = k |S d|^2`` with ``g = k / |s|``, and the least value over all steps is that
of a quadratic function over a ball. Directions along which units move by far most are left out
of t: along these each function is held between the ends of its own movement. Every allowance k,
(B, K), is a bound.

Letters: ``B`` images, ``K`` forms, ``N`` units, ``D`` pixels, ``R`` directions.
"""

from typing import NamedTuple

import torch
from torch import Tensor

from specrob.linalg import symmetric_eigenvectors
from specrob.measures.certificates.linear_form import Interval, LinearForm
from specrob.measures.certificates.pointwise import Power
from specrob.measures.certificates.trust_region import lowest_in_ball

# leading directions are treated apart as long as each moves units this many times as far, squared,
# as the next
MIN_GAIN_RATIO = 2.0
MAX_SHARE = 0.5  # of the largest allowance for which the sum stays below its linear part
FIRST_ALLOWANCES = 6  # how many are tried at first, each a third of the one before
NEXT_ALLOWANCES = 3  # how many are tried around one that is known


class Bounded(NamedTuple):
    """Lower bounds of forms, and the allowances that promise the best, (B, K) each."""

    lowest: Tensor
    allowance: Tensor | None


class SplitLine(NamedTuple):
    """Values at the image and slopes, (B, K, N), along the strong directions and the others."""

    value: Tensor
    strong: Tensor
    other: Tensor


class JointBound:
    """The first stages of a network, ``f(W x + b)``, with the directions in which units move.

    Parameters
    ----------
    matrix : Tensor, (N, D)
        W.
    function : Power
        f.
    """

    def __init__(self, matrix: Tensor, function: Power):
        self.function = function
        tall = len(matrix) > matrix.shape[1]
        gram = matrix.T @ matrix if tall else matrix @ matrix.T
        squares, vectors = symmetric_eigenvectors(gram)
        squares, vectors = squares.flip(0).clamp(min=0), vectors.flip(1)
        # no direction is left out, and each counts as strong as round-off may have hidden
        missing = (gram - vectors * squares @ vectors.T).norm() + 1e-15 * gram.norm()
        self.squares = (squares + 2 * missing) * (1 + 1e-9)
        self.moves = matrix @ vectors if tall else vectors * self.squares.sqrt()  # (N, R)
        falls = self.squares[:-1] > MIN_GAIN_RATIO * self.squares[1:]
        self.strong: int = int(falls.cumprod(0).sum())
        self.bends = self.squares.clone()
        self.bends[: self.strong] = 0
        self.reach = self.moves[:, : self.strong].norm(dim=1)

    def lowest(
        self,
        form: LinearForm,
        over: Interval,
        centre: Tensor,
        radius: Tensor,
        place: Tensor | None,
        allowance: Tensor | None,
        *,
        renew: bool = True,
    ) -> Bounded:
        """Return lower bounds of forms of f(h) over a ball, and allowances to be tried next.

        Parameters
        ----------
        over : Interval, (B, N)
            Of h.
        centre : Tensor, (B, N)
            h of the image itself.
        radius : Tensor, (B,)
            In L2.
        place : Tensor, (B, K, N), optional
            Where lines below f touch it.
        allowance : Tensor, (B, K), optional
            By default lines are nowhere below f.
        renew : bool
            Whether other allowances are tried.
        """
        slopes = form.slopes.flatten(2)
        h, low, high = (a.flatten(1)[:, None] for a in (centre, *over))
        over, split = Interval(low, high), radius[:, None, None] * self.reach
        up, down = slopes.clamp(min=0), slopes.clamp(max=0)
        place = self.function.usual_place(over) if place is None else place.flatten(2)
        under = self.function.below(over, place)
        with torch.no_grad():
            upper = self._above(over, h, split, down, allowance)
        strong, other = (up * under.slope + down * slope for slope in (upper.strong, upper.other))
        at_image = up * (under.slope * h + under.offset) + down * upper.value
        turned = torch.cat(
            [strong @ self.moves[:, : self.strong], other @ self.moves[:, self.strong :]], 2
        )
        used = torch.zeros_like(form.constant) if allowance is None else allowance
        lowest = lowest_in_ball(turned, used[:, :, None] * self.bends, radius)
        better = allowance
        if renew:
            with torch.no_grad():
                better = self._best_allowance(turned, over, h, split, down, radius, used)
        return Bounded(form.constant + at_image.sum(2) + lowest, better)

    def _best_allowance(
        self,
        turned: Tensor,
        over: Interval,
        h: Tensor,
        split: Tensor,
        down: Tensor,
        radius: Tensor,
        before: Tensor,
    ) -> Tensor:
        """Return the allowances that cost least along the steepest step, (B, K).

        Beside those `before` a larger and a smaller one is tried, or where there were none, many.
        """
        squared = turned.square().sum(2).clamp(min=1e-300)
        moved = (turned.square() @ self.bends) / squared * radius[:, None].square()
        most = MAX_SHARE * squared.sqrt() / (2 * radius[:, None] * self.squares[self.strong])
        best: Tensor = most
        least = torch.full_like(most, torch.inf)
        is_new = not bool((before > 0).all())
        first, tries = (most, FIRST_ALLOWANCES) if is_new else (3 * before, NEXT_ALLOWANCES)
        for divided in range(tries):
            tried = torch.minimum(first / 3**divided, most)
            above = self._above(over, h, split, down, tried)
            cost = tried * moved / (1 - MAX_SHARE * tried / most) - (down * above.value).sum(2)
            best, least = torch.where(cost < least, tried, best), torch.minimum(cost, least)
        return best

    def _above(
        self, over: Interval, h: Tensor, split: Tensor, down: Tensor, allowance: Tensor | None
    ) -> SplitLine:
        """Return lines above f, or below by the allowance, whichever are lower at the image."""
        chord = self.function.above(over, h)
        value = chord.slope * h + chord.offset
        if allowance is None:
            return SplitLine(value, chord.slope, chord.slope)
        each = (allowance[:, :, None] / down.abs().clamp(min=1e-300)).clamp(1e-30, 1e30)
        ends, slope, share = self._parabolas(over, h, split, each)
        middle = (ends[0] + ends[1]) / 2
        wide = torch.where(split > 0, split, 1)
        along = torch.where(split > 0, (ends[1] - ends[0]) / (2 * wide), slope)
        lower = (share > 0) & (middle < value)  # NaN, where there is no parabola, is not

        def mixed(line: Tensor, parabola: Tensor) -> Tensor:
            return torch.where(lower, line + share * (parabola - line), line)

        return SplitLine(
            mixed(value, middle), mixed(chord.slope, along), mixed(chord.slope, slope)
        )

    def _parabolas(
        self, over: Interval, h: Tensor, split: Tensor, each: Tensor
    ) -> tuple[tuple[Tensor, Tensor], Tensor, Tensor]:
        """Return parabolas above f at both ends of the strong movement, and the share of them.

        They are ``value + slope t + each t^2 / share``. Of relu the one that touches it on both
        sides of 0 at the image, raised until it is above at an end; of a smooth function the
        tangent at the image with the largest curvature, as far as the allowance goes.
        """
        f, m = self.function, self.function.power
        if m == 1:
            s = 1 / (4 * each)
            slope = ((h + s) / (2 * s)).clamp(0, 1)
            off, on = s * slope.square(), s * (1 - slope).square()
            low, high = (torch.maximum(off, end + on) for end in (h - split, h + split))
            return (low, high), slope, torch.ones_like(h)
        curvature = f.curvature(over).expand_as(each)
        share = torch.where(curvature > each, each / curvature.clamp(min=1e-300), 1)
        room = 4 * (torch.maximum(curvature, each) - curvature / 2).clamp(min=1e-300)
        slope = f.slope(h)
        low, high = (
            f.forward(end) + (f.slope(end) - slope).square() / room
            for end in (h - split, h + split)
        )
        return (low, high), slope, torch.where(curvature.isinf(), 0, share)
