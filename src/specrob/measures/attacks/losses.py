"""Losses that attacks increase, image by image.

Letters: ``B`` images, ``C`` classes.
"""

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn.functional import softplus


def margin(logits: Tensor, labels: Tensor) -> Tensor:
    """Return the best other logit minus the label's, (B,): positive where fooled.

    >>> margin(torch.tensor([[3.0, 1.0, 2.0]]), torch.tensor([0]))
    tensor([-1.])
    """
    true = logits.gather(1, labels[:, None])[:, 0]
    others = logits.scatter(1, labels[:, None], -torch.inf)
    return others.amax(1) - true


def cross_entropy(logits: Tensor, labels: Tensor) -> Tensor:
    """Return ``log(1 + sum over j of exp(z_j - z_label))``, (B,), j the other classes.

    The textbook form loses the label's share of the gradient once the margin passes 17: in
    float32 its ``p - 1`` rounds to 0, and what is left points elsewhere. This form keeps the
    direction exact until the whole gradient underflows, at a margin of about 103.

    >>> cross_entropy(torch.tensor([[0.0, 0.0]]), torch.tensor([1]))
    tensor([0.6931])
    """
    true = logits.gather(1, labels[:, None])
    others = logits.scatter(1, labels[:, None], -torch.inf)
    return softplus((others - true).logsumexp(1))


LOSSES: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"ce": cross_entropy, "margin": margin}
