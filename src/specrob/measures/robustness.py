"""Which images keep their label at a radius, and the share of them.

Letters: ``B`` images, ``E`` radii.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from specrob.errors import MeasureError
from specrob.linalg import lp_norms
from specrob.measures.attacks import AttackBatch, PreparedAttack
from specrob.measures.classification import predict
from specrob.progress import Report, silent
from specrob.results import ImageOutcomes, Robustness


def survivors(
    batch: AttackBatch, prepared: PreparedAttack, eps: Sequence[float], *, report: Report = silent
) -> Tensor:
    """Return which images nothing fools at each radius, (E, B), bool.

    Images that are misclassified to begin with are not attacked, and False throughout.

    Parameters
    ----------
    eps : sequence of float, pixel units of the attacked space

    Raises
    ------
    MeasureError
        If a radius of 0 changes a label: then the numbers could not be trusted.

    Examples
    --------
    >>> from specrob.norms import unbounded
    >>> x, labels = torch.tensor([[0.2], [0.6]]), torch.tensor([0, 0])
    >>> two = lambda x: torch.cat([x, -x], 1)
    >>> batch = AttackBatch(two, x, labels, unbounded(x), "l2", "ce", seed=0, index=labels)
    >>> push = PreparedAttack(lambda rows, eps: x[rows] - eps[:, None])
    >>> survivors(batch, push, [0.1, 0.4])
    tensor([[ True,  True],
            [False,  True]])
    """
    correct = predict(batch.model, batch.images) == batch.labels
    rows = correct.nonzero()[:, 0]
    survive = correct.new_zeros((len(eps), len(correct)))
    if not len(rows):
        return survive
    for at, radius in enumerate(eps):
        # among the other images: labels may depend on the size of a batch, by round-off
        images = batch.images.clone()
        images[rows] = prepared.perturb(rows, images.new_full((len(rows),), radius))
        survive[at, rows] = ~batch.fools(predict(batch.model, images))[rows]
        _check_zero(radius, survive[at, rows])
        report(at + 1, len(eps))
    return survive


def _check_zero(radius: float, survive: Tensor) -> None:
    if radius == 0 and not survive.all():
        raise MeasureError(
            "expected no change of label at eps 0, found one; give the model or the attack no "
            "random numbers of its own"
        )


def survivors_by_distance(
    fooled: Tensor, correct: Tensor, budget: Tensor, eps: Sequence[float]
) -> Tensor:
    """Return which images nothing up to each radius has fooled, (E, B), bool.

    Parameters
    ----------
    fooled, correct : Tensor, (B,), bool
        Whether anything fools an image, and whether it was classified correctly to begin with.
    budget : Tensor, (B,), pixel units
        The smallest radius that fools it.
    eps : sequence of float, pixel units

    Examples
    --------
    >>> fooled, correct = torch.tensor([True, False]), torch.tensor([True, True])
    >>> survivors_by_distance(fooled, correct, torch.tensor([0.1, 9.0]), [0.05, 0.1])
    tensor([[ True,  True],
            [False,  True]])
    """
    budget = torch.where(fooled, budget, torch.inf)
    return torch.stack([(budget > radius) & correct for radius in eps])


def perturbed_images(
    batch: AttackBatch, prepared: PreparedAttack, eps: Sequence[float], *, report: Report = silent
) -> dict[str, Tensor]:
    """Return the perturbed images, x (B, E, ...), with their labels and lengths, (B, E).

    Misclassified images stay as they are; their lengths are NaN.
    """
    prediction = predict(batch.model, batch.images)
    wrong = prediction != batch.labels
    rows = (~wrong).nonzero()[:, 0]
    x, classes = [], []
    for radius in eps:
        x.append(batch.images.clone())
        if len(rows):
            x[-1][rows] = prepared.perturb(rows, x[-1].new_full((len(rows),), radius))
        classes.append(predict(batch.model, x[-1]))
        _check_zero(radius, ~batch.fools(classes[-1])[rows])
        report(len(x), len(eps))
    steps = [each - batch.images for each in x]
    nan = batch.images.new_tensor(torch.nan)
    lengths = torch.stack([batch.geometry.length(step) for step in steps], 1)
    lengths_l2 = torch.stack([lp_norms(step) for step in steps], 1)
    return {
        "x": torch.stack(x, 1),
        "prediction": prediction,
        "prediction_adversarial": torch.stack(classes, 1),
        "distance": torch.where(wrong[:, None], nan, lengths),
        "distance_l2": torch.where(wrong[:, None], nan, lengths_l2),
    }


def robustness(
    survive: Tensor,
    correct: Tensor,
    eps: Sequence[float],
    index: Tensor,
    *,
    method: str,
    norm: str,
) -> Robustness:
    """Return accuracies of `survivors`, (E, B), and of the images as they are, (B,).

    Parameters
    ----------
    index : Tensor of int, (B,)
        Positions of the images in their split.

    Examples
    --------
    >>> survive = torch.tensor([[True, False, False]])
    >>> correct = torch.tensor([True, True, False])
    >>> result = robustness(survive, correct, [0.1], torch.arange(3), method="pgd", norm="linf")
    >>> result.relative_accuracy, result.n_attacked
    ((0.5,), 2)
    """
    attacked, images = int(correct.sum()), len(correct)
    outcomes = ImageOutcomes.of(index.numpy(), correct.numpy(), survive.numpy())
    counts = survive.sum(1).tolist()
    return Robustness(
        method=method,
        norm=norm,
        clean_accuracy=attacked / images,
        n_images=images,
        n_attacked=attacked,
        eps=tuple(float(e) for e in eps),
        relative_accuracy=tuple(count / attacked if attacked else None for count in counts),
        robust_accuracy=tuple(count / images for count in counts),
        outcomes=outcomes,
    )
