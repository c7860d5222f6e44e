"""A network with its images: what attacks and all measures of networks take.

Letters: ``b`` images of ``C`` channels, ``H`` by ``W`` pixels, ``D = C H W``; ``N`` units.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from specrob.artifacts import Artifact, Data
from specrob.data import ImageSet
from specrob.errors import DataError, ModelError
from specrob.experiments.representations import ImageRepresentation
from specrob.models import Network, activations, architecture_of
from specrob.models.layers import layer_function, linear_maps
from specrob.registry import ARCHITECTURES
from specrob.results import MISCLASSIFIED

SHOWN_TWICE = 16  # images, on which logits must be the same each time


@dataclass(frozen=True)
class LoadedModel(ImageRepresentation):
    """A network in evaluation mode on its device, with images to measure it on.

    Parameters
    ----------
    digest : str
        SHA-256 of the artifact that the network came from.
    origin : str or None
        The name or file of the weights, or "initial", if they do not come from a model file.
    seed : int or None
        With which the training of the network began, where that is known.
    code : str or None
        SHA-256 of the file that defines an architecture of one's own.
    """

    network: Network
    images: ImageSet
    data: Data
    digest: str = ""
    origin: str | None = None
    seed: int | None = None
    code: str | None = None

    @property
    def facts(self) -> dict[str, object]:
        """What tells this network from others, for checkpoints."""
        return {
            "model": self.digest,
            "arch": self.network.arch,
            "architecture_options": self.network.options,
            "code": self.code,
        }

    @property
    def normalize(self) -> str:
        """The normalization of each image."""
        return self.network.normalize

    @property
    def default_layer(self) -> str:
        """The layer that is measured by default: hidden or penultimate."""
        architecture = architecture_of(self.network.arch)
        return architecture.measured if architecture else "penultimate"

    @property
    def jacobian_layer(self) -> str:
        """The layer whose Jacobian is measured by default: latent or logits."""
        architecture = architecture_of(self.network.arch)
        return architecture.smooth if architecture else "logits"

    def respond(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return the activations, (b, N), of some layers for images, (b, C, H, W)."""
        with torch.no_grad():
            return activations(self.network.module, images, layers)

    def layer_function(self, layer: str) -> Callable[[Tensor], Tensor]:
        """Return the function from images, (b, C, H, W), to a layer's activations, (b, N)."""
        return layer_function(self.network.module, layer)

    def linear_map(self, layer: str) -> Tensor | None:
        """Return W, (N, D), where a layer is ``W x`` + const of the images x."""
        return linear_maps(self.network.module, [layer]).get(layer)

    def classifier(self) -> nn.Module:
        """Return the module if it returns one logit per class.

        Raises
        ------
        ModelError
            If it has no read-out, or its logits are random.
        DataError
            If labels are beyond its classes.
        """
        if ARCHITECTURES.is_tagged(self.network.arch, "local"):
            raise ModelError(
                f"expected a classifier, found `{self.network.arch}` without a read-out; "
                "train one with `specrob train-sup`"
            )
        check_labels(self.network, self.images)
        self._check_logits()
        return self.network.module

    def _check_logits(self) -> None:
        """Raise ModelError if a few images have other logits when they are shown again."""
        few, module = self.images[:SHOWN_TWICE], self.network.module
        with torch.no_grad():
            if not torch.allclose(module(few), module(few), 1e-3, 1e-3, equal_nan=True):
                raise ModelError(
                    "expected the same logits whenever an image is shown, found others; switch "
                    "off dropout, or put the model into evaluation mode"
                )

    def only(self, results: Sequence[Artifact]) -> "LoadedModel":
        """Return the same with the images that the models of all results classify correctly.

        Raises
        ------
        DataError
            If none remains, or a result is of other images.
        """
        for result in results:
            require_same_images(result.provenance.data, self.data, "only")
        index = self.images.index.cpu().numpy()
        correct = [np.isin(index, classified_correctly(result)) for result in results]
        rows = np.flatnonzero(np.all(correct, axis=0))
        if not len(rows):
            raise DataError(
                f"expected images of `only` among the {len(index)} loaded, found none; "
                "raise `limit` or name another result"
            )
        return replace(self, images=self.images.take(torch.from_numpy(rows))) if results else self


def classified_correctly(result: Artifact) -> NDArray[np.int64]:
    """Return the positions of the images that a result's model classified correctly.

    >>> arrays = {"index": np.arange(2), "status": np.array(["fooled", "misclassified"])}
    >>> classified_correctly(Artifact("distances", arrays))
    array([0])
    """
    arrays = result.arrays
    if "status" in arrays:
        correct = arrays["status"] != MISCLASSIFIED
    else:
        correct = arrays["prediction"] == arrays["label"]
    index: NDArray[np.int64] = arrays["index"][correct]
    return index


def check_shape(network: Network, images: ImageSet) -> None:
    """Raise DataError unless the images have the shape that the network takes.

    >>> from specrob.data import load_image_set
    >>> images = load_image_set("digits", "test", limit=1)
    >>> check_shape(Network(nn.Flatten(), "linear", {}, (3, 8, 8), 10), images)
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.DataError: expected images of shape (3, 8, 8) for the model, found (1, 8, 8)...
    """
    shape = images.shape
    if shape != network.shape:
        channels, *sides = network.shape
        can_resize = shape[0] == channels and len(set(sides)) == 1
        advice = f", drop `resize` (a model's own is kept), or make it {sides[0]}"
        raise DataError(
            f"expected images of shape {network.shape} for the model, found {shape} in "
            f"{images.name}; pass other `data`{advice if can_resize else ''}"
        )


def check_labels(network: Network, images: ImageSet) -> None:
    """Raise DataError unless every label is one of the network's classes.

    >>> from specrob.data import load_image_set
    >>> images = load_image_set("digits", "test", limit=1)
    >>> check_labels(Network(nn.Flatten(), "linear", {}, (1, 8, 8), 1), images)
    ... # doctest: +ELLIPSIS
    Traceback (most recent call last):
    specrob.errors.DataError: expected at least two classes, found 1...
    """
    highest = int(images.labels.max())
    if network.classes < 2:
        raise DataError(
            f"expected at least two classes, found {network.classes}; pass another model"
        )
    if highest >= network.classes:
        raise DataError(
            f"expected labels below {network.classes}, the model's classes, found {highest} in "
            f"{images.name}; pass other images or labels"
        )


def require_same_images(theirs: Data | None, ours: Data, parameter: str) -> None:
    """Raise DataError where the result that a parameter names is of other images."""
    of_ours = (dict(ours.digests), ours.resize, ours.transform)
    if theirs and (theirs.digests, theirs.resize, theirs.transform) != of_ours:
        raise DataError(
            f"expected `{parameter}` of {ours.name} ({', '.join(ours.digests)}), "
            f"found a result on {theirs.name} ({', '.join(theirs.digests)}); pass the same "
            "`data`, `split`, `resize` and `transform`"
        )
