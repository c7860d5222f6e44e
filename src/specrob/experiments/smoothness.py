"""Smoothness of a network: norms of its first weights, and of Jacobians over its images."""

from collections.abc import Callable

import torch
from torch import Tensor

from specrob.data import ImageSet, row_slices
from specrob.experiments.landscapes import jacobian_norm_of
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.local_smoothness import predictors
from specrob.experiments.run_context import RunContext
from specrob.measures.jacobian import jacobian
from specrob.measures.smoothness import jacobian_norms, spectral_norm
from specrob.progress import Report, report_part
from specrob.results import LocalSmoothness, Smoothness
from specrob.settings.measures import SmoothnessSettings

MAX_ENTRIES = 2**27  # of the matrix of the first map
BATCH = 100  # default batch size


def measure_smoothness(
    loaded: LoadedModel,
    settings: SmoothnessSettings,
    context: RunContext,
    *,
    local: LocalSmoothness | None = None,
) -> Smoothness:
    """Return norms of the first linear map, and Jacobian norms of layers over all images.

    Parameters
    ----------
    local : LocalSmoothness, optional
        What was measured at every image, of which medians and correlations are recorded too.

    Raises
    ------
    ModelError
        If a layer does not exist.
    """
    images = loaded.images
    weight = first_map(loaded)
    layers = list(dict.fromkeys(settings.layer or [loaded.jacobian_layer]))
    rows = []
    for layers_done, name in enumerate(layers):
        part = len(images)
        report = report_part(context.report, layers_done * part, part, len(layers) * part)
        norms = _over(jacobian_norm_of(loaded, name), images, context.batch_size or BATCH, report)
        rows.append(jacobian_norms(name, norms))
    return Smoothness(
        spectral_norm=None if weight is None else spectral_norm(weight),
        frobenius_norm=None if weight is None else float(weight.norm()),
        n_images=len(images),
        jacobian=tuple(rows),
        normalize=loaded.normalize,
        predictors=predictors(local) if local else None,
        n_correct=int((local.prediction == local.label).sum()) if local else None,
        distance_method=local.distance_method if local else None,
        distance_norm=local.distance_norm if local else None,
    )


def first_map(loaded: LoadedModel) -> Tensor | None:
    """Return W, (N, D), of the first linear map or convolution; None where it is too large."""
    weight = loaded.linear_map("hidden")
    if weight is not None:
        return weight
    hidden, image = loaded.layer_function("hidden"), loaded.images[:1][0]
    with torch.no_grad():
        entries = hidden(image[None]).numel() * image.numel()
    return jacobian(hidden, image) if entries <= MAX_ENTRIES else None


@torch.no_grad()
def _over(
    norm: Callable[[Tensor], Tensor], images: ImageSet, batch_size: int, report: Report
) -> Tensor:
    norms: list[Tensor] = []
    for rows in row_slices(len(images), batch_size):
        norms.append(norm(images[rows]))
        report(rows.stop, len(images))
    return torch.cat(norms)
