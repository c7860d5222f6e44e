"""What MODEL names, loaded: a network with its images, recorded activations, or images alone."""

import torch

from specrob.artifacts import Artifact
from specrob.errors import ModelError, UsageError
from specrob.experiments.images import load_split
from specrob.experiments.in_memory import Values, images_for
from specrob.experiments.loaded_model import LoadedModel, check_shape
from specrob.experiments.pretrained import named_weights, open_weights
from specrob.experiments.representations import (
    PixelValues,
    RecordedActivations,
    Representation,
)
from specrob.models import ArchitectureSpec, Network, from_artifact, parse_architecture
from specrob.models.own_code import code_digest
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.normalization import Normalization


def load_model(
    artifact: Artifact | None,
    images: ImageSettings,
    *,
    weights: WeightSettings = WeightSettings(),
    seed: int = 0,
    device: torch.device,
) -> LoadedModel:
    """Return the network of an artifact with the images to measure it on, the test images.

    Parameters
    ----------
    artifact : Artifact or None
        A model, raw weights, or None where `weights` names pretrained ones or "initial".
    weights : WeightSettings
        The architecture of raw weights.
    seed : int
        Seed of initial weights and of noise in transforms.

    Raises
    ------
    ModelError, DataError
        If weights or images are missing or broken, or do not fit each other.

    Examples
    --------
    >>> drawn = WeightSettings(arch="mlp,hidden=5", weights="initial")
    >>> cpu = torch.device("cpu")
    >>> loaded = load_model(None, ImageSettings(limit=3), weights=drawn, device=cpu)
    >>> loaded.network.arch, len(loaded), loaded.default_layer
    ('mlp', 3, 'penultimate')
    """
    architecture = parse_architecture(weights.arch) if weights.arch else None
    if artifact is None:
        if weights.weights is None:
            raise ModelError("expected a model, found none; name a model file or `weights`")
        network, loaded, data = named_weights(architecture, weights.weights, images, seed=seed)
    elif artifact.kind == "weights":
        network, loaded, data = open_weights(artifact, architecture, images, seed=seed)
    else:
        network = open_network(artifact, architecture, images.normalize)
        loaded, data = load_split(
            images,
            "test",
            network.normalize,
            seed=seed,
            trained_on=artifact.provenance.lineage_data(),
        )
    if artifact is not None:
        check_shape(network, loaded)
    network.module.to(device).requires_grad_(False)
    return LoadedModel(
        network,
        loaded.to(device),
        data,
        digest=artifact.digest if artifact else "",
        origin=weights.weights,
        seed=artifact.provenance.training_seed() if artifact else None,
        code=code_digest(network.arch),
    )


def load_with_images(
    artifact: Artifact, images: Values, labels: Values | None, *, device: torch.device
) -> LoadedModel:
    """Return the network of a model file with images that are in memory.

    Raises
    ------
    ModelError, DataError
        If the weights are broken, or the images do not fit.
    """
    network = open_network(artifact, None, None)
    split, data = images_for(network, images, labels, device)
    network.module.to(device).requires_grad_(False)
    seed = artifact.provenance.training_seed()
    code = code_digest(network.arch)
    return LoadedModel(network, split, data, digest=artifact.digest, seed=seed, code=code)


def load_representation(
    artifact: Artifact | None,
    images: ImageSettings,
    *,
    weights: WeightSettings = WeightSettings(),
    seed: int = 0,
    device: torch.device,
) -> Representation:
    """Return what gives activations: a network, recorded activations, or the images themselves.

    Parameters
    ----------
    artifact : Artifact or None
        A model, raw weights, an NPZ with activations `x`, or None for the images themselves,
        unless `weights` names other weights.
    images, weights, seed, device
        As for `load_model`.

    Examples
    --------
    >>> digits = load_representation(None, ImageSettings(limit=3), device=torch.device("cpu"))
    >>> digits.activations(slice(0, 2), ["input"])["input"].shape
    torch.Size([2, 64])
    """
    if artifact is not None and artifact.kind == "arrays":
        for name, value in {"transform": images.transform, "resize": images.resize}.items():
            if value:
                raise UsageError(f"`{name}`: expected images, found activations; drop it")
        return RecordedActivations.from_artifact(artifact, limit=images.limit, device=device)
    if artifact is None and weights.weights is None:
        normalize = images.normalize or "none"
        loaded, data = load_split(images, "test", normalize, seed=seed)
        return PixelValues(loaded.to(device), data)
    return load_model(artifact, images, weights=weights, seed=seed, device=device)


def open_network(
    artifact: Artifact, architecture: ArchitectureSpec | None, normalize: str | None
) -> Network:
    """Return the network of a model artifact, which records the normalization of its images."""
    network = from_artifact(artifact, architecture)
    recorded = Normalization.parse(network.normalize)
    if normalize is not None and Normalization.parse(normalize) != recorded:
        raise UsageError(
            f"`normalize`: expected {network.normalize}, which the model file records, "
            f"found `{normalize}`; drop it"
        )
    return network
