"""What every attack is given, and the losses that it climbs.

Letters: ``B`` images, ``C`` classes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from specrob.devices import product_dtype
from specrob.geometry import NORMS, Bounds, Geometry
from specrob.linalg import per_image

LABEL_DTYPE = torch.float32  # in which labels are always decided
Classifier = Callable[[Tensor], Tensor]  # images (B, ...) -> logits (B, C)


@dataclass(frozen=True)
class AttackBatch:
    """Images to be perturbed until a model mistakes them.

    Parameters
    ----------
    model : callable, (B, ...) -> (B, C) logits
        In evaluation mode.
    images : Tensor, (B, ...)
    labels : Tensor, (B,)
    bounds : Bounds
        The box that perturbed images stay in.
    norm : {"l2", "linf"}
        In which the radius is measured.
    loss : {"ce", "margin"}
    seed : int
    index : Tensor, (B,)
        Positions in the split; with the seed they decide all random numbers.
    gradients_in : torch.dtype
        In which products on the way to a gradient are taken.
    """

    model: Classifier
    images: Tensor
    labels: Tensor
    bounds: Bounds
    norm: str
    loss: str
    seed: int
    index: Tensor
    gradients_in: torch.dtype = LABEL_DTYPE

    @property
    def geometry(self) -> Geometry:
        """The norm's row."""
        return NORMS[self.norm]


def margin(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the best other logit minus the label's, (B,): positive where fooled.

    >>> margin(torch.tensor([[3.0, 1.0, 2.0]]), torch.tensor([0]))
    tensor([-1.])
    """
    own = logits.gather(1, labels[:, None])[:, 0]
    others = logits.scatter(1, labels[:, None], -torch.inf)
    return others.amax(1) - own


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return ``log(1 + sum over j of exp(z_j - z_label))``, (B,), j the other classes.

    The textbook form loses the label's share of the gradient once the margin passes 17: in
    float32 its ``p - 1`` rounds to 0, and what is left points elsewhere. This form keeps the
    direction exact until the whole gradient underflows, at a margin of about 103.

    >>> cross_entropy(torch.tensor([[0.0, 0.0]]), torch.tensor([1]))
    tensor([0.6931])
    """
    own = logits.gather(1, labels[:, None])
    others = logits.scatter(1, labels[:, None], -torch.inf)
    return softplus((others - own).logsumexp(1))


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"ce": cross_entropy, "margin": margin}


def gradient_of(
    model: Classifier,
    images: Tensor,
    objective: Callable[[Tensor], Tensor],
    gradients_in: torch.dtype = LABEL_DTYPE,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradient by the images, (B, ...), of what is made of logits, it, and the logits.

    What of the gradient is not finite counts as 0. Where `gradients_in` is bfloat16 and there are
    units that multiply it, products are taken in it, and the logits are known to `logit_error`.

    >>> gradient_of(lambda x: 3 * x, torch.tensor([[1.0, 0.0]]), lambda logits: logits[:, 0])
    (tensor([[3., 0.]]), tensor([3.]), tensor([[3., 0.]]))
    """
    images, kind = images.detach().requires_grad_(), images.device.type
    lower = (
        gradients_in is not LABEL_DTYPE
        and product_dtype(gradients_in, images.device) is not LABEL_DTYPE
    )
    with torch.enable_grad():
        with torch.autocast(kind, dtype=gradients_in if lower else None, enabled=lower):
            logits = model(images)
        values = objective(logits.to(images.dtype))
        (gradient,) = torch.autograd.grad(values.sum(), images)
    return gradient.nan_to_num_(0, 0, 0), values.detach(), logits.detach().to(images.dtype)


def logit_error(logits: Tensor, gradients_in: torch.dtype) -> Tensor | float:
    """Return how far logits may be wrong, (B,): 0 in full precision.

    >>> logit_error(torch.tensor([[64.0, -3.0]]), torch.bfloat16)
    tensor([1.])
    """
    return 0.0 if gradients_in is LABEL_DTYPE else logits.abs().amax(1) / 64


def loss_gradient(
    model: Classifier,
    images: Tensor,
    labels: Tensor,
    loss: str,
    gradients_in: torch.dtype = LABEL_DTYPE,
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradient by the images, (B, ...), the loss, (B,), and the logits, (B, C).

    >>> loss_gradient(lambda x: 3 * x, torch.tensor([[1.0, 0.0]]), torch.tensor([0]), "margin")
    (tensor([[-3.,  3.]]), tensor([-3.]), tensor([[3., 0.]]))
    """
    return gradient_of(model, images, lambda logits: LOSSES[loss](logits, labels), gradients_in)


def linear_distance(
    model: Classifier, images: Tensor, labels: Tensor, geometry: Geometry
) -> Tensor:
    """Return how far the boundary is if logits are linear, (B,), at most the image's length.

    >>> two = lambda x: torch.stack([x[:, 0], -x[:, 0]], 1)
    >>> x, label = torch.tensor([[0.2, 5.0]]), torch.tensor([0])
    >>> linear_distance(two, x, label, NORMS["l2"])
    tensor([0.2000])
    """
    slope, gaps, _ = gradient_of(model, images, lambda logits: margin(logits, labels))
    length = geometry.length(images)
    distance = gaps.abs() / geometry.dual_length(slope).clamp(min=1e-30)
    longest = torch.where(length > 0, length, 1)
    return torch.where(distance < longest, distance, longest)  # also where it is NaN


def radii(eps: float | Tensor, images: Tensor) -> Tensor:
    """Return one radius an image, (B,).

    >>> radii(0.5, torch.zeros(2, 3))
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
    return bounds.clip(images + per_image(radii(eps, images), images) * directions)
