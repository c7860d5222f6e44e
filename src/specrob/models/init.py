"""Initial weights."""

import torch
from torch import nn


def draw_weights_(network: nn.Module, generator: torch.Generator) -> None:
    """Draw weights and biases of linear maps and convolutions uniformly within 1/sqrt(inputs).

    The distributions are PyTorch's defaults.

    >>> layer = nn.Linear(4, 1000)
    >>> draw_weights_(layer, torch.Generator().manual_seed(0))
    >>> bool(0.49 < layer.weight.abs().max() <= 0.5)
    True
    """
    for part in network.modules():
        if isinstance(part, nn.Linear | nn.Conv2d):
            bound = part.weight[0].numel() ** -0.5
            with torch.no_grad():
                part.weight.uniform_(-bound, bound, generator=generator)
                if part.bias is not None:
                    part.bias.uniform_(-bound, bound, generator=generator)
