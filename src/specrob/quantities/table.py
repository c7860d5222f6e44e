"""The numbers that a relation of networks can show, and where each is found."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError, UsageError
from specrob.measures.uncertainty import NORMAL_95
from specrob.quantities.values import clean_accuracy, corrected_alpha, largest_fits, median

Interval = tuple[float, float, float]  # value, low, high


def _fact(name: str) -> Callable[[Artifact], Interval]:
    def find(artifact: Artifact) -> Interval:
        value = artifact.fields.get(name)
        return (np.nan if value is None else float(value),) * 3

    return find


def _at_largest_eps(name: str) -> Callable[[Artifact], Interval]:
    def find(artifact: Artifact) -> Interval:
        last = int(np.argmax(artifact.fields["eps"]))
        value = artifact.fields[name][last]
        return (np.nan if value is None else float(value),) * 3

    return find


def _clean(artifact: Artifact) -> Interval:
    known = clean_accuracy(artifact)
    return (np.nan if known is None else known,) * 3


def _median(name: str) -> Callable[[Artifact], Interval]:
    def find(artifact: Artifact) -> Interval:
        found = median(artifact, name)
        return found.value, found.low, found.high

    return find


def _largest(artifact: Artifact, source: str) -> Mapping[str, Any]:
    """Return the fit of all units of a source; raise ArtifactError where layers differ."""
    rows = [fit for fit in largest_fits(artifact) if fit["source"] == source]
    if len(rows) > 1:
        raise ArtifactError(
            "expected exponents of one layer for a relation, found "
            f"{' and '.join(sorted(fit['layer'] for fit in rows))}; fit them apart"
        )
    return rows[0] if rows else {}


def _dimension(name: str) -> Callable[[Artifact], Interval]:
    def find(artifact: Artifact) -> Interval:
        value = _largest(artifact, "images").get(name)
        return (np.nan if value is None else float(value),) * 3

    return find


def _alpha(source: str) -> "Quantity":
    """Return an exponent with what is known of it over images: 95%, or nothing.

    Where there is an interval it is the corrected one, which the interval is around. A biased
    exponent without a correction has no interval.
    """

    def find(artifact: Artifact) -> Interval:
        fit = _largest(artifact, source)
        if found := corrected_alpha(fit):
            return found
        value = np.nan if fit.get("alpha") is None else float(fit["alpha"])
        error = 0.0 if fit.get("biased") else fit.get("sampling_stderr") or 0.0
        reach = NORMAL_95 * error
        return value, value - reach, value + reach

    def note(artifact: Artifact) -> str:
        fit = _largest(artifact, source)
        words = ["noise"] * (source == "noise") + ["bias-corrected"] * bool(corrected_alpha(fit))
        return ", ".join([f" of {fit['layer']}", *words])

    return Quantity("exponent $α$", {"power-law": find}, note)


def _jacobian_norm(artifact: Artifact) -> Interval:
    """Return the mean over images with its 95%; raise ArtifactError where layers differ."""
    rows = artifact.fields["jacobian"]
    if len(rows) != 1:
        layers = " and ".join(row["layer"] for row in rows) or "none"
        raise ArtifactError(f"expected one layer for a relation, found {layers}; measure it alone")
    (row,) = rows
    reach = NORMAL_95 * (row["stderr"] or 0.0)
    return row["mean"], row["mean"] - reach, row["mean"] + reach


def _of_layer(artifact: Artifact) -> str:
    return f" of {artifact.fields['jacobian'][0]['layer']}"


@dataclass(frozen=True)
class Quantity:
    """What an axis says, and how to find the number: kind -> function, the best kind first."""

    name: str
    find: Mapping[str, Callable[[Artifact], Interval]]
    note: Callable[[Artifact], str] = lambda _: ""

    def said(self, artifact: Artifact) -> str:
        """Return what an axis says of the number of an artifact."""
        eps = max(artifact.fields.get("eps", [0.0]))
        return self.name.format(eps=eps) + self.note(artifact)


QUANTITIES = {
    "accuracy": Quantity(
        "test accuracy",
        {
            "model": _fact("test_accuracy"),
            "robustness": _clean,
            "distances": _clean,
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
    "alpha": _alpha("images"),
    "alpha_noise": _alpha("noise"),
    "participation_ratio_corrected": Quantity(
        "corrected participation ratio", {"power-law": _dimension("participation_ratio_corrected")}
    ),
    "participation_ratio": Quantity(
        "participation ratio", {"power-law": _dimension("participation_ratio")}
    ),
    "rank_90": Quantity("rank at 90% of the variance", {"power-law": _dimension("rank_90")}),
    "rankme": Quantity("RankMe", {"power-law": _dimension("rankme")}),
    "spectral_norm": Quantity("spectral norm of $W$", {"smoothness": _fact("spectral_norm")}),
    "jacobian_norm": Quantity("mean Jacobian norm", {"smoothness": _jacobian_norm}, _of_layer),
}


def check_quantities(names: Sequence[str] | None) -> None:
    """Raise UsageError where one of the names to relate is no quantity.

    >>> check_quantities(("accuracy", "distance"))
    """
    if not set(names or ()) <= set(QUANTITIES):
        raise UsageError(
            f"`relate`: expected X,Y out of {', '.join(QUANTITIES)}, "
            f"found `{','.join(names or ())}`"
        )
