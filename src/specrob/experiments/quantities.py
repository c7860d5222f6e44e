"""The numbers that a relation of networks can show, and where each is found."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError, UsageError

Interval = tuple[float, float, float]  # value, low, high


def _fact(name: str) -> Callable[[Artifact], Interval]:
    return lambda artifact: (float(artifact.fields.get(name, np.nan)),) * 3


def _at_largest_eps(name: str) -> Callable[[Artifact], Interval]:
    def find(artifact: Artifact) -> Interval:
        last = int(np.argmax(artifact.fields["eps"]))
        value = artifact.fields[name][last]
        return (np.nan if value is None else float(value),) * 3

    return find


def _classified(artifact: Artifact) -> Interval:
    return (float((artifact.arrays["status"] != "misclassified").mean()),) * 3


def _median(name: str) -> Callable[[Artifact], Interval]:
    def find(artifact: Artifact) -> Interval:
        from specrob.measures.survival import median_distance  # scipy.stats: half a second

        eps = artifact.arrays["eps"]
        found = median_distance(
            artifact.arrays[name], eps if name == "distance" else np.full_like(eps, np.inf)
        )
        return found.value, found.low, found.high

    return find


def _fitted(name: str, source: str) -> Callable[[Artifact], Interval]:
    """Return how to find a number of the fit of all units, with its interval or error."""

    def find(artifact: Artifact) -> Interval:
        rows = [fit for fit in artifact.fields["fits"] if fit["source"] == source]
        if len({fit["layer"] for fit in rows}) > 1:
            raise ArtifactError(
                "expected exponents of one layer for a relation, found "
                f"{' and '.join(sorted({fit['layer'] for fit in rows}))}; fit them apart"
            )
        fit = max(rows, key=lambda fit: fit["size"], default={})
        value = np.nan if fit.get(name) is None else float(fit[name])
        if name != "alpha":
            return (value,) * 3
        error = fit.get("stderr") or 0.0
        return (value, *(fit.get("ci") or (value - error, value + error)))

    return find


@dataclass(frozen=True)
class Quantity:
    """What an axis says, and how to find the number: kind -> function, the best kind first."""

    name: str
    find: Mapping[str, Callable[[Artifact], Interval]]


QUANTITIES = {
    "accuracy": Quantity(
        "test accuracy",
        {
            "model": _fact("test_accuracy"),
            "robustness": _fact("clean_accuracy"),
            "distances": _classified,
        },
    ),
    "relative_accuracy": Quantity(
        "relative accuracy at $ε$ = {eps:.3g}",
        {"robustness": _at_largest_eps("relative_accuracy")},
    ),
    "robust_accuracy": Quantity(
        "robust accuracy at $ε$ = {eps:.3g}", {"robustness": _at_largest_eps("robust_accuracy")}
    ),
    "distance": Quantity("median critical distance", {"distances": _median("distance")}),
    "distance_l2": Quantity(
        "median critical distance in L2", {"distances": _median("distance_l2")}
    ),
    "alpha": Quantity("exponent $α$", {"power-law": _fitted("alpha", "images")}),
    "alpha_noise": Quantity("exponent $α$, noise", {"power-law": _fitted("alpha", "noise")}),
    "participation_ratio": Quantity(
        "participation ratio", {"power-law": _fitted("participation_ratio", "images")}
    ),
    "rank_90": Quantity(
        "rank at 90% of the variance", {"power-law": _fitted("rank_90", "images")}
    ),
    "rankme": Quantity("RankMe", {"power-law": _fitted("rankme", "images")}),
}


def quantities(text: str) -> list[str]:
    """Return the two names of ``X,Y``.

    >>> quantities("accuracy,distance")
    ['accuracy', 'distance']
    """
    names = text.split(",")
    if len(names) != 2 or not set(names) <= set(QUANTITIES):
        raise UsageError(f"expected X,Y out of {', '.join(QUANTITIES)}, found `{text}`")
    return names
