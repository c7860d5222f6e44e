"""Weight decay as a penalty: ``c * sum of squares of all trained parameters``.

References
----------
.. [1] "Exploring mechanisms of neural robustness", arXiv:2405.00679: c = 5e-4.
"""

from collections.abc import Callable

import torch
from torch import Tensor, nn


def l2(coefficient: float) -> Callable[[nn.Module, Tensor], Tensor]:
    """Return the penalty with a coefficient, 0 or more.

    >>> layer = nn.Linear(2, 1, bias=False)
    >>> _ = layer.weight.data.copy_(torch.tensor([[3.0, 4.0]]))
    >>> float(l2(0.1)(layer, torch.zeros(1, 2)).detach())
    2.5
    """
    if not coefficient >= 0:
        raise ValueError(f"a coefficient of at least 0, not {coefficient}")

    def penalty(model: nn.Module, images: Tensor) -> Tensor:
        trained = [w for w in model.parameters() if w.requires_grad]
        return coefficient * torch.stack([w.square().sum() for w in trained]).sum()

    return penalty
