"""Layers trained by a local rule, and networks that consist of one.

Letters: ``B`` images, ``D`` pixels, ``N`` hidden units.
"""

from typing import Any

import torch
from torch import Tensor, nn

from specrob.models.architecture import Architecture, infer_hidden
from specrob.models.layered_network import LayeredNetwork
from specrob.settings.local import KrotovHopfield, Rule, format_rule, parse_rule


class LocalLayer(nn.Module):
    """A layer trained by a local rule: ``h = W x``, where W is a function of the synapses S.

    Parameters
    ----------
    synapses : Tensor, (N, D)
        S, which gradients do not train.
    rule : Rule
        The constants of the rule.

    Examples
    --------
    >>> LocalLayer(torch.tensor([[2.0, -3.0]]), KrotovHopfield(p=3))(torch.ones(1, 2))
    tensor([[-5.]])
    """

    synapses: Tensor
    weight: Tensor

    def __init__(self, synapses: Tensor, rule: Rule):
        super().__init__()
        self.rule = rule.start()
        self.register_buffer("synapses", synapses)
        self.register_buffer("weight", synapses, persistent=False)
        if not synapses.is_meta:  # whose first power would load torch's compiler, for a second
            self.refresh_()
        self.register_load_state_dict_post_hook(  # type: ignore[no-untyped-call]
            lambda layer, _: layer.refresh_()
        )

    def set_synapses_(self, synapses: Tensor) -> None:
        """Replace the synapses by others of the same shape, and recompute the weight."""
        self.synapses = synapses
        self.refresh_()

    def refresh_(self) -> None:
        """Recompute W after S has changed."""
        self.weight = self.rule.weight(self.synapses)

    def draw_(self, generator: torch.Generator) -> None:
        """Draw the synapses with which the rule starts."""
        units, pixels = self.synapses.shape
        self.set_synapses_(self.rule.initial(units, pixels, std=1.0, generator=generator))

    def forward(self, x: Tensor) -> Tensor:
        """Return h, (B, N), for images (B, ...)."""
        return x.flatten(1) @ self.weight.T


class LocalModel(LayeredNetwork):
    """A local layer alone, without a read-out: what ``train-kh`` makes."""

    layer_names = {"latent": "hidden", "penultimate": "hidden"}
    linear_layers = ("hidden",)

    def __init__(self, hidden: LocalLayer):
        super().__init__()
        self.hidden = hidden

    def forward(self, x: Tensor) -> Tensor:
        """Return h, (B, N)."""
        h: Tensor = self.hidden(x)
        return h


def build_kh(
    shape: tuple[int, ...], classes: int, *, hidden: int, p: float = KrotovHopfield.p
) -> LocalModel:
    """Return an empty layer of the rule of Krotov and Hopfield."""
    return LocalModel(empty_layer(shape, hidden, KrotovHopfield(p=p)))


def build_local(shape: tuple[int, ...], classes: int, *, hidden: int, rule: str) -> LocalModel:
    """Return an empty layer of the rule ``NAME[,key=value...]``."""
    return LocalModel(empty_layer(shape, hidden, parse_rule(rule)))


def empty_layer(shape: tuple[int, ...], hidden: int, rule: Rule) -> LocalLayer:
    """Return a layer for images of a shape, whose synapses are 0."""
    return LocalLayer(torch.zeros(hidden, torch.Size(shape).numel()), rule)


def draw_local_(network: LocalModel, generator: torch.Generator) -> None:
    """Draw the synapses of a layer, from which its rule starts.

    >>> network = build_kh((1, 1, 2), 1, hidden=3)
    >>> draw_local_(network, torch.Generator().manual_seed(0))
    >>> bool(network.hidden.weight.any())
    True
    """
    network.hidden.draw_(generator)


def describe_layer(rule: Rule, hidden: int) -> tuple[str, dict[str, Any]]:
    """Return the architecture and the options that a file records of a layer.

    >>> describe_layer(KrotovHopfield(p=2), 5)
    ('kh', {'hidden': 5, 'p': 2})
    """
    if isinstance(rule, KrotovHopfield):
        return "kh", {"hidden": hidden, "p": rule.p}
    return "local", {"hidden": hidden, "rule": format_rule(rule)}


KH = Architecture(build_kh, infer_hidden("hidden.synapses"), draw_local_, "hidden", "hidden")
LOCAL = Architecture(build_local, infer_hidden("hidden.synapses"), draw_local_, "hidden", "hidden")
