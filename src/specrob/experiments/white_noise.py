"""White noise as input of a network, and its exact spectrum where a layer is linear."""

from collections.abc import Sequence
from dataclasses import dataclass

from torch import Tensor

from specrob.data import normalize_
from specrob.experiments.representations import ImageRepresentation
from specrob.linalg import symmetric_eigenvalues
from specrob.measures.spectrum import LayerSpectrum
from specrob.random import normals


@dataclass(frozen=True)
class WhiteNoise:
    """Noise images, not clipped, with the normalization of the network."""

    representation: ImageRepresentation
    std: float
    mean: float
    seed: int

    def activations(self, rows: slice, layers: Sequence[str]) -> dict[str, Tensor]:
        """Return the activations, (b, N), of some layers for a slice of the noise images."""
        shown = self.representation.images
        index = range(rows.start, min(rows.stop, len(shown)))
        drawn = normals(shown.shape, seed=self.seed, index=index, stream="white noise")
        images = drawn.to(shown.device) * self.std + self.mean
        normalize_(images, self.representation.normalize)
        return self.representation.respond(images, layers)


def exact_noise(
    representation: ImageRepresentation, layer: str, size: int | None, noise_std: float
) -> list[LayerSpectrum]:
    """Return the spectrum of noise through a linear layer, exactly, from its weights."""
    weight = representation.linear_map(layer)
    if weight is None or representation.normalize.startswith("l"):
        return []
    weight = weight.detach().double().cpu()
    live = weight[(weight != 0).any(1)]
    first = live[:size]
    small = first.T @ first if len(first) > first.shape[1] else first @ first.T
    row = LayerSpectrum(
        eigenvalues=symmetric_eigenvalues(small).clamp(min=0) * noise_std**2,
        source="noise-exact",
        layer=layer,
        size=len(first),
        n_images=0,
        dropped=len(weight) - len(live),
        solver="weights",
    )
    return [row]
