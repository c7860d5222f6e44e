"""Numbers out of JSON facts, which anyone may have edited."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from specrob.errors import ArtifactError

METHODS = {
    "random": "random",
    "fgsm": "FGSM",
    "pgd": "PGD",
    "minimal": "minimal",
    "noise": "noise",
}
NORMS = {"l2": "L2", "linf": "L∞"}


def column(facts: Mapping[str, Any], name: str, label: str) -> np.ndarray:
    """Return a list of numbers or nulls as floats, null as NaN.

    Raises
    ------
    ArtifactError
        If it is anything else.

    Examples
    --------
    >>> column({"eps": [0, None]}, "eps", "a.json")
    array([ 0., nan])
    """
    values = facts.get(name, [])
    try:
        if not isinstance(values, list | tuple):
            raise TypeError(f"{type(values).__name__}")
        return np.array([np.nan if v is None else float(v) for v in values])
    except (TypeError, ValueError, OverflowError) as error:
        raise ArtifactError(
            f"expected a list of numbers as `{name}` of {label}, found {error}; make it again"
        ) from error


def number(facts: Mapping[str, Any], name: str, label: str) -> float:
    """Return a number, NaN where it is null or missing.

    >>> number({"alpha": 1}, "alpha", "a.json"), number({}, "alpha", "a.json")
    (1.0, nan)
    """
    return float(column({name: [facts.get(name)]}, name, label)[0])


def attack_name(facts: Mapping[str, Any]) -> tuple[str, str, str]:
    """Return how axes call the method, the norm and the settings of an attack.

    >>> attack_name({"method": "pgd", "norm": "linf", "bounds": "none"})
    ('PGD', 'L∞', 'no bounds')
    """
    method, norm = str(facts.get("method", "attack")), str(facts.get("norm", "")).lower()
    names = METHODS.get(method, method), NORMS.get(norm, norm)
    return *(("noise", "std per pixel") if method == "noise" else names), attack_settings(facts)


def attack_settings(facts: Mapping[str, Any]) -> str:
    """Return what an attack was told beside method and norm; nothing where all are defaults.

    >>> attack_settings({"bounds": "valid", "loss": "margin", "options": {"steps": 40}})
    'margin loss, steps 40'
    """
    bounds, loss, levels = (facts.get(name) for name in ("bounds", "loss", "levels"))
    said = {"none": "no bounds", "valid": "", None: ""}.get(bounds, f"bounds {bounds}")
    parts = [said, "" if loss in ("ce", None) else f"{loss} loss"]
    parts += [f"{levels} levels"] if levels else []
    for name, value in sorted((facts.get("options") or {}).items()):
        each = value.values() if isinstance(value, Mapping) else [value]
        parts.append(f"{name.replace('_', ' ')} {' '.join(map(str, each))}")
    return ", ".join(filter(None, parts))


def name_attacks(labels: Sequence[str], attacks: Sequence[tuple[str, ...]]) -> list[str]:
    """Return the labels, with the attacks where they are not all the same.

    >>> name_attacks(["a", "b"], [("PGD", "L∞", ""), ("random", "L2", "")])
    ['a (PGD, L∞)', 'b (random, L2)']
    """
    if len(set(attacks)) < 2:
        return list(labels)
    pairs = zip(labels, attacks, strict=True)
    return [f"{label} ({', '.join(filter(None, attack))})" for label, attack in pairs]
