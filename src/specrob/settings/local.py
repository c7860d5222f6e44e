"""How a layer learns by a local rule.

References
----------
.. [1] D. Krotov and J. J. Hopfield, "Unsupervised learning by competing hidden units", PNAS
   116(16), 2019, DOI 10.1073/pnas.1820458116.
.. [2] "Exploring mechanisms of neural robustness", arXiv:2405.00679, whose settings for CIFAR-10
   are the defaults.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass, fields
from typing import TYPE_CHECKING, Annotated, ClassVar

from specrob.errors import UsageError
from specrob.registry import RULES, SCHEDULES, load_object
from specrob.settings.flag import Flag, Settings, build_record, positive
from specrob.settings.run import Precision

if TYPE_CHECKING:
    from specrob.learning.local_training import LocalRule


LARGEST_LOG10 = 12  # of R^p, so that float32 holds what it multiplies


class Rule(Settings):
    """The constants of a local learning rule, and where the rule itself is.

    A plug-in derives a frozen dataclass from this class and overrides `start`.
    """

    implementation: ClassVar[str]  # "module:Object", made of this record

    def start(self) -> "LocalRule":
        """Return the rule with these constants."""
        make: Callable[[Rule], LocalRule] = load_object(self.implementation)
        return make(self)

    @property
    def normalize(self) -> str:
        """The default normalization of the images."""
        return "none"

    def check_layer(self, settings: "LocalSettings") -> None:
        """Raise UsageError where the constants do not suit the layer."""


@dataclass(frozen=True)
class KrotovHopfield(Rule):
    """The constants of the rule of Krotov and Hopfield, [1]_, eq. (3) to (5) of [2]_.

    ``dS = R^p g x^T - (g * h) S`` for synapses S, (N, D), and an image x, (D,), with
    ``h = S |S|^(p-2) x``; g, (N,), is 1 at the largest h, -delta at the k-th largest, 0 elsewhere.

    References
    ----------
    .. [1] D. Krotov and J. J. Hopfield, "Unsupervised learning by competing hidden units", PNAS
       116, 2019, DOI 10.1073/pnas.1820458116.
    .. [2] "Exploring mechanisms of neural robustness", arXiv:2405.00679.
    """

    implementation = "specrob.learning.rules.krotov_hopfield:KrotovHopfieldRule"

    p: Annotated[float, Flag("Norm in which the rows of the synapses converge.", low=2)] = 3.0
    k: Annotated[int, Flag("Rank of the inhibited unit; 1 inhibits none.", low=1)] = 2
    delta: Annotated[float, Flag("Strength of the inhibition.", low=0)] = 0.4
    radius: Annotated[
        float,
        positive("Norm R to which the rows of the synapses converge."),
    ] = 1.0

    def __post_init__(self) -> None:
        super().__post_init__()
        if self.p * math.log10(max(1, self.radius)) > LARGEST_LOG10:
            raise UsageError(
                f"`radius`: expected R^p below 1e{LARGEST_LOG10}, found {self.radius:g}"
            )

    @property
    def normalize(self) -> str:
        """Images are divided by their p-norm."""
        return f"l{self.p:.12g}"

    def check_layer(self, settings: "LocalSettings") -> None:
        """Raise UsageError where the inhibited unit's rank is beyond the hidden units."""
        if self.k > settings.hidden:
            raise UsageError(
                f"`k`: expected a rank within the {settings.hidden} hidden units, found {self.k}"
            )


@dataclass(frozen=True)
class LocalSettings(Settings):
    """How a local layer is trained, whatever its rule."""

    hidden: Annotated[int, Flag("Number of hidden units.", low=1)] = 2000
    lr: Annotated[float, positive("Initial learning rate.")] = 0.02
    schedule: Annotated[
        str,
        Flag(
            "Schedule of the learning rate: {schedules}.",
            metavar="NAME",
            parse=SCHEDULES.check,
            complete=SCHEDULES.names,
        ),
    ] = "linear"
    epochs: Annotated[
        int, Flag("Passes over the images; 0 writes the initialized layer.", low=0)
    ] = 1000
    init_std: Annotated[
        float,
        positive(
            "Standard deviation of the initial synapses; small values risk the wrong "
            "attractor, all weights negative."
        ),
    ] = 1.0
    patience: Annotated[
        int | None, Flag("Stop after N epochs without another converged unit.", low=1)
    ] = None
    precision: Annotated[
        Precision, Flag("Floating-point format used to find the winning units.")
    ] = "float32"
    attempts: Annotated[
        int,
        Flag(
            "Number of layers trained at most, until more than 90% of the units of one converge.",
            low=1,
        ),
    ] = 1


def parse_rule(text: str, **options: object) -> Rule:
    """Return the rule of ``NAME[,key=value...]`` with further constants.

    Raises
    ------
    UsageError
        If there is no such rule, or it does not have one of the constants.

    Examples
    --------
    >>> parse_rule("krotov-hopfield,p=2", k=7)
    KrotovHopfield(p=2, k=7, delta=0.4, radius=1.0)
    """
    name, *pairs = text.split(",")
    rule: Rule = build_record(RULES[RULES.check(name)], pairs, options, what=name)
    return rule


def format_rule(rule: Rule) -> str:
    """Return the text of which `parse_rule` makes the rule, with all its constants.

    Raises
    ------
    UsageError
        If no name is registered for it.

    Examples
    --------
    >>> format_rule(KrotovHopfield(k=7))
    'krotov-hopfield,p=3.0,k=7,delta=0.4,radius=1.0'
    """
    values = {field.name: getattr(rule, field.name) for field in fields(rule)}
    given = [f"{name}={value}" for name, value in values.items() if value is not None]
    return ",".join([RULES.name_of(type(rule)), *given])
