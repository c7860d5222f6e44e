"""Convolutional networks of [1]_ and [2]_.

References
----------
.. [1] J. Nassar et al., "On 1/n neural representation and robustness", arXiv:2012.04729, 4.2.
.. [2] Schaeffer et al., "Towards unifying smooth neural codes with adversarially robust
   representations", 7.2, after PyTorch's CIFAR-10 tutorial.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch
from torch import Tensor, nn

from specrob.models.architecture import Architecture
from specrob.models.layered_network import LayeredNetwork
from specrob.models.mlp import block


class Cnn(LayeredNetwork):
    """Convolutions, each with a non-linearity and 2 x 2 pooling, then fully connected layers.

    ``blocks.0``, ``blocks.1``, ... are the hidden layers, convolutions after pooling;
    ``hidden`` is the first convolution, ``latent`` the last hidden layer.

    Parameters
    ----------
    shape : tuple of int, (C, H, W)
    filters : sequence of int
        Channels of the convolutions.
    kernel : int
        Side of the filters; there is no padding.
    widths : sequence of int
        Units of the fully connected layers.
    activation : {"relu", "tanh", "sigmoid"}
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        filters: Sequence[int],
        kernel: int,
        widths: Sequence[int],
        activation: str = "relu",
    ):
        super().__init__()
        channels = [shape[0], *filters]
        pooled = [
            nn.Sequential(block(nn.Conv2d(a, b, kernel), activation, None), nn.MaxPool2d(2))
            for a, b in zip(channels, channels[1:], strict=False)
        ]
        with torch.no_grad():
            try:
                size = nn.Sequential(*pooled)(torch.zeros(1, *shape)).numel()
            except RuntimeError as error:
                raise ValueError(f"images of {shape}, too small to be convolved") from error
        units = [size, *widths]
        flat = [
            block(nn.Linear(a, b), activation, None)
            for a, b in zip(units, units[1:], strict=False)
        ]
        self.blocks = nn.ModuleList([*pooled, *flat])
        self.convolutions = len(pooled)
        self.readout = nn.Linear(units[-1], classes)
        names = [f"blocks.{n}" for n in range(len(self.blocks))]
        self.latent_layers = tuple(names)
        self.layer_names = {"hidden": "blocks.0.0.map", "latent": names[-1]}

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, (B, C), for images (B, C, H, W)."""
        for n, layer in enumerate(self.blocks):
            x = layer(x if n < self.convolutions else x.flatten(1))
        logits: Tensor = self.readout(x)
        return logits

    def chain(self) -> Sequence[nn.Module]:
        """Return the layers in their order."""
        blocks = list(self.blocks)
        first, then = blocks[: self.convolutions], blocks[self.convolutions :]
        return *first, nn.Flatten(), *then, self.readout


def cnn_b(
    shape: tuple[int, ...],
    classes: int,
    *,
    filters: list[int] | int | None = None,
    width: int = 1000,
    activation: str = "tanh",
) -> Cnn:
    """Return the network of [1]_: 3 x 3 convolutions of 16 and 32 filters, 1,000 units.

    >>> cnn_b((1, 28, 28), 10, filters=[4, 8], width=300).readout
    Linear(in_features=300, out_features=10, bias=True)
    """
    return Cnn(
        shape,
        classes,
        filters=[filters] if isinstance(filters, int) else filters or (16, 32),
        kernel=3,
        widths=(width,),
        activation=activation,
    )


def infer_cnn_b(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return filters and width by the shapes of weights."""
    weights = [arrays[name] for name in sorted(arrays) if name.endswith(".map.weight")]
    filters = [len(one) for one in weights if one.ndim == 4]
    widths = [len(one) for one in weights if one.ndim == 2]
    return {"filters": filters, "width": widths[0]} if filters and len(widths) == 1 else {}


def cnn_d(shape: tuple[int, ...], classes: int, *, activation: str = "relu") -> Cnn:
    """Return the network of [2]_: 5 x 5 convolutions of 6 and 16, then 2,000 and 1,000 units."""
    return Cnn(
        shape, classes, filters=(6, 16), kernel=5, widths=(2000, 1000), activation=activation
    )


CNN_B = Architecture(cnn_b, infer_cnn_b, whitens=True)
CNN_D = Architecture(cnn_d, whitens=True)
