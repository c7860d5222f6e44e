"""Attacks, one frozen record each: facts, options, and how an attack is prepared.

The record of a built-in attack names the function that prepares it for the images of an
`AttackBatch`. The function is imported when it is needed, so that nothing here loads torch.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.registry import load_object
from specrob.settings.flag import Flag, Settings
from specrob.settings.run import Precision

if TYPE_CHECKING:
    from specrob.measures.attacks.batch import AttackBatch, PreparedAttack

Norm = Literal["l1", "l2", "linf"]
Loss = Literal["ce", "margin"]
Step = Literal["sign", "unit", "raw"]


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


@dataclass(frozen=True)
class Attack(Settings):
    """The options of an attack as fields, its facts, and how it is prepared for images.

    Another package derives a frozen dataclass from this class, overrides `prepare`, and names it
    in the entry points "specrob.attacks".
    """

    name: ClassVar[str]  # in the family ATTACKS and in results
    implementation: ClassVar[str]  # "module:function" of prepare(options, batch)
    default_norm: ClassVar[Norm] = "l2"
    norms: ClassVar[tuple[Norm, ...]] = ("l2", "linf")
    precisions: ClassVar[tuple[Precision, ...]] = ("float32", "bfloat16")
    uses_gradient: ClassVar[bool] = False
    weaker: ClassVar[str | None] = None  # an attack that must not fool more images than this one
    takes_targets: ClassVar[bool] = False  # whether it follows the `targets` of an AttackBatch
    eps_is_std: ClassVar[bool] = False  # eps is the standard deviation of each pixel

    def prepare(self, batch: "AttackBatch") -> "PreparedAttack":
        """Return the attack prepared for the images of a batch, for any radius."""
        prepare: Callable[[Any, AttackBatch], PreparedAttack] = load_object(self.implementation)
        return prepare(self, batch)

    def norm_for(self, norm: Norm | None) -> Norm:
        """Return the norm of eps, by default the attack's; raise UsageError if it takes others."""
        if norm is not None and norm not in self.norms:
            takes = " or ".join(self.norms) or "no norm"
            raise UsageError(f"`norm`: expected {takes} with {self.name}, found {norm}; drop it")
        return norm or self.default_norm

    def check_precision(self, precision: Precision) -> None:
        """Raise UsageError if the attack does not compute gradients in the precision."""
        if precision not in self.precisions:
            takes = " or ".join(self.precisions)
            raise UsageError(
                f"`precision`: expected {takes} with {self.name}, found {precision}; drop it"
            )

    def changed_options(self) -> dict[str, Any]:
        """Return the options that differ from their defaults, as JSON can hold them.

        >>> PGD(steps=20, step_size=StepSize(0.1)).changed_options()
        {'steps': 20, 'step_size': {'size': 0.1, 'absolute': False}}
        """
        values = {f.name: (getattr(self, f.name), f.default) for f in fields(self)}
        changed = {name: value for name, (value, default) in values.items() if value != default}
        return {
            name: asdict(value) if isinstance(value, StepSize) else value
            for name, value in changed.items()
        }


@dataclass(frozen=True)
class Random(Attack):
    """A random direction of length eps: ``x + eps d``, one unit vector d for each image.

    d is isotropic and has norm 1; the perturbed image is clipped to the bounds.
    """

    name = "random"
    implementation = "specrob.measures.attacks.random:prepare_random"


@dataclass(frozen=True)
class Noise(Attack):
    """Gaussian noise: ``x + eps n``, n with variance 1 in each pixel, clipped to the bounds."""

    name = "noise"
    implementation = "specrob.measures.attacks.random:prepare_noise"
    norms = ()
    eps_is_std = True


@dataclass(frozen=True)
class FGSM(Attack):
    """One step of length eps along the steepest direction of the loss J at the image.

    In Linf ``x + eps sign(g)``, in L2 ``x + eps g / ||g||_2``, with ``g = grad_x J(x, y)``, [1]_,
    clipped to the bounds.

    References
    ----------
    .. [1] I. J. Goodfellow, J. Shlens and C. Szegedy, "Explaining and harnessing adversarial
       examples", arXiv:1412.6572.
    """

    name = "fgsm"
    implementation = "specrob.measures.attacks.fgsm:prepare_fgsm"
    default_norm = "linf"
    uses_gradient = True
    takes_targets = True
    weaker = "random"


@dataclass(frozen=True)
class PGD(Attack):
    """Projected gradient descent: ``x_(t+1) = P(x_t + s direction(grad_x J(x_t, y)))``, [1]_.

    P projects on the ball of radius eps around the image, within the bounds of pixels; s is the
    step size.

    References
    ----------
    .. [1] A. Madry et al., "Towards deep learning models resistant to adversarial attacks",
       arXiv:1706.06083.
    """

    name = "pgd"
    implementation = "specrob.measures.attacks.pgd:prepare_pgd"
    default_norm = "linf"
    norms = ("l1", "l2", "linf")
    uses_gradient = True
    takes_targets = True
    weaker = "fgsm"

    steps: Annotated[
        int, Flag("Number of steps. (default: 10 for pgd, 50 for minimal, 40 for worst)", low=1)
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
        Step | None,
        Flag(
            "Step direction: gradient sign, unit gradient or raw gradient. "
            "(default: the steepest for --norm)"
        ),
    ] = None
    random_start: Annotated[bool, Flag("Start at a random point of the ball.")] = False
    restarts: Annotated[
        int, Flag("Number of random starts, of which the worst counts.", low=1)
    ] = 1
    project: Annotated[
        bool, Flag("Keep the iterates within the ball.", name="--project/--no-project")
    ] = True

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.restarts > 1 and not self.random_start:
            raise UsageError(
                f"`restarts`: expected 1 without `random_start`, found {self.restarts}; "
                "set `random_start`"
            )


@dataclass(frozen=True)
class Minimal(Attack):
    """The nearest perturbation that fools, ``min ||d|| such that label(x + d) != y``.

    No budget is given: steps along the gradient within a ball that shrinks where they fool and
    grows where they do not, [1]_, and then along the boundary.

    References
    ----------
    .. [1] M. Pintor et al., "Fast minimum-norm adversarial attacks through adaptive norm
       constraints", arXiv:2102.12827.
    """

    name = "minimal"
    implementation = "specrob.measures.attacks.minimal:prepare_minimal"
    norms = ("l1", "l2", "linf")
    precisions = ("float32",)
    uses_gradient = True
    takes_targets = True
    weaker = "fgsm"

    steps: Annotated[int, Flag("Number of steps of the descent.", low=1)] = 50


@dataclass(frozen=True)
class Worst(Attack):
    """The worst of `Minimal` in both losses and of ascent with adaptive steps, image by image.

    The ascent, [1]_, halves its step where the loss no longer grows. For claims about robustness:
    single attacks leave more images.

    References
    ----------
    .. [1] F. Croce and M. Hein, "Reliable evaluation of adversarial robustness with an ensemble of
       diverse parameter-free attacks", arXiv:2003.01690, algorithm 1.
    """

    name = "worst"
    implementation = "specrob.measures.attacks.worst:prepare_worst"
    norms = ("l1", "l2", "linf")
    precisions = ("float32",)
    uses_gradient = True
    takes_targets = True

    steps: Annotated[int, Flag("Number of steps of every ascent.", low=1)] = 40
    restarts: Annotated[
        int, Flag("Number of starts of every ascent: the image, then random points.", low=1)
    ] = 2
