"""What is trained and how, as the command line asks for it."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from specrob.errors import ModelError, UsageError
from specrob.learning.penalties import Penalty, parse_all
from specrob.models import ArchitectureSpec, architecture_of, parse_architecture, with_options
from specrob.settings.robustness import AdversarialSettings

DEFAULT_POWER = 4.5


@dataclass(frozen=True)
class TrainingSettings:
    """How a network is trained.

    Parameters
    ----------
    epochs : int
    lr : float
        First rate of Adam.
    schedule : str or None
        A key of `SCHEDULES`; None is the architecture's own.
    penalties : mapping of str to Penalty
    adversarial : AdversarialSettings or None
        What perturbs the images before each step.
    batch_size : int or None
        None is 1,000, or less where that would leave fewer than ten batches.
    seed : int
    """

    epochs: int
    lr: float
    schedule: str | None = None
    penalties: Mapping[str, Penalty] = field(default_factory=dict)
    adversarial: AdversarialSettings | None = None
    batch_size: int | None = None
    seed: int = 0

    @classmethod
    def of(
        cls, penalty: list[str] | None, adversarial: str | None, **given: Any
    ) -> "TrainingSettings":
        """Return the plan of command-line options; penalties and attack are still words."""
        adversary = AdversarialSettings.parse(adversarial) if adversarial else None
        return cls(penalties=parse_all(penalty or []), adversarial=adversary, **given)


@dataclass(frozen=True)
class ArchitectureSettings:
    """What is asked for beside the images; None is not asked for.

    Parameters
    ----------
    wanted : ArchitectureSpec or None
        A new network, or the factory of the one that is trained on.
    hidden : tuple of int or None
        One width, or one for each layer of an mlp.
    activation : str or None
    whiten : str or None
        The layer after which activations are whitened.
    power : float or None
        m of relu(h)^m.
    batch_norm : bool
    """

    wanted: ArchitectureSpec | None
    hidden: tuple[int, ...] | None = None
    activation: str | None = None
    whiten: str | None = None
    power: float | None = None
    batch_norm: bool = False

    @classmethod
    def of(cls, arch: str | None, **given: Any) -> "ArchitectureSettings":
        """Return the blueprint of command-line options; the architecture is still a word."""
        return cls(parse_architecture(arch) if arch else None, **given)

    def options(self) -> dict[str, Any]:
        """Return the options that were given.

        >>> ArchitectureSettings(None, hidden=(5,), batch_norm=False).options()
        {'hidden': 5}
        """
        widths = list(self.hidden or ()) or None
        given = {"hidden": widths[0] if widths and len(widths) == 1 else widths}
        given |= {"activation": self.activation, "power": self.power, "whiten": self.whiten}
        given |= {"batch_norm": self.batch_norm or None}
        return {name: value for name, value in given.items() if value is not None}

    def refuse(self, taken: tuple[str, ...], where: str) -> None:
        """Raise UsageError if an option was given that is not among those taken."""
        foreign = [name for name in self.options() if name not in taken]
        if foreign:
            flag = foreign[0].replace("_", "-")
            raise UsageError(f"--{flag}: expected with a new network, found with {where}; drop it")


def trainable(blueprint: ArchitectureSettings) -> ArchitectureSpec:
    """Return the new network that is asked for, with its options.

    Raises
    ------
    UsageError
        If it cannot be trained from nothing, or does not take the options.

    Examples
    --------
    >>> trainable(ArchitectureSettings.of("shlp", hidden=(5,))).options["hidden"]
    5
    """
    wanted = blueprint.wanted
    if wanted is None:
        raise ModelError("expected a model of specrob, found raw weights; name their --arch")
    row = architecture_of(wanted.name)
    if row and not row.fresh:
        raise UsageError(
            f"--arch: expected a network that gradients train, found {wanted.name}; "
            "make its layer with `specrob train-kh` and pipe it in"
        )
    return with_options(wanted, blueprint.options())
