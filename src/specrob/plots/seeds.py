"""Several members of one thing, trained from different seeds, as mean and spread.

A merged artifact has the mean in place of each curve, its standard deviation (divisor members - 1)
under the same name with ``_spread``, and ``members``, how many there are.
"""

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError
from specrob.plots.reading import column

SPREAD = "_spread"
ACCURACIES = ("relative_accuracy", "robust_accuracy")
CURVES = ("loss", "train_accuracy", "test_accuracy", "alpha ", "estimated alpha ")  # beginnings


def merge(members: Sequence[Artifact], label: str) -> Artifact:
    """Return one artifact for all members.

    Raises
    ------
    ArtifactError
        If there is no mean of their kind, or they are not members of one thing.

    Examples
    --------
    >>> curves = ({"eps": [0.1], "relative_accuracy": [a]} for a in (0.2, 0.4))
    >>> both = merge([Artifact("robustness", fields=facts) for facts in curves], "bp")
    >>> [f"{both.fields[f'relative_accuracy{n}'][0]:.2f}" for n in ("", SPREAD)]
    ['0.30', '0.14']
    """
    if len(members) == 1:
        return members[0]
    kind = members[0].kind
    if kind not in MERGED:
        raise ArtifactError(
            f"expected {' or '.join(MERGED)} for members {label}, found {kind}; plot each alone"
        )
    fields = MERGED[kind]([member.fields for member in members], label)
    return Artifact(kind, {}, fields, members[0].provenance)


def means(
    facts: Sequence[Mapping[str, Any]], names: Sequence[str], label: str
) -> dict[str, list[float]]:
    """Return the mean and the spread of some curves."""
    found: dict[str, list[float]] = {}
    for name in names:
        curves = [column(fields, name, label) for fields in facts]
        if len({len(curve) for curve in curves}) > 1:
            raise ArtifactError(
                f"expected members of one length in {label}, found {name} of different lengths; "
                "plot each alone"
            )
        found[name] = np.mean(curves, axis=0).tolist()
        found[name + SPREAD] = np.std(curves, axis=0, ddof=1).tolist()
    return found


def _robustness(facts: Sequence[Mapping[str, Any]], label: str) -> dict[str, Any]:
    if any(fields["eps"] != facts[0]["eps"] for fields in facts):
        raise ArtifactError(
            f"expected members with the same eps in {label}, found others; plot each alone"
        )
    names = [name for name in ACCURACIES if all(name in fields for fields in facts)]
    return {**facts[0], **means(facts, names, label), "members": len(facts)}


def _model(facts: Sequence[Mapping[str, Any]], label: str) -> dict[str, Any]:
    histories = [fields.get("history") or {} for fields in facts]
    shared = set.intersection(*map(set, histories))
    curves = [name for name in histories[0] if name in shared and name.startswith(CURVES)]
    return {**facts[0], "history": means(histories, curves, label), "members": len(facts)}


MERGED: dict[str, Callable[..., dict[str, Any]]] = {"robustness": _robustness, "model": _model}
