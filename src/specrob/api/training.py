"""Training of local layers and of classifiers."""

from dataclasses import replace

from specrob.devices import resolve_device
from specrob.experiments import train_local
from specrob.experiments.images import load_split
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.run_context import RunContext
from specrob.settings.images import ImageSettings
from specrob.settings.local import KrotovHopfield, LocalSettings, Rule


def train_local_layer(
    data: str = "digits",
    rule: Rule = KrotovHopfield(),
    settings: LocalSettings = LocalSettings(),
    *,
    images: ImageSettings = ImageSettings(),
    seed: int = 0,
    batch_size: int | None = None,
    device: str = "auto",
) -> LoadedModel:
    """Return a layer that learned from images by a local rule.

    Parameters
    ----------
    data : str
        The name of a data set, an NPZ file, or a folder of class folders.
    rule : Rule
        The learning rule with its constants.
    settings : LocalSettings
        Number of units, epochs, and so on.
    images : ImageSettings
        What else is said of the images: their limit, size, or normalization.
    seed : int
        Of the initial synapses and the order of the images.
    batch_size : int, optional
        Number of images in a step.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    LoadedModel
        With the test images; `network.module` is the layer, and `network.facts` says what became
        of its units.

    Raises
    ------
    UsageError, DataError
        If the constants do not suit the layer, or the images are not there.

    Examples
    --------
    >>> few = ImageSettings(limit=20)
    >>> layer = train_local_layer(settings=LocalSettings(hidden=3, epochs=1), images=few)
    >>> layer.network.facts["units"]
    3
    """
    images = replace(images, data=data)
    context = RunContext(seed, batch_size, resolve_device(device))
    network, record = train_local.train_local_layer(images, rule, settings, context)
    test, _ = load_split(replace(images, split=None), "test", network.normalize)
    return LoadedModel(network, test.to(context.device), record)
