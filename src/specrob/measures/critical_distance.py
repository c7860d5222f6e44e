"""The smallest perturbation that changes the label, image by image.

Letters: ``B`` images.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields

import numpy as np
import torch
from torch import Tensor

from specrob.linalg import lp_norms
from specrob.measures.attacks import Perturb, Problem
from specrob.measures.classification import predict
from specrob.progress import Report, silent

LOWEST = 1e-4  # first radius of a search, as a share of the highest
GROWTH = {True: 1.1, False: 2.0}  # of the radius while bracketing: along a ray, else
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


def critical_distance(
    problem: Problem,
    perturb: Perturb,
    *,
    ray: bool,
    max_eps: float,
    tolerance: float = 0.01,
    report: Report = silent,
) -> Distances:
    """Return the smallest radius at which each image is fooled, by bracketing and bisection.

    The radius grows from 1e-4 of the highest, by 1.1 along a ray (so that the first crossing is
    met) and by 2 otherwise, until the image is fooled; then the bracket is halved until it is
    within the tolerance. Only images that are not settled are computed.

    Parameters
    ----------
    problem : Problem
    perturb : callable (rows, radii) -> perturbed images
        From a row of `ATTACKS`.
    ray : bool
        Whether all radii lie on one line.
    max_eps : float, pixel units
        The highest radius tried.
    tolerance : float
        Width of the bracket, as a share of its upper end.
    report : Report

    Examples
    --------
    >>> from specrob.linalg import unbounded
    >>> x, label = torch.tensor([[0.2]]), torch.tensor([0])
    >>> two = lambda x: torch.cat([x, -x], 1)
    >>> problem = Problem(two, x, label, unbounded(x), "l2", "ce", seed=0, index=label)
    >>> push = lambda rows, eps: x[rows] - eps[:, None]
    >>> f"{float(critical_distance(problem, push, ray=True, max_eps=1.0).distance):.2f}"
    '0.20'
    """
    images, labels = problem.images, problem.labels
    prediction = predict(problem.model, images)
    attacked = (prediction == labels).nonzero()[:, 0]
    low = images.new_zeros(len(images))
    high = torch.full_like(low, torch.inf)
    found, answer = images.clone(), prediction.clone()

    def attempt(rows: Tensor, radius: Tensor) -> None:
        """Try a radius for some images and narrow their brackets in place."""
        perturbed = perturb(rows, radius)
        new = predict(problem.model, perturbed)
        fooled = new != labels[rows]
        hit = rows[fooled]
        high[hit], low[rows[~fooled]] = radius[fooled], radius[~fooled]
        found[hit], answer[hit] = perturbed[fooled], new[fooled]

    radius = LOWEST * max_eps
    unsettled = attacked
    while len(unsettled):
        attempt(unsettled, low.new_full((len(unsettled),), radius))
        unsettled = unsettled[high[unsettled].isinf()]
        if radius >= max_eps:
            break
        radius = min(radius * GROWTH[ray], max_eps)
    wide = attacked
    tolerance = max(tolerance, 4 * torch.finfo(high.dtype).eps)
    while len(wide := wide[(high - low > tolerance * high)[wide] & high[wide].isfinite()]):
        attempt(wide, (low[wide] + high[wide]) / 2)
        report(len(attacked) - len(wide), len(attacked))
    return _result(problem, prediction, answer, found, torch.where(high.isfinite(), high, low))


def _result(
    problem: Problem, prediction: Tensor, answer: Tensor, found: Tensor, eps: Tensor
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


def join(parts: Sequence[Distances]) -> Distances:
    """Return the results of several batches as one.

    >>> two = Distances(*[torch.arange(2)] * 8)
    >>> join([two, two]).index
    tensor([0, 1, 0, 1])
    """
    columns = {}
    for column in fields(Distances):
        values = [getattr(part, column.name) for part in parts]
        stack = torch.cat if isinstance(values[0], Tensor) else np.concatenate
        columns[column.name] = stack(values)
    return Distances(**columns)


def default_max_eps(images: Tensor, norm: float) -> float:
    """Return 10 times the median norm of the images, (B, ...): far past any distance.

    >>> default_max_eps(torch.ones(3, 4), 2.0)
    20.0
    """
    return 10 * float(lp_norms(images, norm).median())
