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
    """What every result of an attack records of the attack and the images.

    Parameters
    ----------
    method : str
        Name of the attack (``--method``): random, noise, fgsm, pgd, minimal, worst, or one of a
        plug-in.
    norm : str
        Norm of the perturbations (``--norm``): l1, l2 or linf.
    bounds : str or None
        Range of perturbed pixels (``--bounds``): ``none``, ``LO:HI``, or ``valid``, the range that
        images can have; ``none`` also where they have no range.
    loss : str or None
        What gradients increase (``--loss``): ``ce``, the cross entropy, or ``margin`` of the
        logits.
    targets : str or None
        Class that an image has to be taken for (``--targets``): ``next``, ``random``, or a class,
        whose own images are left out; None where any wrong class counts.
    eps_unit : str or None
        What a radius is: ``NORM length``, or ``std of each pixel``, of Gaussian noise.
    options : mapping or None
        Options of the attack that differ from their defaults.
    levels : int or None, 2 or more
        Number of levels to which perturbed pixels are rounded (``--levels``); None without
        rounding.
    normalize : str or None
        How the network normalizes images (``--normalize``), as in a model.
    mean_image_norm : float or None, 0 or more, attacked space
        Mean norm of the images as they are, in `norm`: the scale of a radius.
    selection : str or None
        SHA-256 of which images were used: of their split, of their positions in it, and of what
        was done to their pixels.
    attacked : str or None
        SHA-256, as `selection`, of the images that were attacked: those that are classified
        correctly.
    curve : str or None
        How a curve was measured (``--curve``): ``pointwise``, an attack at each radius, or
        ``monotone``, by critical distances; None for distances.
    warnings : tuple of str or None
        What makes the numbers doubtful; empty where nothing does; None for perturbed images, of
        which the curve has the warnings.
    """

    method: str
    norm: str
    bounds: str | None = None
    loss: str | None = None
    targets: str | None = None
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
    """Accuracy over radii; with targets, an image counts as kept until its target is predicted.

    Parameters
    ----------
    clean_accuracy : float, 0 to 1
        Share of the images that are classified correctly without a perturbation.
    n_images : int, 1 or more
        Number of images.
    n_attacked : int, 0 to `n_images`
        Number of images that are classified correctly: only they are attacked.
    eps : tuple of float, 0 or more, attacked space
        Radii (``--eps``), in the order given; `eps_unit` says what they are.
    relative_accuracy : tuple of float or None, 0 to 1
        At each radius the share of the attacked images that keep their label; None where no image
        was attacked.
    robust_accuracy : tuple of float, 0 to 1
        At each radius the share of all images that are classified correctly and keep their label.
    tolerance : float or None, above 0
        Relative tolerance of the distances that a curve of `crit-dist` follows from
        (``--tolerance``); None for a curve of `attack`.
    outcomes : ImageOutcomes or None
        What became of each image; None in results of 0.3 and before.
    """

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
    tolerance: float | None = None
    outcomes: ImageOutcomes | None = None

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
    """The critical distance of every image.

    Parameters
    ----------
    tolerance : float or None, above 0
        Width of the bracket within which a distance is known, as a share of its upper end
        (``--tolerance``).
    """

    kind = "distances"
    format = "npz"
    maker = "crit-dist"
    rows = "B"

    index: Annotated[Array, Axes("B", "position of the image in its split", dtype="iu")]
    label: Annotated[Array, Axes("B", "true class", dtype="iu")]
    prediction: Annotated[Array, Axes("B", "class of the largest logit", dtype="iu")]
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
    label: Annotated[Array, Axes("B", "true class", dtype="iu")]
    prediction: Annotated[Array, Axes("B", "class of the largest logit", dtype="iu")]
    prediction_adversarial: Annotated[
        Array, Axes("E B", "class of the perturbed image", dtype="iu")
    ]
    distance: Annotated[
        Array,
        Axes(
            "E B",
            "length of the perturbation; NaN where misclassified",
            "attacked space, in the norm",
        ),
    ]
    distance_l2: Annotated[Array, Axes("E B", "the same in L2", "attacked space, L2")]
    x: Annotated[Array, Axes("E B C H W", "perturbed images", "attacked space")]
