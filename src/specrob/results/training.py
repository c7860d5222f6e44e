"""What model files record of training, pruning, and changes of the network."""

from dataclasses import dataclass

from specrob.results.record import Facts


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """Threshold and counts of a pruning.

    Parameters
    ----------
    threshold : float or None, above 0
        Variance of a unit's synapses above which it was pruned; None where it was searched and the
        log variances have one mode, so that nothing was pruned.
    pruned : int
        Number of units that were pruned.
    of : int
        Number of units before.
    automatic : bool or None
        Whether the threshold was searched (``--threshold auto``).
    dropped : bool or None
        Whether pruned units were removed (``--drop``) rather than set to zero.
    variances : tuple of float or None
        Variance of the synapses of each unit before, to seven digits.
    """

    threshold: float | None
    pruned: int
    of: int
    automatic: bool | None = None
    dropped: bool | None = None
    variances: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Counts of units of one trained layer, and whether it is accepted.

    Parameters
    ----------
    attempt : int, 0 or more
        Number of the attempt, which decides its random numbers together with the seed.
    epochs : int, 0 or more
        Passes over the images that were taken; 0 for a layer that was only initialized.
    converged : int
        Number of units that the rule calls converged, also in the wrong attractor; for
        krotov-hopfield those whose synapses have a p-norm within 0.01 of R.
    wrong_attractor : int
        Number of units in the wrong attractor; for krotov-hopfield those whose synapses have a
        mean below ``-(R/2) D^(-1/p)`` for D pixels.
    never_winning : int
        Number of units that have the largest input for no training image.
    learned : int
        Number of units that have converged outside the wrong attractor.
    accepted : bool
        Whether `learned` is more than 90% of the units.
    """

    attempt: int
    epochs: int
    converged: int
    wrong_attractor: int
    never_winning: int
    learned: int
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class Respectrum:
    """The exponent that the input of a read-out was given, with every logit unchanged.

    Parameters
    ----------
    alpha : float, 0 to 10
        Exponent that was asked for (``--alpha``).
    readout : str
        Name of the linear module before which the scaling stands.
    ranks : int
        Number of eigenvalues that were scaled: those above the round-off of float32 activations.
    train_alpha : float or None
        Exponent that the input of the read-out then has over the training images, fitted over the
        default range of ranks; None where the range has too few ranks, and after further training.
    test_alpha : float or None
        The same over the test images; None also where there were none.
    logit_change : float, 0 or more
        Change of the logits of the first 16 training images by round-off, as a share of their
        norm.
    """

    alpha: float
    readout: str
    ranks: int
    train_alpha: float | None
    test_alpha: float | None
    logit_change: float


@dataclass(frozen=True, kw_only=True)
class Training:
    """How gradients trained a network; a file of an earlier version may lack some of it.

    Parameters
    ----------
    epochs : int or None, 0 or more
        Passes over the training images that were asked for (``--epochs``).
    rate : float or None, above 0
        Initial learning rate (``--lr``).
    schedule : str or None
        Name of the schedule of the learning rate (``--schedule``).
    optimizer : mapping or str or None
        `name` (adam, amsgrad or sgd) and `momentum` of the optimizer (``--optimizer``); a text is
        read too.
    until : str or None
        Level at which training stops early (``--until``), for instance ``train_accuracy=0.9``;
        None for a fixed number of epochs.
    reached : bool or None
        Whether the last epoch reached the level `until`; None without a level.
    epochs_taken : int or None, 0 to `epochs`
        Passes over the training images that were taken.
    precision : str or None
        float32 or bfloat16: format of activations and products of layers (``--precision``).
    batch_size : int or None, 1 or more
        Number of images in a step, over all processes (``--batch-size``).
    batch_below_layers : tuple of str or None
        Layers whose spectrum a penalty shapes and that have more units than a batch has images;
        empty where there are none.
    adversarial : mapping or str or None
        `method`, `norm`, `loss`, changed `options` and radius `eps` of the attack that perturbed
        every batch (``--adversarial``); a text is read too; None where none did.
    """

    epochs: int | None = None
    rate: float | None = None
    schedule: str | None = None
    optimizer: Facts | str | None = None
    until: str | None = None
    reached: bool | None = None
    epochs_taken: int | None = None
    precision: str | None = None
    batch_size: int | None = None
    batch_below_layers: tuple[str, ...] | None = None
    adversarial: Facts | str | None = None
