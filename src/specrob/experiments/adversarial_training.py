"""Adversarial training: the attack that perturbs a batch before each step."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any

from torch import Tensor, nn

from specrob.errors import UsageError
from specrob.geometry import NORMS, Bounds
from specrob.grammar import parse_pairs
from specrob.measures.attacks import StepSize, fgsm, pgd
from specrob.registry import suggest

METHODS: dict[str, Callable[..., Tensor]] = {"pgd": pgd, "fgsm": fgsm}
TAKES = {"pgd": ("eps", "norm", "loss", "steps", "step_size"), "fgsm": ("eps", "norm", "loss")}


@dataclass(frozen=True)
class Adversary:
    """An attack with its settings, for the images of any training set.

    Parameters
    ----------
    method : {"pgd", "fgsm"}
    settings : mapping
        Keyword arguments of the attack: eps, norm, loss, steps, step_size.
    """

    method: str
    settings: Mapping[str, Any]

    def within(self, bounds: Bounds) -> Callable[[nn.Module, Tensor, Tensor, Tensor], Tensor]:
        """Return what a `TrainingPlan` takes, for images with such bounds."""
        return partial(self._perturb, bounds)

    def _perturb(
        self, bounds: Bounds, model: nn.Module, images: Tensor, labels: Tensor, rows: Tensor
    ) -> Tensor:
        attack = METHODS[self.method]
        return attack(model, images, labels, bounds=bounds.take(rows), **self.settings).detach()


def adversary_of(text: str) -> Adversary:
    """Return the adversary of ``METHOD,eps=X[,key=value...]``.

    Raises
    ------
    UsageError
        If the method is unknown or does not take an option, or eps is missing.

    Examples
    --------
    >>> adversary_of("pgd,eps=8/255,steps=7").settings["steps"]
    7
    """
    method, *pairs = text.split(",")
    if method not in METHODS:
        raise UsageError(
            f"--adversarial: expected an attack, found `{method}`; {suggest(method, METHODS)}"
        )
    given = parse_pairs(pairs, "--adversarial")
    foreign = [key for key in given if key not in TAKES[method]]
    if foreign or "eps" not in given:
        takes = ", ".join(TAKES[method])
        raise UsageError(f"--adversarial: expected eps and any of {takes}, found `{text}`")
    try:
        settings = {key: _SETTINGS[key](value) for key, value in given.items()}
    except (ValueError, KeyError, ZeroDivisionError) as error:
        raise UsageError(f"--adversarial: expected settings in range, found `{text}`") from error
    return Adversary(method, settings)


def _above_zero(value: Any) -> float:
    over, _, under = str(value).partition("/")
    number = float(over) / float(under or 1)
    if not 0 < number < float("inf"):
        raise ValueError(value)
    return number


def _count(value: Any) -> int:
    if not isinstance(value, int) or value < 1:
        raise ValueError(value)
    return value


_SETTINGS: dict[str, Callable[[Any], Any]] = {
    "eps": _above_zero,
    "norm": lambda value: list(NORMS)[list(NORMS).index(value)],
    "loss": lambda value: ("ce", "margin")[("ce", "margin").index(value)],
    "steps": _count,
    "step_size": lambda value: StepSize(_above_zero(value)),
}
