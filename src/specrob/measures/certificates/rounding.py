"""How far the logits of a network in float32 may be from those of real numbers.

Predictions are made in float32. The error of a sum of n products is at most ``n u s``, where s is
the sum of their absolute values and u = 2^-24, whatever the order, [1]_: errors of several stages
are then added by absolute values. Round-off hardly ever adds up so: if errors are independent with
mean 0, that of the sum exceeds ``8 sqrt(n) u s`` with a probability below 3e-14, [2]_, and errors
of many units add up by their squares.

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
from specrob.measures.certificates.affine import Affine, Dense, Entrywise
from specrob.measures.certificates.bounds import BoundedNetwork, Stage
from specrob.measures.certificates.linear_form import Interval, LinearForm
from specrob.measures.certificates.region import Region
from specrob.settings.certificates import Rounding

UNIT = 2.0**-24  # unit round-off of float32
FEW = 4.0  # times the unit round-off bounds the error of a non-linearity


@dataclass(frozen=True)
class RoundingModel:
    """How the errors of terms make up that of their sum.

    Parameters
    ----------
    growth : callable (int) -> float
        Of the error with the number of terms, times the unit round-off.
    before, after : callable (Tensor) -> Tensor
        What is applied to weights and errors before they are added, and to the sum.
    times : float
        By how much the error at the end counts.
    """

    growth: Callable[[int], float]
    before: Entrywise
    after: Entrywise
    times: float

    def added(self, *errors: Tensor) -> Tensor:
        """Return the error of a sum of terms with these errors."""
        return self.after(sum((self.before(error) for error in errors), torch.zeros(())))

    def through(self, stage: Affine, error: Tensor) -> Tensor:
        """Return the error of the products of a stage, from those of the activations below."""
        return self.after(stage.product(self.before(error), self.before))

    def new(self, stage: Affine, span: Tensor) -> Tensor:
        """Return the error that a stage adds to sums whose absolute terms add up to `span`."""
        return self.growth(stage.terms) * UNIT * (span + stage.offset_rounded())


ROUNDING: dict[Rounding, RoundingModel] = {
    "worst": RoundingModel(float, torch.abs, torch.abs, 1.0),
    "independent": RoundingModel(lambda n: n**0.5, torch.square, torch.sqrt, 8.0),
}


def margin_errors(
    network: BoundedNetwork,
    forms: LinearForm,
    intervals: Sequence[Interval],
    region: Region,
    rounding: Rounding = "independent",
) -> Tensor:
    """Return how far forms of the logits may be wrong in float32 within a region, (B, K).

    Examples
    --------
    >>> from specrob.norm_balls import NORMS
    >>> from specrob.measures.certificates.affine import Reshape
    >>> net = BoundedNetwork([Reshape(), Dense(torch.eye(2, 4).double(), None)], (1, 2, 2))
    >>> region = Region(torch.ones(1, 1, 2, 2).double(), torch.ones(1).double(), NORMS["l2"])
    >>> form = LinearForm(torch.tensor([[[1.0, -1.0]]]).double(), torch.zeros(1, 1).double())
    >>> bool(margin_errors(net, form, net.ranges(region).intervals, region) < 1e-5)
    True
    """
    model, error = ROUNDING[rounding], torch.zeros_like(region.images)
    spans = _spans(network, intervals, region)
    for at, stage in enumerate(network.stages[:-1]):
        error = _above(model, stage, spans[at], intervals[at], error)
    last, slopes = network.stages[-1], forms.slopes
    if isinstance(last, Dense):  # errors of the last activations move all logits together
        rows = model.before(slopes @ last.weight)
        carried = model.after((rows * model.before(error)[:, None]).sum(2))
        logits = model.new(last, spans[-1])
    else:
        logits = _above(model, last, spans[-1], intervals[-2], error)
        carried = torch.zeros(())
    own = model.after((model.before(slopes) * model.before(logits)[:, None]).sum(2))
    return model.times * model.added(carried, own)


def _above(
    model: RoundingModel, stage: Stage, span: Tensor, over: Interval, error: Tensor
) -> Tensor:
    """Return the errors above a stage from those below it, (B, ...)."""
    if isinstance(stage, Affine):
        return model.added(model.through(stage, error), model.new(stage, span))
    reach = model.times * error
    wider = Interval(over.low - reach, over.high + reach)
    moved = stage.spread(wider, error)
    return model.added(moved, FEW * UNIT * stage.interval(wider).magnitude)


def _spans(network: BoundedNetwork, intervals: Sequence[Interval], region: Region) -> list[Tensor]:
    """Return ``|A|`` times the largest absolute activations before every affine stage, (B, ...).

    A step of length r changes the sum of the absolute products behind a unit of the first stages
    by no more than r times the dual norm of its row, if only one of them is a sum.
    """
    spans = []
    centre, sums = region.images, 0
    for at, stage in enumerate(network.stages):
        if not isinstance(stage, Affine):
            spans.append(intervals[at].magnitude)
            continue
        sums += stage.sums
        if at == network.first - 1 and sums == 1:
            near = stage.product(centre.abs(), torch.abs)
            span = near + per_image(region.radius, near) * network.lengths(region.geometry)
        else:
            span = stage.product(intervals[at].magnitude, torch.abs)
        if at < network.first - 1:
            centre = stage.forward(centre)
        spans.append(span)
    return spans
