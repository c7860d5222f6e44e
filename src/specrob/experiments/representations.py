"""Representations: layers of a network, recorded activations, or the images themselves.

`Representation` is what a spectrum needs; a `LoadedModel` can also be attacked.

Letters: ``R`` repeats, ``B`` images, ``b`` of them, ``N`` units.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from specrob.artifacts import Artifact, Data, digest
from specrob.data import BATCH_SIZE, ImageSet, rows_at_a_time
from specrob.errors import DataError, ModelError
from specrob.measures.spectrum import centred_patch
from specrob.settings.transforms import TransformSpec

INPUT = "input"


class Representation(ABC):
    """Activations of some layers over ``len(representation)`` images."""

    data: Data
    code: str | None = None  # of an architecture of one's own

    @abstractmethod
    def __len__(self) -> int: ...

    @property
    def n_repeats(self) -> int:
        """Number of repeats of the images; two allow cross-validation."""
        return 1

    @property
    def default_layer(self) -> str:
        """The layer to measure by default."""
        return INPUT

    @property
    def batch_size(self) -> int:
        """How many images to compute at a time, if nobody says so."""
        return BATCH_SIZE

    @abstractmethod
    def activations(self, rows: slice, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return the activations, (b, N), of some layers for a slice of the images."""

    def units(self, layer: str, varying: Tensor, size: int | None) -> tuple[Tensor, int]:
        """Return the units to measure, and the number of units left out because they never vary.

        Parameters
        ----------
        varying : Tensor of bool, (N,)
        size : int or None
            Number of units; None means all that vary.
        """
        return varying.nonzero()[:, 0][:size], int((~varying).sum())


@dataclass(frozen=True)
class RecordedActivations(Representation):
    """Activations from a file, for instance of neurons.

    Parameters
    ----------
    repeats : Tensor, (R, B, N)
        Responses to the same images, once or twice.
    """

    repeats: Tensor
    data: Data

    @classmethod
    def from_artifact(
        cls, artifact: Artifact, *, limit: int | None, device: torch.device
    ) -> "RecordedActivations":
        """Return the array ``x``, (images, units) or (2, images, units), of an NPZ file.

        Raises
        ------
        DataError
            If it is missing or has another shape.
        """
        x = artifact.arrays.get("x")
        repeated = x is not None and x.ndim == 3 and len(x) == 2
        if x is None or not (x.ndim == 2 or repeated) or x.dtype.kind not in "fiu":
            arrays = ", ".join(f"{n} {a.shape}" for n, a in artifact.arrays.items())
            raise DataError(
                "expected a model, or numbers `x` (images, units) in an NPZ, found "
                f"{arrays or 'none'}; save activations with np.savez(file, x=activations)"
            )
        dtype = np.float64 if x.dtype.itemsize > 4 else np.float32
        values = torch.from_numpy(x.astype(dtype, copy=not x.flags.writeable))
        repeats = (values if repeated else values[None])[:, :limit]
        return cls(repeats.to(device), Data("-", "activations", "", {"x": digest({"x": x})}))

    def __len__(self) -> int:
        return self.repeats.shape[1]

    @property
    def n_repeats(self) -> int:
        """Number of repeats of the images."""
        return len(self.repeats)

    def activations(self, rows: slice, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return the activations of the first repeat; `input` is the only layer."""
        _require_input(layers, "activations")
        return dict.fromkeys(layers, self.repeats[0, rows])


class ImageRepresentation(Representation):
    """Activations computed from images, also from others, such as white noise."""

    images: ImageSet

    @property
    def transforms(self) -> tuple[TransformSpec, ...]:
        """What was done to the pixels."""
        return tuple(map(TransformSpec.parse, self.data.transform))

    def __len__(self) -> int:
        return len(self.images)

    @property
    def normalize(self) -> str:
        """The normalization of images, and of white noise."""
        return "none"

    @property
    def batch_size(self) -> int:
        """Number of images computed at a time, smaller for large images."""
        return rows_at_a_time(self.images.shape)

    @abstractmethod
    def respond(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return the activations, (b, N), of some layers for images, (b, C, H, W)."""

    @abstractmethod
    def layer_function(self, layer: str) -> Callable[[Tensor], Tensor]:
        """Return the function from images, (b, C, H, W), to a layer's activations, (b, N)."""

    def activations(self, rows: slice, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return the activations, (b, N), of some layers for a slice of the images."""
        return self.respond(self.images[rows], layers)

    def units(self, layer: str, varying: Tensor, size: int | None) -> tuple[Tensor, int]:
        """Return the first units that vary, or for the input those of a centred patch."""
        if layer != INPUT or size is None:
            return super().units(layer, varying, size)
        return centred_patch(self.images.shape, size).to(varying.device), 0

    def linear_map(self, layer: str) -> Tensor | None:
        """Return W, (N, D), where a layer is ``W x`` + const of the images x."""
        return None


@dataclass(frozen=True)
class PixelValues(ImageRepresentation):
    """The images themselves, whose one layer is the input."""

    images: ImageSet
    data: Data

    def respond(self, images: Tensor, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return the pixels, (b, D), for every layer, which is the input."""
        _require_input(layers, "the images themselves")
        return {layer: images.flatten(1) for layer in layers}

    def layer_function(self, layer: str) -> Callable[[Tensor], Tensor]:
        """Return the function from images to their pixels."""
        _require_input([layer], "the images themselves")
        return lambda images: images.flatten(1)


def _require_input(layers: Sequence[str], what: str) -> None:
    for layer in layers:
        if layer != INPUT:
            raise ModelError(
                f"expected the layer {INPUT} of {what}, found `{layer}`; name a model file"
            )
