"""The largest radius at which a network is proved to keep the label of an image.

Letters: ``B`` images, ``C`` classes, ``P`` pairs of an image and another class.
"""

from collections.abc import Sequence
from dataclasses import replace

import torch
from torch import Tensor

from specrob.linalg import per_image
from specrob.measures.certificates.bounds import BoundedNetwork
from specrob.measures.certificates.joint import Bounded
from specrob.measures.certificates.linear_form import Interval, LinearForm, Ranges, margin_forms
from specrob.measures.certificates.region import Region
from specrob.measures.certificates.rounding import margin_errors
from specrob.norms import NORMS, Bounds
from specrob.progress import Report, silent
from specrob.settings.attack import Norm
from specrob.settings.certificates import CertificateSettings, Rounding

FIRST_RADIUS = 0.8  # the first that is tried, over the distance if logits were linear
GROWTH, SHRINK = 1.25, 0.5  # between radii as long as all are proved, or none
MARGIN = 0.08  # between an end of the bracket and the next radius, as a share of the bracket
FIRST_STEP = 0.25  # of the places where lines touch; each following one is half as long


@torch.no_grad()
def certified_radius(
    network: BoundedNetwork,
    images: Tensor,
    labels: Tensor,
    *,
    norm: Norm = "l2",
    bounds: Bounds | None = None,
    max_eps: float,
    settings: CertificateSettings = CertificateSettings(),
    report: Report = silent,
) -> Tensor:
    """Return radii within which no image changes its label in float32, (B,), float64.

    A radius is proved if the lower bound of every difference of logits exceeds the round-off of
    float32 in it. The search brackets the largest that can be proved, and moves the places where
    lines touch the non-linearities uphill at every radius. 0 stands where nothing was proved.

    Parameters
    ----------
    network : BoundedNetwork
    images : Tensor, (B, ...)
    labels : Tensor, (B,)
        Those that the network predicts.
    bounds : Bounds, optional
        The perturbed pixels stay within these; by default they may have any value.
    max_eps : float, pixel units
        The largest radius tried.

    Examples
    --------
    >>> from specrob.measures.certificates.affine import Dense, Reshape
    >>> two = Dense(torch.tensor([[1.0], [-1.0]]).double(), None)
    >>> x, label = torch.tensor([[[[0.2]]]]), torch.tensor([0])
    >>> net = BoundedNetwork([Reshape(), two], (1, 1, 1))
    >>> radius = certified_radius(net, x, label, max_eps=9.0)
    >>> f"{float(radius):.3f}"
    '0.200'
    """
    if network.first == len(network.stages):  # affine: nothing is bounded, and radii are cheap
        settings = replace(settings, steps=0, radii=60, tolerance=1e-8)
    search = _Search(network, images.double(), labels, norm, bounds, max_eps, settings.rounding)
    for taken in range(settings.radii):
        rows = search.open_rows(settings.tolerance)
        if not len(rows):
            break
        search.attempt_(rows, settings.steps)
        report(taken + 1, settings.radii)
    return search.low


