"""The network that training by gradients starts from, and its images."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from specrob.artifacts import Artifact, Data
from specrob.data import ImageSet
from specrob.errors import ModelError, UsageError
from specrob.experiments.images import load_both
from specrob.experiments.loaded_model import check_labels, check_shape
from specrob.experiments.loading import open_network
from specrob.experiments.pretrained import (
    channels_of,
    network_of_weights,
    preprocessing_of,
    standardized,
)
from specrob.models import (
    ArchitectureSpec,
    LocalLayer,
    Network,
    build,
    parse_architecture,
    with_options,
)
from specrob.models.libraries import library_of
from specrob.models.shallow import HYBRID_POWER
from specrob.random import make_generator
from specrob.registry import ARCHITECTURES
from specrob.settings.images import ImageSettings
from specrob.settings.training import ArchitectureSettings


@dataclass(frozen=True)
class StartingNetwork:
    """A network before training, its images, and the record of these."""

    network: Network
    train: ImageSet
    test: ImageSet
    data: Data


def starting_network(
    artifact: Artifact | None,
    images: ImageSettings,
    architecture: ArchitectureSettings,
    *,
    seed: int,
) -> StartingNetwork:
    """Return the network of an artifact, or a new one, with the images to train it on.

    Parameters
    ----------
    artifact : Artifact or None
        A local layer, which gets a read-out; another network, or raw weights, which are trained
        further; or None for a new network.
    seed : int
        Seed of the initial weights.

    Raises
    ------
    UsageError
        If the architecture cannot be trained from nothing, or does not take an option.
    ModelError, DataError
        If weights, images and labels do not fit one another.
    """
    if artifact is None or artifact.kind == "weights":
        start = _new_network(artifact, images, architecture, seed)
    else:
        start = _network_of_file(artifact, images, architecture, seed)
    for split in (start.train, start.test):
        check_labels(start.network, split)
    return start


def _new_network(
    artifact: Artifact | None, images: ImageSettings, architecture: ArchitectureSettings, seed: int
) -> StartingNetwork:
    """Return a network of the named architecture, with initial or raw weights."""
    spec = trainable_spec(architecture)
    library, normalize = preprocessing_of(spec, images.normalize)
    if artifact is None and "weights" not in spec.options:
        library, normalize = None, images.normalize or "none"
    train, test, data = load_both(images, normalize, seed=seed)
    if artifact is None:
        network = fresh_network(spec, train, normalize=normalize, seed=seed)
    else:
        pretrained = library.statistics(spec.name, "DEFAULT") if library else None
        channels = pretrained or channels_of(train, normalize)
        network = network_of_weights(artifact, spec, train, normalize, channels)
    return StartingNetwork(network, train, test, data)


def _network_of_file(
    artifact: Artifact, images: ImageSettings, architecture: ArchitectureSettings, seed: int
) -> StartingNetwork:
    """Return the network of a model file; a local layer gets a read-out."""
    spec = parse_architecture(architecture.arch) if architecture.arch else None
    network = open_network(artifact, spec, images.normalize)
    trained_on = artifact.provenance.lineage_data()
    train, test, data = load_both(images, network.normalize, seed=seed, trained_on=trained_on)
    check_shape(network, train)
    if ARCHITECTURES.is_tagged(network.arch, "local"):
        options = _check_options(architecture, ("power", "batch_norm"), "a local layer")
        network = with_readout(network, train, options, seed=seed)
    else:
        _check_options(architecture, (), "a network that is trained further")
    return StartingNetwork(network, train, test, data)


def trainable_spec(architecture: ArchitectureSettings) -> ArchitectureSpec:
    """Return the architecture of a new network, with its options.

    Examples
    --------
    >>> trainable_spec(ArchitectureSettings(arch="shlp", hidden=(5,))).options["hidden"]
    5
    """
    if architecture.arch is None:
        raise ModelError("expected a model of specrob, found raw weights; name their `arch`")
    spec = parse_architecture(architecture.arch)
    if spec.name in ARCHITECTURES and spec.name not in ARCHITECTURES.names("trainable"):
        raise UsageError(
            f"`arch`: expected a network that gradients train, found {spec.name}; "
            "make its layer with `specrob train-kh` and pipe it in"
        )
    return with_options(spec, architecture.options())


def fresh_network(
    spec: ArchitectureSpec, images: ImageSet, *, normalize: str, seed: int
) -> Network:
    """Return an untrained network for the images, or a pretrained one with a new read-out."""
    shape, options = images.shape, dict(spec.options)
    module = build(spec.name, shape, images.classes, options, make_generator(seed, "weights"))
    origin = options.pop("weights", None)  # the file will hold the weights themselves
    network = Network(module, spec.name, options, shape, images.classes, normalize)
    library = library_of(spec.name) if origin else None
    pretrained = library.statistics(spec.name, origin) if library else None
    return standardized(network, pretrained or channels_of(images, normalize))


def with_readout(
    local: Network, images: ImageSet, options: Mapping[str, Any], *, seed: int
) -> Network:
    """Return a hybrid: the local layer, frozen, with an untrained read-out."""
    whole = {**local.options, "power": HYBRID_POWER, **options}
    module = build("hybrid", local.shape, images.classes, whole, make_generator(seed, "weights"))
    layer, trained = module.hidden, local.core.hidden
    assert isinstance(layer, LocalLayer) and isinstance(trained, LocalLayer)
    layer.set_synapses_(trained.synapses)
    return replace(local, module=module, arch="hybrid", options=whole, classes=images.classes)


def _check_options(
    architecture: ArchitectureSettings, allowed: tuple[str, ...], where: str
) -> dict[str, Any]:
    """Return the options that were given; raise UsageError if one is not allowed."""
    options = architecture.options()
    for name in options:
        if name not in allowed:
            raise UsageError(f"`{name}`: expected with a new network, found with {where}; drop it")
    return options
