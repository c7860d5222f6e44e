"""What every attack's record has: facts, options, and how the attack is prepared for images.

The record of a built-in attack names the function that prepares it for the images of an
`AttackBatch`. The function is imported when it is needed, so that nothing here loads torch.
"""

from collections.abc import Callable
from dataclasses import asdict, dataclass, fields
from typing import TYPE_CHECKING, Any, ClassVar, Literal

from specrob import grammar
from specrob.errors import UsageError
from specrob.registry import load_object
from specrob.settings.flag import Settings
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

        >>> from specrob.settings.attacks import PGD
        >>> PGD(steps=20, step_size=StepSize(0.1)).changed_options()
        {'steps': 20, 'step_size': {'size': 0.1, 'absolute': False}}
        """
        values = {f.name: (getattr(self, f.name), f.default) for f in fields(self)}
        changed = {name: value for name, (value, default) in values.items() if value != default}
        return {
            name: asdict(value) if isinstance(value, StepSize) else value
            for name, value in changed.items()
        }
