"""The decision landscape of a network around one of its images.

References
----------
.. [1] A. Fawzi, S.-M. Moosavi-Dezfooli and P. Frossard, "Robustness of classifiers: from
   adversarial to random noise", NeurIPS 2016, arXiv:1608.08967.
"""

from collections.abc import Callable
from functools import partial

import numpy as np
from torch import Tensor

from specrob.artifacts import Artifact, to_result
from specrob.censored_median import median_distance
from specrob.errors import DataError
from specrob.experiments.loaded_model import LoadedModel, require_same_images
from specrob.experiments.run_context import RunContext
from specrob.linalg import lp_norms
from specrob.measures.jacobian import jacobian_norm
from specrob.measures.landscape import landscape, random_plane
from specrob.models import ShallowNet, Standardized
from specrob.results import Distances, Landscape
from specrob.settings.measures import LandscapeSettings

# arXiv:2405.00679, figure 4: span 20 in l3 space, where its images have L2 norm 3.7
SPAN_L3, SPAN_OVER_NORM = 20.0, 5.4
BATCH = 1000  # default number of grid points at a time


def jacobian_norm_of(loaded: LoadedModel, layer: str) -> Callable[[Tensor], Tensor]:
    """Return the function from images, (B, ...), to exact Jacobian norms of a layer, (B,).

    One product gives them where there is one hidden layer, none where the layer is linear.
    """
    module, core = loaded.network.module, loaded.network.core
    if layer == "latent" and isinstance(core, ShallowNet):
        if isinstance(module, Standardized):  # by pixels: the chain rule through its gains
            gains = module.gains(loaded.network.shape)
            return lambda images: core.latent_jacobian_norm(module.standardize(images), gains)
        return core.latent_jacobian_norm
    weight = loaded.linear_map(layer)
    if weight is not None:
        norm = weight.norm()
        return lambda images: norm.expand(len(images))
    return partial(jacobian_norm, loaded.layer_function(layer))


def map_landscape(
    loaded: LoadedModel,
    settings: LandscapeSettings,
    context: RunContext,
    *,
    distances: Artifact | None = None,
) -> Landscape:
    """Return label, confidence and Jacobian norm on a random plane through one image.

    Raises
    ------
    DataError
        If no image has that index, or distances are of other images or were never reached.
    UsageError
        If the span is to follow from distances, and there are none.
    """
    settings.check_distances(distances)
    model, images = loaded.classifier(), loaded.images
    index = int(images.index[0]) if settings.index is None else settings.index
    rows = (images.index == index).nonzero()
    if not len(rows):
        raise DataError(
            f"expected `index` of one of the {len(images)} images, found {index}; choose another"
        )
    row = int(rows[0, 0])
    image = images[[row]][0]
    layer = settings.layer or loaded.jacobian_layer
    if distances is not None:
        require_same_images(distances.provenance.data, loaded.data, "distances")
        span = span_of(to_result(distances, Distances), index, pixels=image.numel())
    else:
        span = float(settings.span or default_span(image, loaded.normalize))
    return landscape(
        model,
        image,
        directions=random_plane(image.numel(), seed=context.seed, index=index),
        span=span,
        points=settings.points,
        jacobian_norm=jacobian_norm_of(loaded, layer),
        index=index,
        layer=layer,
        normalize=loaded.normalize,
        image_label=int(images.labels[row]),
        batch_size=context.batch_size or BATCH,
        report=context.report,
    )


def default_span(image: Tensor, normalize: str) -> float:
    """Return a span like those of published landscapes.

    >>> from torch import tensor
    >>> default_span(tensor([3.0, 4.0]), "none")
    27.0
    """
    if normalize == "l3":
        return SPAN_L3
    return SPAN_OVER_NORM * float(lp_norms(image[None]))


def span_of(distances: Distances, index: int, *, pixels: int) -> float:
    """Return a span that shows decision borders: where the nearest is expected on a random plane.

    A border at distance d crosses a random plane, of 2 of D directions, at ``d sqrt(D / 2)``, up
    to a factor near 1, [1]_. The distance is that of the image in L2 where it was fooled, else
    the median of all.

    Raises
    ------
    DataError
        If neither is known, since too few images were fooled.
    """
    scale = float(np.sqrt(pixels / 2))
    own = distances.distance_l2[distances.index == index].astype(float)
    if len(own) and np.isfinite(own[0]) and own[0] > 0:
        return scale * float(own[0])
    in_l2 = distances.norm == "l2"  # else no radius in L2 is known of those that were not fooled
    radii = distances.eps if in_l2 else np.full(len(distances.index), np.inf)
    median = median_distance(distances.distance_l2, radii).value
    if not 0 < median < np.inf:
        raise DataError(
            "expected `distances` with a median, found too few images fooled; raise `max_eps` of "
            "crit-dist, or give `span` a number"
        )
    return scale * median
