"""How smooth a network is: the norms of its first weights, and of Jacobians over its images."""

from collections.abc import Callable

import torch
from torch import Tensor

from specrob.errors import ModelError
from specrob.experiments.landscapes import jacobian_layer, jacobian_norm_of
from specrob.experiments.loading import REPEATS, LoadedModel
from specrob.experiments.run_context import RunContext
from specrob.measures.jacobian import jacobian
from specrob.measures.smoothness import jacobian_norms, spectral_norm
from specrob.models.layers import layer_function, linear_maps
from specrob.progress import Report
from specrob.results import Smoothness
from specrob.settings.measures import SmoothnessSettings

LARGEST = 2**27  # entries of a first map that is still held


def measure_smoothness(
    loaded: LoadedModel, settings: SmoothnessSettings, context: RunContext
) -> Smoothness:
    """Return norms of the first linear map, and Jacobian norms of layers over all images.

    Raises
    ------
    ModelError
        If there is no network, or no such layer.
    """
    network, images = loaded.network, loaded.images.pixels
    if network.arch in ("images", "activations", REPEATS):
        raise ModelError(f"expected a network, found `{network.arch}`; name a model file")
    weight = first_map(loaded)
    layers = list(dict.fromkeys(settings.layer or [jacobian_layer(loaded)]))
    rows = []
    for done, name in enumerate(layers):

        def report(images_done: int, total: int, *, before: int = done * len(images)) -> None:
            context.report(before + images_done, len(layers) * total)

        norms = _over(jacobian_norm_of(loaded, name), images, context.batch_size or 100, report)
        rows.append(jacobian_norms(name, norms))
    return Smoothness(
        spectral_norm=None if weight is None else spectral_norm(weight),
        frobenius_norm=None if weight is None else float(weight.norm()),
        n_images=len(images),
        jacobian=tuple(rows),
        normalize=network.normalize,
    )


def first_map(loaded: LoadedModel) -> Tensor | None:
    """Return W, (N, D), of the first linear map or convolution; None where it cannot be held.

    >>> import numpy as np
    >>> from specrob.artifacts import Artifact
    >>> from specrob.experiments.loading import load_model
    >>> from specrob.experiments.image_request import ImageSettings
    >>> flat = {"readout.weight": torch.ones(10, 64).numpy(), "readout.bias": np.ones(10)}
    >>> how = {"arch": "linear", "device": torch.device("cpu")}
    >>> first_map(load_model(Artifact("weights", flat), ImageSettings(limit=1), **how)).shape
    torch.Size([10, 64])
    """
    module, image = loaded.network.module, loaded.images.pixels[0]
    if maps := linear_maps(module, ["hidden"]):
        return maps["hidden"]
    hidden = layer_function(module, "hidden")
    with torch.no_grad():
        entries = hidden(image[None]).numel() * image.numel()
    return jacobian(hidden, image) if entries <= LARGEST else None


@torch.no_grad()
def _over(
    norm: Callable[[Tensor], Tensor], images: Tensor, batch_size: int, report: Report
) -> Tensor:
    found = []
    for part in images.split(batch_size):
        found.append(norm(part))
        report(sum(map(len, found)), len(images))
    return torch.cat(found)
