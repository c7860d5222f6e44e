"""Linear bounds of a network over a region of images, stage by stage.

A function of the logits is bounded from below by a linear function of the activations before the
last stage, and so on down to the pixels, where its least value over a ball of radius r is its
value at the image less r times the dual norm of its slopes, [1]_. The lines around a non-linearity
need the interval of every unit before it, which is found in the same way, from the first stage to
the last.

Letters: ``B`` images, ``C`` classes, ``K`` forms, ``N`` units.

References
----------
.. [1] H. Zhang et al., "Efficient neural network robustness certification with general activation
   functions", arXiv:1811.00866.
"""

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property

import torch
from torch import Tensor

from specrob.linalg import per_image
from specrob.measures.certificates.affine import Affine
from specrob.measures.certificates.joint import Bounded, JointBound
from specrob.measures.certificates.linear_form import Interval, LinearForm, Ranges, unit_forms
from specrob.measures.certificates.pointwise import Pointwise, Power
from specrob.measures.certificates.pooling import Maximum
from specrob.measures.certificates.region import Region
from specrob.norms import Geometry

Stage = Affine | Pointwise | Maximum
ENTRIES = 2**25  # of the slopes that are computed at a time
Places = Mapping[int, Tensor]  # stage -> where its lines touch, (B, K, ...), from 0 to 1


