"""The untrained network of the architecture of a loaded one: its null."""

from dataclasses import replace

from specrob.errors import UsageError
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.pretrained import INITIAL
from specrob.experiments.representations import PixelValues, Representation
from specrob.models import Standardized, untrained
from specrob.random import make_generator


def initial_network(representation: Representation, seed: int) -> LoadedModel:
    """Return the same images with a network of the same architecture before its training.

    Its weights are those with which ``train-sup`` of the network's own seed begins, so that each
    of several seeds has a null of its own; of the given seed where that is not known. Local
    layers get those from which their rule starts. Channels are standardized as for the trained
    network; statistics of batch normalization and whitening layers are those before training.

    Raises
    ------
    UsageError
        If there is no network, or its weights are initial themselves.
    ModelError
        If a weight cannot be drawn.

    Examples
    --------
    >>> from specrob.experiments.in_memory import images_in_memory
    >>> from specrob.models import Network, build
    >>> import torch
    >>> images, data = images_in_memory(torch.zeros(2, 8, 8))
    >>> options, shape = {"hidden": 5}, (1, 8, 8)
    >>> network = Network(build("shlp", shape, 10, options), "shlp", options, shape, 10)
    >>> initial_network(LoadedModel(network, images, data), seed=0).origin
    'initial'
    """
    if not isinstance(representation, LoadedModel):
        is_images = isinstance(representation, PixelValues)
        found = "the images themselves" if is_images else "activations"
        raise UsageError(
            f"`null`: expected a model, whose weights can be drawn, found {found}; drop it"
        )
    if representation.origin == INITIAL:
        raise UsageError(
            "`null`: expected trained weights beside it, found initial ones; drop `null`"
        )
    network = representation.network
    drawn = untrained(
        network.arch,
        network.shape,
        network.classes,
        network.options,
        make_generator(seed if representation.seed is None else representation.seed, "weights"),
    )
    if isinstance(network.module, Standardized):
        drawn = Standardized(drawn, network.module.mean, network.module.std)
    drawn.eval().to(representation.images.device).requires_grad_(False)
    return replace(representation, network=replace(network, module=drawn), origin=INITIAL)
