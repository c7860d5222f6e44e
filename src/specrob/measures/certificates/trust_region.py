"""The least value of a quadratic function over a ball, from below.

Letters: ``B`` images, ``K`` forms, ``N`` coordinates.

References
----------
.. [1] A. R. Conn, N. I. M. Gould and P. L. Toint, "Trust-region methods",
   DOI 10.1137/1.9780898719857, chapter 7.
"""

import torch
from torch import Tensor

BISECTIONS = 20  # of the interval of the dual multiplier


def lowest_in_ball(slopes: Tensor, bends: Tensor, radius: Tensor) -> Tensor:
    """Return a lower bound of ``slopes . d - sum of bends d^2`` over steps d in a ball, (B, K).

    It is the dual's, ``- sum of slopes^2 / (4 (m - bends)) - m r^2``, which bounds for every
    multiplier m above all bends; the best is where the step is as long as the radius, [1]_.

    Parameters
    ----------
    slopes : Tensor, (B, K, N)
    bends : Tensor, (B, K, N), at least 0
    radius : Tensor, (B,)

    Examples
    --------
    >>> slopes, bends = torch.tensor([[[3.0, 4.0]]]), torch.tensor([[[0.0, 0.0]]])
    >>> f"{float(lowest_in_ball(slopes, bends, torch.tensor([2.0]))):.3f}"
    '-10.000'
    >>> f"{float(lowest_in_ball(0 * slopes, bends + 1, torch.tensor([2.0]))):.3f}"
    '-4.000'
    """
    r = radius[:, None]
    with torch.no_grad():
        steep, most = slopes.norm(dim=2), bends.amax(2)
        flat = steep / (2 * r)  # the multiplier without bends
        first, last = torch.maximum(flat, most), most + flat
        best, least = last, torch.full_like(last, -torch.inf)
        for _ in range(BISECTIONS):
            middle = (first + last) / 2
            room = (middle[:, :, None] - bends).clamp(min=1e-30)
            step = slopes / (2 * room)
            value = -(slopes * step / 2).sum(2) - middle * r.square()
            best, least = torch.where(value > least, middle, best), torch.maximum(value, least)
            is_long = step.norm(dim=2) > r
            first, last = torch.where(is_long, middle, first), torch.where(is_long, last, middle)
    # a hair above all bends, so that round-off cannot make the bound too high
    multiplier = torch.maximum(best, most * (1 + 1e-9))[:, :, None]
    room = (multiplier - bends).clamp(min=1e-30)
    dual: Tensor = -(slopes.square() / (4 * room)).sum(2) - multiplier[:, :, 0] * r.square()
    return dual
