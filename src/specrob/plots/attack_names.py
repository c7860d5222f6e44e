"""How axes, legends and tables call attacks."""

from collections.abc import Mapping, Sequence
from typing import Any

from specrob.results import ATTACK_OPTIONS

# facts that are the same for all attacks in one figure of a report
SETTINGS = (*ATTACK_OPTIONS, "curve", "normalize")
METHODS = {"fgsm": "FGSM", "pgd": "PGD"}  # others are called by their own names
NORMS = {"l2": "L2", "linf": "L∞"}


def attack_name(facts: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return how axes call the method, the norm and the settings of an attack.

    >>> attack_name({"method": "pgd", "norm": "linf", "bounds": "none"})
    ('PGD', 'L∞', 'no bounds')
    """
    method, norm = str(facts.get("method", "attack")), str(facts.get("norm", "")).lower()
    names = METHODS.get(method, method), NORMS.get(norm, norm)
    return *(("noise", "std per pixel") if method == "noise" else names), attack_settings(facts)


def attack_settings(facts: Mapping[str, Any]) -> str:
    """Return the settings of an attack beside method and norm; nothing where all are defaults.

    >>> attack_settings({"bounds": "valid", "loss": "margin", "options": {"steps": 40}})
    'margin loss, steps 40'
    """
    bounds, loss, levels = (facts.get(name) for name in ("bounds", "loss", "levels"))
    limits = {"none": "no bounds", "valid": "", None: ""}.get(bounds, f"bounds {bounds}")
    parts = [limits, "" if loss in ("ce", None) else f"{loss} loss"]
    parts += [f"{levels} levels"] if levels else []
    for name, value in sorted((facts.get("options") or {}).items()):
        each = value.values() if isinstance(value, Mapping) else [value]
        parts.append(f"{name.replace('_', ' ')} {' '.join(map(str, each))}")
    return ", ".join(filter(None, parts))


def join_name(attack: Sequence[str]) -> str:
    """Return the parts of an attack's name as one.

    >>> join_name(("PGD", "L∞", ""))
    'PGD, L∞'
    """
    return ", ".join(filter(None, attack))


def name_attacks(labels: Sequence[str], attacks: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the labels, with the attacks where they are not all the same.

    >>> name_attacks(["a", "b"], [("PGD", "L∞", ""), ("random", "L2", "")])
    ['a (PGD, L∞)', 'b (random, L2)']
    """
    if len(set(attacks)) < 2:
        return list(labels)
    return [f"{one} ({join_name(attack)})" for one, attack in zip(labels, attacks, strict=True)]
