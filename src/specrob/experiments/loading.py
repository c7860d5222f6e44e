"""A network and the images that it is shown: what every measure starts from."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from torch import nn

from specrob.artifacts import Artifact, Data, digest
from specrob.data import ImageSet, image_norm
from specrob.errors import DataError, ModelError, UsageError
from specrob.experiments.checks import check_labels, check_shape
from specrob.experiments.image_request import ImageSettings
from specrob.experiments.pretrained import named_weights, open_weights
from specrob.models import ArchitectureSpec, Network, from_artifact, parse_architecture

REPEATS = "repeats"  # responses to the same images twice, which are no network


@dataclass(frozen=True)
class LoadedModel:
    """A network in evaluation mode on its device, its images beside it.

    Parameters
    ----------
    network : Network
    images : ImageSet
    data : Data
    digest : str
        SHA-256 of the artifact that the network came from.
    """

    network: Network
    images: ImageSet
    data: Data
    digest: str = ""

    def only(self, others: Sequence[Artifact]) -> "LoadedModel":
        """Return the subject with those images that all other results' models knew.

        Raises
        ------
        DataError
            If there is none, or a result is of other images.
        """
        for other in others:
            known, own = other.provenance.data, self.data
            if known and (known.digests, known.resize) != (dict(own.digests), own.resize):
                raise DataError(
                    f"expected --only of {own.name} ({', '.join(own.digests)}), "
                    f"found a result on {known.name} ({', '.join(known.digests)}); pass the same "
                    "--data, --split and --resize"
                )
        index = self.images.index.cpu().numpy()
        wanted = [np.isin(index, attacked_in(other)) for other in others]
        rows = np.flatnonzero(np.all(wanted, axis=0))
        if not len(rows):
            raise DataError(
                f"expected images of --only among the {len(index)} at hand, found none; "
                "raise --limit or name another result"
            )
        return replace(self, images=self.images.take(torch.from_numpy(rows))) if others else self

    def on(self, device: torch.device) -> "LoadedModel":
        """Return the subject with weights and images on a device."""
        self.network.module.to(device).requires_grad_(False)
        return replace(self, images=self.images.to(device))


def load_model(
    artifact: Artifact | None,
    wish: ImageSettings,
    *,
    arch: str | None,
    device: torch.device,
    weights: str | None = None,
) -> LoadedModel:
    """Return the network of an artifact with the images to measure it on, by default the test's.

    Parameters
    ----------
    artifact : Artifact or None
        A model, raw weights, an NPZ with activations `x`, or None for the images themselves.
    wish : ImageSettings
    arch : str or None
        ``NAME[,key=value...]``, for raw weights and factories.
    device : torch.device
    weights : str, optional
        In place of an artifact, the name of pretrained weights, or `initial`.

    Raises
    ------
    ModelError, DataError
        If weights and images are not what they should be, or not of one shape.

    Examples
    --------
    >>> digits = load_model(None, ImageSettings(limit=3), arch=None, device=torch.device("cpu"))
    >>> digits.network.arch, digits.images.pixels.shape
    ('images', torch.Size([3, 1, 8, 8]))
    """
    wanted = parse_architecture(arch) if arch else None
    if weights is not None:
        network, images, data = named_weights(wanted, weights, wish)
        return LoadedModel(network, images, data).on(device)
    if artifact is None:
        images, data = wish.load_split("test", wish.normalize or "none")
        return LoadedModel(_themselves(images), images, data).on(device)
    if artifact.kind == "arrays":
        changes = {"transform": wish.transform, "resize": wish.resize}
        if flag := next((name for name, value in changes.items() if value), None):
            raise UsageError(f"--{flag}: expected images, found activations; drop it")
        return _activations(artifact, wish.limit).on(device)
    if artifact.kind == "weights":
        network, images, data = open_weights(artifact, wanted, wish)
    else:
        network = open_network(artifact, wanted, wish.normalize)
        known = artifact.provenance.lineage_data()
        images, data = wish.load_split("test", network.normalize, known)
    check_shape(network, images)
    return LoadedModel(network, images, data, artifact.digest).on(device)


def open_network(
    artifact: Artifact, wanted: ArchitectureSpec | None, normalize: str | None
) -> Network:
    """Return the network of a model artifact, whose own normalization is obeyed."""
    network = from_artifact(artifact, wanted)
    try:
        image_norm(network.normalize)
    except UsageError as error:  # of the file, not of the command line
        raise ModelError(f"expected a described model, found {error}; make it again") from error
    if normalize not in (None, network.normalize):
        raise UsageError(
            f"--normalize: expected {network.normalize}, which the model file records, "
            f"found {normalize}; drop it"
        )
    return network


def attacked_in(artifact: Artifact) -> np.ndarray:
    """Return the places in their split of the images that a result's model classified correctly.

    >>> arrays = {"index": np.arange(2), "status": np.array(["fooled", "misclassified"])}
    >>> attacked_in(Artifact("distances", arrays))
    array([0])
    """
    arrays = artifact.arrays
    if "status" in arrays:
        return arrays["index"][arrays["status"] != "misclassified"]
    return arrays["index"][arrays["prediction"] == arrays["label"]]


def require_classifier(subject: LoadedModel) -> nn.Module:
    """Return the module if it answers with one logit a class.

    Raises
    ------
    ModelError
        If it has no read-out.
    DataError
        If labels are beyond its classes.

    Examples
    --------
    >>> pixels = load_model(None, ImageSettings(limit=1), arch=None, device=torch.device("cpu"))
    >>> require_classifier(pixels)  # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.ModelError: expected a classifier, found `images` without a read-out...
    """
    network = subject.network
    if network.arch in ("kh", "images", "activations", REPEATS):
        raise ModelError(
            f"expected a classifier, found `{network.arch}` without a read-out; "
            "train one with `specrob train-sup`"
        )
    check_labels(network, subject.images)
    return network.module


def _themselves(images: ImageSet, arch: str = "images") -> Network:
    shape = tuple(images.pixels.shape[1:])
    return Network(nn.Flatten(), arch, {}, shape, images.classes)


def _activations(artifact: Artifact, limit: int | None) -> LoadedModel:
    """Return measured activations as images that answer for themselves."""
    x = artifact.arrays.get("x")
    repeated = x is not None and x.ndim == 3 and len(x) == 2
    if x is None or not (x.ndim == 2 or repeated) or x.dtype.kind not in "fiu":
        there = ", ".join(f"{n} {a.shape}" for n, a in artifact.arrays.items())
        raise DataError(
            "expected a model, or numbers `x` (images, units) in an NPZ, found "
            f"{there or 'none'}; save activations with np.savez(file, x=activations)"
        )
    kind = "float64" if x.dtype.itemsize > 4 else "float32"
    values = torch.from_numpy(x.astype(kind, copy=not x.flags.writeable))
    values = (values.movedim(0, 1) if repeated else values[:, None])[:limit]
    count = len(values)
    images = ImageSet(
        pixels=values[:, :, None, :],
        labels=torch.zeros(count, dtype=torch.int64),
        index=torch.arange(count),
        high=torch.ones(count),
        classes=1,
        name="activations",
        digest=digest({"x": x}),
    )
    data = Data("-", images.name, "", {"x": images.digest})
    return LoadedModel(_themselves(images, REPEATS if repeated else "activations"), images, data)
