"""Weights from elsewhere: raw in a file, pretrained by name, or drawn."""

from dataclasses import replace

from torch import Tensor

from specrob.artifacts import Artifact, Data
from specrob.data import ImageSet, channel_statistics, image_norm
from specrob.errors import ModelError, UsageError
from specrob.experiments.image_request import ImageSettings
from specrob.models import (
    ArchitectureSpec,
    Network,
    Standardized,
    build,
    from_weights,
    parse_architecture,
    untrained,
    with_options,
)
from specrob.models.checkpoint import read_checkpoint
from specrob.models.torchvision_models import classes_of, input_shape, is_in, statistics
from specrob.random import make_generator

INITIAL = "initial"  # the weights that --seed draws


def place(model: str, weights: str | None) -> tuple[str, str | None]:
    """Return the file that is read, and the weights that are named instead.

    >>> place("-", "net.safetensors"), place("-", "IMAGENET1K_V2")
    (('net.safetensors', None), ('-', 'IMAGENET1K_V2'))
    """
    if weights is None:
        return model, None
    if model != "-":
        raise UsageError(f"--weights: expected no MODEL beside it, found `{model}`; drop one")
    return (model, weights) if weights.isidentifier() else (weights, None)


def import_network(
    path: str | None, arch: str, wish: ImageSettings, shape: tuple[int, ...] | None = None
) -> tuple[Network, Data | None]:
    """Return a network with the weights of a checkpoint, or with those that its name promises.

    Parameters
    ----------
    path : str or None
        A PyTorch checkpoint; None for ``torchvision:NAME,weights=...``.
    arch : str
    wish : ImageSettings
        The images that the network is of.
    shape : tuple of int, (C, H, W), optional
        Of its images, where none are named: the model then knows of no images.

    Raises
    ------
    ModelError, UsageError
        If the weights are not there or do not fit.
    """
    wanted = parse_architecture(arch)
    origin = wanted.options.get("weights")
    if path is None and (origin is None or not is_in(wanted.name)):
        raise UsageError(
            "expected CHECKPOINT, or --arch torchvision:NAME,weights=DEFAULT, found neither"
        )
    if path is not None and origin is not None:
        raise UsageError("--arch: expected weights= without CHECKPOINT, found both; drop one")
    if shape is not None and wish.data is not None:
        raise UsageError("--shape: expected no --data beside it, found both; drop one")
    if wish.resize is not None and wish.data is None:
        raise UsageError("--resize: expected --data beside it, found none; add it or drop this")
    if path is None:
        if wish.data is None:
            known = shape or input_shape(wanted.name, str(origin))
            return _pretrained(wanted, str(origin), wish, known), None
        network, _, data = named_weights(wanted, str(origin), wish)
        return network, data
    if wish.data is None and shape is None:
        raise UsageError(
            "expected --data or --shape CxHxW, since weights do not say what images they are of, "
            "found neither; add one"
        )
    weights = Artifact("weights", read_checkpoint(path))
    if shape is not None:
        return _without_images(weights, wanted, wish, shape), None
    network, _, data = open_weights(weights, wanted, wish)
    return network, data


def named_weights(
    wanted: ArchitectureSpec | None, origin: str, wish: ImageSettings
) -> tuple[Network, ImageSet, Data]:
    """Return a network with pretrained weights, or with those that the seed draws, and images.

    Pretrained weights bring their preprocessing and their classes.

    Raises
    ------
    UsageError, ModelError
        If no architecture is named, or it has no such weights, or they cannot be had.

    Examples
    --------
    >>> mlp = parse_architecture("mlp,hidden=5")
    >>> network, _, _ = named_weights(mlp, INITIAL, ImageSettings(limit=3))
    >>> network.module.readout
    Linear(in_features=5, out_features=10, bias=True)
    """
    if wanted is None:
        raise UsageError("--weights: expected --arch beside it, found none")
    drawn = origin == INITIAL
    images, data = wish.load_split("test", wish.normalize or ("none" if drawn else "standard"))
    if drawn:
        return _initial(wanted, images, wish), images, data
    return _pretrained(wanted, origin, wish, tuple(images.pixels.shape[1:])), images, data


