"""The decision landscape of a network around one of its images."""

from functools import partial

from specrob.errors import DataError
from specrob.experiments.subject import Subject, require_classifier
from specrob.linalg import lp_norms
from specrob.measures.jacobian import jacobian_norm
from specrob.measures.landscape import Landscape, landscape, random_plane
from specrob.models import row_of
from specrob.models.layers import layer_function
from specrob.progress import Report, silent

SPAN_L3, SPAN_OF_NORM = 20.0, 5.4  # A's, in l3 space, where images have norm 3.7


def jacobian_layer(subject: Subject) -> str:
    """Return the layer whose Jacobian the papers map, for this architecture."""
    row = row_of(subject.network.arch)
    return row.smooth if row else "logits"


def describe_landscape(subject: Subject, of: str | None) -> dict[str, str]:
    """Return the facts of a landscape that go into its result."""
    return {"of": of or jacobian_layer(subject), "normalize": subject.network.normalize}


def map_landscape(
    subject: Subject,
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
    subject : Subject
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
    image = images.images[found[0, 0]]
    if span is None:
        by_norm = SPAN_OF_NORM * float(lp_norms(image[None]))
        span = SPAN_L3 if subject.network.normalize == "l3" else by_norm
    of = of or jacobian_layer(subject)
    if of == "latent" and hasattr(subject.network.core, "latent_jacobian_norm"):
        norm = model.latent_jacobian_norm
    else:
        norm = partial(jacobian_norm, layer_function(model, of))
    return landscape(
        model,
        image,
        directions=random_plane(image.numel(), seed=seed, index=index),
        span=span,
        points=points,
        jacobian_norm=norm,
        index=index,
        batch_size=batch_size,
        report=report,
    )
