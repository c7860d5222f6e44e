"""Optimizers for trained weights."""

from collections.abc import Iterable

import torch
from torch import nn

from specrob.settings.optimization import OptimizerSettings


def make_optimizer(
    settings: OptimizerSettings, weights: Iterable[nn.Parameter], lr: float
) -> torch.optim.Optimizer:
    """Return PyTorch's optimizer, whose state is empty until the first step.

    >>> make_optimizer(OptimizerSettings("sgd", 0.9), [nn.Parameter(torch.ones(1))], 0.1).defaults[
    ...     "momentum"
    ... ]
    0.9
    """
    if settings.name == "sgd":
        return torch.optim.SGD(weights, lr=lr, momentum=settings.momentum, fused=True)
    return torch.optim.Adam(weights, lr=lr, amsgrad=settings.name == "amsgrad", fused=True)
