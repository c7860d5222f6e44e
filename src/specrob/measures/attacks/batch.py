"""What every attack is given, what it answers with, and the gradients that it follows.

Letters: ``B`` images, ``R`` of them, ``C`` classes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.devices import product_dtype
from specrob.linalg import per_image
from specrob.measures.attacks.losses import LOSSES, margin
from specrob.norms import NORMS, Bounds, Geometry
from specrob.settings.attack import Loss, Norm

LABEL_DTYPE = torch.float32  # in which predictions are always computed
Classifier = Callable[[Tensor], Tensor]  # images (B, ...) -> logits (B, C)
Perturb = Callable[[Tensor, Tensor], Tensor]  # rows (R,), radii (R,) -> perturbed images (R, ...)


@dataclass(frozen=True)
class AttackBatch:
    """Images to be perturbed until a model misclassifies them, or predicts their targets.

    Parameters
    ----------
    model : callable, (B, ...) -> (B, C) logits
        In evaluation mode.
    images : Tensor, (B, ...)
    labels : Tensor, (B,)
    bounds : Bounds
        The box that perturbed images stay in.
    norm : {"l1", "l2", "linf"}
        Norm of the radius.
    loss : {"ce", "margin"}
    seed : int
    index : Tensor, (B,)
        Positions in the split; with the seed they decide all random numbers.
    gradient_dtype : torch.dtype
        Precision of the matrix products on the way to a gradient.
    levels : int or None
        Perturbed pixels are rounded to so many levels between the bounds.
    stop_when_fooled : bool
        Whether an attack may leave an image alone once it is fooled. This is False where pixels
        are rounded afterwards, and in training, where the highest loss is wanted.
    targets : Tensor, (B,), optional
        Classes to be predicted; by default any class but the label.
    keep_worst : bool
        Whether the worst iterate is wanted, which takes a forward pass more than the last one.
    """

    model: Classifier
    images: Tensor
    labels: Tensor
    bounds: Bounds
    norm: Norm
    loss: Loss
    seed: int
    index: Tensor
    gradient_dtype: torch.dtype = LABEL_DTYPE
    levels: int | None = None
    stop_when_fooled: bool = True
    targets: Tensor | None = None
    keep_worst: bool = True

    @property
    def goal(self) -> Tensor:
        """The classes whose loss rises, the labels, or falls, the targets, (B,)."""
        return self.labels if self.targets is None else self.targets

    def fools(self, classes: Tensor, rows: Tensor | slice = slice(None)) -> Tensor:
        """Return whether predictions for some rows are what the attack wants, (R,), bool.

        >>> x, two = torch.zeros(2, 1), torch.tensor([0, 1])
        >>> fields = {"norm": "l2", "loss": "ce", "seed": 0, "index": two, "bounds": None}
        >>> batch = AttackBatch(lambda x: x, x, two, targets=torch.tensor([2, 2]), **fields)
        >>> batch.fools(torch.tensor([1, 2]))
        tensor([False,  True])
        """
        if self.targets is None:
            return classes != self.labels[rows]
        return classes == self.targets[rows]

    @property
    def geometry(self) -> Geometry:
        """Lengths, directions and projections of the norm."""
        return NORMS[self.norm]


@dataclass(frozen=True)
class PreparedAttack:
    """An attack on the images of one batch, ready for any radius.

    Parameters
    ----------
    perturb : callable, rows (R,) and radii (R,) -> perturbed images (R, ...)
    near : callable () -> Tensor, (B,), optional
        Radius near which each image is expected to be fooled. None for an attack along a ray,
        whose first crossing of a boundary is wanted, wherever that is.
    """

    perturb: Perturb
    near: Callable[[], Tensor] | None = None


def prepare_ray(
    batch: AttackBatch, directions: Tensor, near: Callable[[], Tensor] | None = None
) -> PreparedAttack:
    """Return an attack that moves every image along its direction, (B, ...)."""

    def perturb(rows: Tensor, eps: Tensor) -> Tensor:
        return step_along(
            batch.images[rows], directions[rows], eps=eps, bounds=batch.bounds.take(rows)
        )

    return PreparedAttack(perturb, near)


def gradient_of(
    model: Classifier,
    images: Tensor,
    objective: Callable[[Tensor], Tensor],
    gradient_dtype: torch.dtype = LABEL_DTYPE,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradient of an objective of the logits, the objective, and the logits.

    The gradient is with respect to the images, (B, ...); its parts that are not finite count as
    0. Where `gradient_dtype` is bfloat16 and the device has units that multiply it, matrix
    products use it, and the logits are known to `logit_error`.

    >>> gradient_of(lambda x: 3 * x, torch.tensor([[1.0, 0.0]]), lambda logits: logits[:, 0])
    (tensor([[3., 0.]]), tensor([3.]), tensor([[3., 0.]]))
    """
    images, kind = images.detach().requires_grad_(), images.device.type
    lower = (
        gradient_dtype is not LABEL_DTYPE
        and product_dtype(gradient_dtype, images.device) is not LABEL_DTYPE
    )
    with torch.enable_grad():
        with torch.autocast(kind, dtype=gradient_dtype if lower else None, enabled=lower):
            logits = model(images)
        values = objective(logits.to(images.dtype))
        (gradient,) = torch.autograd.grad(values.sum(), images)
    return gradient.nan_to_num(0, 0, 0), values.detach(), logits.detach().to(images.dtype)


