"""Whether the numbers of an attack can be trusted: signs of masked gradients and wrong units."""

from collections.abc import Callable, Mapping, Sequence

import torch
from torch import Tensor

from specrob.linalg import lp_norms
from specrob.measures.attacks import ATTACKS, LOSSES, AttackBatch, Prepared
from specrob.measures.classification import predict
from specrob.measures.robustness import survivors

GRADIENT = ("fgsm", "pgd", "minimal")  # methods that follow one
CHECKED = 5  # radii at which a weaker attack is tried too
WEAKER_SHARE = 0.9  # of a distance, at which a weaker attack should not fool
TOLERATED = 0.01  # share of images


def gradient_signs(problem: AttackBatch, method: str) -> dict[str, Tensor]:
    """Return whose gradient is zero, and whose is not finite, (b,) each; {} without gradients."""
    if method not in GRADIENT:
        return {}
    images = problem.images.detach().requires_grad_()
    with torch.enable_grad():
        losses = LOSSES[problem.loss](problem.model(images), problem.labels)
        (slope,) = torch.autograd.grad(losses.sum(), images)
    steepness = lp_norms(slope, torch.inf)
    return {"zero_gradient": steepness == 0, "nonfinite_gradient": ~steepness.isfinite()}


def weaker_survivors(
    problem: AttackBatch, method: str, eps: Sequence[float], prepare: Callable[..., Prepared]
) -> dict[str, Tensor]:
    """Return who survives the next weaker attack at some of the radii, (b, up to 5)."""
    weaker = ATTACKS[method].weaker
    if weaker is None:
        return {}
    prepared = prepare(problem, weaker)
    return {"weaker": survivors(problem, prepared, [eps[at] for at in checked(eps)]).T}


def checked(eps: Sequence[float]) -> list[int]:
    """Return the places of up to five radii, evenly spread.

    >>> checked([0.1, 0.2, 0.3])
    [0, 1, 2]
    """
    return sorted({round(at) for at in torch.linspace(0, len(eps) - 1, CHECKED).tolist()})


def weaker_attack_succeeds(
    problem: AttackBatch, method: str, distance: Tensor, prepare: Callable[..., Prepared]
) -> dict[str, Tensor]:
    """Return whom the next weaker attack fools at 0.9 of the distance found, (b,)."""
    weaker = ATTACKS[method].weaker
    if weaker is None:
        return {}
    rows = distance.isfinite().nonzero()[:, 0]
    found = torch.zeros(len(distance), dtype=torch.bool, device=problem.images.device)
    if len(rows):
        perturb = prepare(problem, weaker).perturb
        perturbed = perturb(rows, WEAKER_SHARE * distance[rows].to(problem.images))
        found[rows] = predict(problem.model, perturbed) != problem.labels[rows]
    return {"beaten": found}


def gradient_warnings(columns: Mapping[str, Tensor], attacked: Tensor) -> list[str]:
    """Return what is to be said of gradients that are zero or not finite, attacked (B,), bool."""
    told, count = [], int(attacked.sum())
    for name, what in (("zero_gradient", "zero"), ("nonfinite_gradient", "not finite")):
        found = int((columns[name] & attacked).sum()) if name in columns else 0
        if found > TOLERATED * count:
            told.append(
                f"the gradient is {what} at {found} of {count} images: accuracy may be masked; "
                "try --loss margin"
            )
    return told


def curve_warnings(
    method: str,
    eps: Sequence[float],
    relative: Sequence[float | None],
    *,
    weaker: Sequence[float] | None,
    classes: int,
    scale: float,
    widest: float,
) -> list[str]:
    """Return what is to be said of a curve of relative accuracies.

    Parameters
    ----------
    weaker : sequence of float or None
        Relative accuracies under the next weaker attack at the `checked` radii.
    classes : int
    scale : float
        Mean norm of the images.
    widest : float
        Widest range of a pixel, in the norm of eps where that is comparable, else inf.

    Examples
    --------
    >>> how = {"weaker": [0.5], "classes": 10, "scale": 9.0, "widest": 1.0}
    >>> curve_warnings("pgd", [8.0], [0.9], **how)  # doctest: +ELLIPSIS
    ['eps 8 is wider than the range of a pixel, 1...', 'fgsm, the weaker attack, leaves 0.500...']
    """
    told = []
    if max(eps) > max(widest, 1):
        told.append(
            f"eps {max(eps):g} is wider than the range of a pixel, {widest:g}: "
            "are these units of 0 to 255? then write 8/255"
        )
    known = [value for value in relative if value is not None]
    if method in GRADIENT and known:
        large = [v for e, v in zip(eps, relative, strict=True) if e >= scale]
        if large and min(large) > 2 / classes:
            told.append(
                f"relative accuracy {min(large):.3f} is above chance at radii as large as the "
                "images: the attack may be blind; try --loss margin or more --steps"
            )
    for at, value in zip(checked(eps), weaker or [], strict=False):
        if known and value < relative[at] - TOLERATED:
            told.append(
                f"{ATTACKS[method].weaker}, the weaker attack, leaves {value:.3f} at eps "
                f"{eps[at]:.3g} where {method} leaves {relative[at]:.3f}; "
                "try --loss margin, or more --steps"
            )
            break
    return told


def distance_warnings(method: str, columns: Mapping[str, Tensor], fooled: Tensor) -> list[str]:
    """Return what is to be said of distances that a weaker attack undercuts, fooled (B,), bool."""
    found = int((columns["beaten"] & fooled).sum()) if "beaten" in columns else 0
    if found <= TOLERATED * int(fooled.sum()):
        return []
    return [
        f"{ATTACKS[method].weaker}, the weaker attack, fools {found} of {int(fooled.sum())} "
        f"images within {WEAKER_SHARE:g} of the distance; try --loss margin, or more --steps"
    ]
