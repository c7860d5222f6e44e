"""What the arrays and facts of artifacts are, by name: one name means one thing in every kind."""

from collections.abc import Mapping
from typing import Any, NotRequired, TypedDict

# numpy's letters for the types that an array may have; real numbers where nothing is said
DTYPES = {
    **dict.fromkeys(("source", "layer", "status", "solver"), "U"),
    **dict.fromkeys(("index", "label", "prediction", "prediction_adversarial"), "iu"),
    **dict.fromkeys(("size", "n_images", "ranks"), "iu"),
}
FINITE = (
    "eigenvalues",
    "bootstrap",
    "bootstrap_scale",
    "variance",
    "image_scale",
    "scale_error",
    "noise_variance",
    "own_spread",
    "maps",
    "images",
    "u",
    "v",
    "directions",
)  # or NaN
# what an attack was told
ATTACK = ("method", "norm", "bounds", "loss", "levels", "options")


class _Spectrum(TypedDict):
    source: str
    size: int
    layer: str
    range: tuple[int, int]


class Mapped(TypedDict):
    """alpha over first and last rank, null where the range is too short."""

    ranks: list[int]
    alpha: list[list[float | None]]


class Fitted(_Spectrum):
    """A spectrum that a power law was fitted to."""

    alpha: float
    stderr: float
    null_alpha: float | None
    r2: NotRequired[float]
    ci: NotRequired[tuple[float, float] | None]
    ci_from: NotRequired[str | None]
    ci_reason: NotRequired[str]
    bootstrap_reason: NotRequired[str]
    alpha_corrected: NotRequired[float | None]
    bias: NotRequired[float | None]
    biased: NotRequired[bool]
    sampling_stderr: NotRequired[float | None]
    bend: NotRequired[float | None]
    power_law: NotRequired[bool | None]
    bound: NotRequired[float | None]
    map: NotRequired[Mapped]


class Unfitted(_Spectrum):
    """A spectrum that was not, and why."""

    alpha: None
    reason: str


class Stretch(TypedDict):
    """Frobenius norms of a layer's Jacobians over images; of one image there is no error."""

    layer: str
    mean: float
    stderr: float | None
    median: float
    min: float
    max: float


class Pruning(TypedDict):
    """What became of the units of a pruned layer."""

    threshold: float | None
    pruned: int
    of: int


class Attempted(TypedDict):
    """How many units of one of several local layers ended where, and whether that is enough."""

    attempt: int
    epochs: int
    converged: int
    wrong_attractor: int
    never_winning: int
    learned: int
    accepted: bool


FACTS: dict[str, Any] = {
    **dict.fromkeys(("arch", "normalize", "bounds", "method", "norm", "of"), str),
    **dict.fromkeys(("selection", "attacked"), str),  # digests of the images shown, and attacked
    **dict.fromkeys(("classes", "units", "converged", "wrong_attractor", "never_winning"), int),
    **dict.fromkeys(("learned", "n_images", "n_attacked"), int),
    **dict.fromkeys(("clean_accuracy", "train_accuracy", "test_accuracy"), float),
    **dict.fromkeys(("options", "history", "training", "rule"), Mapping[str, Any]),
    **dict.fromkeys(("settings", "state"), Mapping[str, Any]),
    **dict.fromkeys(("eps", "robust_accuracy"), list[float]),
    "relative_accuracy": list[float | None],
    "warnings": list[str],
    "transform": list[str],
    "dimension": int,
    "shape": tuple[int, int, int],
    "pruning": Pruning,
    "accepted": bool,
    "attempts": list[Attempted],
    "fits": list[Fitted | Unfitted],
    **dict.fromkeys(("spectral_norm", "frobenius_norm"), float | None),
    "jacobian": list[Stretch],
}

# facts of which none comes alone
TOGETHER = (
    ("units", "converged", "wrong_attractor"),
    ("accepted", "learned", "attempts"),
    ("train_accuracy", "test_accuracy"),
)
