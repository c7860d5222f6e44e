"""The intrinsic dimension of points, from the distances of their two nearest neighbours.

Letters: ``B`` points, ``K`` neighbours, ``P`` pairs.

References
----------
.. [1] E. Facco et al., "Estimating the intrinsic dimension of datasets by a minimal neighborhood
   information", Scientific Reports 7, 2017, DOI 10.1038/s41598-017-11873-y.
.. [2] B. Epstein and M. Sobel, "Life testing", J. American Statistical Association 48, 1953,
   DOI 10.1080/01621459.1953.10483488.
"""

from dataclasses import dataclass

import torch
from scipy.special import chdtri
from torch import Tensor

from specrob.errors import MeasureError
from specrob.measures.nearest_neighbours import Neighbours

FEWEST_POINTS = 20  # below, an interval would reach from half of the dimension to twice of it
DISCARD = 0.1  # share of the largest ratios, [1]_
TAIL = 0.025  # outside of each end of an interval


@dataclass(frozen=True)
class IntrinsicDimension:
    """An estimate of a dimension, with the ends of its 95% interval."""

    dimension: float
    low: float
    high: float


def two_nn(neighbours: Neighbours, discard: float = DISCARD) -> IntrinsicDimension:
    """Return the intrinsic dimension by the ratio of the two nearest neighbours' distances.

    Where the density is constant over the second neighbour's distance, ``x = log(r2 / r1)`` is
    exponential of rate d, [1]_. Of the largest ratios, a share is discarded, as in [1]_: of them
    only their number is used, and that they exceed the n-th, the largest that is kept. The
    maximum of the likelihood is then ``d = n / (x_1 + ... + x_n + (B - n) x_n)``, and ``2 n d``
    over it is chi-squared of ``2 n`` degrees of freedom, [2]_.

    Neighbours share distances, so that ratios are not independent: the variance of their sum, with
    the covariances between each point and its two neighbours, is about 1.5 times that of
    independent ones. The degrees of freedom are divided by that factor.

    Parameters
    ----------
    neighbours : Neighbours
        The two nearest of every point, none at distance 0.
    discard : float, 0 to 1
        Share of the largest ratios.

    Raises
    ------
    MeasureError
        If there are fewer than 20 points, a distance is 0, or all ratios are 1.

    Examples
    --------
    >>> from specrob.measures.nearest_neighbours import nearest_neighbours
    >>> x = torch.rand(2000, 3, generator=torch.Generator().manual_seed(0))
    >>> found = two_nn(nearest_neighbours(x, 2))
    >>> f"{found.dimension:.2f}, {found.low:.2f} to {found.high:.2f}"
    '3.03, 2.86 to 3.20'
    """
    points = len(neighbours.distances)
    kept = int(round(points * (1 - discard), 6))  # 100 * (1 - 0.9) is less than 10
    if kept < 1:
        raise MeasureError("`discard`: expected a share that leaves a ratio, found 1; lower it")
    if points < FEWEST_POINTS:
        raise MeasureError(
            f"expected at least {FEWEST_POINTS} distinct points, found {points}; use "
            "more images, or another layer"
        )
    first, second = neighbours.distances[:, :2].T
    if not bool((first > 0).all()):
        raise MeasureError(
            "expected distinct points, found two at distance 0; leave out those that equal others"
        )
    x = (second / first).log()
    limit = x.kthvalue(kept).values
    total = float(x.clamp(max=limit).sum())
    if not total > 0:
        raise MeasureError(
            "expected two nearest neighbours at different distances, found equal ones; "
            "measure activations with more values"
        )
    dimension = kept / total
    score = (x <= limit).double() - dimension * x.clamp(max=limit)
    degrees = 2 * kept / _variance_factor(score, neighbours.positions[:, :2])
    low, high = (dimension * float(chdtri(degrees, p)) / degrees for p in (1 - TAIL, TAIL))
    return IntrinsicDimension(dimension, low, high)


def _variance_factor(score: Tensor, positions: Tensor) -> float:
    """Return the variance of the sum of scores, (B,), over that of independent ones, at least 1.

    Covariances are those of every point with its neighbours, positions (B, 2).
    """
    own = torch.arange(len(score), device=score.device)[:, None].expand_as(positions)
    pairs = torch.stack([own, positions], -1).reshape(-1, 2).sort(1).values.unique(dim=0)  # (P, 2)
    together = float(score[pairs].prod(1).sum())
    return max(1.0, 1 + 2 * together / float(score.square().sum()))
