"""Standardization of the channels, as the first layer of a model.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels, ``D = C H W``, ``K`` classes.
"""

from torch import Tensor, nn


class Standardized(nn.Module):
    """A network whose first layer subtracts each channel's mean and divides by its deviation.

    Parameters
    ----------
    mean, std : Tensor, (C,), pixel units

    Examples
    --------
    >>> import torch
    >>> net = Standardized(nn.Flatten(), torch.tensor([0.5]), torch.tensor([2.0]))
    >>> net(torch.ones(1, 1, 1, 1))
    tensor([[0.2500]])
    """

    net: nn.Module
    mean: Tensor
    std: Tensor

    def __init__(self, net: nn.Module, mean: Tensor, std: Tensor):
        super().__init__()
        self.net = net
        self.register_buffer("mean", mean.reshape(-1, 1, 1))
        self.register_buffer("std", std.reshape(-1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the network's logits, (B, K), for images (B, C, H, W)."""
        logits: Tensor = self.net(self.standardize(x))
        return logits

    def standardize(self, x: Tensor) -> Tensor:
        """Return standardized images, (B, C, H, W)."""
        return (x - self.mean) / self.std

    def gains(self, shape: tuple[int, ...]) -> Tensor:
        """Return d standardized / d pixel for images of a shape (C, H, W), flattened, (D,)."""
        return (1 / self.std).expand(shape).flatten()
