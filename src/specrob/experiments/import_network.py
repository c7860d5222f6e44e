"""A checkpoint of PyTorch, or pretrained weights of a library, as a network."""

from dataclasses import dataclass, replace

import torch

from specrob.artifacts import Artifact, Data
from specrob.data import ImageSet
from specrob.errors import UsageError
from specrob.experiments.network_check import (
    NOT_CHECKED,
    ONE_CLASS,
    accuracy_warning,
    check_logits,
    count_correct,
)
from specrob.experiments.pretrained import (
    named_weights,
    open_weights,
    preprocessing_of,
    pretrained_network,
    standardized,
)
from specrob.experiments.run_context import RunContext
from specrob.models import ArchitectureSpec, Network, from_weights, parse_architecture
from specrob.models.checkpoint import read_checkpoint
from specrob.models.libraries import library_of
from specrob.settings.images import ImageSettings, ImportSettings

FIRST_IMAGES = 16  # on which logits must be finite


@dataclass(frozen=True)
class ImportedNetwork:
    """A network with weights from elsewhere.

    Parameters
    ----------
    data : Data or None
        The record of the images, if any are named.
    warnings : tuple of str
        What makes it doubtful that the network is used as it was trained.
    """

    network: Network
    data: Data | None = None
    warnings: tuple[str, ...] = ()


def import_network(
    checkpoint: str | None, settings: ImportSettings, images: ImageSettings, context: RunContext
) -> ImportedNetwork:
    """Return a network with the weights of a checkpoint, or with pretrained ones, checked.

    One batch is run through the network, and its accuracy on the images is recorded.

    Parameters
    ----------
    checkpoint : str or None
        A PyTorch checkpoint; None for ``torchvision:NAME,weights=...``.
    images : ImageSettings
        The images that the network was trained on.
    context : RunContext
        Its seed draws layers that the weights lack.

    Raises
    ------
    ModelError, DataError, UsageError
        If the weights are missing or do not fit, logits are not finite, or labels are beyond the
        classes.
    """
    network, shown, data = _open(checkpoint, settings, images, context.seed)
    network.module.to(context.device).requires_grad_(False)
    if shown is None:
        black_and_white = torch.arange(2.0, device=context.device).reshape(2, 1, 1, 1)
        check_logits(network, black_and_white.expand(2, *network.shape))
        return ImportedNetwork(network, warnings=(NOT_CHECKED,))
    shown, split = shown.to(context.device), images.split or "test"
    check_logits(network, shown[:FIRST_IMAGES])
    correct = count_correct(network, shown, context)
    if correct is None:
        one_class = (ONE_CLASS,) if shown.classes < 2 else ()
        return ImportedNetwork(network, data, one_class)
    accuracy = {f"{split}_accuracy": correct / len(shown)}
    warning = accuracy_warning(correct, shown, network.normalize)
    checked = replace(network, facts={**network.facts, **accuracy})
    return ImportedNetwork(checked, data, (warning,) if warning else ())


def _open(
    checkpoint: str | None, settings: ImportSettings, images: ImageSettings, seed: int
) -> tuple[Network, ImageSet | None, Data | None]:
    """Return the network, and the images that are named with their record."""
    architecture, shape = parse_architecture(settings.arch or ""), settings.shape
    _check(checkpoint, architecture, images, shape)
    if checkpoint is None:
        origin = str(architecture.options["weights"])
        if images.data is None:
            library = library_of(architecture.name)
            assert library is not None  # `_check` has seen to it
            shape = shape or library.input_shape(architecture.name, origin)
            normalize = images.normalize or "standard"
            network = pretrained_network(architecture, origin, shape, normalize, seed)
            return network, None, None
        return named_weights(architecture, origin, images, seed=seed)
    weights = Artifact("weights", read_checkpoint(checkpoint))
    if shape is not None:
        return _without_images(weights, architecture, images.normalize, shape), None, None
    return open_weights(weights, architecture, images, seed=seed)


def _check(
    checkpoint: str | None,
    architecture: ArchitectureSpec,
    images: ImageSettings,
    shape: tuple[int, ...] | None,
) -> None:
    """Raise UsageError where options are missing or contradict one another."""
    has_weights = "weights" in architecture.options
    if checkpoint is None and not (has_weights and library_of(architecture.name)):
        raise UsageError(
            "expected CHECKPOINT, or `arch` torchvision:NAME,weights=DEFAULT, found neither"
        )
    if checkpoint is not None and has_weights:
        raise UsageError("`arch`: expected weights= without CHECKPOINT, found both; drop one")
    if shape is not None and images.data is not None:
        raise UsageError("`shape`: expected no `data` beside it, found both; drop one")
    for name, value in {"resize": images.resize, "transform": images.transform}.items():
        if value and images.data is None:
            raise UsageError(
                f"`{name}`: expected `data` beside it, found none; add it or drop this"
            )
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
    library, normalize = preprocessing_of(architecture, normalize)
    if normalize == "standard" and not library:
        raise UsageError(
            "`normalize`: expected `data` beside standard, whose training images have the means "
            "of the channels, found `shape`"
        )
    network = from_weights(
        weights.arrays, architecture, shape=shape, classes=None, normalize=normalize
    )
    channels = library.statistics(architecture.name, "DEFAULT") if library else None
    return standardized(network, channels)
