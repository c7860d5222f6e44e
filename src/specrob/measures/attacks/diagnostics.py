"""Whether the numbers of an attack can be trusted: signs of masked gradients and wrong units.

Letters: ``B`` images, ``E`` radii.
"""

from collections.abc import Mapping, Sequence

import torch
from torch import Tensor

from specrob.linalg import lp_norms
from specrob.measures.attacks.batch import AttackBatch
from specrob.measures.attacks.losses import LOSSES
from specrob.measures.attacks.quantize import prepare_attack
from specrob.measures.classification import predict
from specrob.measures.robustness import survivors
from specrob.settings.attack import Attack
from specrob.settings.named_attacks import attack_type

CHECKED = 5  # radii at which a weaker attack is tried too
WEAKER_SHARE = 0.9  # share of a distance at which a weaker attack should not fool
TOLERATED = 0.01  # share of images
ADVICE = "try the margin loss, or more steps"


def gradient_signs(batch: AttackBatch, attack: Attack) -> dict[str, Tensor]:
    """Return where gradients are zero, and not finite, (B,) each; {} without gradients."""
    if not attack.uses_gradient:
        return {}
    images = batch.images.detach().requires_grad_()
    with torch.enable_grad():
        losses = LOSSES[batch.loss](batch.model(images), batch.goal)
        (slope,) = torch.autograd.grad(losses.sum(), images)
    steepness = lp_norms(slope, torch.inf)
    return {"zero_gradient": steepness == 0, "nonfinite_gradient": ~steepness.isfinite()}


def weaker_survivors(
    batch: AttackBatch, attack: Attack, eps: Sequence[float]
) -> dict[str, Tensor]:
    """Return which images survive the weaker attack at the `checked` radii, (B, up to 5)."""
    if attack.weaker is None:
        return {}
    weaker = prepare_attack(attack_type(attack.weaker)(), batch)
    return {"weaker": survivors(batch, weaker, [eps[at] for at in checked(eps)]).T}


def checked(eps: Sequence[float]) -> list[int]:
    """Return the places of up to five radii, evenly spread.

    >>> checked([0.1, 0.2, 0.3])
    [0, 1, 2]
    """
    return sorted({round(at) for at in torch.linspace(0, len(eps) - 1, CHECKED).tolist()})


def weaker_attack_succeeds(
    batch: AttackBatch, attack: Attack, distance: Tensor
) -> dict[str, Tensor]:
    """Return which images the weaker attack fools at 0.9 of their distance, (B,)."""
    if attack.weaker is None:
        return {}
    rows = distance.isfinite().nonzero()[:, 0]
    fooled = torch.zeros(len(distance), dtype=torch.bool, device=batch.images.device)
    if len(rows):
        weaker = prepare_attack(attack_type(attack.weaker)(), batch)
        perturbed = weaker.perturb(rows, WEAKER_SHARE * distance[rows].to(batch.images))
        fooled[rows] = batch.fools(predict(batch.model, perturbed), rows)
    return {"weaker_fools": fooled}


def gradient_warnings(columns: Mapping[str, Tensor], attacked: Tensor) -> list[str]:
    """Return warnings of gradients that are zero or not finite; attacked: (B,), bool."""
    warnings, count = [], int(attacked.sum())
    for name, what in (("zero_gradient", "zero"), ("nonfinite_gradient", "not finite")):
        affected = int((columns[name] & attacked).sum()) if name in columns else 0
        if affected > TOLERATED * count:
            warnings.append(
                f"the gradient is {what} at {affected} of {count} images: gradients may be "
                "masked; try the margin loss"
            )
    return warnings


def curve_warnings(
    attack: Attack,
    eps: Sequence[float],
    relative: Sequence[float | None],
    *,
    weaker: Sequence[float] | None,
    classes: int,
    scale: float,
    widest: float,
) -> list[str]:
    """Return warnings of a curve of relative accuracies.

    Parameters
    ----------
    attack : Attack
    eps, relative : sequences, (E,)
        Radii and relative accuracies.
    weaker : sequence of float or None
        Relative accuracies under the weaker attack at the `checked` radii.
    classes : int
    scale : float
        Mean norm of the images.
    widest : float
        Widest range of a pixel, in the norm of eps where that is comparable, else inf.

    Examples
    --------
    >>> from specrob.settings.attacks import PGD
    >>> curve_warnings(PGD(), [8.0], [0.9], weaker=[0.5], classes=10, scale=9.0, widest=1.0)
    ... # doctest: +ELLIPSIS
    ['eps 8 is wider than the range of a pixel, 1...', 'fgsm, the weaker attack, leaves 0.500...']
    """
    warnings = []
    if max(eps) > max(widest, 1):
        warnings.append(
            f"eps {max(eps):g} is wider than the range of a pixel, {widest:g}: "
            "the radii seem to be in units of 0 to 255; write 8/255 instead"
        )
    large = [v for e, v in zip(eps, relative, strict=True) if e >= scale and v is not None]
    if attack.uses_gradient and large and min(large) > 2 / classes:
        warnings.append(
            f"relative accuracy {min(large):.3f} is above chance at radii as large as the "
            f"images: the attack may fail to find existing perturbations; {ADVICE}"
        )
    for at, value in zip(checked(eps), weaker or [], strict=False):
        accuracy = relative[at]
        if accuracy is not None and value < accuracy - TOLERATED:
            warnings.append(
                f"{attack.weaker}, the weaker attack, leaves {value:.3f} at eps {eps[at]:.3g} "
                f"where {attack.name} leaves {accuracy:.3f}; {ADVICE}"
            )
            break
    return warnings


def distance_warnings(attack: Attack, columns: Mapping[str, Tensor], fooled: Tensor) -> list[str]:
    """Return warnings of distances that a weaker attack undercuts; fooled: (B,), bool."""
    if "weaker_fools" not in columns:
        return []
    count, total = int((columns["weaker_fools"] & fooled).sum()), int(fooled.sum())
    if count <= TOLERATED * total:
        return []
    return [
        f"{attack.weaker}, the weaker attack, fools {count} of {total} images within "
        f"{WEAKER_SHARE:g} of the distance; {ADVICE}"
    ]
