"""Training of local layers and of classifiers."""

from dataclasses import replace

from specrob.artifacts import Data, Provenance
from specrob.devices import resolve_device
from specrob.experiments import train_classifier as experiment
from specrob.experiments import train_local
from specrob.experiments.images import load_split
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.run_context import RunContext
from specrob.models import Network, to_artifact
from specrob.settings.images import ImageSettings
from specrob.settings.local import KrotovHopfield, LocalSettings, Rule
from specrob.settings.run import Device
from specrob.settings.training import ArchitectureSettings, TrainingSettings


def train_local_layer(
    images: str | ImageSettings = ImageSettings(),
    rule: Rule = KrotovHopfield(),
    settings: LocalSettings = LocalSettings(),
    *,
    seed: int = 0,
    batch_size: int | None = None,
    device: Device = "auto",
) -> LoadedModel:
    """Return a layer that learned from images by a local rule.

    Parameters
    ----------
    images : str or ImageSettings
        The name of a data set, an NPZ file, or a folder of class folders; or settings that also
        say a limit, a size or a normalization. By default the digits.
    rule : Rule
        The learning rule with its constants.
    settings : LocalSettings
        Number of units, epochs, and so on.
    seed : int
        Seed of the initial synapses and of the order of the images.
    batch_size : int, optional
        Number of images in a step.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    LoadedModel
        With the test images; `network.module` is the layer, and `network.facts` counts the
        units that converged.

    Raises
    ------
    UsageError, DataError
        If the constants do not suit the layer, or the images are not there.

    Examples
    --------
    >>> few = ImageSettings(limit=20)
    >>> layer = train_local_layer(few, settings=LocalSettings(hidden=3, epochs=1))
    >>> layer.network.facts["units"]
    3
    """
    images = ImageSettings(data=images) if isinstance(images, str) else images
    context = RunContext(seed, batch_size, resolve_device(device))
    network, record = train_local.train_local_layer(images, rule, settings, context)
    return _with_test_images(network, record, images, context)


def train_classifier(
    start: LoadedModel | None = None,
    images: str | ImageSettings = ImageSettings(),
    architecture: ArchitectureSettings = ArchitectureSettings(),
    settings: TrainingSettings = TrainingSettings(),
    *,
    seed: int = 0,
    batch_size: int | None = None,
    device: Device = "auto",
) -> LoadedModel:
    """Return a classifier trained by gradients.

    Parameters
    ----------
    start : LoadedModel, optional
        A local layer, which is frozen and gets a read-out, or a network of specrob, which is
        trained further; a new network without it.
    images : str or ImageSettings
        As for `train_local_layer`; by default the images of `start`, or the digits.
    architecture : ArchitectureSettings
        Which new network, for instance ``ArchitectureSettings("mlp", hidden=(100,))``.
    settings : TrainingSettings
        Epochs, learning rate, penalties, and so on.
    seed : int
        Seed of the initial weights and of the order of the images.
    batch_size : int, optional
        Number of images in a step.
    device : {"auto", "cpu", "cuda", "mps"}

    Returns
    -------
    LoadedModel
        With the test images; `network.facts` has the history and the accuracies.

    Raises
    ------
    ModelError, UsageError, DataError
        If the settings do not go together, or the images do not fit.

    Examples
    --------
    >>> few = ImageSettings(limit=20)
    >>> mlp = ArchitectureSettings("mlp", hidden=(5,))
    >>> trained = train_classifier(None, few, mlp, TrainingSettings(epochs=1))
    >>> sorted(trained.network.facts)
    ['history', 'test_accuracy', 'train_accuracy', 'training']
    """
    images = ImageSettings(data=images) if isinstance(images, str) else images
    context = RunContext(seed, batch_size, resolve_device(device))
    artifact = None
    if start is not None:
        artifact = replace(to_artifact(start.network), provenance=Provenance(data=start.data))
    network, record = experiment.train_classifier(
        artifact, images, architecture, settings, context
    )
    return _with_test_images(network, record, images, context)


def _with_test_images(
    network: Network, data: Data, images: ImageSettings, context: RunContext
) -> LoadedModel:
    """Return a trained network with the test images, on the device."""
    settings = replace(images, split=None)
    test, _ = load_split(settings, "test", network.normalize, seed=context.seed, trained_on=data)
    network.module.to(context.device).requires_grad_(False)
    return LoadedModel(network, test.to(context.device), data, seed=context.seed)
