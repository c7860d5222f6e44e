"""Smoothness of a network: norms of its first weights, and of Jacobians over its images."""

from typing import NamedTuple

import torch
from torch import Tensor

from specrob.artifacts import Artifact
from specrob.data import row_slices
from specrob.experiments.batch_loop import map_batches
from specrob.experiments.landscapes import jacobian_norm_of
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.local_smoothness import local_columns, local_smoothness, predictors
from specrob.experiments.reference_distances import reference_distances
from specrob.experiments.run_context import RunContext
from specrob.measures.jacobian import jacobian
from specrob.measures.smoothness import jacobian_norms, spectral_norm
from specrob.progress import Report
from specrob.results import LocalSmoothness, Smoothness
from specrob.settings.measures import SmoothnessSettings

MAX_ENTRIES = 2**27  # of the matrix of the first map
BATCH = 100  # default batch size
NORM = "norm of "  # begins the name of a column


class MeasuredSmoothness(NamedTuple):
    """What is measured over all images, and at each of them where that is asked for."""

    smoothness: Smoothness
    local: LocalSmoothness | None


def measure_smoothness(
    loaded: LoadedModel,
    settings: SmoothnessSettings,
    context: RunContext,
    *,
    distances: Artifact | None = None,
) -> MeasuredSmoothness:
    """Return norms of the first linear map and of layers' Jacobians, and what there is of images.

    Margins and norms at every image are measured if they are to be saved, or if there are
    distances; their medians, and correlations with the distances, are then in the first record.

    Parameters
    ----------
    distances : Artifact, optional
        Critical distances, or bounds beside which they stand.

    Raises
    ------
    ModelError
        If a layer does not exist.
    DataError
        If distances are of another network or other images.
    """
    known = reference_distances(loaded, distances) if distances is not None else None
    wanted = known is not None or settings.save is not None
    if wanted:
        loaded.classifier()
    images = loaded.images
    layers = list(dict.fromkeys(settings.layer or [loaded.jacobian_layer]))
    norms = {layer: jacobian_norm_of(loaded, layer) for layer in layers}
    batches = list(row_slices(len(images), context.batch_size or BATCH))

    def measure(at: int, report: Report) -> dict[str, Tensor]:
        columns = {}
        for done, (layer, norm) in enumerate(norms.items()):
            with torch.no_grad():
                columns[NORM + layer] = norm(images[batches[at]])
            report(done + 1, len(layers))
        return columns | (local_columns(loaded, batches[at]) if wanted else {})

    facts = {**loaded.facts, "layers": layers, "of images": wanted}
    context.begin_checkpoint(facts, loaded.normalize, images)
    columns = map_batches([rows.stop - rows.start for rows in batches], measure, context)
    local = local_smoothness(loaded, columns, known) if wanted else None
    weight = first_map(loaded)
    smoothness = Smoothness(
        spectral_norm=None if weight is None else spectral_norm(weight),
        frobenius_norm=None if weight is None else float(weight.norm()),
        n_images=len(images),
        jacobian=tuple(jacobian_norms(layer, columns[NORM + layer]) for layer in layers),
        normalize=loaded.normalize,
        predictors=predictors(local, seed=context.seed) if local else None,
        distance_by=local.distance_by if local else None,
    )
    return MeasuredSmoothness(smoothness, local)


def first_map(loaded: LoadedModel) -> Tensor | None:
    """Return W, (N, D), of the first linear map or convolution; None where it is too large."""
    weight = loaded.linear_map("hidden")
    if weight is not None:
        return weight
    hidden, image = loaded.layer_function("hidden"), loaded.images[:1][0]
    with torch.no_grad():
        entries = hidden(image[None]).numel() * image.numel()
    return jacobian(hidden, image) if entries <= MAX_ENTRIES else None