def _initial(wanted: ArchitectureSpec, images: ImageSet, wish: ImageSettings) -> Network:
    """Return a network whose weights the seed draws."""
    shape, normalize = tuple(images.pixels.shape[1:]), wish.normalize or "none"
    weights = make_generator(wish.seed, "weights")
    module = untrained(wanted.name, shape, images.classes, wanted.options, weights).eval()
    network = Network(module, wanted.name, wanted.options, shape, images.classes, normalize)
    return _standardized(network, _of_training(wish, normalize))


def _pretrained(
    wanted: ArchitectureSpec, origin: str, wish: ImageSettings, shape: tuple[int, ...]
) -> Network:
    """Return a network of torchvision with its pretrained weights, for images of a shape."""
    if not is_in(wanted.name) and ":" in wanted.name:
        raise UsageError(
            f"--weights: expected a FILE or {INITIAL} for the factory {wanted.name}, "
            f"found `{origin}`"
        )
    whole = with_options(wanted, {"weights": origin})
    classes, normalize = classes_of(wanted.name, origin), wish.normalize or "standard"
    weights = make_generator(wish.seed, "weights")
    module = build(wanted.name, shape, classes, whole.options, weights).eval()
    options = {name: value for name, value in wanted.options.items() if name != "weights"}
    network = Network(module, wanted.name, options, shape, classes, normalize)
    return _standardized(network, statistics(wanted.name, origin))


def open_weights(
    artifact: Artifact, wanted: ArchitectureSpec | None, wish: ImageSettings
) -> tuple[Network, ImageSet, Data]:
    """Return the network of raw weights with the test images and their record.

    Images and command line say what weights do not: shape, classes and normalization.

    Raises
    ------
    ModelError
        If no architecture is named, or the weights do not fit it.
    """
    if wanted is None:
        raise ModelError("expected a model of specrob, found raw weights; name their --arch")
    theirs, normalize = _preprocessing(wanted, wish)
    images, data = wish.load_split("test", normalize)
    how = {"shape": tuple(images.pixels.shape[1:]), "classes": images.classes}
    network = from_weights(artifact.arrays, wanted, **how, normalize=normalize)
    known = statistics(wanted.name, "DEFAULT") if theirs else _of_training(wish, normalize)
    return _standardized(network, known), images, data


def _preprocessing(wanted: ArchitectureSpec, wish: ImageSettings) -> tuple[bool, str]:
    """Return whether raw weights have that of torchvision's own, and how it is called."""
    theirs = wish.normalize is None and is_in(wanted.name)
    return theirs, wish.normalize or ("standard" if theirs else "none")


def _without_images(
    artifact: Artifact, wanted: ArchitectureSpec, wish: ImageSettings, shape: tuple[int, ...]
) -> Network:
    """Return the network of raw weights for images of which only the shape is known."""
    theirs, normalize = _preprocessing(wanted, wish)
    if normalize == "standard" and not theirs:
        raise UsageError(
            "--normalize: expected --data beside standard, whose training images have the means "
            "of the channels, found --shape"
        )
    image_norm(normalize)
    how = {"shape": shape, "classes": None, "normalize": normalize}
    network = from_weights(artifact.arrays, wanted, **how)
    return _standardized(network, statistics(wanted.name, "DEFAULT") if theirs else ())


def described(
    weights: Artifact, wanted: ArchitectureSpec, images: ImageSet, train: ImageSet, normalize: str
) -> Network:
    """Return the network of raw weights for images; channel statistics come from `train`."""
    how = {"shape": tuple(images.pixels.shape[1:]), "classes": images.classes}
    network = from_weights(weights.arrays, wanted, **how, normalize=normalize)
    return _standardized(network, channel_statistics(train.pixels))


def _standardized(network: Network, channels: tuple[Tensor, Tensor] | tuple[()]) -> Network:
    """Return the network behind its preprocessing, if it has one."""
    if network.normalize != "standard":
        return network
    return replace(network, module=Standardized(network.module, *channels).eval())


def _of_training(wish: ImageSettings, normalize: str) -> tuple[Tensor, Tensor] | tuple[()]:
    """Return mean and deviation of the training images' channels, where they are needed."""
    if normalize != "standard":
        return ()
    train, _ = replace(wish, split="train", limit=None).load_split("train", normalize)
    return channel_statistics(train.pixels)
