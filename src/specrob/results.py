"""One record for each kind of artifact: its fields, their axes and units are the contract on disk.

The name of a field is the name of the array, or of the fact, in the file. Reading a file checks it
against its record; the documentation's page about artifacts is made from these records.

Letters: ``S`` spectra, ``N`` ranks, ``I`` their images, ``B`` images of ``C`` by ``H`` by ``W``,
``E`` radii, ``R`` replicates or chosen ranks, ``P`` grid points a side, ``D`` pixels.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    import pandas as pd

    from specrob.survival import Median

Format = Literal["safetensors", "npz", "json"]
Array = NDArray[Any]
ATTACK_OPTIONS = ("method", "norm", "bounds", "loss", "levels", "options")
Facts = Mapping[str, Any]


def recorded() -> Any:
    """Return a field that is None by default, and is written even then."""
    return field(default_factory=lambda: None)


@dataclass(frozen=True)
class Axes:
    """The axes of an array, its unit and meaning.

    Parameters
    ----------
    names : str
        Letters separated by spaces, a digit for an axis of that length; "" for a single number.
    text : str
        What it is.
    unit : str
    dtype : str
        numpy's letters for the types that it may have.
    finite : bool
        Whether no number may be infinite; NaN pads.
    """

    names: str
    text: str = ""
    unit: str = ""
    dtype: str = "fiu"
    finite: bool = False


@dataclass(frozen=True)
class Result:
    """What every kind of artifact has: its kind, its format, and the command that makes it."""

    kind: ClassVar[str]
    format: ClassVar[Format]
    maker: ClassVar[str]
    together: ClassVar[tuple[tuple[str, ...], ...]] = ()  # facts of which none comes alone
    parallel: ClassVar[tuple[str, ...]] = ()  # lists of one length, at least 1


@dataclass(frozen=True, kw_only=True)
class Spectrum(Result):
    """Eigenvalues of the covariance of representations, one row a spectrum."""

    kind = "spectrum"
    format = "npz"
    maker = "spectrum"

    eigenvalues: Annotated[
        Array, Axes("S N", "descending, padded with NaN", "activation squared", finite=True)
    ]
    source: Annotated[Array, Axes("S", "images, noise or noise-exact", dtype="U")]
    size: Annotated[Array, Axes("S", "number of units", dtype="iu")]
    layer: Annotated[Array, Axes("S", "name of the layer", dtype="U")]
    n_images: Annotated[Array, Axes("S", "number of images; 0 for exact spectra", dtype="iu")]
    dropped: Annotated[Array | None, Axes("S", "units that never vary, left out")] = None
    solver: Annotated[
        Array | None, Axes("S", "covariance, gram, randomized, weights or cvpca", dtype="U")
    ] = None
    variance: Annotated[
        Array | None, Axes("S", "total variance", "activation squared", finite=True)
    ] = None
    noise_variance: Annotated[
        Array | None,
        Axes("S", "variance of the noise of one repeat", "activation squared", finite=True),
    ] = None
    own_spread: Annotated[
        Array | None,
        Axes("S", "how far directions are from sharing the images' scales", finite=True),
    ] = None
    image_scale: Annotated[
        Array | None, Axes("S I", "scale of each image, of mean 1", finite=True)
    ] = None
    scale_error: Annotated[
        Array | None, Axes("S", "relative error of the scales", finite=True)
    ] = None
    bootstrap: Annotated[
        Array | None,
        Axes("S R N", "eigenvalues of resampled images", "activation squared", finite=True),
    ] = None
    bootstrap_scale: Annotated[
        Array | None, Axes("S R 3", "moments of the resampled images' scales", finite=True)
    ] = None
    transform: tuple[str, ...] | None = None
    dimension: int | None = None
    weights: str | None = None


@dataclass(frozen=True, kw_only=True)
class AlphaMap:
    """The exponent over first and last rank; None where the range is too short."""

    ranks: tuple[int, ...]
    alpha: tuple[tuple[float | None, ...], ...]


@dataclass(frozen=True, kw_only=True)
class Fit:
    """A power law fitted to one spectrum, its errors, and the dimensions of the spectrum.

    `specrob.measures.uncertainty.Uncertainty` says what the errors are.
    """

    source: str
    size: int
    layer: str
    n_images: int = 0
    range: tuple[int, int]
    alpha: float | None
    reason: str | None = None
    stderr: float | None = recorded()
    r2: float | None = recorded()
    intercept: float | None = recorded()
    n_points: int | None = None
    weighting: str | None = None
    null_alpha: float | None = recorded()
    density_exponent: float | None = recorded()
    rank: int | None = None
    reaches_end: bool | None = None
    ci: tuple[float, float] | None = recorded()
    ci_from: str | None = recorded()
    ci_reason: str | None = None
    alpha_corrected: float | None = recorded()
    bias: float | None = recorded()
    biased: bool | None = None
    sampling_stderr: float | None = recorded()
    bend: float | None = recorded()
    bend_stderr: float | None = recorded()
    power_law: bool | None = recorded()
    bootstrap_reason: str | None = None
    range_reason: str | None = None
    participation_ratio: float | None = recorded()
    participation_ratio_corrected: float | None = recorded()
    rank_90: int | None = recorded()
    rankme: float | None = recorded()
    dimension: int | None = None
    bound: float | None = None
    map: AlphaMap | None = None

    def __post_init__(self) -> None:
        if self.alpha is None and self.reason is None:
            raise ValueError("a fit without alpha and without a reason")
        if self.alpha is not None and self.stderr is None:
            raise ValueError("a fit with alpha and without stderr")


@dataclass(frozen=True, kw_only=True)
class PowerLaw(Result):
    """Power laws fitted to the spectra of one file."""

    kind = "power-law"
    format = "json"
    maker = "fit-alpha"
    parallel = ("fits",)

    fits: tuple[Fit, ...]


@dataclass(frozen=True, kw_only=True)
class AttackResult(Result):
    """What every result of an attack records of the attack and the images."""

    method: str
    norm: str
    bounds: str | None = None
    loss: str | None = None
    eps_unit: str | None = None
    options: Facts | None = None
    levels: int | None = recorded()
    normalize: str | None = None
    mean_image_norm: float | None = None
    selection: str | None = None
    attacked: str | None = None
    curve: str | None = None
    warnings: tuple[str, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Robustness(AttackResult):
    """Accuracy over radii."""

    kind = "robustness"
    format = "json"
    maker = "attack"
    parallel = ("eps", "relative_accuracy", "robust_accuracy")

    clean_accuracy: float
    n_images: int
    n_attacked: int
    eps: tuple[float, ...]
    relative_accuracy: tuple[float | None, ...]
    robust_accuracy: tuple[float, ...]
    tolerance: float | None = None  # of the distances that a curve of crit-dist follows from


@dataclass(frozen=True, kw_only=True)
class Distances(AttackResult):
    """The critical distance of every image."""

    kind = "distances"
    format = "npz"
    maker = "crit-dist"

    index: Annotated[Array, Axes("B", "position of the image in its split", dtype="iu")]
    label: Annotated[Array, Axes("B", dtype="iu")]
    prediction: Annotated[Array, Axes("B", dtype="iu")]
    prediction_adversarial: Annotated[
        Array, Axes("B", "the new class; the old one where nothing fooled", dtype="iu")
    ]
    status: Annotated[Array, Axes("B", "fooled, censored or misclassified", dtype="U")]
    distance: Annotated[
        Array,
        Axes("B", "inf where censored, NaN where misclassified", "attacked space, in the norm"),
    ]
    distance_l2: Annotated[Array, Axes("B", "the same in L2", "attacked space, L2")]
    eps: Annotated[
        Array,
        Axes("B", "the budget that found it, or the largest that did not", "attacked space"),
    ]
    tolerance: float | None = None

    def median(self) -> "Median":
        """Return the Kaplan-Meier median with its 95% interval; censored images count."""
        from specrob.survival import median_distance

        return median_distance(self.distance, self.eps)

    def to_frame(self) -> "pd.DataFrame":
        """Return a row for every image, as a pandas data frame."""
        return _frame(self, "B")


@dataclass(frozen=True, kw_only=True)
class Adversarial(AttackResult):
    """Perturbed images, with what became of each."""

    kind = "adversarial"
    format = "npz"
    maker = "attack --save"

    eps: Annotated[Array, Axes("E", "radii", "attacked space")]
    index: Annotated[Array, Axes("B", "position of the image in its split", dtype="iu")]
    label: Annotated[Array, Axes("B", dtype="iu")]
    prediction: Annotated[Array, Axes("B", dtype="iu")]
    prediction_adversarial: Annotated[Array, Axes("E B", dtype="iu")]
    distance: Annotated[Array, Axes("E B", "", "attacked space, in the norm")]
    distance_l2: Annotated[Array, Axes("E B", "", "attacked space, L2")]
    x: Annotated[Array, Axes("E B C H W", "perturbed images", "attacked space")]


@dataclass(frozen=True, kw_only=True)
class Landscape(Result):
    """Maps on a plane; point [i, j] is ``image + u[j] directions[0] + v[i] directions[1]``."""

    kind = "landscape"
    format = "npz"
    maker = "landscape"

    label: Annotated[Array, Axes("P P", "class of the largest logit", dtype="iu")]
    confidence: Annotated[Array, Axes("P P", "softmax probability of the label, 0 to 1")]
    jacobian_norm: Annotated[
        Array, Axes("P P", "Frobenius norm of the Jacobian", "activation / attacked space")
    ]
    u: Annotated[Array, Axes("P", "", "attacked space", finite=True)]
    v: Annotated[Array, Axes("P", "", "attacked space", finite=True)]
    directions: Annotated[Array, Axes("2 D", "orthonormal", finite=True)]
    index: Annotated[Array, Axes("", "position of the image in its split", dtype="iu")]
    of: str | None = None
    normalize: str | None = None


@dataclass(frozen=True, kw_only=True)
class Sensitivity(Result):
    """Derivatives of eigenvalues with respect to pixels."""

    kind = "sensitivity"
    format = "npz"
    maker = "sensitivity"

    maps: Annotated[
        Array, Axes("R B C H W", "", "activation squared / attacked space", finite=True)
    ]
    ranks: Annotated[Array, Axes("R", "1-based", dtype="iu")]
    index: Annotated[Array, Axes("B", "position of the image in its split", dtype="iu")]
    images: Annotated[Array | None, Axes("B C H W", "", "attacked space", finite=True)] = None
    of: str | None = None
    normalize: str | None = None


@dataclass(frozen=True, kw_only=True)
class JacobianNorms:
    """Frobenius norms of a layer's Jacobians over images, in activation / attacked space.

    The standard error of the mean is None for one image.
    """

    layer: str
    mean: float
    stderr: float | None
    median: float
    min: float
    max: float


@dataclass(frozen=True, kw_only=True)
class Smoothness(Result):
    """Norms of the first linear map, and of the Jacobians of some layers over images."""

    kind = "smoothness"
    format = "json"
    maker = "smoothness"
    parallel = ("jacobian",)

    spectral_norm: float | None
    frobenius_norm: float | None
    n_images: int
    jacobian: tuple[JacobianNorms, ...]
    normalize: str | None = None


@dataclass(frozen=True, kw_only=True)
class Pruning:
    """What became of the units of a pruned layer."""

    threshold: float | None
    pruned: int
    of: int
    automatic: bool | None = None
    dropped: bool | None = None
    variances: tuple[float, ...] | None = None


@dataclass(frozen=True, kw_only=True)
class Attempt:
    """How many units of one trained layer ended where, and whether that is enough."""

    attempt: int
    epochs: int
    converged: int
    wrong_attractor: int
    never_winning: int
    learned: int
    accepted: bool


@dataclass(frozen=True, kw_only=True)
class Model(Result):
    """A network; its weights are the arrays of the file."""

    kind = "model"
    format = "safetensors"
    maker = "train-sup"
    together = (
        ("units", "converged", "wrong_attractor"),
        ("accepted", "learned", "attempts"),
        ("train_accuracy", "test_accuracy"),
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
    training: Facts | None = None
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


def _frame(record: Result, axis: str) -> "pd.DataFrame":
    """Return the arrays that have one axis of that name, a column each."""
    import pandas as pd

    hints = type(record).__annotations__
    columns = {
        name: getattr(record, name)
        for name, hint in hints.items()
        if any(isinstance(part, Axes) and part.names == axis for part in hint.__metadata__)
    }
    return pd.DataFrame({n: v for n, v in columns.items() if isinstance(v, np.ndarray)})
