"""Weights from elsewhere: raw in a file, pretrained by name, or drawn."""

from dataclasses import replace

from torch import Tensor

from specrob.artifacts import Artifact, Data
from specrob.data import Images, channel_statistics
from specrob.devices import generator
from specrob.errors import ModelError, UsageError
from specrob.experiments.wish import Wish
from specrob.models import (
    Network,
    Request,
    Standardized,
    build,
    from_weights,
    request,
    with_options,
)
from specrob.models.checkpoint import read_checkpoint
from specrob.models.vision import classes_of, is_in, statistics

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


def import_network(path: str | None, arch: str, wish: Wish) -> tuple[Network, Data]:
    """Return a network with the weights of a checkpoint, or with those that its name promises.

    The images say the shape that the network is shown.

    Parameters
    ----------
    path : str or None
        A PyTorch checkpoint; None for ``torchvision:NAME,weights=...``.
    arch : str
    wish : Wish

    Raises
    ------
    ModelError, UsageError
        If the weights are not there or do not fit.
    """
    wanted = request(arch)
    origin = wanted.options.get("weights")
    if path is None and origin is None:
        raise UsageError(
            "expected CHECKPOINT, or --arch torchvision:NAME,weights=DEFAULT, found neither"
        )
    if path is None:
        network, _, data = named_weights(wanted, str(origin), wish)
        return network, data
    if origin is not None:
        raise UsageError("--arch: expected weights= without CHECKPOINT, found both; drop one")
    network, _, data = open_weights(Artifact("weights", read_checkpoint(path)), wanted, wish)
    return network, data


def named_weights(wanted: Request | None, origin: str, wish: Wish) -> tuple[Network, Images, Data]:
    """Return a network with pretrained weights, or with those that the seed draws, and images.

    Pretrained weights bring their preprocessing and their classes.

    Raises
    ------
    UsageError, ModelError
        If no architecture is named, or it has no such weights, or they cannot be had.

    Examples
    --------
    >>> network, _, _ = named_weights(request("mlp,hidden=5"), INITIAL, Wish(limit=3))
    >>> network.module.readout
    Linear(in_features=5, out_features=10, bias=True)
    """
    if wanted is None:
        raise UsageError("--weights: expected --arch beside it, found none")
    drawn = origin == INITIAL
    wanted = wanted if drawn else with_options(wanted, {"weights": origin})
    normalize = wish.normalize or ("none" if drawn else "standard")
    images, data = wish.load("test", normalize)
    shape = tuple(images.images.shape[1:])
    classes = images.classes if drawn else classes_of(wanted.name, origin)
    weights = generator(wish.seed, "weights")
    module = build(wanted.name, shape, classes, wanted.options, weights).eval()
    options = {name: value for name, value in wanted.options.items() if name != "weights"}
    network = Network(module, wanted.name, options, shape, classes, normalize)
    known = _of_training(wish, normalize) if drawn else statistics(wanted.name, origin)
    return _standardized(network, known), images, data


def open_weights(
    artifact: Artifact, wanted: Request | None, wish: Wish
) -> tuple[Network, Images, Data]:
    """Return the network of raw weights with the test images and their record.

    Images and command line say what weights do not: shape, classes and normalization.

    Raises
    ------
    ModelError
        If no architecture is named, or the weights do not fit it.
    """
    if wanted is None:
        raise ModelError("expected a model of specrob, found raw weights; name their --arch")
    theirs = wish.normalize is None and is_in(wanted.name)  # what torchvision's own expect
    normalize = wish.normalize or ("standard" if theirs else "none")
    images, data = wish.load("test", normalize)
    how = {"shape": tuple(images.images.shape[1:]), "classes": images.classes}
    network = from_weights(artifact.arrays, wanted, **how, normalize=normalize)
    known = statistics(wanted.name, "DEFAULT") if theirs else _of_training(wish, normalize)
    return _standardized(network, known), images, data


def described(
    weights: Artifact, wanted: Request, images: Images, train: Images, normalize: str
) -> Network:
    """Return the network of raw weights for images; channel statistics come from `train`."""
    how = {"shape": tuple(images.images.shape[1:]), "classes": images.classes}
    network = from_weights(weights.arrays, wanted, **how, normalize=normalize)
    return _standardized(network, channel_statistics(train.images))


def _standardized(network: Network, channels: tuple[Tensor, Tensor] | tuple[()]) -> Network:
    """Return the network behind its preprocessing, if it has one."""
    if network.normalize != "standard":
        return network
    return replace(network, module=Standardized(network.module, *channels).eval())


def _of_training(wish: Wish, normalize: str) -> tuple[Tensor, Tensor] | tuple[()]:
    """Return mean and deviation of the training images' channels, where they are needed."""
    if normalize != "standard":
        return ()
    train, _ = replace(wish, split="train", limit=None).load("train", normalize)
    return channel_statistics(train.images)
