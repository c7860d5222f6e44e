"""A checkpoint of PyTorch, or pretrained weights of torchvision, as a network."""

from specrob.artifacts import Artifact, Data
from specrob.data import image_norm
from specrob.errors import UsageError
from specrob.experiments.pretrained import (
    named_weights,
    open_weights,
    preprocessing_of,
    pretrained_network,
    standardized,
)
from specrob.models import ArchitectureSpec, Network, from_weights, parse_architecture
from specrob.models.checkpoint import read_checkpoint
from specrob.models.torchvision_models import input_shape, is_in, statistics
from specrob.settings.images import ImageSettings, ImportSettings


def import_network(
    checkpoint: str | None, settings: ImportSettings, images: ImageSettings, *, seed: int
) -> tuple[Network, Data | None]:
    """Return a network with the weights of a checkpoint, or with pretrained ones.

    Parameters
    ----------
    checkpoint : str or None
        A PyTorch checkpoint; None for ``torchvision:NAME,weights=...``.
    images : ImageSettings
        The images that the network was trained on.
    seed : int
        Seed of layers that the weights lack.

    Returns
    -------
    network : Network
    data : Data or None
        The record of the images, if any are named.

    Raises
    ------
    ModelError, UsageError
        If the weights are missing or do not fit.
    """
    architecture, shape = parse_architecture(settings.arch or ""), settings.shape
    _check(checkpoint, architecture, images, shape)
    if checkpoint is None:
        origin = str(architecture.options["weights"])
        if images.data is None:
            shape = shape or input_shape(architecture.name, origin)
            normalize = images.normalize or "standard"
            return pretrained_network(architecture, origin, shape, normalize, seed), None
        network, _, data = named_weights(architecture, origin, images, seed=seed)
        return network, data
    weights = Artifact("weights", read_checkpoint(checkpoint))
    if shape is not None:
        return _without_images(weights, architecture, images.normalize, shape), None
    network, _, data = open_weights(weights, architecture, images, seed=seed)
    return network, data


def _check(
    checkpoint: str | None,
    architecture: ArchitectureSpec,
    images: ImageSettings,
    shape: tuple[int, ...] | None,
) -> None:
    """Raise UsageError where options are missing or contradict one another."""
    has_weights = "weights" in architecture.options
    if checkpoint is None and not (has_weights and is_in(architecture.name)):
        raise UsageError(
            "expected CHECKPOINT, or `arch` torchvision:NAME,weights=DEFAULT, found neither"
        )
    if checkpoint is not None and has_weights:
        raise UsageError("`arch`: expected weights= without CHECKPOINT, found both; drop one")
    if shape is not None and images.data is not None:
        raise UsageError("`shape`: expected no `data` beside it, found both; drop one")
    if images.resize is not None and images.data is None:
        raise UsageError("`resize`: expected `data` beside it, found none; add it or drop this")
    if checkpoint is not None and images.data is None and shape is None:
        raise UsageError(
            "expected `data` or `shape` CxHxW, which weights do not record, found neither; add one"
        )


def _without_images(
    weights: Artifact,
    architecture: ArchitectureSpec,
    normalize: str | None,
    shape: tuple[int, ...],
) -> Network:
    """Return the network of raw weights for images of which only the shape is known."""
    from_torchvision, normalize = preprocessing_of(architecture, normalize)
    if normalize == "standard" and not from_torchvision:
        raise UsageError(
            "`normalize`: expected `data` beside standard, whose training images have the means "
            "of the channels, found `shape`"
        )
    image_norm(normalize)
    network = from_weights(
        weights.arrays, architecture, shape=shape, classes=None, normalize=normalize
    )
    channels = statistics(architecture.name, "DEFAULT") if from_torchvision else None
    return standardized(network, channels)
