"""Networks with several fully connected hidden layers.

References
----------
.. [1] J. Nassar et al., "On 1/n neural representation and robustness", arXiv:2012.04729, 4.1, 4.2.
"""

from collections import OrderedDict
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from torch import Tensor, nn

from specrob.models.architecture import Architecture
from specrob.models.layered_network import LayeredNetwork
from specrob.models.shallow import BatchNorm

ACTIVATIONS: dict[str, type[nn.Module]] = {
    "relu": nn.ReLU,
    "tanh": nn.Tanh,
    "sigmoid": nn.Sigmoid,
}


class Mlp(LayeredNetwork):
    """Hidden layers, each a linear map, a non-linearity and, optionally, batch normalization.

    ``hidden`` is the first linear map, ``latent`` the activations of the last hidden layer;
    ``blocks.0``, ``blocks.1``, ... are the activations of each hidden layer.

    Parameters
    ----------
    shape : tuple of int, (C, H, W)
    hidden : int or list of int
        Widths, by default three layers of 1,000; [1]_ also has one of 2,000.
    activation : {"relu", "tanh", "sigmoid"}
    batch_norm : bool
        Batch normalization after the non-linearity, as in the code of [1]_.
    """

    def __init__(
        self,
        shape: tuple[int, ...],
        classes: int,
        *,
        hidden: list[int] | int | None = None,
        activation: str = "relu",
        batch_norm: bool = False,
    ):
        super().__init__()
        pixels = shape[0] * shape[1] * shape[2]
        widths = [pixels, *([hidden] if isinstance(hidden, int) else hidden or [1000] * 3)]
        self.blocks = nn.ModuleList(
            block(nn.Linear(fan_in, fan_out), activation, fan_out if batch_norm else None)
            for fan_in, fan_out in zip(widths, widths[1:], strict=False)
        )
        self.readout = nn.Linear(widths[-1], classes)
        names = [f"blocks.{n}" for n in range(len(self.blocks))]
        self.latent_layers = tuple(names)
        self.linear_layers = ("hidden", f"{names[0]}.map")
        self.layer_names = {"hidden": f"{names[0]}.map", "latent": names[-1]}

    def forward(self, x: Tensor) -> Tensor:
        """Return logits, (B, C), for images (B, ...)."""
        x = x.flatten(1)
        for layer in self.blocks:
            x = layer(x)
        logits: Tensor = self.readout(x)
        return logits

    def chain(self) -> Sequence[nn.Module]:
        """Return the layers in their order."""
        return nn.Flatten(), *self.blocks, self.readout


def block(map_: nn.Module, activation: str, batch_norm: int | None) -> nn.Sequential:
    """Return a map, its non-linearity, and batch normalization of a number of units, if any."""
    if activation not in ACTIVATIONS:
        raise ValueError(f"activation {activation}, not one of {', '.join(ACTIVATIONS)}")
    parts = {"map": map_, "activation": ACTIVATIONS[activation]()}
    if batch_norm:
        parts["batch_norm"] = BatchNorm(batch_norm)
    return nn.Sequential(OrderedDict(parts))


def infer(arrays: Mapping[str, np.ndarray]) -> dict[str, Any]:
    """Return the widths, and whether there is batch normalization, by the shapes of weights."""
    names = sorted((n for n in arrays if n.endswith(".map.weight")), key=_block_number)
    widths: dict[str, Any] = {"hidden": [len(arrays[n]) for n in names]} if names else {}
    return widths | ({"batch_norm": True} if "blocks.0.batch_norm.weight" in arrays else {})


def _block_number(name: str) -> int:
    return int(name.split(".")[1])


MLP = Architecture(Mlp, infer, whitens=True)
