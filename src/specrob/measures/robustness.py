"""How many images keep their label at a radius.

Letters: ``B`` images, ``E`` radii.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.errors import MeasureError
from specrob.linalg import lp_norms
from specrob.measures.attacks import AttackBatch, Prepared
from specrob.measures.classification import predict
from specrob.measures.critical_distance import Distances
from specrob.progress import Report, silent


@dataclass(frozen=True)
class Robustness:
    """Accuracy over radii; a JSON result, so plain numbers.

    Parameters
    ----------
    clean_accuracy : float, 0 to 1
    n_images : int
    n_attacked : int
        Images that were classified correctly; the others are not attacked.
    eps : list of float, pixel units of the attacked space
    relative_accuracy : list of float or None, 0 to 1
        Share of the attacked images that keep their label; None where none was attacked.
    robust_accuracy : list of float, 0 to 1
        Share of all images that are still correct.
    """

    clean_accuracy: float
    n_images: int
    n_attacked: int
    eps: list[float]
    relative_accuracy: list[float | None]
    robust_accuracy: list[float]


def survivors(
    problem: AttackBatch, prepared: Prepared, eps: Sequence[float], *, report: Report = silent
) -> Tensor:
    """Return which images keep their label at each radius, (E, B), bool.

    Images that are misclassified to begin with are not attacked, and False throughout.

    Parameters
    ----------
    problem : AttackBatch
    prepared : Prepared
        From a row of `ATTACKS`.
    eps : sequence of float, pixel units of the attacked space
    report : Report

    Raises
    ------
    MeasureError
        If a radius of 0 changes a label: then the numbers could not be trusted.

    Examples
    --------
    >>> from specrob.geometry import unbounded
    >>> x, labels = torch.tensor([[0.2], [0.6]]), torch.tensor([0, 0])
    >>> two = lambda x: torch.cat([x, -x], 1)
    >>> problem = AttackBatch(two, x, labels, unbounded(x), "l2", "ce", seed=0, index=labels)
    >>> push = Prepared(lambda rows, eps: x[rows] - eps[:, None])
    >>> survivors(problem, push, [0.1, 0.4])
    tensor([[ True,  True],
            [False,  True]])
    """
    correct = predict(problem.model, problem.images) == problem.labels
    rows = correct.nonzero()[:, 0]
    kept = correct.new_zeros((len(eps), len(correct)))
    if not len(rows):
        return kept
    for at, radius in enumerate(eps):
        perturbed = prepared.perturb(rows, problem.images.new_full((len(rows),), radius))
        kept[at, rows] = predict(problem.model, perturbed) == problem.labels[rows]
        _check(radius, kept[at, rows])
        report(at + 1, len(eps))
    return kept


def _check(radius: float, kept: Tensor) -> None:
    if radius == 0 and not kept.all():
        raise MeasureError("expected no change of label at eps 0, found one; report this")


def survivors_by_distance(distances: Distances, eps: Sequence[float]) -> Tensor:
    """Return which images nothing up to each radius has fooled, (E, B), bool.

    >>> import numpy as np
    >>> near, far = torch.tensor([0.1, torch.inf]), torch.tensor([0.1, 9.0])
    >>> status = np.array(["fooled", "censored"])
    >>> found = Distances(*[torch.arange(2)] * 4, status, near, near, far)
    >>> survivors_by_distance(found, [0.05, 0.1])
    tensor([[ True,  True],
            [False,  True]])
    """
    fooled, wrong = (
        torch.from_numpy(distances.status == name) for name in ("fooled", "misclassified")
    )
    budget = torch.where(fooled, distances.eps, torch.inf)
    return torch.stack([(budget > radius) & ~wrong for radius in eps])


def perturbed_at(
    problem: AttackBatch, prepared: Prepared, eps: Sequence[float], *, report: Report = silent
) -> dict[str, Tensor]:
    """Return the perturbed images, (B, E, ...), with their labels and lengths.

    Misclassified images stay as they are; their lengths are NaN.
    """
    prediction = predict(problem.model, problem.images)
    wrong = prediction != problem.labels
    rows = (~wrong).nonzero()[:, 0]
    x, classes = [], []
    for radius in eps:
        x.append(problem.images.clone())
        if len(rows):
            x[-1][rows] = prepared.perturb(rows, x[-1].new_full((len(rows),), radius))
        classes.append(predict(problem.model, x[-1]))
        _check(radius, (classes[-1] == problem.labels)[rows])
        report(len(x), len(eps))
    steps = [each - problem.images for each in x]
    nan = problem.images.new_tensor(torch.nan)
    found = {"x": torch.stack(x, 1), "prediction": prediction}
    found["prediction_adversarial"] = torch.stack(classes, 1)
    for name, length in (("distance", problem.geometry.length), ("distance_l2", lp_norms)):
        lengths = torch.stack([length(step) for step in steps], 1)
        found[name] = torch.where(wrong[:, None], nan, lengths)
    return found


def robustness(kept: Tensor, correct: Tensor, eps: Sequence[float]) -> Robustness:
    """Return accuracies of `survivors`, (E, B), and of the images as they are, (B,).

    >>> kept, correct = torch.tensor([[True, False, False]]), torch.tensor([True, True, False])
    >>> found = robustness(kept, correct, [0.1])
    >>> found.relative_accuracy, found.n_attacked
    ([0.5], 2)
    """
    attacked, images = int(correct.sum()), len(correct)
    counts = kept.sum(1).tolist()
    return Robustness(
        clean_accuracy=attacked / images,
        n_images=images,
        n_attacked=attacked,
        eps=[float(e) for e in eps],
        relative_accuracy=[count / attacked if attacked else None for count in counts],
        robust_accuracy=[count / images for count in counts],
    )
