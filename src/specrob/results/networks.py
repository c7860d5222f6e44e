"""Networks, states of runs, and arrays from elsewhere."""

from dataclasses import dataclass

from specrob.results.record import Facts, Result

# names of curves in a history, each before the name of a layer
TRUE_ALPHA, ESTIMATED_ALPHA, DRIFT = "alpha ", "estimated alpha ", "drift "
# name of the curve of the accuracy on perturbed training images, in adversarial training
ROBUST_TRAIN_ACCURACY = "robust_train_accuracy"


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """Threshold and counts of a pruning."""

    threshold: float | None
    pruned: int
    of: int
    automatic: bool | None = None
    dropped: bool | None = None
    variances: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """Counts of units of one trained layer, and whether it is accepted."""

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

    The exponents are fitted over the default range of ranks; `ranks` is the number of eigenvalues
    that were scaled, `logit_change` the relative change of the logits of some images.
    """

    alpha: float
    readout: str
    ranks: int
    train_alpha: float | None
    test_alpha: float | None
    logit_change: float


@dataclass(frozen=True, kw_only=True)
class Training:
    """How a network was trained; versions before may not have written all of it.

    `reached` is whether the level `until` was; `batch_below_layers` names layers that are wider
    than a batch, whose spectra a penalty then sees with too few images.
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


@dataclass(frozen=True, kw_only=True)
class Model(Result):
    """A network; its weights are the arrays of the file."""

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
    """The state of a run; what it needs to go on are the arrays of the file."""

    kind = "checkpoint"
    format = "safetensors"
    maker = "train-kh"

    settings: Facts
    state: Facts
    environment: Facts | None = None  # torch, threads and processor
    checksum: str | None = None  # SHA-256 of arrays and all other facts


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
