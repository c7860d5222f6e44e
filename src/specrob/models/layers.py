"""A model's layers by name, and what they answer.

Names that always resolve: ``input``, ``hidden`` (the first layer before its non-linearity),
``latent``, ``penultimate`` (the input of the last linear map) and ``logits``; any submodule's
dotted name. Where a network names no ``hidden``, it is the output of the first linear map or
convolution; where it names no ``latent``, that is the penultimate.

Letters: ``B`` images, ``N`` units.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from torch import Tensor, nn

from specrob.errors import ModelError


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
    model : nn.Module
    images : Tensor, (B, ...)
    layers : sequence of str

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
    >>> found = activations(net, torch.ones(5, 2), ["0", "penultimate", "logits"])
    >>> {name: tuple(values.shape) for name, values in found.items()}
    {'0': (5, 3), 'penultimate': (5, 3), 'logits': (5, 4)}
    """
    seen: dict[str, Tensor] = {"input": images}
    hooks = [
        hook for layer in layers if layer not in _ENDS for hook in _attach(model, layer, seen)
    ]
    try:
        seen["logits"] = model(images)
    finally:
        for hook in hooks:
            hook.remove()
    silent = [layer for layer in layers if layer not in seen]
    if silent:
        raise ModelError(
            f"expected a layer that answers with one tensor, found `{silent[0]}`, which does not; "
            "name another"
        )
    return {layer: seen[layer].flatten(1) for layer in layers}


def layer_function(model: nn.Module, layer: str) -> Callable[[Tensor], Tensor]:
    """Return the function from images, (B, ...), to one layer's activations, (B, N)."""
    return lambda images: activations(model, images, [layer])[layer]


def find(model: nn.Module, layer: str) -> nn.Module:
    """Return the submodule of that name, also below the model's own preprocessing."""
    found = _named(model, layer)
    if found is None and layer == "hidden":
        maps = (m for m in model.modules() if isinstance(m, nn.Linear | nn.modules.conv._ConvNd))
        found = next(maps, None)
    if found is None:
        known = dict.fromkeys(
            [*_ENDS, *_LAST, *(name for name, _ in model.named_modules() if name)]
        )
        raise ModelError(
            f"expected a layer of the model, found `{layer}`; it has {', '.join(known)}"
        )
    return found


def _named(model: nn.Module, layer: str) -> nn.Module | None:
    for root in (model, getattr(model, "net", None)):
        if isinstance(root, nn.Module):
            name = getattr(root, "layer_names", {}).get(layer, layer)
            if name in dict(root.named_modules()):
                return root.get_submodule(name)
    return None


_ENDS, _LAST = ("input", "logits"), ("latent", "penultimate")


def _attach(model: nn.Module, layer: str, seen: dict[str, Tensor]) -> list:
    if layer in _LAST and _named(model, layer) is None:
        linear = [m for m in model.modules() if isinstance(m, nn.Linear)]
        if not linear:
            raise ModelError(f"expected a final linear map for `{layer}`, found none")
        return [m.register_forward_pre_hook(_keep_input(seen, layer)) for m in linear]
    return [find(model, layer).register_forward_hook(_keep_output(seen, layer))]


def _keep_input(seen: dict[str, Tensor], layer: str):
    def hook(module: nn.Module, inputs: tuple[Tensor, ...]) -> None:
        seen[layer] = inputs[0].clone()  # what follows may write into it

    return hook


def _keep_output(seen: dict[str, Tensor], layer: str):
    def hook(module: nn.Module, inputs: tuple[Tensor, ...], output: Tensor) -> None:
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
    net = getattr(model, "net", model)
    found = {}
    for layer in layers:
        if layer in getattr(net, "linear_layers", ()):
            module = net.readout if layer == "logits" else find(model, layer)
            found[layer] = module.weight
            if net is not model:  # the weights by pixels, where channels are standardized first
                pixels = module.weight.shape[1] // model.std.numel()
                found[layer] = module.weight / model.std.flatten().repeat_interleave(pixels)
    return found


def pointwise_maps(model: nn.Module, layers: Sequence[str]) -> dict[str, PointwiseMap]:
    """Return those layers that are ``f(W x + const)`` of the images x, f pointwise.

    >>> from specrob.models import build
    >>> net = build("shlp", (1, 1, 2), 3, {"hidden": 4}, None)
    >>> [found.below for found in pointwise_maps(net, ["hidden", "latent", "logits"]).values()]
    ['hidden', 'hidden']
    """
    net = getattr(model, "net", model)
    known = {layer: (layer, nn.Identity()) for layer in layers}
    known |= {k: v for k, v in getattr(net, "pointwise_layers", {}).items() if k in layers}
    maps = linear_maps(model, [below for below, _ in known.values()])
    return {
        layer: PointwiseMap(maps[below], below, function)
        for layer, (below, function) in known.items()
        if below in maps
    }
