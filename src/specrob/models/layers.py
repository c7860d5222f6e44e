"""A model's layers by name, and their activations.

Names that always resolve: ``input``, ``hidden`` (the first layer before its non-linearity),
``latent``, ``penultimate`` (the input of the last linear map) and ``logits``; any submodule's
dotted name. Where a network names no ``hidden``, it is the output of the first linear map or
convolution; where it names no ``latent``, that is the penultimate.

Letters: ``B`` images, ``N`` units.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, cast

from torch import Tensor, nn
from torch.utils.hooks import RemovableHandle

from specrob.errors import ModelError
from specrob.models.layered_network import LayeredNetwork, core_of
from specrob.models.preprocessing import Standardized

ENDS, LAST = ("input", "logits"), ("latent", "penultimate")
CONVOLUTIONS = (
    *(nn.Conv1d, nn.Conv2d, nn.Conv3d),
    *(nn.ConvTranspose1d, nn.ConvTranspose2d, nn.ConvTranspose3d),
)


@dataclass(frozen=True)
class PointwiseMap:
    """A layer ``f(h)``, ``h = W x + const``, of the images x; f acts on every unit alone.

    Parameters
    ----------
    weight : Tensor, (N, D)
        W.
    below : str
        The layer h; the layer itself where f is the identity.
    function : callable (h) -> Tensor
        f.
    """

    weight: Tensor
    below: str
    function: Callable[[Tensor], Tensor]


def activations(model: nn.Module, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
    """Return the activations of some layers, all from one forward pass.

    Parameters
    ----------
    images : Tensor, (B, ...)

    Returns
    -------
    dict of Tensor, (B, N), flattened

    Raises
    ------
    ModelError
        If a layer is not there.

    Examples
    --------
    >>> import torch
    >>> net = nn.Sequential(nn.Linear(2, 3), nn.ReLU(), nn.Linear(3, 4))
    >>> by_layer = activations(net, torch.ones(5, 2), ["0", "penultimate", "logits"])
    >>> {name: tuple(values.shape) for name, values in by_layer.items()}
    {'0': (5, 3), 'penultimate': (5, 3), 'logits': (5, 4)}
    """
    seen: dict[str, Tensor] = {"input": images}
    hooks = [hook for layer in layers if layer not in ENDS for hook in _attach(model, layer, seen)]
    try:
        seen["logits"] = model(images)
    finally:
        for hook in hooks:
            hook.remove()
    silent = [layer for layer in layers if layer not in seen]
    if silent:
        raise ModelError(
            f"expected a layer that returns one tensor, found `{silent[0]}`, which does not; "
            "name another"
        )
    return {layer: seen[layer].flatten(1) for layer in layers}


def layer_function(model: nn.Module, layer: str) -> Callable[[Tensor], Tensor]:
    """Return the function from images, (B, ...), to one layer's activations, (B, N)."""
    return lambda images: activations(model, images, [layer])[layer]


def find_layer(model: nn.Module, layer: str) -> nn.Module:
    """Return the submodule of that name, also below the model's preprocessing.

    Raises
    ------
    ModelError
        If the model has no such layer.
    """
    module = _named(model, layer)
    if module is None and layer == "hidden":
        maps = (m for m in model.modules() if isinstance(m, (nn.Linear, *CONVOLUTIONS)))
        module = next(maps, None)
    if module is None:
        names = [*ENDS, *LAST, "hidden", *(name for name, _ in model.named_modules() if name)]
        raise ModelError(
            f"expected a layer of the model, found `{layer}`; "
            f"it has {', '.join(dict.fromkeys(names))}"
        )
    return module


def _named(model: nn.Module, layer: str) -> nn.Module | None:
    for root in (model, core_of(model)):
        names = root.layer_names if isinstance(root, LayeredNetwork) else {}
        name = names.get(layer, layer)
        if name in dict(root.named_modules()):
            return root.get_submodule(name)
    return None


def _attach(model: nn.Module, layer: str, seen: dict[str, Tensor]) -> list[RemovableHandle]:
    if layer in LAST and _named(model, layer) is None:
        linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
        if not linear:
            raise ModelError(f"expected a final linear map for `{layer}`, found none")
        return [m.register_forward_pre_hook(_store_input(seen, layer)) for m in linear]
    return [find_layer(model, layer).register_forward_hook(_store_output(seen, layer))]


def _store_input(
    seen: dict[str, Tensor], layer: str
) -> Callable[[nn.Module, tuple[Tensor, ...]], None]:
    def hook(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen[layer] = inputs[0].clone()  # what follows may write into it

    return hook


def _store_output(
    seen: dict[str, Tensor], layer: str
) -> Callable[[nn.Module, tuple[Tensor, ...], Any], None]:
    def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Any) -> None:
        if isinstance(output, Tensor):
            seen[layer] = output.clone()  # what follows may write into it

    return hook


def linear_maps(model: nn.Module, layers: Sequence[str]) -> dict[str, Tensor]:
    """Return W, (N, D), of those layers that are ``W x`` + const of the images x.

    >>> import torch
    >>> from specrob.models.shallow import Linear
    >>> linear_maps(Linear((1, 1, 2), 3), ["logits", "input"])["logits"].shape
    torch.Size([3, 2])
    """
    core, maps = core_of(model), {}
    linear = core.linear_layers if isinstance(core, LayeredNetwork) else ()
    for layer in layers:
        if layer in linear:
            module = find_layer(model, "readout" if layer == "logits" else layer)
            weight = cast(Tensor, module.weight)
            if isinstance(model, Standardized):  # by pixels, whose channels are divided first
                pixels = weight.shape[1] // model.std.numel()
                weight = weight / model.std.flatten().repeat_interleave(pixels)
            maps[layer] = weight
    return maps


def pointwise_maps(model: nn.Module, layers: Sequence[str]) -> dict[str, PointwiseMap]:
    """Return those layers that are ``f(W x + const)`` of the images x, f pointwise.

    >>> from specrob.models import build
    >>> net = build("shlp", (1, 1, 2), 3, {"hidden": 4}, None)
    >>> [one.below for one in pointwise_maps(net, ["hidden", "latent", "logits"]).values()]
    ['hidden', 'hidden']
    """
    core = core_of(model)
    pointwise = core.pointwise_layers if isinstance(core, LayeredNetwork) else {}
    parts: dict[str, tuple[str, Callable[[Tensor], Tensor]]] = {
        layer: (layer, nn.Identity()) for layer in layers
    }
    parts |= {layer: part for layer, part in pointwise.items() if layer in layers}
    maps = linear_maps(model, [below for below, _ in parts.values()])
    return {
        layer: PointwiseMap(maps[below], below, function)
        for layer, (below, function) in parts.items()
        if below in maps
    }
