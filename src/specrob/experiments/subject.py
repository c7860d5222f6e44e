"""A network and the images that it is shown: what every measure starts from."""

from dataclasses import dataclass, replace

import torch
from torch import nn

from specrob.artifacts import Artifact, Data, digest
from specrob.data import Images, image_norm, load
from specrob.data.datasets import describe
from specrob.errors import DataError, ModelError, UsageError
from specrob.models import Network, Request, from_artifact, from_weights, request

DEFAULT_DATA, DEFAULT_ROOT = "digits", "data"


@dataclass(frozen=True)
class Wish:
    """Which images are asked for; None means the model's, or the default.

    Parameters
    ----------
    data, data_root, split, normalize : str or None
    download : bool
    limit : int or None
    """

    data: str | None = None
    data_root: str | None = None
    download: bool = False
    split: str | None = None
    normalize: str | None = None
    limit: int | None = None

    def load(self, split: str, normalize: str, known: Data | None = None) -> tuple[Images, Data]:
        """Return one split and its record.

        Parameters
        ----------
        split : {"train", "test"}
            Unless the wish names one.
        normalize : str
        known : Data, optional
            The images that a model was trained on; used, and checked, where none are asked for.

        Raises
        ------
        DataError
            If the images are not there, or not those that the model was trained on.
        """
        split, trusted = self.split or split, known if self.data is None else None
        spec = self.data or (trusted.source if trusted else DEFAULT_DATA)
        root = self.data_root or (trusted.root if trusted else DEFAULT_ROOT)
        how = {"normalize": normalize, "limit": self.limit, "root": root}
        try:
            images = load(spec, split, download=self.download, **how)
        except DataError as error:
            if not trusted:
                raise
            reason = f"{error} (the model was trained on it; --data names another)"
            raise DataError(reason) from error
        expected = trusted.digests.get(split) if trusted else None
        if expected and expected != images.digest:
            raise DataError(
                f"expected the {split} images that the model knows, SHA-256 {expected[:12]}, "
                f"found {images.digest[:12]}; pass --data {spec} to use them all the same"
            )
        digests = {split: images.digest}
        return images, describe(spec, root=root, name=images.name, digests=digests)

    def load_both(self, normalize: str, known: Data | None = None) -> tuple[Images, Images, Data]:
        """Return the images to learn from, the test images, and the record of both."""
        train, data = self.load("train", normalize, known)
        test, other = replace(self, split=None).load("test", normalize, known)
        return train, test, replace(data, digests={**data.digests, **other.digests})


@dataclass(frozen=True)
class Subject:
    """A network in evaluation mode on its device, its images beside it."""

    network: Network
    images: Images
    data: Data

    def on(self, device: torch.device) -> "Subject":
        """Return the subject with weights and images on a device."""
        self.network.module.to(device).requires_grad_(False)
        tensors = {n: getattr(self.images, n).to(device) for n in ("images", "labels", "high")}
        return replace(self, images=replace(self.images, **tensors))


def open_subject(
    artifact: Artifact | None, wish: Wish, *, arch: str | None, device: torch.device
) -> Subject:
    """Return the network of an artifact with the images to measure it on, by default the test's.

    Parameters
    ----------
    artifact : Artifact or None
        A model, raw weights, an NPZ with activations `x`, or None for the images themselves.
    wish : Wish
    arch : str or None
        ``NAME[,key=value...]``, for raw weights and factories.
    device : torch.device

    Raises
    ------
    ModelError, DataError
        If weights and images are not what they should be, or not of one shape.
    """
    wanted = request(arch) if arch else None
    if artifact is None:
        images, data = wish.load("test", wish.normalize or "none")
        return Subject(_images_themselves(images), images, data).on(device)
    if artifact.kind == "arrays":
        return _activations(artifact, wish.limit).on(device)
    if artifact.kind == "weights":
        if wanted is None:
            raise ModelError("expected a model of specrob, found raw weights; name their --arch")
        images, data = wish.load("test", wish.normalize or "none")
        shape = tuple(images.images.shape[1:])
        network = from_weights(
            artifact.arrays,
            wanted,
            shape=shape,
            classes=images.classes,
            normalize=wish.normalize or "none",
        )
    else:
        network = open_network(artifact, wanted, wish.normalize)
        known = artifact.provenance.lineage_data()
        images, data = wish.load("test", network.normalize, known)
    check_shape(network, images)
    return Subject(network, images, data).on(device)


def open_network(artifact: Artifact, wanted: Request | None, normalize: str | None) -> Network:
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


def check_shape(network: Network, images: Images) -> None:
    """Raise DataError unless the images have the shape that the network takes."""
    found = tuple(images.images.shape[1:])
    if found != network.shape:
        raise DataError(
            f"expected images of shape {network.shape} for the model, found {found} in "
            f"{images.name}; pass other --data"
        )


def require_classifier(subject: Subject) -> nn.Module:
    """Return the module if it answers with one logit a class.

    Raises
    ------
    ModelError
        If it has no read-out.
    DataError
        If labels are beyond its classes.
    """
    network = subject.network
    if network.arch in ("kh", "images"):
        raise ModelError(
            f"expected a classifier, found `{network.arch}` without a read-out; "
            "train one with `specrob train-sup`"
        )
    highest = int(subject.images.labels.max())
    if highest >= network.classes:
        raise DataError(
            f"expected labels below {network.classes}, the model's classes, found {highest}"
        )
    return network.module


def _images_themselves(images: Images) -> Network:
    shape = tuple(images.images.shape[1:])
    return Network(nn.Flatten(), "images", {}, shape, images.classes)


def _activations(artifact: Artifact, limit: int | None) -> Subject:
    """Return measured activations as images that answer for themselves."""
    x = artifact.arrays.get("x")
    if x is None or x.ndim != 2 or x.dtype.kind not in "fiu":
        found = "none" if x is None else f"{x.dtype} {x.shape}"
        raise DataError(f"expected activations `x` (images, units) in the NPZ, found {found}")
    values = torch.from_numpy(x.astype("float64" if x.dtype.itemsize > 4 else "float32"))[:limit]
    count = len(values)
    images = Images(
        images=values[:, None, None, :],
        labels=torch.zeros(count, dtype=torch.int64),
        index=torch.arange(count),
        high=torch.ones(count),
        classes=1,
        name="activations",
        digest=digest({"x": x}),
    )
    data = Data("-", images.name, "", {"x": images.digest})
    return Subject(_images_themselves(images), images, data)
