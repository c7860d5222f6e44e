"""The decision landscape of a network around one of its images."""

from collections.abc import Callable
from functools import partial

from torch import Tensor

from specrob.errors import DataError
from specrob.experiments.loading import LoadedModel, require_classifier
from specrob.linalg import lp_norms
from specrob.measures.jacobian import jacobian_norm
from specrob.measures.landscape import Landscape, landscape, random_plane
from specrob.models import architecture_of
from specrob.models.layers import layer_function, linear_maps
from specrob.progress import Report, silent

SPAN_L3, SPAN_OF_NORM = 20.0, 5.4  # A's, in l3 space, where images have norm 3.7


def jacobian_layer(subject: LoadedModel) -> str:
    """Return the layer whose Jacobian the papers map, for this architecture."""
    row = architecture_of(subject.network.arch)
    return row.smooth if row else "logits"


def jacobian_norm_of(subject: LoadedModel, layer: str) -> Callable[[Tensor], Tensor]:
    """Return the function from images, (B, ...), to exact Jacobian norms of a layer, (B,).

    One product gives them where there is one hidden layer, none where the layer is linear.
    """
    network = subject.network
    if layer == "latent" and hasattr(network.core, "latent_jacobian_norm"):
        return network.module.latent_jacobian_norm
    if maps := linear_maps(network.module, [layer]):
        norm = maps[layer].norm()
        return lambda images: norm.expand(len(images))
    return partial(jacobian_norm, layer_function(network.module, layer))


def describe_landscape(subject: LoadedModel, of: str | None) -> dict[str, str]:
    """Return the facts of a landscape that go into its result."""
    return {"of": of or jacobian_layer(subject), "normalize": subject.network.normalize}


def map_landscape(
    subject: LoadedModel,
    *,
    index: int | None = None,
    span: float | None = None,
    points: int = 100,
    of: str | None = None,
    seed: int = 0,
    batch_size: int = 1000,
    report: Report = silent,
) -> Landscape:
    """Return label, confidence and Jacobian norm on a random plane through one image.

    Parameters
    ----------
    subject : LoadedModel
    index : int or None
        Of the image in its split; None is the first there is.
    span : float or None
        By default 20 for l3 models, else 5.4 times the image's L2 norm.
    points : int
        A side.
    of : str or None
        Layer whose Jacobian is measured; by default the one that the papers map.
    seed, batch_size : int
    report : Report

    Raises
    ------
    DataError
        If there is no image of that index.
    """
    model, images = require_classifier(subject), subject.images
    index = int(images.index[0]) if index is None else index
    found = (images.index == index).nonzero()
    if not len(found):
        raise DataError(f"expected --index of one of the {len(images)} images, found {index}")
    image = images.pixels[found[0, 0]]
    if span is None:
        by_norm = SPAN_OF_NORM * float(lp_norms(image[None]))
        span = SPAN_L3 if subject.network.normalize == "l3" else by_norm
    return landscape(
        model,
        image,
        directions=random_plane(image.numel(), seed=seed, index=index),
        span=span,
        points=points,
        jacobian_norm=jacobian_norm_of(subject, of or jacobian_layer(subject)),
        index=index,
        batch_size=batch_size,
        report=report,
    )
