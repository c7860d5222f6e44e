"""The decision landscape around an image."""

from dataclasses import replace

from specrob.api.files import Model, load_model
from specrob.experiments import landscapes
from specrob.experiments.in_memory import Values
from specrob.experiments.run_context import RunContext
from specrob.results import Landscape
from specrob.settings.measures import LandscapeSettings


def landscape(
    model: Model,
    images: Values | None = None,
    labels: Values | None = None,
    *,
    index: int = 0,
    span: float | None = None,
    points: int = LandscapeSettings.points,
    layer: str | None = None,
    seed: int = 0,
    batch_size: int | None = None,
) -> Landscape:
    """Return label, confidence and Jacobian norm on a random plane through an image.

    Parameters
    ----------
    model
        As for `load_model`.
    images : Tensor or ndarray, (C, H, W) for one or (B, C, H, W), optional
        Otherwise as for `load_model`.
    labels : Tensor or ndarray of int, (1,) or (B,), optional
        Of which the image's is kept in the result.
    index : int
        Position of the image.
    span : float, optional
        Distance from the image to the edge of the plane; by default 5.4 times the norm of the
        image, or 20 for images divided by their 3-norm.
    points : int
        Number of grid points per axis.
    layer : str, optional
        Layer whose Jacobian norm is mapped; by default latent for shallow
        networks, logits otherwise.
    seed : int
        Seed of the plane.
    batch_size : int, optional
        Number of grid points computed at a time.

    Returns
    -------
    Landscape
        Maps, (points, points), of the label, its softmax probability and the Frobenius norm of the
        layer's Jacobian, in activation over pixel units.

    Raises
    ------
    ModelError, DataError
        If the model is no classifier, or there is no image of that index.

    Examples
    --------
    >>> import torch
    >>> one_pixel_wins = torch.nn.Flatten()  # the logits are the two pixels
    >>> plane = landscape(one_pixel_wins, torch.tensor([[[0.7, 0.3]]]), points=3)
    >>> int(plane.label[1, 1]), f"{plane.jacobian_norm[1, 1]:.3f}"  # at the image
    (0, '1.414')
    """
    settings = LandscapeSettings(index=index, span=span, points=points, layer=layer)
    is_one = images is not None and getattr(images, "ndim", 0) == 3
    batch = images[None] if images is not None and is_one else images
    loaded = load_model(model, batch, labels)
    plane = landscapes.map_landscape(loaded, settings, RunContext(seed, batch_size))
    return plane if images is None or labels is not None else replace(plane, image_label=None)
