"""A network as the stages whose bounds are known: affine, pointwise, and maxima of windows."""

from collections.abc import Callable, Mapping
from copy import deepcopy

import torch
from torch import nn

from specrob.errors import ModelError
from specrob.measures.certificates import (
    BoundedNetwork,
    Convolution,
    Dense,
    Maximum,
    Power,
    Reshape,
    Scale,
    Stage,
    sigmoid,
    tanh,
)
from specrob.models.chain import layers_in_order
from specrob.models.local_layer import LocalLayer
from specrob.models.preprocessing import Standardized
from specrob.models.shallow import BatchNorm, RectifiedPower


def bounded_network(network: nn.Module, shape: tuple[int, ...]) -> BoundedNetwork:
    """Return a copy of a network in evaluation, in float64, for images of a shape (C, H, W).

    Raises
    ------
    ModelError
        If it is no chain of layers, or one of them has no known bounds.

    Examples
    --------
    >>> net = nn.Sequential(nn.Flatten(), nn.Linear(4, 2), nn.ReLU())
    >>> [type(stage).__name__ for stage in bounded_network(net, (1, 2, 2)).stages]
    ['Reshape', 'Dense', 'Power']
    """
    copied = _copied(network)
    device = next((p.device for p in copied.parameters()), torch.device("cpu"))
    stages: list[Stage] = []
    for layer in layers_in_order(copied):
        make = MAKERS.get(type(layer))
        if make is None:
            known = ", ".join(kind.__name__ for kind in MAKERS)
            raise ModelError(
                f"expected layers with known bounds ({known}), found {type(layer).__name__}; "
                "write the network as an nn.Sequential of such layers"
            )
        stages.extend(make(layer))
    return BoundedNetwork(stages, shape, device)


def _copied(network: nn.Module) -> nn.Module:
    """Return a copy in float64, on the CPU where the device has no float64.

    Raises
    ------
    ModelError
        If a weight is not finite.
    """
    tensors = [*network.parameters(), *network.buffers()]
    if not all(bool(one.isfinite().all()) for one in tensors):
        raise ModelError("expected finite weights, found NaN or inf; train the network again")
    copied = deepcopy(network).eval().requires_grad_(False)
    return (copied.cpu() if any(t.device.type == "mps" for t in tensors) else copied).double()


def _dense(layer: nn.Linear) -> list[Stage]:
    return [Dense(layer.weight, layer.bias)]


def _local(layer: LocalLayer) -> list[Stage]:
    return [Dense(layer.weight, None)]


def _convolution(layer: nn.Conv2d) -> list[Stage]:
    if layer.padding_mode != "zeros" or isinstance(layer.padding, str):
        raise ModelError(
            f"expected convolutions with a number of zeros around images, found {layer}; the "
            "distances of this network cannot be certified"
        )
    pairs = [tuple(pair) for pair in (layer.stride, layer.padding, layer.dilation)]
    stride, padding, dilation = [(pair[0], pair[1]) for pair in pairs]
    return [Convolution(layer.weight, layer.bias, stride, padding, dilation, layer.groups)]


def _standardization(layer: Standardized) -> list[Stage]:
    gain = 1 / layer.std
    return [Scale(gain, -layer.mean * gain, layer.mean * gain)]


def _batch_norm(axes: int) -> Callable[[nn.Module], list[Stage]]:
    def make(layer: nn.Module) -> list[Stage]:
        assert isinstance(layer, nn.BatchNorm1d | nn.BatchNorm2d)
        if layer.running_mean is None or layer.running_var is None:
            raise ModelError(
                "expected batch normalization with running statistics, found none; the distances "
                "of this network cannot be certified"
            )
        gain = torch.rsqrt(layer.running_var + layer.eps)
        gain = gain if layer.weight is None else gain * layer.weight
        before = layer.running_mean * gain
        shift = -before if layer.bias is None else layer.bias - before
        gain, shift, before = (one.reshape(-1, *[1] * axes) for one in (gain, shift, before))
        return [Scale(gain, shift, before)]

    return make


def _maximum(layer: nn.MaxPool2d) -> list[Stage]:
    side, stride, padding, dilation = (
        (one, one) if isinstance(one, int) else tuple(one)
        for one in (layer.kernel_size, layer.stride, layer.padding, layer.dilation)
    )
    plain = padding == (0, 0) and dilation == (1, 1) and not layer.ceil_mode
    if side != stride or not plain or layer.return_indices:
        raise ModelError(
            f"expected maxima of windows that do not overlap, found {layer}; the distances of "
            "this network cannot be certified"
        )
    return [Maximum((side[0], side[1]))]


def _flatten(layer: nn.Flatten) -> list[Stage]:
    if (layer.start_dim, layer.end_dim) != (1, -1):
        raise ModelError(
            f"expected all axes of an image to be flattened, found {layer}; the distances of "
            "this network cannot be certified"
        )
    return [Reshape()]


def _power(layer: RectifiedPower) -> list[Stage]:
    if layer.power < 1:
        raise ModelError(
            f"expected a power of at least 1, which is convex, found {layer.power:g}; the "
            "distances of this network cannot be certified"
        )
    return [Power(layer.power)]


def _none(layer: nn.Module) -> list[Stage]:
    return []


MAKERS: Mapping[type[nn.Module], Callable[..., list[Stage]]] = {
    nn.Linear: _dense,
    LocalLayer: _local,
    nn.Conv2d: _convolution,
    Standardized: _standardization,
    nn.BatchNorm1d: _batch_norm(0),
    BatchNorm: _batch_norm(0),
    nn.BatchNorm2d: _batch_norm(2),
    nn.MaxPool2d: _maximum,
    nn.Flatten: _flatten,
    nn.ReLU: lambda layer: [Power(1)],
    RectifiedPower: _power,
    nn.Tanh: lambda layer: [tanh()],
    nn.Sigmoid: lambda layer: [sigmoid()],
    nn.Identity: _none,
    nn.Dropout: _none,
}
