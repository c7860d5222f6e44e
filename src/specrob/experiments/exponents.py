"""Exponents and dimensions of every spectrum in an artifact; numpy only."""

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from specrob.artifacts import Artifact
from specrob.errors import MeasureError
from specrob.measures.dimension import participation_ratio, rank_at, rankme
from specrob.measures.power_law import fit_power_law, null_alpha, numerical_rank

DEFAULT_FIRST, DEFAULT_LAST, DEFAULT_LAST_NOISE = 10, 500, 100


@dataclass(frozen=True)
class Fits:
    """One fit for every spectrum, as plain numbers."""

    fits: list[dict[str, Any]]


def fit_spectra(
    spectrum: Artifact,
    *,
    window: tuple[int, int] | None = None,
    noise_window: tuple[int, int] | None = None,
    weighting: str = "none",
) -> Fits:
    """Return exponent, its null and dimensions of every spectrum.

    Parameters
    ----------
    spectrum : Artifact
        Of kind "spectrum".
    window, noise_window : (first, last), optional
        Ranks to fit, for images and for noise; by default 10..500 and 10..100, as far as the
        eigenvalues above round-off go.
    weighting : {"none", "1/n"}

    Raises
    ------
    MeasureError
        If a range that was asked for goes past the eigenvalues, or no spectrum can be fitted.

    Examples
    --------
    >>> names = {"source": np.array(["images"]), "layer": np.array(["hidden"])}
    >>> counts = {"size": np.array([100]), "n_images": np.array([0])}
    >>> arrays = {"eigenvalues": np.arange(1.0, 101.0)[None] ** -2, **names, **counts}
    >>> f"{fit_spectra(Artifact('spectrum', arrays)).fits[0]['alpha']:.3f}"
    '2.000'
    """
    arrays = spectrum.arrays
    fits = []
    for row in range(len(arrays["source"])):
        values = arrays["eigenvalues"][row]
        values, source = values[np.isfinite(values)], str(arrays["source"][row])
        asked = noise_window if source.startswith("noise") else window
        head = {"source": source, "size": int(arrays["size"][row])}
        head |= {"layer": str(arrays["layer"][row]), "n_images": int(arrays["n_images"][row])}
        fits.append(head | _fit(values, head, asked, weighting) | _dimensions(values))
    if all(fit["alpha"] is None for fit in fits):
        raise MeasureError(f"expected a spectrum that can be fitted, found {fits[0]['reason']}")
    return Fits(fits)


def _fit(
    values: np.ndarray, head: dict[str, Any], asked: tuple[int, int] | None, weighting: str
) -> dict[str, Any]:
    last = DEFAULT_LAST_NOISE if head["source"].startswith("noise") else DEFAULT_LAST
    rank = numerical_rank(values, head["size"])
    first, last = asked or (DEFAULT_FIRST, min(last, rank))
    try:
        law = fit_power_law(values, first=first, last=last, weighting=weighting)
    except MeasureError as error:
        if asked and last > rank:
            raise
        nothing = dict.fromkeys(("alpha", "stderr", "ci", "r2", "intercept", "null_alpha"))
        return {**nothing, "range": [first, last], "weighting": weighting, "reason": str(error)}
    found = {**asdict(law), "range": [first, last], "ci": None, "null_alpha": None}
    if head["n_images"] and last <= min(head["n_images"] - 1, head["size"]):
        how = {"first": first, "last": last, "weighting": weighting}
        found["null_alpha"] = null_alpha(head["n_images"], head["size"], **how)
    return found | {"density_exponent": 1 + 1 / law.alpha if law.alpha > 0 else None}


def _dimensions(values: np.ndarray) -> dict[str, Any]:
    if not values.sum() > 0:
        return dict.fromkeys(("participation_ratio", "rank_90", "rankme"))
    return {
        "participation_ratio": participation_ratio(values),
        "rank_90": rank_at(values, 0.9),
        "rankme": rankme(values),
    }