class _Search:
    """The bracket of every image, the classes that are not excluded, and where lines touch."""

    def __init__(
        self,
        network: BoundedNetwork,
        images: Tensor,
        labels: Tensor,
        norm: Norm,
        bounds: Bounds | None,
        max_eps: float,
        rounding: Rounding,
    ):
        self.network, self.images, self.bounds = network, images, bounds
        self.geometry, self.max_eps, self.rounding = NORMS[norm], max_eps, rounding
        self.forms = margin_forms(labels, network.classes).slopes
        self.low = images.new_zeros(len(images))
        self.high = torch.full_like(self.low, torch.inf)
        self.margin_at_low, self.margin_at_high = self.low.clone(), self.low.clone()
        self.radius = (FIRST_RADIUS * self._linear_distance()).clamp(1e-6 * max_eps, max_eps)
        self.is_open = torch.ones(self.forms.shape[:2], dtype=torch.bool, device=images.device)
        self.places: dict[int, Tensor] = {}
        self.allowance = torch.zeros_like(self.forms[:, :, 0])

    def open_rows(self, tolerance: float) -> Tensor:
        """Return the images whose bracket is too wide."""
        wide = self.high.isinf() | (self.high - self.low > tolerance * self.high)
        at_end = self.low >= self.max_eps
        gone = self.high < 1e-9 * self.max_eps
        return (wide & ~at_end & ~gone).nonzero()[:, 0]

    def attempt_(self, rows: Tensor, steps: int) -> None:
        """Try to prove the radius of some images, and narrow their brackets."""
        region = Region(self.images, self.radius, self.geometry, self.bounds).take(rows)
        ranges = self.network.ranges(region)
        pairs = self.is_open[rows].nonzero()
        images, classes = pairs[:, 0], pairs[:, 1]
        margins = self._margins(rows, images, classes, ranges, region, steps)
        proved = region.images.new_full(self.is_open[rows].shape, torch.inf)
        proved[images, classes] = margins
        least = proved.amin(1)
        good = least > 0
        self.low[rows[good]], self.margin_at_low[rows[good]] = region.radius[good], least[good]
        bad = rows[~good]
        self.high[bad], self.margin_at_high[bad] = region.radius[~good], least[~good]
        self.is_open[bad] &= ~(proved[~good] > 0)  # the others are proved up to this radius
        self.radius[rows] = self._next_radius()[rows]

    def _next_radius(self) -> Tensor:
        """Return where the margin would be 0 if it were linear between the ends, (B,)."""
        share = self.margin_at_low / (self.margin_at_low - self.margin_at_high)
        inside = self.low + (self.high - self.low) * share.clamp(MARGIN, 1 - MARGIN)
        outside = torch.where(self.high.isinf(), self.low * GROWTH, self.high * SHRINK)
        is_bracket = (self.low > 0) & self.high.isfinite()
        return torch.where(is_bracket, inside, outside).clamp(max=self.max_eps)

    def _margins(
        self,
        rows: Tensor,
        images: Tensor,
        classes: Tensor,
        ranges: Ranges,
        region: Region,
        steps: int,
    ) -> Tensor:
        """Return lower bounds of the margins of pairs, less their round-off, (P,)."""
        every = LinearForm(self.forms[rows], torch.zeros_like(self.forms[rows][:, :, 0]))
        errors = margin_errors(self.network, every, ranges.intervals, region, self.rounding)
        forms = self.forms[rows[images], classes][:, None]
        form = LinearForm(forms, forms.new_zeros(len(forms), 1))
        over, ball = ranges.take(images), region.take(images)
        pairs = rows[images], classes
        places, allowance = self._places(*pairs, over.intervals), self.allowance[pairs][:, None]
        best, chosen = forms.new_full((len(forms),), -torch.inf), places
        for taken in range(steps + 1):
            bounded, slopes = self._lowest(form, over, ball, places, allowance, renew=taken == 0)
            lowest = bounded.lowest.detach()[:, 0]
            better = lowest > best
            best = torch.where(better, lowest, best)
            chosen = {
                at: torch.where(per_image(better, place), place, chosen[at])
                for at, place in places.items()
            }
            moved = {at: FIRST_STEP / 2**taken * slopes[at].sign() for at in places}
            places = {at: (place + moved[at]).clamp(0, 1) for at, place in places.items()}
            if bounded.allowance is not None:
                allowance = bounded.allowance
        self._keep_(*pairs, chosen)
        self.allowance[pairs] = allowance[:, 0]
        return best - errors[images, classes]

    @torch.enable_grad()
    def _lowest(
        self,
        form: LinearForm,
        over: Ranges,
        ball: Region,
        places: dict[int, Tensor],
        allowance: Tensor,
        *,
        renew: bool,
    ) -> tuple[Bounded, dict[int, Tensor]]:
        """Return lower bounds of margins, (P, 1), and their slopes by the places."""
        free = {at: place.detach().requires_grad_() for at, place in places.items()}
        bounded = self.network.lowest(form, over, ball, free, allowance, renew=renew)
        slopes = torch.autograd.grad(bounded.lowest.sum(), list(free.values())) if free else ()
        return bounded, dict(zip(free, slopes, strict=True))

    def _places(
        self, rows: Tensor, classes: Tensor, over: Sequence[Interval]
    ) -> dict[int, Tensor]:
        """Return where the lines of pairs touch, (P, 1, ...), as they were left."""
        places = {}
        for at, function in self.network.pointwise.items():
            usual = function.usual_place(Interval(*(end[:, None] for end in over[at])))
            if at in self.places:
                left = self.places[at][rows, classes][:, None]
                usual = torch.where(left.isnan(), usual, left)
            places[at] = usual
        return places

    def _keep_(self, rows: Tensor, classes: Tensor, places: dict[int, Tensor]) -> None:
        for at, place in places.items():
            if at not in self.places:
                shape = (*self.is_open.shape, *place.shape[2:])
                self.places[at] = place.new_full(shape, torch.nan)
            self.places[at][rows, classes] = place[:, 0]

    @torch.enable_grad()
    def _linear_distance(self) -> Tensor:
        """Return how far the nearest boundary is if logits are linear, (B,)."""
        x = self.images.detach().requires_grad_()
        margins = (self.forms @ self.network.forward(x)[:, :, None])[:, :, 0]
        near = torch.full_like(self.low, torch.inf)
        for other in range(margins.shape[1]):
            (slope,) = torch.autograd.grad(margins[:, other].sum(), x, retain_graph=True)
            steep = self.geometry.dual_length(slope).clamp(min=1e-30)
            near = torch.minimum(near, margins[:, other].detach() / steep)
        return near
