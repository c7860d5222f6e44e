"""How many images keep their label at a radius.

Letters: ``B`` images, ``E`` radii.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.errors import MeasureError
from specrob.measures.attacks import Perturb, Problem
from specrob.measures.classification import predict
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
    problem: Problem, perturb: Perturb, eps: Sequence[float], *, report: Report = silent
) -> Tensor:
    """Return which images keep their label at each radius, (E, B), bool.

    Images that are misclassified to begin with are not attacked, and False throughout.

    Parameters
    ----------
    problem : Problem
    perturb : callable (rows, radii) -> perturbed images
    eps : sequence of float, pixel units of the attacked space
    report : Report

    Raises
    ------
    MeasureError
        If a radius of 0 changes a label: then the numbers could not be trusted.

    Examples
    --------
    >>> from specrob.linalg import unbounded
    >>> x, labels = torch.tensor([[0.2], [0.6]]), torch.tensor([0, 0])
    >>> two = lambda x: torch.cat([x, -x], 1)
    >>> problem = Problem(two, x, labels, unbounded(x), "l2", "ce", seed=0, index=labels)
    >>> survivors(problem, lambda rows, eps: x[rows] - eps[:, None], [0.1, 0.4])
    tensor([[ True,  True],
            [False,  True]])
    """
    correct = predict(problem.model, problem.images) == problem.labels
    rows = correct.nonzero()[:, 0]
    kept = correct.new_zeros((len(eps), len(correct)))
    if not len(rows):
        return kept
    for at, radius in enumerate(eps):
        perturbed = perturb(rows, torch.full((len(rows),), radius).to(problem.images))
        kept[at, rows] = predict(problem.model, perturbed) == problem.labels[rows]
        if radius == 0 and not kept[at, rows].all():
            raise MeasureError("expected no change of label at eps 0, found one; report this")
        report(at + 1, len(eps))
    return kept


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
