"""What a network does to images before it looks at them: a layer of the model.

Letters: ``B`` images, ``C`` channels, ``H`` and ``W`` pixels, ``D = C H W``.
"""

from torch import Tensor, nn


class Standardized(nn.Module):
    """A network that first takes the mean of each channel away and divides by its deviation.

    Parameters
    ----------
    net : nn.Module
    mean, std : Tensor, (C,), pixel units

    Examples
    --------
    >>> import torch
    >>> net = Standardized(nn.Flatten(), torch.tensor([0.5]), torch.tensor([2.0]))
    >>> net(torch.ones(1, 1, 1, 1))
    tensor([[0.2500]])
    """

    mean: Tensor
    std: Tensor

    def __init__(self, net: nn.Module, mean: Tensor, std: Tensor):
        super().__init__()
        self.net = net
        self.register_buffer("mean", mean.reshape(-1, 1, 1))
        self.register_buffer("std", std.reshape(-1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        """Return the network's answer for images (B, C, H, W)."""
        return self.net(self.standardize(x))

    def standardize(self, x: Tensor) -> Tensor:
        """Return what the network sees of images (B, C, H, W)."""
        return (x - self.mean) / self.std

    def gains(self, shape: tuple[int, ...]) -> Tensor:
        """Return d seen / d pixel for images of a shape (C, H, W), flattened, (D,)."""
        return (1 / self.std).expand(shape).flatten()

    def latent_jacobian_norm(self, x: Tensor) -> Tensor:
        """Return the network's own `latent_jacobian_norm`, by pixels instead of what it sees."""
        return self.net.latent_jacobian_norm(self.standardize(x), gains=self.gains(x.shape[1:]))
