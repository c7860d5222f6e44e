"""Penalties for a network: its layers, and a check that training can lower them."""

from collections.abc import Mapping

import torch
from torch import nn

from specrob.data import ImageSet
from specrob.errors import ModelError
from specrob.learning.penalties import Batch, Penalty
from specrob.models import Network, activations
from specrob.models.layered_network import latent_layers
from specrob.models.layers import pointwise_maps
from specrob.random import make_generator


def fit_penalties(
    penalties: Mapping[str, Penalty], network: Network, images: ImageSet, batch_size: int
) -> dict[str, Penalty]:
    """Return the penalties for the layers of a network, each tried out on one image.

    Raises
    ------
    ModelError
        If the network has no such layer, or nothing that is trained lies below it.
    UsageError
        If a penalty does not fit the units of its layer, or the images of a batch.
    """
    hidden_layers = latent_layers(network.module)
    fitted = {}
    for name, penalty in penalties.items():
        fitted[name] = penalty.for_network(hidden_layers)
        units = _try_out(name, fitted[name], network.module.eval(), images)
        fitted[name].check(units, batch_size)
    return fitted


def layers_above(
    penalties: Mapping[str, Penalty], network: Network, images: ImageSet, batch_size: int
) -> list[str]:
    """Return the layers whose spectrum a penalty shapes and that have more units than a batch."""
    layers = [layer for penalty in penalties.values() for layer in penalty.estimates()]
    one = images[:1].to(next(network.module.parameters()).device)
    with torch.no_grad():
        outputs = activations(network.module.eval(), one, layers)
    return [layer for layer in layers if outputs[layer].shape[1] > batch_size]


def _try_out(name: str, penalty: Penalty, model: nn.Module, images: ImageSet) -> dict[str, int]:
    """Return the number of units of its layers.

    Raises
    ------
    ModelError
        If no trained weight changes the penalty.
    """
    weights = [w for w in model.parameters() if w.requires_grad]
    image = images[:1].to(weights[0].device if weights else "cpu").requires_grad_()
    maps = pointwise_maps(model, penalty.layers)
    below = (map_.below for map_ in maps.values())
    layers = activations(model, image, (*penalty.layers, *below, "logits"))
    losses = layers["logits"].logsumexp(1)
    value = penalty(Batch(model, image, losses, layers, maps, make_generator(0, "probes")))
    trainable = value.requires_grad and any(
        g is not None for g in torch.autograd.grad(value, weights, allow_unused=True)
    )
    if not trainable:
        raise ModelError(
            f"expected trained weights below the layer of `penalty` {name}, found "
            f"{' and '.join(penalty.layers)} frozen; name a layer above"
        )
    return {layer: layers[layer].shape[1] for layer in penalty.layers}
