"""The layers of a network one after another, where the network is such a chain."""

from collections.abc import Iterator

from torch import nn

from specrob.errors import ModelError
from specrob.models.layered_network import LayeredNetwork
from specrob.models.preprocessing import Standardized


def layers_in_order(model: nn.Module) -> list[nn.Module]:
    """Return the layers whose composition is the model, in evaluation mode.

    Standardization of channels is the layer `Standardized` itself, whose network follows it.

    Raises
    ------
    ModelError
        If a network names no chain, or hooks change what a layer gives.

    Examples
    --------
    >>> from specrob.models import build
    >>> [type(layer).__name__ for layer in layers_in_order(build("linear", (1, 1, 2), 3, {}))]
    ['Flatten', 'Linear']
    """
    return list(_layers(model))


def _layers(model: nn.Module) -> Iterator[nn.Module]:
    if model._forward_hooks or model._forward_pre_hooks:
        raise ModelError(
            f"expected layers without hooks, found one at {type(model).__name__}; remove it"
        )
    if isinstance(model, Standardized):
        yield model
        yield from _layers(model.net)
    elif isinstance(model, LayeredNetwork):
        if not (chain := model.chain()):
            raise ModelError(
                f"expected a network that is a chain of layers, found {type(model).__name__}, "
                "which names none"
            )
        for part in chain:
            yield from _layers(part)
    elif type(model).forward is nn.Sequential.forward:
        for part in model.children():
            yield from _layers(part)
    else:
        yield model
