"""The decision landscape of a network around one of its images."""

from collections.abc import Callable
from functools import partial

from torch import Tensor

from specrob.errors import DataError
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.run_context import RunContext
from specrob.linalg import lp_norms
from specrob.measures.jacobian import jacobian_norm
from specrob.measures.landscape import landscape, random_plane
from specrob.models import ShallowNet, Standardized
from specrob.results import Landscape
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
    loaded: LoadedModel, settings: LandscapeSettings, context: RunContext
) -> Landscape:
    """Return label, confidence and Jacobian norm on a random plane through one image.

    Raises
    ------
    DataError
        If no image has that index.
    """
    model, images = loaded.classifier(), loaded.images
    index = int(images.index[0]) if settings.index is None else settings.index
    rows = (images.index == index).nonzero()
    if not len(rows):
        raise DataError(
            f"expected `index` of one of the {len(images)} images, found {index}; choose another"
        )
    image = images.pixels[rows[0, 0]]
    layer = settings.layer or loaded.jacobian_layer
    return landscape(
        model,
        image,
        directions=random_plane(image.numel(), seed=context.seed, index=index),
        span=settings.span or default_span(image, loaded.normalize),
        points=settings.points,
        jacobian_norm=jacobian_norm_of(loaded, layer),
        index=index,
        layer=layer,
        normalize=loaded.normalize,
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
