"""A fixed linear layer that scales activations along their principal directions.

Letters: ``B`` images, ``N`` units, ``C`` classes.
"""

from collections import OrderedDict

import torch
from torch import Tensor, nn

from specrob.errors import ModelError
from specrob.models.layered_network import LayeredNetwork, core_of


class PrincipalScaling(nn.Module):
    """``h' = V diag(s) V^T (h - mean)``, V orthonormal.

    The mean is subtracted and the factors are applied one after the other since float32 does not
    hold ``V diag(s) V^T`` of scales that differ by many orders of magnitude.

    Parameters
    ----------
    units : int
        N.

    Examples
    --------
    >>> layer = PrincipalScaling(2)
    >>> layer.set_(mean=torch.ones(2), vectors=torch.eye(2), scales=torch.tensor([2.0, 3.0]))
    >>> layer(torch.tensor([[2.0, 2.0]]))
    tensor([[2., 3.]])
    """

    mean: Tensor
    vectors: Tensor
    scales: Tensor

    def __init__(self, units: int):
        super().__init__()
        self.register_buffer("mean", torch.zeros(units))
        self.register_buffer("vectors", torch.eye(units))
        self.register_buffer("scales", torch.ones(units))

    def forward(self, h: Tensor) -> Tensor:
        """Return scaled activations, (B, N), for activations of the same shape."""
        scaled: Tensor = ((h - self.mean) @ self.vectors * self.scales) @ self.vectors.T
        return scaled

    def set_(self, *, mean: Tensor, vectors: Tensor, scales: Tensor) -> None:
        """Set mean, (N,), directions as columns, (N, N), and positive scales, (N,)."""
        self.mean.copy_(mean)
        self.vectors.copy_(vectors)
        self.scales.copy_(scales)

    @torch.no_grad()
    def absorb_(self, readout: nn.Linear) -> None:
        """Change a read-out A h + b so that it gives for h' the logits that it gave for h."""
        weight = readout.weight.double()
        if readout.bias is None:
            readout.bias = nn.Parameter(weight.new_zeros(len(weight)).to(readout.weight))
        readout.bias.add_((weight @ self.mean.double()).to(readout.bias))
        vectors = self.vectors.double()
        readout.weight.copy_(weight @ vectors / self.scales.double() @ vectors.T)


def linear_readout(network: nn.Module, images: Tensor) -> str:
    """Return the name of the linear layer whose output are the logits.

    Parameters
    ----------
    images : Tensor, (B, C, H, W)

    Raises
    ------
    ModelError
        If no linear layer returns the logits.
    """
    seen: list[tuple[nn.Module, Tensor]] = []
    maps = [module for module in network.modules() if type(module) is nn.Linear]
    hooks = [m.register_forward_hook(lambda m, _, out: seen.append((m, out))) for m in maps]
    try:
        with torch.no_grad():
            logits = network(images)
    finally:
        for hook in hooks:
            hook.remove()
    last, output = seen[-1] if seen else (None, None)
    is_readout = output is not None and torch.equal(output, logits)
    if last is None or not is_readout or [m for m, _ in seen].count(last) > 1:
        raise ModelError(
            "expected a network whose logits are a linear map of its last layer, found "
            f"{'another function above it' if seen else 'no linear layer'}; its read-out cannot "
            "undo a change of that layer"
        )
    names: dict[nn.Module, str] = {m: name for name, m in core_of(network).named_modules()}
    return names[last]


def insert_scaling_(network: nn.Module, readout: str) -> tuple[PrincipalScaling, nn.Linear]:
    """Put a scaling before the linear layer of that name, in place; return both.

    Raises
    ------
    ModelError
        If there is no such layer.
    """
    core = core_of(network)
    linear = dict(core.named_modules()).get(readout)
    if type(linear) is not nn.Linear or not readout:
        raise ModelError(f"expected a linear layer `{readout}` in the model, found none")
    scaling = PrincipalScaling(linear.in_features).to(linear.weight.device)
    parent, _, name = readout.rpartition(".")
    both = nn.Sequential(OrderedDict[str, nn.Module](scaling=scaling, linear=linear))
    core.get_submodule(parent).add_module(name, both)
    if isinstance(core, LayeredNetwork):  # the layer is no longer a product of its weight
        core.linear_layers = tuple(n for n in core.linear_layers if n not in ("logits", readout))
    return scaling, linear
