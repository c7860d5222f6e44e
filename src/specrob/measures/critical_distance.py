"""The smallest perturbation that changes the label, image by image.

Letters: ``B`` images.
"""

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from specrob.linalg import lp_norms
from specrob.measures.attacks import AttackBatch, Prepared
from specrob.measures.classification import predict
from specrob.progress import Report, silent

LOWEST = 1e-5  # first radius of a search, as a share of the highest by default
GRID, BRACKET = 1.1, 2.0  # of the radius: along a ray from below, about a guess
SNAP = 0.0025  # log ratio of the grid on which guesses lie
STATUS = ("fooled", "censored", "misclassified")


@dataclass(frozen=True)
class Distances:
    """The nearest perturbation found for every image.

    Parameters
    ----------
    index, label, prediction : Tensor, (B,)
    prediction_adversarial : Tensor, (B,)
        The new class; the old one where nothing fooled.
    status : ndarray of str, (B,)
        "fooled"; "censored", nothing fooled up to `eps`; "misclassified", never attacked.
    distance : Tensor, (B,), pixel units
        In the attack's norm, measured on the perturbation found; inf where censored, NaN where
        misclassified.
    distance_l2 : Tensor, (B,)
        The same in L2.
    eps : Tensor, (B,)
        The budget that found it; where censored, the largest that did not.
    """

    index: Tensor
    label: Tensor
    prediction: Tensor
    prediction_adversarial: Tensor
    status: np.ndarray
    distance: Tensor
    distance_l2: Tensor
    eps: Tensor

    @property
    def attacked(self) -> np.ndarray:
        """Whether each image was classified correctly, and so attacked, (B,)."""
        return self.status != "misclassified"


def critical_distance(
    problem: AttackBatch,
    prepared: Prepared,
    *,
    max_eps: float,
    lowest: float | None = None,
    tolerance: float = 0.01,
    report: Report = silent,
) -> Distances:
    """Return the smallest radius at which each image is fooled, by bracketing and bisection.

    Along a ray the radius grows by 1.1 from the lowest, so that the first crossing beyond it is
    met. Elsewhere it starts where the attack expects the boundary, and is doubled or halved until
    one end fools and the other does not. Then the bracket is halved until it is within the
    tolerance. Only images that are not settled are computed.

    Parameters
    ----------
    problem : AttackBatch
    prepared : Prepared
        From a row of `ATTACKS`.
    max_eps : float, pixel units
        The highest radius tried.
    lowest : float, optional, pixel units
        The first radius tried; by default 1e-5 of the highest.
    tolerance : float
        Width of the bracket, as a share of its upper end.
    report : Report

    Examples
    --------
    >>> from specrob.geometry import unbounded
    >>> x, label = torch.tensor([[0.2]]), torch.tensor([0])
    >>> two = lambda x: torch.cat([x, -x], 1)
    >>> problem = AttackBatch(two, x, label, unbounded(x), "l2", "ce", seed=0, index=label)
    >>> push = Prepared(lambda rows, eps: x[rows] - eps[:, None])
    >>> f"{float(critical_distance(problem, push, max_eps=1.0).distance):.2f}"
    '0.20'
    """
    search = _Search(problem, prepared, lowest or LOWEST * max_eps, max_eps)
    search.bracket_()
    tolerance = max(tolerance, 4 * torch.finfo(search.high.dtype).eps)
    wide, total = search.attacked, len(search.attacked)
    while len(wide := wide[search.is_wider(tolerance)[wide]]):
        search.attempt_(wide, (search.low[wide] + search.high[wide]) / 2)
        report(total - len(wide), total)
    return search.result()


class _Search:
    """The bracket of every image, and the nearest image found in it."""

    def __init__(self, problem: AttackBatch, prepared: Prepared, lowest: float, max_eps: float):
        self.problem, self.prepared = problem, prepared
        self.lowest, self.max_eps = lowest, max_eps
        self.prediction = predict(problem.model, problem.images)
        self.attacked = (self.prediction == problem.labels).nonzero()[:, 0]
        self.low = problem.images.new_zeros(len(problem.images))
        self.high = torch.full_like(self.low, torch.inf)
        self.found, self.answer = problem.images.clone(), self.prediction.clone()

    def attempt_(self, rows: Tensor, radius: Tensor) -> None:
        """Try a radius for some images and narrow their brackets."""
        perturbed = self.prepared.perturb(rows, radius)
        new = predict(self.problem.model, perturbed)
        fooled = new != self.problem.labels[rows]
        hit, missed = rows[fooled], rows[~fooled]
        self.high[hit], self.low[missed] = radius[fooled], radius[~fooled]
        self.found[hit], self.answer[hit] = perturbed[fooled], new[fooled]

    def bracket_(self) -> None:
        """Find for every image a radius that fools, and one below that does not."""
        lowest, near = self.lowest, self.prepared.near
        growth = GRID if near is None else BRACKET
        radius = torch.full_like(self.low, lowest)
        if near is not None:
            radius = _snap(near.clamp(lowest, self.max_eps), lowest).clamp(max=self.max_eps)
        rows = self.attacked
        while len(rows):
            self.attempt_(rows, radius[rows])
            fooled = self.high.isfinite()
            settled = fooled & ((self.low > 0) | (radius <= lowest)) | (self.low >= self.max_eps)
            radius = torch.where(fooled, radius / growth, radius * growth)
            radius = radius.clamp(lowest, self.max_eps)
            rows = rows[~settled[rows]]

    def is_wider(self, tolerance: float) -> Tensor:
        """Return whose brackets are wider than a share of their upper ends, (B,)."""
        return self.high.isfinite() & (self.high - self.low > tolerance * self.high)

    def result(self) -> Distances:
        """Return what was found, measured."""
        eps = torch.where(self.high.isfinite(), self.high, self.low)
        return _result(self.problem, self.prediction, self.answer, self.found, eps)


def _snap(radius: Tensor, lowest: float) -> Tensor:
    """Return radii, (B,), on the next step of a grid that all batches share.

    Round-off differs with the size of a batch; what starts on a grid does not follow it.
    """
    steps = ((radius.double() / lowest).log() / SNAP).ceil()
    return (lowest * (SNAP * steps).exp()).to(radius)


def _result(
    problem: AttackBatch, prediction: Tensor, answer: Tensor, found: Tensor, eps: Tensor
) -> Distances:
    perturbation = found - problem.images
    wrong, fooled = prediction != problem.labels, answer != prediction
    lengths = [problem.geometry.length(perturbation), lp_norms(perturbation)]
    nan, inf = eps.new_tensor(torch.nan), eps.new_tensor(torch.inf)
    lengths = [torch.where(wrong, nan, torch.where(fooled, x, inf)).cpu() for x in lengths]
    status = torch.where(wrong, 2, torch.where(fooled, 0, 1)).tolist()
    return Distances(
        index=problem.index.cpu(),
        label=problem.labels.cpu(),
        prediction=prediction.cpu(),
        prediction_adversarial=answer.cpu(),
        status=np.array(STATUS)[status],
        distance=lengths[0],
        distance_l2=lengths[1],
        eps=torch.where(wrong, nan, eps).cpu(),
    )


def default_max_eps(images: Tensor, norm: float) -> float:
    """Return 10 times the median norm of the images, (B, ...): far past any distance.

    >>> default_max_eps(torch.ones(3, 4), 2.0)
    20.0
    """
    return 10 * float(lp_norms(images, norm).median())
