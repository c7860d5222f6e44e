"""Networks, states of runs, and arrays from elsewhere."""

from dataclasses import dataclass

from specrob.results.record import Facts, Result
from specrob.results.training import Attempt, Pruning, Respectrum, Training

# names of curves in a history, each before the name of a layer
TRUE_ALPHA, ESTIMATED_ALPHA, DRIFT = "alpha ", "estimated alpha ", "drift "
# name of the curve of the accuracy on perturbed training images, in adversarial training
ROBUST_TRAIN_ACCURACY = "robust_train_accuracy"


@dataclass(frozen=True, kw_only=True)
class Model(Result):
    """A network; its weights are the arrays of the file.

    Parameters
    ----------
    arch : str
        Architecture: a name of specrob, ``LIBRARY:NAME``, or ``package.module:factory``.
    shape : tuple of int
        Channels, height and width of the images.
    classes : int, 1 or more
        Number of logits; of a local layer without a read-out that of the classes of its images.
    normalize : str
        How images are normalized (``--normalize``): ``none``; ``lP``, each divided by its p-norm
        before the network; ``standard``, ``half`` or ``mean=M,std=S`` in the first layer of it.
    options : mapping or None
        Options of the architecture, for instance the number of units `hidden`.
    bounds : str or None
        Always ``valid``; no command reads it.
    rule : mapping or None
        Constants of the rule that trained the local layer; None without a local layer.
    units : int or None
        Number of units of the local layer, before any pruning; None without one.
    epochs : int or None, 0 or more
        Passes over the images that the local rule took; 0 where the layer was only initialized;
        None without a local layer.
    converged : int or None
        Number of units of the local layer that converged, also in the wrong attractor, before any
        pruning; of several attempts in the one that was kept, see `Attempt`; None without a local
        layer.
    wrong_attractor : int or None
        Number of units of the local layer in the wrong attractor, as `converged`.
    never_winning : int or None
        Number of units of the local layer that have the largest input for no training image, as
        `converged`.
    learned : int or None
        Number of units of the local layer that have converged outside the wrong attractor; None
        without one, and where it was only initialized.
    accepted : bool or None
        Whether `learned` is more than 90% of the units; None where `learned` is.
    attempts : tuple of Attempt or None
        Every layer that was trained until one was accepted (``--attempts``); None where `learned`
        is.
    row_norms : tuple of float or None
        Minimum, quartiles and maximum of the norms of the units' synapses before any pruning; for
        krotov-hopfield p-norms; None without a local layer.
    variances : tuple of float or None
        Minimum, quartiles and maximum of the variances of the units' synapses before any pruning;
        None without a local layer.
    pruning : Pruning or None
        What `prune` did; None where nothing was pruned.
    respectrum : Respectrum or None
        What `respectrum` did; None where it did nothing.
    training : Training or None
        The last training by gradients; None where there was none.
    history : mapping or None
        Lists of numbers, one for each epoch of `training`: `loss` (mean cross entropy, nats) and
        `train_accuracy` over the batches, `test_accuracy` after the epoch, in adversarial training
        `robust_train_accuracy` on perturbed images, and below `penalties` the mean of each. Where
        a penalty shapes a spectrum, its exponent over the test images ``alpha LAYER``, the
        penalty's estimate ``estimated alpha LAYER``, and ``drift LAYER``, 0 to 1, by which its
        eigenvectors turned; None in a list where unknown. None without training.
    train_accuracy : float or None, 0 to 1
        Accuracy of the network on all training images as they are; None where it was not measured.
    test_accuracy : float or None, 0 to 1
        Accuracy of the network on the test images; None where it was not measured. `import`
        records one of both, by the split of its images.
    """

    kind = "model"
    format = "safetensors"
    maker = "train-sup"
    together = (
        ("units", "converged", "wrong_attractor"),
        ("accepted", "learned", "attempts"),
    )

    arch: str
    shape: tuple[int, int, int]
    classes: int
    normalize: str
    options: Facts | None = None
    bounds: str | None = None
    rule: Facts | None = None
    units: int | None = None
    epochs: int | None = None
    converged: int | None = None
    wrong_attractor: int | None = None
    never_winning: int | None = None
    learned: int | None = None
    accepted: bool | None = None
    attempts: tuple[Attempt, ...] | None = None
    row_norms: tuple[float, ...] | None = None
    variances: tuple[float, ...] | None = None
    pruning: Pruning | None = None
    respectrum: Respectrum | None = None
    training: Training | None = None
    history: Facts | None = None
    train_accuracy: float | None = None
    test_accuracy: float | None = None


@dataclass(frozen=True, kw_only=True)
class Checkpoint(Result):
    """The state of a run; what it needs to go on are the arrays of the file.

    Parameters
    ----------
    settings : mapping
        Everything that the numbers depend on, which has to be the same when the run is resumed.
    state : mapping
        How far the run has come: `epoch`, and `history` or `tried`, of training; the batches that
        are `done`, the numbers of images of all `batches`, and the `shard` of a measure.
    environment : mapping or None
        What may change the last bits of results: version of torch, number of threads, instructions
        of the processor, GPU and CUDA; None where `merge` joined shards.
    checksum : str or None
        SHA-256 of the arrays, the other facts and the command; a checkpoint of the same version of
        specrob with another one is refused.
    """

    kind = "checkpoint"
    format = "safetensors"
    maker = "train-kh"

    settings: Facts
    state: Facts
    environment: Facts | None = None
    checksum: str | None = None


@dataclass(frozen=True, kw_only=True)
class Weights(Result):
    """Weights from elsewhere, without a description."""

    kind = "weights"
    format = "safetensors"
    maker = "train-sup"


@dataclass(frozen=True, kw_only=True)
class Arrays(Result):
    """Arrays from elsewhere, for instance activations ``x`` (images, units)."""

    kind = "arrays"
    format = "npz"
    maker = "spectrum"
