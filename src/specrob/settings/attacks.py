"""Attacks, one frozen record each, and what is measured with them.

An attack's record holds its options. Its ``prepare(batch)`` makes it ready for the images of an
`AttackBatch`; the record of a built-in attack names the function that does so, which is imported
when it is needed, so that nothing here loads torch.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.registry import ATTACKS, load_object
from specrob.settings.flag import Flag, Settings, build_record

if TYPE_CHECKING:
    from specrob.measures.attacks.batch import AttackBatch, PreparedAttack

Norm = Literal["l2", "linf"]
Loss = Literal["ce", "margin"]
Precision = Literal["float32", "bfloat16"]
DEFAULT_RADII = "log:1e-3:1:20"


@dataclass(frozen=True)
class StepSize:
    """Length of a step: a share of eps, or an absolute length.

    >>> StepSize.parse("0.25"), StepSize.parse("0.01abs").absolute
    (StepSize(size=0.25, absolute=False), True)
    """

    size: float
    absolute: bool = False

    @classmethod
    def parse(cls, text: str) -> "StepSize":
        """Return the step of ``X`` (a share of eps) or ``Xabs`` (an absolute length)."""
        return cls(*grammar.parse_step(text))


class Attack(Settings):
    """What every attack is: its facts, its options, and how it is made ready.

    A plug-in derives a frozen dataclass from this class and overrides `prepare`.
    """

    implementation: ClassVar[str]  # "module:function" of prepare(options, batch)
    default_norm: ClassVar[Norm] = "l2"
    norms: ClassVar[tuple[Norm, ...]] = ("l2", "linf")
    uses_gradient: ClassVar[bool] = False
    weaker: ClassVar[str | None] = None  # an attack that must not fool more images than this one
    eps_is_std: ClassVar[bool] = False  # eps is the standard deviation of each pixel

    def prepare(self, batch: "AttackBatch") -> "PreparedAttack":
        """Return the attack on the images of a batch, ready for any radius."""
        prepare: Callable[[Any, AttackBatch], PreparedAttack] = load_object(self.implementation)
        return prepare(self, batch)


@dataclass(frozen=True)
class Random(Attack):
    """A random direction of length eps."""

    implementation = "specrob.measures.attacks.random:prepare_random"


@dataclass(frozen=True)
class Noise(Attack):
    """Gaussian noise whose standard deviation in each pixel is eps."""

    implementation = "specrob.measures.attacks.random:prepare_noise"
    norms = ()
    eps_is_std = True


@dataclass(frozen=True)
class FGSM(Attack):
    """One step of length eps along the gradient's sign, or along the gradient in L2."""

    implementation = "specrob.measures.attacks.fgsm:prepare_fgsm"
    default_norm = "linf"
    uses_gradient = True
    weaker = "random"


@dataclass(frozen=True)
class PGD(Attack):
    """Projected gradient descent."""

    implementation = "specrob.measures.attacks.pgd:prepare_pgd"
    default_norm = "linf"
    uses_gradient = True
    weaker = "fgsm"

    steps: Annotated[
        int, Flag("Number of steps. (default: 10 for pgd, 50 for minimal)", low=1)
    ] = 10
    step_size: Annotated[
        StepSize | None,
        Flag(
            "Length of a step as a share of eps, or absolute with abs. (default: 2.5 / steps)",
            metavar="X|Xabs",
            parse=StepSize.parse,
        ),
    ] = None
    step: Annotated[
        Literal["sign", "unit", "raw"] | None,
        Flag(
            "Step direction: gradient sign, unit gradient or raw gradient. "
            "(default: the steepest for --norm)"
        ),
    ] = None
    random_start: Annotated[
        bool, Flag("Start at a random point of the ball.", name="--random-start")
    ] = False
    restarts: Annotated[
        int, Flag("Number of random starts, of which the worst is kept.", low=1)
    ] = 1
    project: Annotated[
        bool, Flag("Keep the iterates within the ball.", name="--project/--no-project")
    ] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.restarts > 1 and not self.random_start:
            raise UsageError("`restarts`: expected with `random_start`, else all are the same")


@dataclass(frozen=True)
class Minimal(Attack):
    """The nearest perturbation that fools; no budget is given."""

    implementation = "specrob.measures.attacks.minimal:prepare_minimal"
    uses_gradient = True
    weaker = "fgsm"

    steps: Annotated[int, Flag("Number of steps of the descent.", low=1)] = 50


@dataclass(frozen=True)
class AttackSettings(Settings):
    """What every attack on images takes beside its own options."""

    norm: Annotated[
        Norm | None, Flag("Norm of eps. (default: linf for fgsm and pgd, else l2)")
    ] = None
    bounds: Annotated[
        str,
        Flag(
            "Range of perturbed pixels; valid is the range that images can have.",
            metavar="valid|none|LO:HI",
        ),
    ] = "valid"
    loss: Annotated[
        Loss, Flag("Loss that gradients increase: cross entropy, or the margin of the logits.")
    ] = "ce"
    precision: Annotated[
        Precision,
        Flag("Precision of gradient computations; predictions always use float32."),
    ] = "float32"


@dataclass(frozen=True)
class CurveSettings(Settings):
    """How accuracy over radii is measured, and what is kept of it."""

    eps: Annotated[
        tuple[float, ...],
        Flag(
            "Radii in the attacked space, for instance 0.1,8/255.",
            metavar="EPS,...|log:LO:HI:N",
            parse=grammar.parse_radii,
            shown=DEFAULT_RADII,
        ),
    ] = grammar.parse_radii(DEFAULT_RADII)
    curve: Annotated[
        Literal["pointwise", "monotone"],
        Flag("pointwise: attack at each eps; monotone: derive the curve from critical distances."),
    ] = "pointwise"
    save: Annotated[
        str | None, Flag("Write the perturbed images to this file.", metavar="FILE")
    ] = None
    levels: Annotated[
        int | None,
        Flag("Round perturbed pixels to this many levels, for instance 256.", low=2),
    ] = None


@dataclass(frozen=True)
class DistanceSettings(Settings):
    """How far, and how finely, a critical distance is searched."""

    max_eps: Annotated[
        float | None,
        Flag(
            "Largest radius tried. (default: 10 times the median norm of the images)",
            metavar="X",
            parse=grammar.parse_positive,
            above=0,
        ),
    ] = None
    tolerance: Annotated[
        float,
        Flag("Relative tolerance of the distance.", metavar="X", parse=grammar.parse_tolerance),
    ] = 0.01


def parse_attack(text: str, **options: Any) -> Attack:
    """Return the attack of ``NAME[,key=value...]`` with further options.

    Raises
    ------
    UsageError
        If there is no such attack, or it does not take an option.

    Examples
    --------
    >>> parse_attack("pgd,steps=20")  # doctest: +ELLIPSIS
    PGD(steps=20, ...)
    """
    name, *pairs = text.split(",")
    ATTACKS.check(name)
    return build_record(ATTACKS[name], pairs, options, what=name)
