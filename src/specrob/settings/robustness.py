"""What is measured with attacks: accuracy over radii, and critical distances."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.registry import ATTACKS
from specrob.settings.attacks import Attack, Loss, Norm, attack_type
from specrob.settings.flag import Flag, Settings, build_record, positive
from specrob.settings.run import Precision

DEFAULT_RADII = "log:1e-3:1:20"
CurveKind = Literal["pointwise", "monotone"]
Targets = int | Literal["next", "random"]
RADII = "EPS,...|log:LO:HI:N"
METHOD = Flag(
    "How images are perturbed: {attacks}. With noise, eps is the standard deviation of each "
    "pixel.",
    name="--method",
    metavar="NAME[,KEY=VALUE]",
    complete=ATTACKS.names,
)
DISTANCE_METHOD = Flag(
    "How images are perturbed: {attacks with a distance}. minimal searches the nearest "
    "perturbation that fools, without a budget.",
    name="--method",
    metavar="NAME[,KEY=VALUE]",
    complete=lambda: ATTACKS.names("distance"),
)


def parse_targets(text: str) -> Targets:
    """Return the target classes ``next`` or ``random``, or the number of one class.

    >>> parse_targets("next"), parse_targets("3")
    ('next', 3)
    """
    named: dict[str, Targets] = {"next": "next", "random": "random"}
    if text in named:
        return named[text]
    if not re.fullmatch("[0-9]{1,7}", text):
        raise UsageError(f"expected next, random or the number of a class, found `{text}`")
    return int(text)


@dataclass(frozen=True)
class ObjectiveSettings(Settings):
    """What an attack increases, and the norm of its perturbations."""

    norm: Annotated[
        Norm | None, Flag("Norm of eps. (default: linf for fgsm and pgd, else l2)")
    ] = None
    loss: Annotated[
        Loss, Flag("Loss that gradients increase: cross entropy, or the margin of the logits.")
    ] = "ce"


@dataclass(frozen=True)
class AttackSettings(ObjectiveSettings):
    """What is the same for every attack: the objective, targets, bounds and precision."""

    targets: Annotated[
        Targets | None,
        Flag(
            "Attack until a target class is predicted: next is the label plus 1, random another "
            "class drawn for each image, or the number of a class, whose own images are left out. "
            "(default: any wrong class)",
            metavar="next|random|CLASS",
            parse=parse_targets,
            complete=lambda: ["next", "random"],
            low=0,
        ),
    ] = None
    bounds: Annotated[
        str,
        Flag(
            "Range of perturbed pixels; valid is the range that images can have, which those "
            "with a --transform do not have.",
            metavar="valid|none|LO:HI",
        ),
    ] = "valid"
    precision: Annotated[
        Precision,
        Flag("Precision of gradient computations; predictions always use float32."),
    ] = "float32"


@dataclass(frozen=True)
class CurveSettings(Settings):
    """How accuracy over radii is measured."""

    eps: Annotated[
        tuple[float, ...],
        Flag(
            "Radii in the attacked space, for instance 0.1,8/255.",
            metavar=RADII,
            parse=grammar.parse_radii,
            shown=DEFAULT_RADII,
        ),
    ] = grammar.parse_radii(DEFAULT_RADII)
    curve: Annotated[
        CurveKind,
        Flag("pointwise: attack at each eps; monotone: derive the curve from critical distances."),
    ] = "pointwise"
    levels: Annotated[
        int | None,
        Flag("Round perturbed pixels to this many levels, for instance 256.", low=2),
    ] = None


@dataclass(frozen=True)
class SaveSettings(Settings):
    """Where the perturbed images go."""

    save: Annotated[
        str | None, Flag("Write the perturbed images to this file.", metavar="FILE")
    ] = None
    save_data: Annotated[
        str | None,
        Flag(
            "Perturb every image at the one --eps, also those that are misclassified, and write "
            "them with the label to learn from, the target's or else their own, as a split of "
            "this file for --data; the other split in it stays.",
            metavar="FILE.npz",
        ),
    ] = None

    def check_radii(self, eps: tuple[float, ...]) -> None:
        """Raise UsageError if images to learn from would be perturbed at several radii."""
        if self.save_data is not None and len(eps) != 1:
            raise UsageError(f"`eps`: expected one number with `save_data`, found {len(eps)}")


@dataclass(frozen=True)
class DistanceSettings(Settings):
    """How far, and how finely, a critical distance is searched."""

    max_eps: Annotated[
        float | None,
        positive("Largest radius tried. (default: 10 times the median norm of the images)"),
    ] = None
    tolerance: Annotated[
        float,
        Flag("Relative tolerance of the distance.", metavar="X", parse=grammar.parse_tolerance),
    ] = 0.01


@dataclass(frozen=True)
class DistanceCurveSettings(Settings):
    """Accuracy over radii that follows from critical distances."""

    save_curve: Annotated[
        str | None,
        Flag(
            "Also write accuracy over --eps to this file; an image counts as fooled from its "
            "critical distance on.",
            name="--save-curve,--curve",
            metavar="FILE",
        ),
    ] = None
    eps: Annotated[
        tuple[float, ...] | None,
        Flag(
            f"Radii of the curve. (default: {DEFAULT_RADII})",
            metavar=RADII,
            parse=grammar.parse_radii,
        ),
    ] = None

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.eps and not self.save_curve:
            raise UsageError(
                "`eps`: expected with `save_curve`, found none; add it, or use `specrob attack`"
            )

    def radii(self) -> tuple[float, ...]:
        """Return the radii of the curve; empty without a curve."""
        return (self.eps or grammar.parse_radii(DEFAULT_RADII)) if self.save_curve else ()


# options of attacks in training, where they are not those of the command `attack`
TRAINING_DEFAULTS: Mapping[str, Mapping[str, object]] = {"pgd": {"steps": 7, "random_start": True}}


@dataclass(frozen=True)
class AdversarialSettings(ObjectiveSettings):
    """The attack that perturbs every batch of training.

    The words of the command line give PGD the defaults of [1]_: 7 steps from a random start.

    References
    ----------
    .. [1] A. Madry et al., "Towards deep learning models resistant to adversarial attacks",
       arXiv:1706.06083.

    Examples
    --------
    >>> AdversarialSettings.parse("fgsm,eps=0.5,loss=margin")
    AdversarialSettings(norm=None, loss='margin', attack=FGSM(), eps=0.5)
    >>> attack = AdversarialSettings.parse("pgd,eps=0.1").attack
    >>> attack.changed_options()
    {'steps': 7, 'random_start': True}
    """

    attack: Attack = field(kw_only=True)
    eps: Annotated[float, positive("Radius.")] = field(kw_only=True)

    def __post_init__(self) -> None:
        super().__post_init__()
        self.attack.norm_for(self.norm)

    def facts(self) -> dict[str, object]:
        """Return the attack, as results record attacks, and its radius.

        >>> AdversarialSettings.parse("fgsm,eps=0.5").facts()
        {'method': 'fgsm', 'norm': 'linf', 'loss': 'ce', 'options': {}, 'eps': 0.5}
        """
        return {
            "method": self.attack.name,
            "norm": self.attack.norm_for(self.norm),
            "loss": self.loss,
            "options": self.attack.changed_options(),
            "eps": self.eps,
        }

    @classmethod
    def parse(cls, text: str) -> "AdversarialSettings":
        """Return the settings of ``METHOD,eps=X[,key=value...]``.

        Raises
        ------
        UsageError
            If there is no such attack, it does not take an option, or eps is missing.
        """
        name, *pairs = text.split(",")
        training = [pair for pair in pairs if pair.partition("=")[0] in ("eps", "norm", "loss")]
        options = [pair for pair in pairs if pair not in training]
        defaults = TRAINING_DEFAULTS.get(name, {})
        attack = build_record(attack_type(name), options, defaults, what=name)
        if not any(pair.startswith("eps=") for pair in training):
            raise UsageError(f"expected a radius, for instance {name},eps=8/255, found `{text}`")
        return build_record(cls, training, {"attack": attack}, what="adversarial training")
