"""How far the logits of a network in float32 may be from those of real numbers.

Predictions are made in float32. The error of a sum of n products is at most ``n u s``, where s is
the sum of their absolute values and u = 2^-24, whatever the order, [1]_. The error of a difference
of logits is the sum of the errors of all units, each times the slope of the difference, of which
the absolute values are bounded. In the worst case all of them add up. If instead the errors of
single operations are independent with mean 0, that of the difference exceeds ``8 u`` times the
root of the sum of squares, n times ``(s slope)^2`` for every unit, with a probability below 3e-14
(Azuma's inequality, as in [2]_). That is an estimate: units of equal weights make equal errors.

Letters: ``B`` images, ``C`` classes, ``K`` forms, ``N`` units.

References
----------
.. [1] C.-P. Jeannerod and S. M. Rump, "Improved error bounds for inner products in floating-point
   arithmetic", DOI 10.1137/120894488.
.. [2] N. J. Higham and T. Mary, "A new approach to probabilistic rounding error analysis",
   DOI 10.1137/18M1226312.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.linalg import per_image
from specrob.measures.certificates.affine import Affine, Dense
from specrob.measures.certificates.bounds import BoundedNetwork
from specrob.measures.certificates.linear_form import Interval, LinearForm
from specrob.measures.certificates.region import Region
from specrob.settings.certificates import Rounding

UNIT, SMALLEST = 2.0**-24, 2.0**-149  # unit round-off and least number of float32
LARGEST = 1e37  # activations above it may overflow
POINTWISE_OPERATIONS = 4  # whose errors that of a non-linearity does not exceed
HIGHER_ORDERS = 1.01  # factor for products of errors, of which each is below a hundredth


@dataclass(frozen=True)
class RoundingModel:
    """How errors add up.

    Parameters
    ----------
    growth : callable (int) -> float
        With the number of operations, each wrong by up to 1.
    total : callable (Tensor) -> Tensor
        Of errors along the last axis.
    """

    growth: Callable[[int], float]
    total: Callable[[Tensor], Tensor]


ROUNDING: dict[Rounding, RoundingModel] = {
    "worst": RoundingModel(float, lambda errors: errors.sum(-1)),
    "independent": RoundingModel(lambda n: 8 * n**0.5, lambda errors: errors.norm(dim=-1)),
}


def margin_errors(
    network: BoundedNetwork,
    forms: LinearForm,
    intervals: Sequence[Interval],
    region: Region,
    rounding: Rounding = "independent",
) -> Tensor:
    """Return how far forms of the logits may be wrong in float32 within a region, (B, K).

    Parameters
    ----------
    intervals : sequence of Interval
        Of `BoundedNetwork.ranges`.

    Examples
    --------
    >>> from specrob.norms import NORMS
    >>> from specrob.measures.certificates.affine import Reshape
    >>> net = BoundedNetwork([Reshape(), Dense(torch.eye(2, 4).double(), None)], (1, 2, 2))
    >>> region = Region(torch.ones(1, 1, 2, 2).double(), torch.ones(1).double(), NORMS["l2"])
    >>> form = LinearForm(torch.tensor([[[1.0, -1.0]]]).double(), torch.zeros(1, 1).double())
    >>> bool(margin_errors(net, form, net.ranges(region).intervals, region) < 1e-5)
    True
    """
    model, spans = ROUNDING[rounding], _spans(network, intervals, region)
    wider = _with_errors(network, intervals, spans)
    sizes, errors = forms.slopes.abs(), []
    for at in reversed(range(len(network.stages))):
        stage = network.stages[at]
        terms = stage.terms if isinstance(stage, Affine) else POINTWISE_OPERATIONS
        new = UNIT * spans[at] + SMALLEST
        new = torch.where(spans[at] < LARGEST, new, torch.inf)
        if terms:
            errors.append(model.growth(terms) * model.total((sizes * new[:, None]).flatten(2)))
        if at <= network.first_sum:
            break
        if at == len(network.stages) - 1 and isinstance(stage, Dense):
            sizes = (forms.slopes @ stage.weight).abs()  # of the difference of two rows
        elif isinstance(stage, Affine):
            sizes = stage.transposed(sizes, network.shapes[at], torch.abs)
        else:
            sizes = stage.carried(sizes, wider[at])
    return HIGHER_ORDERS * model.total(torch.stack(errors, -1))


def _spans(network: BoundedNetwork, intervals: Sequence[Interval], region: Region) -> list[Tensor]:
    """Return the largest sum of absolute terms behind every unit above a stage, (B, ...).

    A step of length r changes the sum of the absolute products behind a unit of the first stages
    by no more than r times the dual norm of its row, if only one of them is a sum.
    """
    spans = []
    centre, sums = region.images, 0
    for at, stage in enumerate(network.stages):
        if not isinstance(stage, Affine):
            spans.append(intervals[at + 1].magnitude)
            continue
        sums += stage.sums
        if at == network.first - 1 and sums == 1:
            near = stage.product(centre.abs(), torch.abs)
            span = near + per_image(region.radius, near) * network.lengths(region.geometry)
        else:
            span = stage.product(intervals[at].magnitude, torch.abs)
        if at < network.first - 1:
            centre = stage.forward(centre)
        spans.append(span + stage.offset_rounded())
    return spans


def _with_errors(
    network: BoundedNetwork, intervals: Sequence[Interval], spans: Sequence[Tensor]
) -> list[Interval]:
    """Return the intervals before every stage, wider by the worst errors in float32."""
    wider, error = [], torch.zeros_like(intervals[0].low)
    for at, stage in enumerate(network.stages):
        wider.append(Interval(intervals[at].low - error, intervals[at].high + error))
        if isinstance(stage, Affine):
            carried = stage.product(error, torch.abs) if at else stage.product(error)
            error = carried + stage.terms * UNIT * spans[at]
        else:
            error = stage.moved(wider[at], error) + POINTWISE_OPERATIONS * UNIT * spans[at]
    return wider
