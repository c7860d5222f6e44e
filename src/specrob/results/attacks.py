"""What attacks on images give: accuracies, critical distances, and perturbed images."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from specrob.results.outcomes import ImageOutcomes, Outcomes
from specrob.results.record import Array, Axes, Facts, Result, recorded

if TYPE_CHECKING:
    from specrob.censored_median import Median

ATTACK_OPTIONS = ("method", "norm", "bounds", "loss", "targets", "levels", "options")


# what became of an image, in results
STATUS = FOOLED, CENSORED, MISCLASSIFIED = "fooled", "censored", "misclassified"


@dataclass(frozen=True, kw_only=True)
class AttackResult(Result):
    """What every result of an attack records of the attack and the images."""

    method: str
    norm: str
    bounds: str | None = None
    loss: str | None = None
    targets: str | None = None  # "next", "random" or a class; None where any wrong class counts
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
    """Accuracy over radii; with targets, an image counts as kept until its target is predicted."""

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
    outcomes: ImageOutcomes | None = None  # results of 0.3 and before have none

    def of_images(self) -> Outcomes | None:
        """Return what became of each image; None in results of 0.3 and before.

        >>> facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 0.5, "n_images": 2}
        >>> curve = {"eps": (0.1,), "relative_accuracy": (1.0,), "robust_accuracy": (0.5,)}
        >>> bits = ImageOutcomes(index="0-1", correct="gA==", kept=("gA==",))
        >>> Robustness(n_attacked=1, **facts, **curve, outcomes=bits).of_images().kept
        array([[ True, False]])
        """
        return (
            None if self.outcomes is None else self.outcomes.decoded(self.n_images, len(self.eps))
        )


@dataclass(frozen=True, kw_only=True)
class Distances(AttackResult):
    """The critical distance of every image."""

    kind = "distances"
    format = "npz"
    maker = "crit-dist"
    rows = "B"

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

    @property
    def was_attacked(self) -> Array:
        """Whether each image was attacked, (B,), bool: it was classified correctly."""
        attacked: Array = self.status != MISCLASSIFIED
        return attacked

    def median(self) -> "Median":
        """Return the Kaplan-Meier median with its 95% interval; censored images count."""
        from specrob.censored_median import median_distance

        return median_distance(self.distance, self.eps)


@dataclass(frozen=True, kw_only=True)
class Adversarial(AttackResult):
    """Perturbed images with their labels and lengths."""

    kind = "adversarial"
    format = "npz"
    maker = "attack --save"
    rows = "E B"

    eps: Annotated[Array, Axes("E", "radii", "attacked space")]
    index: Annotated[Array, Axes("B", "position of the image in its split", dtype="iu")]
    label: Annotated[Array, Axes("B", dtype="iu")]
    prediction: Annotated[Array, Axes("B", dtype="iu")]
    prediction_adversarial: Annotated[Array, Axes("E B", dtype="iu")]
    distance: Annotated[Array, Axes("E B", "", "attacked space, in the norm")]
    distance_l2: Annotated[Array, Axes("E B", "", "attacked space, L2")]
    x: Annotated[Array, Axes("E B C H W", "perturbed images", "attacked space")]