def logit_error(logits: Tensor, gradient_dtype: torch.dtype) -> Tensor | float:
    """Return how far logits may be wrong, (B,): 0 in full precision.

    >>> logit_error(torch.tensor([[64.0, -3.0]]), torch.bfloat16)
    tensor([1.])
    """
    return 0.0 if gradient_dtype is LABEL_DTYPE else logits.abs().amax(1) / 64


def loss_gradient(
    model: Classifier,
    images: Tensor,
    labels: Tensor,
    loss: Loss,
    gradient_dtype: torch.dtype = LABEL_DTYPE,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradient by the images, (B, ...), the loss, (B,), and the logits, (B, C).

    >>> loss_gradient(lambda x: 3 * x, torch.tensor([[1.0, 0.0]]), torch.tensor([0]), "margin")
    (tensor([[-3.,  3.]]), tensor([-3.]), tensor([[3., 0.]]))
    """
    return gradient_of(model, images, lambda logits: LOSSES[loss](logits, labels), gradient_dtype)


def distance_to_runner_up(
    model: Classifier, images: Tensor, labels: Tensor, geometry: Geometry
) -> Tensor:
    """Return how far the boundary with the best other class is if logits are linear, (B,).

    It is at most the image's length. Another class may be nearer, where its slope is larger.

    >>> two = lambda x: torch.stack([x[:, 0], -x[:, 0]], 1)
    >>> x, label = torch.tensor([[0.2, 5.0]]), torch.tensor([0])
    >>> distance_to_runner_up(two, x, label, NORMS["l2"])
    tensor([0.2000])
    """
    slope, gaps, _ = gradient_of(model, images, lambda logits: margin(logits, labels))
    length = geometry.length(images)
    distance = gaps.abs() / geometry.dual_length(slope).clamp(min=1e-30)
    longest = torch.where(length > 0, length, 1)
    return torch.where(distance < longest, distance, longest)  # also where it is NaN


def radius_per_image(eps: float | Tensor, images: Tensor) -> Tensor:
    """Return one radius an image, (B,).

    >>> radius_per_image(0.5, torch.zeros(2, 3))
    tensor([0.5000, 0.5000])
    """
    return torch.as_tensor(eps, dtype=images.dtype, device=images.device).expand(len(images))


def step_along(
    images: Tensor, directions: Tensor, *, eps: float | Tensor, bounds: Bounds
) -> Tensor:
    """Return the images moved along their directions by eps, clipped to the bounds.

    Parameters
    ----------
    images, directions : Tensor, (B, ...)
    eps : float or Tensor, (B,), pixel units
    bounds : Bounds

    Examples
    --------
    >>> box = Bounds(torch.tensor([0.0]), torch.tensor([2.25]))
    >>> step_along(torch.tensor([[1.0, 2.0]]), torch.tensor([[-1.0, 1.0]]), eps=0.5, bounds=box)
    tensor([[0.5000, 2.2500]])
    """
    return bounds.clip(images + per_image(radius_per_image(eps, images), images) * directions)