class BoundedNetwork:
    """The stages of a network, in float64, with the shapes of the activations before them.

    Parameters
    ----------
    stages : sequence of Stage
    shape : tuple of int, (C, H, W)
        Of an image.
    device : torch.device

    Examples
    --------
    >>> from specrob.measures.certificates.affine import Dense, Reshape
    >>> from specrob.measures.certificates.pointwise import Power
    >>> from specrob.norms import NORMS
    >>> dense = Dense(torch.ones(3, 2).double(), None)
    >>> net = BoundedNetwork([Reshape(), dense, Power(1)], (1, 1, 2))
    >>> region = Region(torch.ones(1, 1, 1, 2).double(), torch.ones(1).double(), NORMS["linf"])
    >>> [tuple(one.low.shape) for one in net.ranges(region).intervals]
    [(1, 1, 1, 2), (1, 2), (1, 3), (1, 3)]
    """

    def __init__(
        self,
        stages: Sequence[Stage],
        shape: tuple[int, ...],
        device: torch.device = torch.device("cpu"),
    ):
        self.stages = stages
        a = torch.zeros(1, *shape, dtype=torch.float64, device=device)
        self.shapes: list[tuple[int, ...]] = []
        for stage in self.stages:
            self.shapes.append(tuple(a.shape[1:]))
            a = stage.forward(a)
        self.shapes.append(tuple(a.shape[1:]))
        self.device = device
        self._lengths: dict[float, Tensor] = {}

    @property
    def classes(self) -> int:
        """The number of logits, C."""
        return self.shapes[-1][0]

    @cached_property
    def first(self) -> int:
        """The number of affine stages before the first that is not affine."""
        is_affine = [isinstance(stage, Affine) for stage in self.stages]
        return [*is_affine, False].index(False)

    @cached_property
    def first_sum(self) -> int:
        """The number of the first stage that rounds: below it float32 loses nothing."""
        rounds = [not isinstance(stage, Affine) or stage.terms > 0 for stage in self.stages]
        return [*rounds, True].index(True)

    @cached_property
    def pointwise(self) -> dict[int, Pointwise]:
        """The non-linearities, by the number of their stage."""
        return {at: s for at, s in enumerate(self.stages) if isinstance(s, Pointwise)}

    def forward(self, images: Tensor) -> Tensor:
        """Return the logits, (B, C), in float64."""
        a = images.double()
        for stage in self.stages:
            a = stage.forward(a)
        return a

    def lengths(self, geometry: Geometry) -> Tensor:
        """Return by how much a step of length 1 moves each unit of the first stages at most."""
        if geometry.p not in self._lengths:
            lengths = [geometry.dual_length(form.slopes[0]) for form in self._first_rows()]
            self._lengths[geometry.p] = torch.cat(lengths).reshape(self.shapes[self.first])
        return self._lengths[geometry.p]

    def ranges(self, region: Region) -> Ranges:
        """Return the interval of the activations before every stage, and of the logits.

        That of the logits is not bounded down to the pixels.
        """
        centre, found = region.images, [region.box()]
        for at, stage in enumerate(self.stages):
            if at < self.first:
                centre = stage.forward(centre)
            if at == self.first - 1:
                reach = per_image(region.radius, centre) * self.lengths(region.geometry)
                after = Interval(centre - reach, centre + reach)
                if region.bounds is not None:
                    after = _shared(after, stage.interval(found[at]))
            else:
                after = stage.interval(found[at])
            if isinstance(stage, Affine) and self._bends(at + 1) and at >= self.first:
                after = _shared(after, self._tightened(at + 1, found, region))
            found.append(after)
        return Ranges(found, centre)

    def lowest(
        self,
        forms: LinearForm,
        ranges: Ranges,
        region: Region,
        places: Places,
        allowance: Tensor | None = None,
        *,
        renew: bool = True,
    ) -> Bounded:
        """Return lower bounds, (B, K), of forms of the logits over the region.

        Parameters
        ----------
        allowance : Tensor, (B, K), optional
            Of a `JointBound`; the result has the one to be tried next, another if `renew`.
        """
        joint = self.joint if region.geometry.p == 2 else None
        last, intervals = len(self.stages), ranges.intervals
        if joint is None:
            return Bounded(region.lowest(self._down(last, forms, intervals, places)), None)
        above = self.first + 1
        form = self._down(last, forms, intervals, places, above)
        over, place = intervals[self.first], places.get(self.first)
        found = joint.lowest(
            form, over, ranges.centre, region.radius, place, allowance, renew=renew
        )
        if region.bounds is None:
            return found
        bounded = region.lowest(self._down(above, form, intervals, places))
        return Bounded(torch.maximum(found.lowest, bounded), found.allowance)

    @cached_property
    def joint(self) -> JointBound | None:
        """The bound of the first non-linear stage where it is a power of relu."""
        function = self.pointwise.get(self.first)
        if not isinstance(function, Power):
            return None
        rows = [form.slopes[0].flatten(1) for form in self._first_rows()]
        matrix = torch.cat(rows)
        return JointBound(matrix, function) if matrix.any() else None

    def _first_rows(self) -> Iterator[LinearForm]:
        """Yield the units of the first stages as forms of the pixels, (1, some, ...)."""
        image = torch.zeros(1, *self.shapes[0], dtype=torch.float64, device=self.device)
        for some in self._row_groups(self.first, 1):
            yield self._down(self.first, unit_forms(self.shapes[self.first], some, image), [], {})

    def _tightened(self, stop: int, below: Sequence[Interval], region: Region) -> Interval:
        """Return the interval of the activations before a stage, bounded down to the pixels."""
        ends = []
        for sign in (1, -1):
            parts = []
            for some in self._row_groups(stop, len(region.images)):
                form = unit_forms(self.shapes[stop], some, region.images, sign)
                parts.append(region.lowest(self._down(stop, form, below, {})))
            ends.append(sign * torch.cat(parts, 1).reshape(-1, *self.shapes[stop]))
        return Interval(*ends)

    def _bends(self, at: int) -> bool:
        return at < len(self.stages) and not isinstance(self.stages[at], Affine)

    def _row_groups(self, stop: int, images: int) -> list[range]:
        """Return the units before a stage in groups whose slopes are computed at a time."""
        sizes = [torch.Size(shape).numel() for shape in self.shapes[: stop + 1]]
        rows = max(1, ENTRIES // (max(sizes) * images))
        return [range(at, min(sizes[-1], at + rows)) for at in range(0, sizes[-1], rows)]

    def _down(
        self,
        stop: int,
        form: LinearForm,
        intervals: Sequence[Interval],
        places: Places,
        start: int = 0,
    ) -> LinearForm:
        """Return the form before the stage `start` that bounds one before the stage `stop`."""
        for at in reversed(range(start, stop)):
            stage = self.stages[at]
            if isinstance(stage, Affine):
                form = stage.backward(form, self.shapes[at])
            else:
                form = stage.backward(form, intervals[at], places.get(at))
        return form


def _shared(one: Interval, other: Interval) -> Interval:
    """Return what two intervals of the same activations share."""
    return Interval(torch.maximum(one.low, other.low), torch.minimum(one.high, other.high))
