"""The smallest perturbation that changes the label, or reaches a target, image by image.

Letters: ``B`` images.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.linalg import lp_norms
from specrob.measures.attacks import AttackBatch, PreparedAttack
from specrob.measures.classification import predict
from specrob.progress import Report, silent
from specrob.settings.robustness import DistanceSettings

LOWEST = 1e-5  # first radius of a search, as a share of the default highest radius
RAY_GROWTH, BRACKET_GROWTH = 1.1, 2.0  # factors between radii: along a ray, and about a guess
SNAP = 0.0025  # log ratio of the grid on which guesses lie
FOOLED, CENSORED, MISCLASSIFIED = range(3)  # of `results.STATUS`


@dataclass(frozen=True)
class BatchDistances:
    """The nearest perturbation for every image of one batch, as tensors.

    `specrob.results.Distances` is made of these, with the facts of the attack.

    Parameters
    ----------
    index, label, prediction : Tensor, (B,)
    prediction_adversarial : Tensor, (B,)
        The new class; the old one where nothing fooled.
    status : Tensor, (B,)
        FOOLED; CENSORED, nothing fooled up to `eps`; MISCLASSIFIED, never attacked.
    distance : Tensor, (B,), pixel units
        Norm of the perturbation; inf where censored, NaN where misclassified.
    distance_l2 : Tensor, (B,)
        The same in L2.
    eps : Tensor, (B,)
        The budget of that perturbation; where censored, the largest that was tried.
    """

    index: Tensor
    label: Tensor
    prediction: Tensor
    prediction_adversarial: Tensor
    status: Tensor
    distance: Tensor
    distance_l2: Tensor
    eps: Tensor


def critical_distance(
    batch: AttackBatch,
    prepared: PreparedAttack,
    *,
    max_eps: float,
    lowest: float | None = None,
    tolerance: float = DistanceSettings.tolerance,
    report: Report = silent,
) -> BatchDistances:
    """Return the smallest radius at which each image is fooled, by bracketing and bisection.

    Along a ray the radius grows by a factor of 1.1 from the lowest, so that the first crossing is
    met. Other attacks start at the radius where they expect the boundary, and double or halve it
    until one end of the bracket fools and the other does not. Then the bracket is halved until it
    is within the tolerance. Images whose bracket is narrow enough are not computed again.

    Parameters
    ----------
    max_eps : float, pixel units
        The highest radius tried; at 0 images are tried as they are.
    lowest : float, optional, pixel units
        The first radius tried; by default 1e-5 of the highest.
    tolerance : float
        Width of the bracket, as a share of its upper end.

    Examples
    --------
    >>> from specrob.norms import unbounded
    >>> x, label = torch.tensor([[0.2]]), torch.tensor([0])
    >>> two = lambda x: torch.cat([x, -x], 1)
    >>> batch = AttackBatch(two, x, label, unbounded(x), "l2", "ce", seed=0, index=label)
    >>> push = PreparedAttack(lambda rows, eps: x[rows] - eps[:, None])
    >>> f"{float(critical_distance(batch, push, max_eps=1.0).distance):.2f}"
    '0.20'
    """
    search = _Search(batch, prepared, lowest or LOWEST * max_eps, max_eps)
    search.bracket_()
    tolerance = max(tolerance, 4 * torch.finfo(search.high.dtype).eps)
    wide, total = search.attacked, len(search.attacked)
    while len(wide := wide[search.is_wider(tolerance)[wide]]):
        search.attempt_(wide, (search.low[wide] + search.high[wide]) / 2)
        report(total - len(wide), total)
    return search.result()


class _Search:
    """The bracket of every image, and the perturbed image at its upper end."""

    def __init__(
        self, batch: AttackBatch, prepared: PreparedAttack, lowest: float, max_eps: float
    ):
        self.batch, self.prepared = batch, prepared
        self.lowest, self.max_eps = lowest, max_eps
        self.prediction = predict(batch.model, batch.images)
        self.attacked = (self.prediction == batch.labels).nonzero()[:, 0]
        self.low = batch.images.new_zeros(len(batch.images))
        self.high = torch.full_like(self.low, torch.inf)
        self.perturbed, self.new_class = batch.images.clone(), self.prediction.clone()

    def attempt_(self, rows: Tensor, radius: Tensor) -> None:
        """Try a radius for some images and narrow their brackets."""
        perturbed = self.prepared.perturb(rows, radius)
        new = predict(self.batch.model, perturbed)
        fooled = self.batch.fools(new, rows)
        hit, missed = rows[fooled], rows[~fooled]
        self.high[hit], self.low[missed] = radius[fooled], radius[~fooled]
        self.perturbed[hit], self.new_class[hit] = perturbed[fooled], new[fooled]

    def bracket_(self) -> None:
        """Find for every image a radius that fools, and one below that does not."""
        lowest, near = self.lowest, self.prepared.near
        growth = RAY_GROWTH if near is None else BRACKET_GROWTH
        radius = torch.full_like(self.low, lowest)
        if near is not None and self.max_eps > 0:
            radius = _snap(near().clamp(lowest, self.max_eps), lowest).clamp(max=self.max_eps)
        rows = self.attacked
        while len(rows):
            self.attempt_(rows, radius[rows])
            fooled = self.high.isfinite()
            settled = fooled & ((self.low > 0) | (radius <= lowest)) | (self.low >= self.max_eps)
            radius = torch.where(fooled, radius / growth, radius * growth)
            radius = radius.clamp(lowest, self.max_eps)
            rows = rows[~settled[rows]]

    def is_wider(self, tolerance: float) -> Tensor:
        """Return which brackets are wider than a share of their upper ends, (B,)."""
        return self.high.isfinite() & (self.high - self.low > tolerance * self.high)

    def result(self) -> BatchDistances:
        """Return the lengths of the nearest perturbations, on the CPU."""
        perturbation = self.perturbed - self.batch.images
        wrong, fooled = self.prediction != self.batch.labels, self.new_class != self.prediction
        eps = torch.where(self.high.isfinite(), self.high, self.low)
        nan, inf = eps.new_tensor(torch.nan), eps.new_tensor(torch.inf)

        def mask_length(length: Tensor) -> Tensor:
            return torch.where(wrong, nan, torch.where(fooled, length, inf)).cpu()

        return BatchDistances(
            index=self.batch.index.cpu(),
            label=self.batch.labels.cpu(),
            prediction=self.prediction.cpu(),
            prediction_adversarial=self.new_class.cpu(),
            status=torch.where(wrong, MISCLASSIFIED, torch.where(fooled, FOOLED, CENSORED)).cpu(),
            distance=mask_length(self.batch.geometry.length(perturbation)),
            distance_l2=mask_length(lp_norms(perturbation)),
            eps=torch.where(wrong, nan, eps).cpu(),
        )


def _snap(radius: Tensor, lowest: float) -> Tensor:
    """Return radii, (B,), on the next step of a grid that all batches share.

    Round-off differs with the size of a batch; what starts on a grid does not follow it.
    """
    steps = ((radius.double() / lowest).log() / SNAP).ceil()
    return (lowest * (SNAP * steps).exp()).to(radius)


def default_max_eps(images: Tensor, norm: float) -> float:
    """Return 10 times the median norm of the images, (B, ...): far past any distance.

    >>> default_max_eps(torch.ones(3, 4), 2.0)
    20.0
    """
    return 10 * float(lp_norms(images, norm).median())
