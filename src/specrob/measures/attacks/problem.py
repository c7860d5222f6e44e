"""What every attack is given, and the losses that it climbs.

Letters: ``B`` images, ``C`` classes.
"""

from collections.abc import Callable
from dataclasses import dataclass

import torch
from torch import Tensor
from torch.nn.functional import softplus

from specrob.linalg import NORMS, Bounds, Geometry, per_image

Classifier = Callable[[Tensor], Tensor]  # images (B, ...) -> logits (B, C)


@dataclass(frozen=True)
class Problem:
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
    """

    model: Classifier
    images: Tensor
    labels: Tensor
    bounds: Bounds
    norm: str
    loss: str
    seed: int
    index: Tensor

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


def climb(
    model: Classifier, images: Tensor, labels: Tensor, loss: str
) -> tuple[Tensor, Tensor, Tensor]:
    """Return the gradient by the images, (B, ...), the loss, (B,), and the logits, (B, C).

    >>> climb(lambda x: 3 * x, torch.tensor([[1.0, 0.0]]), torch.tensor([0]), "margin")
    (tensor([[-3.,  3.]]), tensor([-3.]), tensor([[3., 0.]]))
    """
    images = images.detach().requires_grad_()
    with torch.enable_grad():
        logits = model(images)
        losses = LOSSES[loss](logits, labels)
        (gradient,) = torch.autograd.grad(losses.sum(), images)
    return gradient, losses.detach(), logits.detach()


def radii(eps: float | Tensor, images: Tensor) -> Tensor:
    """Return one radius an image, (B,).

    >>> radii(0.5, torch.zeros(2, 3))
    tensor([0.5000, 0.5000])
    """
    return torch.as_tensor(eps, dtype=images.dtype, device=images.device).expand(len(images))


def along(images: Tensor, directions: Tensor, *, eps: float | Tensor, bounds: Bounds) -> Tensor:
    """Return the images moved along their directions by eps, clipped to the bounds.

    Parameters
    ----------
    images, directions : Tensor, (B, ...)
    eps : float or Tensor, (B,), pixel units
    bounds : Bounds

    Examples
    --------
    >>> box = Bounds(torch.tensor([0.0]), torch.tensor([2.25]))
    >>> along(torch.tensor([[1.0, 2.0]]), torch.tensor([[-1.0, 1.0]]), eps=0.5, bounds=box)
    tensor([[0.5000, 2.2500]])
    """
    return bounds.clip(images + per_image(radii(eps, images), images) * directions)
