"""The maximum of windows between two linear functions.

Letters: ``B`` images, ``K`` forms, ``P`` windows of ``W`` units.

References
----------
.. [1] A. Boopathy et al., "CNN-Cert: an efficient framework for certifying robustness of
   convolutional neural networks", arXiv:1811.12395.
"""

import torch
from torch import Tensor, nn

from specrob.measures.certificates.linear_form import Interval, LinearForm


class Maximum:
    """Maximum pooling of windows that do not overlap, without padding."""

    def __init__(self, side: tuple[int, int]):
        self.side = side

    def forward(self, a: Tensor) -> Tensor:
        """Return the maxima."""
        return nn.functional.max_pool2d(a, self.side)

    def interval(self, below: Interval) -> Interval:
        """Return the interval of the maxima."""
        return Interval(self.forward(below.low), self.forward(below.high))

    def backward(self, form: LinearForm, over: Interval, place: Tensor | None) -> LinearForm:
        """Return a form of the units, over their intervals, nowhere above one of the maxima.

        A maximum is at least the unit with the highest interval. With c at least the highest
        lower end, it is at most ``c + sum of max(high - c, 0) / (high - low) (a - low)``, [1]_.
        """
        shape = over.low.shape[1:]
        low, high = self._windows(over.low), self._windows(over.high)
        first = torch.zeros_like(low).scatter(-1, (low + high).argmax(-1, keepdim=True), 1)
        level = self._level(low, high)
        rise = _shares((high - level).clamp(min=0), high - low)
        # constant units may stand above the level by round-off
        offset = torch.maximum(level, low.amax(-1, keepdim=True))[..., 0] - (rise * low).sum(-1)
        up, down = form.slopes.clamp(min=0), form.slopes.clamp(max=0)
        constant = (down * offset[:, None]).flatten(2).sum(2)
        slopes = up[..., None] * first[:, None] + down[..., None] * rise[:, None]
        return form.add(self._scattered(slopes, shape), constant)

    @staticmethod
    def _level(low: Tensor, high: Tensor) -> Tensor:
        """Return c, (B, ..., 1): the highest lower end, or where the slopes add up to 1."""
        floor, ceiling = low.amax(-1, keepdim=True), high.amax(-1, keepdim=True)
        first, last = floor, ceiling
        for _ in range(20):
            middle = (first + last) / 2
            rise = _shares((high - middle).clamp(min=0), high - low)
            steep = rise.sum(-1, keepdim=True) > 1
            first, last = torch.where(steep, middle, first), torch.where(steep, last, middle)
        return last

    def _windows(self, a: Tensor) -> Tensor:
        """Return the units of every window, (B, C, H, W, units of a window)."""
        h, w = self.side
        rows, columns = a.shape[-2] // h, a.shape[-1] // w
        cut = a[..., : rows * h, : columns * w]
        split = cut.reshape(*a.shape[:-2], rows, h, columns, w)
        return split.transpose(-3, -2).flatten(-2)

    def _scattered(self, windows: Tensor, shape: torch.Size) -> Tensor:
        """Return windows, (B, K, C, H, W, units), in the shape of the units; 0 beyond them."""
        h, w = self.side
        rows, columns = windows.shape[-3:-1]
        split = windows.reshape(*windows.shape[:-1], h, w).transpose(-3, -2)
        cut = split.reshape(*windows.shape[:-3], rows * h, columns * w)
        beyond = (0, shape[-1] - columns * w, 0, shape[-2] - rows * h)
        return nn.functional.pad(cut, beyond)

    def carried(self, sizes: Tensor, over: Interval) -> Tensor:
        """Return what sizes of slopes, (B, K, ...), above are at most below, at every unit."""
        windows = sizes[..., None].expand(*sizes.shape, self.side[0] * self.side[1])
        return self._scattered(windows, over.low.shape[1:])

    def moved(self, over: Interval, error: Tensor) -> Tensor:
        """Return how far maxima move at most where units move by an error."""
        return self.forward(error)


def _shares(parts: Tensor, widths: Tensor) -> Tensor:
    """Return parts of widths as shares; 0 where there is no width.

    >>> _shares(torch.tensor([1.0, 0.0]), torch.tensor([2.0, 0.0]))
    tensor([0.5000, 0.0000])
    """
    return torch.where(widths > 0, parts / torch.where(widths > 0, widths, 1), 0)
