"""Numbers that several kinds of artifact hold, each read in one way only."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from specrob.artifacts import Artifact

if TYPE_CHECKING:
    from specrob.survival import Median


def clean_accuracy(artifact: Artifact) -> float | None:
    """Return the share of images that were known before an attack; None where they were chosen.

    Parameters
    ----------
    artifact : Artifact
        Of kind "robustness" or "distances".

    Examples
    --------
    >>> found = Artifact("distances", {"status": np.array(["fooled", "misclassified"])})
    >>> clean_accuracy(found)
    0.5
    """
    if artifact.provenance.chosen:
        return None
    if artifact.kind == "distances":
        return float((artifact.arrays["status"] != "misclassified").mean())
    return float(artifact.fields["clean_accuracy"])


def median(artifact: Artifact, name: str = "distance") -> "Median":
    """Return the median of distances, or of those in L2, whose radii are not known.

    >>> found = np.array([1.0, 2.0, 3.0])
    >>> median(Artifact("distances", {"distance": found, "eps": found})).value
    2.0
    """
    from specrob.survival import median_distance  # scipy.stats: half a second

    eps = artifact.arrays["eps"]
    known = eps if name == "distance" else np.full_like(eps, np.inf)
    return median_distance(artifact.arrays[name], known)


def largest_fits(artifact: Artifact) -> list[Mapping[str, Any]]:
    """Return of each source and layer the fit of most units.

    >>> fits = [{"source": "images", "layer": "hidden", "size": size} for size in (3, 9, 5)]
    >>> [fit["size"] for fit in largest_fits(Artifact("power-law", fields={"fits": fits}))]
    [9]
    """
    fits = artifact.fields["fits"]
    best = {(fit["source"], fit["layer"]): fit for fit in sorted(fits, key=lambda f: f["size"])}
    return [fit for fit in fits if best[fit["source"], fit["layer"]] is fit]


def bias_of(fit: Mapping[str, Any]) -> str:
    """Return what should be said of the bias of an exponent; nothing where it is small.

    >>> bias_of({"biased": True, "bias": 0.1}), bias_of({"biased": True, "bias": None})
    ('biased by +0.100 (too few images)', 'biased by an unknown amount (too few images)')
    """
    if not fit.get("biased"):
        return ""
    bias = fit.get("bias")
    by = "an unknown amount" if bias is None else f"{bias:+.3f}"
    return f"biased by {by} (too few images)"


def corrected_alpha(fit: Mapping[str, Any]) -> tuple[float, float, float] | None:
    """Return an exponent less its bias with the interval around that; None where there is none.

    >>> corrected_alpha({"alpha": 1.0, "alpha_corrected": 1.15, "ci": [1.1, 1.2]})
    (1.15, 1.1, 1.2)
    """
    if not fit.get("ci") or fit.get("alpha_corrected") is None:
        return None
    return (fit["alpha_corrected"], *fit["ci"])
