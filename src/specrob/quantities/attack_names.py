"""How axes, legends and tables call attacks."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from specrob.registry import ATTACKS
from specrob.results import ATTACK_OPTIONS, AttackResult
from specrob.settings.named_attacks import attack_type

# facts that are the same for all attacks in one figure of a report
SETTINGS = (*ATTACK_OPTIONS, "curve", "normalize")
METHODS = {"fgsm": "FGSM", "pgd": "PGD"}  # others are called by their own names
NORM_SYMBOLS = {"l1": "L1", "l2": "L2", "linf": "L∞"}


@dataclass(frozen=True)
class AttackName:
    """How axes call the method, the norm and the settings of an attack, and what eps is."""

    method: str
    norm: str
    settings: str
    eps_is_std: bool = False

    @property
    def details(self) -> str:
        """Norm and settings."""
        return ", ".join(filter(None, (self.norm, self.settings)))

    def __str__(self) -> str:
        return ", ".join(filter(None, (self.method, self.details)))


def attack_name(result: AttackResult) -> AttackName:
    """Return how axes call the attack of a result.

    >>> str(attack_name(AttackResult(method="pgd", norm="linf", bounds="none")))
    'PGD, L∞, no bounds'
    """
    method, norm, settings = result.method, result.norm.lower(), attack_settings(result)
    if eps_is_std(result):
        return AttackName(method, "std per pixel", settings, eps_is_std=True)
    return AttackName(METHODS.get(method, method), NORM_SYMBOLS.get(norm, norm), settings)


def eps_is_std(result: AttackResult) -> bool:
    """Return whether eps is the standard deviation of each pixel, rather than a length.

    Results of 0.1 do not record it; the attack's own record tells then.

    >>> eps_is_std(AttackResult(method="noise", norm="l2"))
    True
    """
    if result.eps_unit is not None:
        return result.eps_unit.startswith("std")
    return result.method in ATTACKS.rows and attack_type(result.method).eps_is_std


def attack_label(result: AttackResult) -> str:
    """Return how tables call the attack of a result.

    >>> attack_label(AttackResult(method="pgd", norm="linf", options={"steps": 40}))
    'pgd linf steps 40'
    """
    return " ".join(filter(None, (result.method, result.norm, attack_settings(result))))


def attack_settings(result: AttackResult) -> str:
    """Return the settings of an attack beside method and norm; nothing where all are defaults.

    >>> options = {"steps": 40}
    >>> attack_settings(AttackResult(method="pgd", norm="l2", loss="margin", options=options))
    'margin loss, steps 40'
    """
    bounds, loss = result.bounds, result.loss
    limits = {"none": "no bounds", "valid": "", None: ""}.get(bounds, f"bounds {bounds}")
    parts = [limits, "" if loss in ("ce", None) else f"{loss} loss"]
    parts += [f"targets {result.targets}"] if result.targets else []
    parts += [f"{result.levels} levels"] if result.levels else []
    for name, value in sorted((result.options or {}).items()):
        parts.append(f"{name.replace('_', ' ')} {_said(value)}")
    return ", ".join(filter(None, parts))


def _said(value: object) -> str:
    """Return a setting; of a record its numbers, and the names of what is true in it.

    >>> _said({"size": 0.01, "absolute": True}), _said("sign")
    ('0.01 absolute', 'sign')
    """
    if not isinstance(value, Mapping):
        return str(value)
    shown = (name if one is True else str(one) for name, one in value.items() if one is not False)
    return " ".join(shown)


def name_attacks(labels: Sequence[str], attacks: Sequence[AttackName]) -> list[str]:
    """Return the labels, with the attacks where they are not all the same.

    >>> name_attacks(["a", "b"], [AttackName("PGD", "L∞", ""), AttackName("random", "L2", "")])
    ['a (PGD, L∞)', 'b (random, L2)']
    """
    if len(set(attacks)) < 2:
        return list(labels)
    return [f"{label} ({attack})" for label, attack in zip(labels, attacks, strict=True)]
