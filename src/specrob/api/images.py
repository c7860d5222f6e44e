"""Images made by a network."""

from specrob.api.files import Model, load_model
from specrob.experiments.in_memory import Values
from specrob.experiments.inversion import invert_layer
from specrob.experiments.run_context import RunContext
from specrob.results import ImageFile
from specrob.settings.inversion import InversionSettings, Start


def invert(
    model: Model,
    images: Values | None = None,
    labels: Values | None = None,
    *,
    layer: str = InversionSettings.layer,
    start: Start = InversionSettings.start,
    steps: int = InversionSettings.steps,
    step_size: float = InversionSettings.step_size,
    seed: int = 0,
    batch_size: int | None = None,
) -> ImageFile:
    """Return for every image another with nearly its activations in a layer, and its label.

    Parameters
    ----------
    model, images, labels
        As for `load_model`; without labels all are 0.
    layer : str
        The dotted name of a submodule, or input, hidden, latent, penultimate or logits.
    start : {"other", "noise"}
        Start from another of the images, drawn for each, or from uniform noise.
    steps : int
        Number of gradient steps.
    step_size : float, pixel units
        Length of a step in L2.
    seed : int
        Seed of where the descents start.
    batch_size : int, optional
        Number of images computed at a time.

    Returns
    -------
    ImageFile
        `x_test` are the images, `residual_test` the distances of their activations from those
        of the images, as a share of the distances at the start. `specrob.write` makes a file.

    Raises
    ------
    ModelError, DataError
        If there is no such layer, or the network divides each image by its norm.
    UsageError
        If a setting is out of range.

    Examples
    --------
    >>> import torch
    >>> made = invert(torch.nn.Flatten(), torch.rand(3, 1, 2, 2), layer="logits", steps=1)
    >>> made.x_test.shape
    (3, 1, 2, 2)
    """
    settings = InversionSettings(layer=layer, start=start, steps=steps, step_size=step_size)
    context = RunContext(seed, batch_size)
    return invert_layer(load_model(model, images, labels), settings, context)
