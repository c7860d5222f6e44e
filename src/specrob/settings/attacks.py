"""The built-in attacks, one frozen record each."""

from dataclasses import dataclass
from typing import Annotated

from specrob.errors import UsageError
from specrob.settings.attack import Attack as Attack
from specrob.settings.attack import Step, StepSize
from specrob.settings.flag import Flag


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
