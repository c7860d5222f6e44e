"""The fast gradient sign method, and its L2 form.

References
----------
.. [1] I. J. Goodfellow, J. Shlens and C. Szegedy, "Explaining and harnessing adversarial
   examples", arXiv:1412.6572.
"""

import torch
from torch import Tensor

from specrob.measures.attacks.batch import (
    LABEL_DTYPE,
    AttackBatch,
    Classifier,
    PreparedAttack,
    loss_gradient,
    prepare_ray,
    step_along,
)
from specrob.norms import NORMS, Bounds, unbounded
from specrob.settings.attack import Loss, Norm
from specrob.settings.attacks import FGSM


def fgsm_direction(
    model: Classifier,
    images: Tensor,
    labels: Tensor,
    *,
    norm: Norm = "linf",
    loss: Loss = "ce",
    targets: Tensor | None = None,
    gradient_dtype: torch.dtype = LABEL_DTYPE,
) -> Tensor:
    """Return the direction of norm 1 along which the loss grows fastest, (B, ...).

    Zero for an image whose gradient is zero. With `targets`, (B,), the loss of the targets falls.

    >>> two = lambda x: torch.stack([3 * x[:, 0] + 4 * x[:, 1], 0 * x[:, 0]], 1)
    >>> fgsm_direction(two, torch.zeros(1, 2), torch.tensor([0]), norm="l2")
    tensor([[-0.6000, -0.8000]])
    """
    gradient, _, _ = loss_gradient(
        model, images, labels if targets is None else targets, loss, gradient_dtype
    )
    return NORMS[norm].steepest(gradient if targets is None else -gradient)


def fgsm(
    model: Classifier,
    images: Tensor,
    labels: Tensor,
    *,
    eps: float | Tensor,
    norm: Norm = "linf",
    loss: Loss = "ce",
    bounds: Bounds | None = None,
    targets: Tensor | None = None,
) -> Tensor:
    """Return the images moved by eps along the gradient's sign, or along the gradient in L2.

    Parameters
    ----------
    model : callable, (B, ...) -> (B, C) logits
    images : Tensor, (B, ...)
    labels : Tensor, (B,)
    eps : float or Tensor, (B,), pixel units
    norm : {"linf", "l2"}
    loss : {"ce", "margin"}
    bounds : Bounds, optional
    targets : Tensor, (B,), optional
        Classes to be reached instead of any wrong one.

    Returns
    -------
    Tensor, (B, ...)

    Examples
    --------
    >>> two = lambda x: torch.stack([x[:, 0], -x[:, 0]], 1)
    >>> fgsm(two, torch.tensor([[0.2, 5.0]]), torch.tensor([0]), eps=0.5)
    tensor([[-0.3000,  5.0000]])
    """
    direction = fgsm_direction(model, images, labels, norm=norm, loss=loss, targets=targets)
    return step_along(images, direction, eps=eps, bounds=bounds or unbounded(images))


def prepare_fgsm(options: FGSM, batch: AttackBatch) -> PreparedAttack:
    """Return the attack on the images of a batch, along directions that are computed once."""
    directions = fgsm_direction(
        batch.model,
        batch.images,
        batch.labels,
        norm=batch.norm,
        loss=batch.loss,
        targets=batch.targets,
        gradient_dtype=batch.gradient_dtype,
    )
    return prepare_ray(batch, directions)
