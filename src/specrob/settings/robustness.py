"""What is measured with attacks: accuracy over radii, and critical distances."""

import re
from dataclasses import dataclass
from typing import Annotated, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.registry import ATTACKS
from specrob.settings.attack import Loss, Norm
from specrob.settings.flag import Flag, Settings, positive
from specrob.settings.images import WrittenImagesSettings
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
            low=0,
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

    def __post_init__(self) -> None:
        super().__post_init__()
        if not self.eps:
            raise UsageError("`eps`: expected at least one radius, found none")


@dataclass(frozen=True)
class SaveSettings(WrittenImagesSettings):
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

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.images_title is not None and self.save_data is None:
            raise UsageError("`images_title`: expected with `save_data`, found none; drop it")

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
            low=0,
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
