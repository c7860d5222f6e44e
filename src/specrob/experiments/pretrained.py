"""Networks with weights from elsewhere: raw in a file, pretrained by name, or drawn by a seed."""

from dataclasses import replace

import torch
from torch import Tensor

from specrob.artifacts import Artifact, Data
from specrob.data import ImageSet, channel_statistics
from specrob.errors import DataError, ModelError, UsageError
from specrob.experiments.images import load_split
from specrob.models import (
    ArchitectureSpec,
    Network,
    Standardized,
    build,
    from_weights,
    untrained,
    with_options,
)
from specrob.models.libraries import Library, library_of
from specrob.random import make_generator
from specrob.settings.images import ImageSettings
from specrob.settings.normalization import Normalization

INITIAL = "initial"  # as `weights`: drawn by the seed
Channels = tuple[Tensor, Tensor]  # mean and standard deviation of each channel


def weights_file(model: str, weights: str | None) -> tuple[str, str | None]:
    """Return the file to read, and the name of the weights to use instead.

    >>> weights_file("-", "net.safetensors"), weights_file("-", "IMAGENET1K_V2")
    (('net.safetensors', None), ('-', 'IMAGENET1K_V2'))
    """
    if weights is None:
        return model, None
    if model != "-":
        raise UsageError(f"`weights`: expected no MODEL beside it, found `{model}`; drop one")
    return (model, weights) if weights.isidentifier() else (weights, None)


def named_weights(
    architecture: ArchitectureSpec | None,
    origin: str,
    images: ImageSettings,
    *,
    seed: int = 0,
) -> tuple[Network, ImageSet, Data]:
    """Return a network with pretrained or initial weights, the test images and their record.

    Pretrained weights have their own preprocessing and classes.

    Raises
    ------
    UsageError, ModelError
        If no architecture is named, or it has no such weights, or they cannot be downloaded.

    Examples
    --------
    >>> from specrob.models import parse_architecture
    >>> mlp = parse_architecture("mlp,hidden=5")
    >>> network, _, _ = named_weights(mlp, INITIAL, ImageSettings(limit=3))
    >>> network.module.readout
    Linear(in_features=5, out_features=10, bias=True)
    """
    if architecture is None:
        raise UsageError("`weights`: expected `arch` beside it, found none")
    initial = origin == INITIAL
    normalize = images.normalize or ("none" if initial else "standard")
    loaded, data = load_split(images, "test", normalize, seed=seed)
    shape = loaded.shape
    if not initial:
        return pretrained_network(architecture, origin, shape, normalize, seed), loaded, data
    name, options = architecture.name, architecture.options
    generator = make_generator(seed, "weights")
    module = untrained(name, shape, loaded.classes, options, generator).eval()
    network = Network(module, name, options, shape, loaded.classes, normalize)
    channels = _training_channels(images, normalize, seed)
    return standardized(network, channels), loaded, data


def pretrained_network(
    architecture: ArchitectureSpec,
    origin: str,
    shape: tuple[int, ...],
    normalize: str,
    seed: int,
) -> Network:
    """Return a network of a library with its pretrained weights, for images of a shape."""
    name = architecture.name
    library = library_of(name)
    if library is None and ":" in name:
        raise UsageError(
            f"`weights`: expected a FILE or {INITIAL} for the factory {name}, found `{origin}`"
        )
    options = with_options(architecture, {"weights": origin}).options  # only libraries' take it
    assert library is not None
    classes, generator = library.classes_of(name, origin), make_generator(seed, "weights")
    module = build(name, shape, classes, options, generator).eval()
    recorded = {key: value for key, value in architecture.options.items() if key != "weights"}
    network = Network(module, name, recorded, shape, classes, normalize)
    return standardized(network, library.statistics(name, origin))


def open_weights(
    weights: Artifact,
    architecture: ArchitectureSpec | None,
    images: ImageSettings,
    *,
    seed: int = 0,
) -> tuple[Network, ImageSet, Data]:
    """Return the network of raw weights, the test images and their record.

    The images and settings say what weights do not: shape, classes and normalization.

    Raises
    ------
    ModelError
        If no architecture is named, or the weights do not fit it.
    """
    if architecture is None:
        raise ModelError("expected a model of specrob, found raw weights; name their `arch`")
    library, normalize = preprocessing_of(architecture, images.normalize)
    loaded, data = load_split(images, "test", normalize, seed=seed)
    if library:
        channels: Channels | None = library.statistics(architecture.name, "DEFAULT")
    else:
        channels = _training_channels(images, normalize, seed)
    return network_of_weights(weights, architecture, loaded, normalize, channels), loaded, data


def preprocessing_of(
    architecture: ArchitectureSpec, normalize: str | None
) -> tuple[Library | None, str]:
    """Return the library whose preprocessing raw weights have, and the normalization."""
    library = library_of(architecture.name) if normalize is None else None
    return library, normalize or ("standard" if library else "none")


def standardized(network: Network, channels: Channels | None = None) -> Network:
    """Return the network with standardization of the channels before it, if it has any.

    Parameters
    ----------
    channels : (mean, standard deviation), optional
        Those for "standard"; "mean=M,std=S" says its own.

    Raises
    ------
    DataError
        If the network's images have another number of channels.

    Examples
    --------
    >>> from torch import nn
    >>> own = Network(nn.Flatten(), "linear", {}, (1, 1, 1), 1, "mean=0.5,std=0.25")
    >>> standardized(own).module(torch.ones(1, 1, 1, 1))
    tensor([[2.]])
    """
    normalization = Normalization.parse(network.normalize)
    if normalization.channels is not None:
        mean, std = normalization.channels.mean, normalization.channels.std
        channels = _of_channels(mean, network.shape[0]), _of_channels(std, network.shape[0])
    if not normalization.is_layer or channels is None:
        return network
    return replace(network, module=Standardized(network.module, *channels).eval())


def _of_channels(numbers: tuple[float, ...], channels: int) -> Tensor:
    """Return one number for each channel, (C,)."""
    if len(numbers) not in (1, channels):
        raise DataError(
            f"`normalize`: expected one number for each of {channels} channels, or one for all, "
            f"found {len(numbers)}"
        )
    return torch.tensor(numbers).expand(channels).clone()


def network_of_weights(
    weights: Artifact,
    architecture: ArchitectureSpec,
    images: ImageSet,
    normalize: str,
    channels: Channels | None,
) -> Network:
    """Return the network of raw weights for images, standardized if `normalize` says so."""
    shape, classes = images.shape, images.classes
    network = from_weights(
        weights.arrays, architecture, shape=shape, classes=classes, normalize=normalize
    )
    return standardized(network, channels)


def _training_channels(images: ImageSettings, normalize: str, seed: int) -> Channels | None:
    """Return mean and deviation of the training images' channels, where they are needed."""
    if normalize != "standard":
        return None
    whole = replace(images, split="train", limit=None)
    train, _ = load_split(whole, "train", normalize, seed=seed)
    return channels_of(train, normalize)


def channels_of(train: ImageSet, normalize: str) -> Channels | None:
    """Return mean and deviation of each channel, if a normalization needs those of the images."""
    return channel_statistics(train.parts()) if normalize == "standard" else None
