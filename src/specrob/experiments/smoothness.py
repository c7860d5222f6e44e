"""How smooth a network is: the norms of its first weights, and of Jacobians over its images."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from specrob.errors import ModelError
from specrob.experiments.landscapes import jacobian_layer, jacobian_norm_of
from specrob.experiments.subject import REPEATS, Subject
from specrob.measures.jacobian import jacobian
from specrob.measures.smoothness import Smoothness, jacobian_norms, spectral_norm
from specrob.models.layers import layer_function, linear_maps
from specrob.progress import Report, silent

LARGEST = 2**27  # entries of a first map that is still held


def measure_smoothness(
    subject: Subject,
    *,
    layer: Sequence[str] | None = None,
    batch_size: int = 100,
    report: Report = silent,
) -> Smoothness:
    """Return norms of the first linear map, and Jacobian norms of layers over all images.

    Parameters
    ----------
    subject : Subject
    layer : sequence of str, optional
        Whose Jacobians; by default the one that the papers map.
    batch_size : int
    report : Report

    Raises
    ------
    ModelError
        If there is no network, or no such layer.
    """
    network, images = subject.network, subject.images.images
    if network.arch in ("images", "activations", REPEATS):
        raise ModelError(f"expected a network, found `{network.arch}`; name a model file")
    weight = first_map(subject)
    layers = list(dict.fromkeys(layer or [jacobian_layer(subject)]))
    rows = []
    for done, name in enumerate(layers):

        def told(images_done: int, of: int, *, before: int = done * len(images)) -> None:
            report(before + images_done, len(layers) * of)

        norms = _over(jacobian_norm_of(subject, name), images, batch_size, told)
        rows.append(jacobian_norms(name, norms))
    norms = (None, None) if weight is None else (spectral_norm(weight), float(weight.norm()))
    return Smoothness(*norms, len(images), tuple(rows))


def first_map(subject: Subject) -> Tensor | None:
    """Return W, (N, D), of the first linear map or convolution; None where it cannot be held.

    >>> import numpy as np
    >>> from specrob.artifacts import Artifact
    >>> from specrob.experiments.subject import open_subject
    >>> from specrob.experiments.wish import Wish
    >>> flat = {"readout.weight": torch.ones(10, 64).numpy(), "readout.bias": np.ones(10)}
    >>> how = {"arch": "linear", "device": torch.device("cpu")}
    >>> first_map(open_subject(Artifact("weights", flat), Wish(limit=1), **how)).shape
    torch.Size([10, 64])
    """
    module, image = subject.network.module, subject.images.images[0]
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
