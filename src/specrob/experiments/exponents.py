"""Exponents and dimensions of every spectrum in an artifact; numpy only.

Letters: ``S`` spectra, ``R`` replicates, ``N`` ranks.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np

from specrob.artifacts import Artifact
from specrob.errors import MeasureError
from specrob.measures.bias_correction import Sample
from specrob.measures.dimension import (
    corrected_participation_ratio,
    participation_ratio,
    rank_at,
    rankme,
)
from specrob.measures.image_scales import ImageScales
from specrob.measures.power_law import (
    FEWEST_POINTS,
    PowerLaw,
    fit_power_law,
    null_alpha,
    numerical_rank,
)
from specrob.measures.uncertainty import alpha_map, estimate_uncertainty

DEFAULT_FIRST, DEFAULT_LAST, DEFAULT_LAST_NOISE = 10, 500, 100
END = 0.5  # share of the ranks past which a layer's own end may bend its spectrum
FEWEST_REPLICATES = 10
UNSCALED = "the spectrum holds nothing of how images spread; measure it again with specrob 0.2"
UNRESAMPLED = (
    "cross-validated eigenvalues need resampled images that are positive over the whole range: "
    "spectrum --cv --bootstrap 100, or a range that ends earlier"
)
TOO_FEW = f"there are fewer than {FEWEST_REPLICATES} resamplings"


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
    dimension: int | None = None,
    maps: bool = False,
) -> Fits:
    """Return exponent, how far to trust it, its null, and dimensions of every spectrum.

    Parameters
    ----------
    spectrum : Artifact
        Of kind "spectrum".
    window, noise_window : (first, last), optional
        Ranks to fit, for images and for noise; by default 10..500 and 10..100, but at most the
        first half of the eigenvalues above round-off.
    weighting : {"none", "1/n"}
    dimension : int, optional
        Of the stimuli; by default what the spectrum knows of its images.
    maps : bool
        Whether alpha is mapped over first and last rank.

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
    known = dimension or spectrum.fields.get("dimension")
    fits = []
    for row in range(len(arrays["source"])):
        one = _Row.of(arrays, row)
        asked = noise_window if one.is_noise else window
        fit = one.head() | _fit(one, asked, weighting) | _dimensions(one)
        if known and not one.is_noise:
            fit |= {"dimension": known, "bound": 1 + 2 / known}
        if maps:
            fit["map"] = _map(one.values, weighting)
        fits.append(fit)
    if all(fit["alpha"] is None for fit in fits):
        raise MeasureError(f"{fits[0]['reason']}; widen --range, or measure more units or images")
    return Fits(fits)


@dataclass(frozen=True)
class _Row:
    """One spectrum of an artifact: eigenvalues, (N,), and replicates, (R, N), without NaN."""

    source: str
    size: int
    layer: str
    n_images: int
    values: np.ndarray
    replicates: np.ndarray | None
    solver: str
    variance: float
    scales: ImageScales | None = None
    scale_moments: np.ndarray | None = None
    noise_variance: float | None = None
    too_few: bool = False  # replicates

    @classmethod
    def of(cls, arrays: Mapping[str, np.ndarray], row: int) -> "_Row":
        values = arrays["eigenvalues"][row]
        values = values[np.isfinite(values)]
        replicates = moments = scales = noise = None
        too_few = False
        if "bootstrap" in arrays and "bootstrap_scale" in arrays:
            found, moments = arrays["bootstrap"][row, :, : len(values)], arrays["bootstrap_scale"]
            there = bool(np.isfinite(moments[row]).all())
            too_few = there and len(found) < FEWEST_REPLICATES
            use = there and not too_few
            replicates, moments = np.nan_to_num(found) if use else None, moments[row]
        if "image_scale" in arrays and np.isfinite(arrays["scale_error"][row]):
            spread = float(arrays["own_spread"][row]) if "own_spread" in arrays else 1.0
            numbers = (float(arrays["scale_error"][row]), spread)
            scales = ImageScales(arrays["image_scale"][row], *numbers)
        solver = str(arrays["solver"][row]) if "solver" in arrays else ""
        if solver == "cvpca" and "noise_variance" in arrays:
            noise = float(arrays["noise_variance"][row])
        head = (str(arrays["source"][row]), int(arrays["size"][row]), str(arrays["layer"][row]))
        variance = float(arrays["variance"][row] if "variance" in arrays else values.sum())
        numbers = (int(arrays["n_images"][row]), values, replicates, solver, variance)
        return cls(*head, *numbers, scales, moments, noise, too_few)

    def trusted(self, law: PowerLaw, resampled: bool) -> dict[str, Any]:
        """Return what is known of a fitted law; `resampled` where replicates have its range."""
        replicates = self.replicates if resampled else None
        if self.n_images and self.scales is None and self.noise_variance is None:
            return {"ci": None, "ci_from": None, "ci_reason": UNSCALED}
        if self.solver == "cvpca" and replicates is None:
            reason = TOO_FEW if self.too_few else UNRESAMPLED
            return {"ci": None, "ci_from": None, "ci_reason": reason}
        sample = Sample(
            images=self.n_images,
            units=self.size,
            variance=self.variance,
            scales=self.scales,
            noise=self.noise_variance,
            replicates=replicates,
            scale_moments=self.scale_moments,
        )
        found = estimate_uncertainty(self.values, law, sample)
        facts = {name: _plain(value) for name, value in asdict(found).items()}
        if found.ci is None:
            return facts | {"ci_from": None}
        del facts["ci_reason"]
        return facts | {"ci_from": "model" if replicates is None else "bootstrap"}

    @property
    def is_noise(self) -> bool:
        return self.source.startswith("noise")

    def head(self) -> dict[str, Any]:
        return {name: getattr(self, name) for name in ("source", "size", "layer", "n_images")}


def _fit(one: _Row, asked: tuple[int, int] | None, weighting: str) -> dict[str, Any]:
    rank = numerical_rank(one.values, one.size)
    if one.solver == "cvpca" and rank < FEWEST_POINTS:
        raise MeasureError(
            f"expected repeats that share variance along {FEWEST_POINTS} components to fit, "
            f"found {rank}; measure more stimuli, or repeats with less noise"
        )
    resampled = [] if one.replicates is None else [*map(numerical_rank, one.replicates)]
    whole = default_last(rank, one.is_noise)
    first, last = asked or (DEFAULT_FIRST, min([whole, *resampled]))
    try:
        law = fit_power_law(one.values, first=first, last=last, weighting=weighting)
    except MeasureError as error:
        if asked and last > rank:
            raise
        nothing = dict.fromkeys(("alpha", "stderr", "ci", "r2", "intercept", "null_alpha"))
        return {**nothing, "range": [first, last], "weighting": weighting, "reason": str(error)}
    found = {**asdict(law), "range": [first, last], "null_alpha": None}
    found |= {"rank": rank, "reaches_end": last > rank * END}
    if one.n_images and one.solver != "cvpca" and last <= min(one.n_images - 1, one.size):
        how = {"first": first, "last": last, "weighting": weighting}
        found["null_alpha"] = null_alpha(one.n_images, one.size, **how)
    if resampled and min(resampled) < last:
        found["bootstrap_reason"] = _leave(min(resampled))
    elif one.too_few:
        found["bootstrap_reason"] = TOO_FEW
    if not asked and last < whole:
        found["range_reason"] = _leave(last)
    density = {"density_exponent": 1 + 1 / law.alpha if law.alpha > 0 else None}
    return found | one.trusted(law, min(resampled, default=0) >= last) | density


def _leave(ranks: int) -> str:
    return f"resampled images leave {ranks} eigenvalues above round-off"


def default_last(rank: int, is_noise: bool) -> int:
    """Return the last rank of a fit by default: 500, or 100 for noise, but half of the rank.

    The last half of a layer's spectrum is its own end rather than that of what it represents.

    >>> default_last(2000, False), default_last(300, False), default_last(300, True)
    (500, 150, 100)
    """
    return min(DEFAULT_LAST_NOISE if is_noise else DEFAULT_LAST, int(rank * END))


def _plain(value: Any) -> Any:
    """Return a value as JSON has it: tuples as lists, NaN as None."""
    if isinstance(value, tuple):
        return list(value)
    return None if value != value else value


def _map(values: np.ndarray, weighting: str) -> dict[str, Any]:
    ranks, alpha = alpha_map(values, weighting=weighting)
    plain = [[float(a) if np.isfinite(a) else None for a in row] for row in alpha]
    return {"ranks": ranks.tolist(), "alpha": plain}


def _dimensions(one: _Row) -> dict[str, Any]:
    values = one.values.clip(min=0)
    names = ("participation_ratio", "participation_ratio_corrected", "rank_90", "rankme")
    if one.solver == "randomized" or not values.sum() > 0:  # the tail is missing
        return dict.fromkeys(names)
    ratio = corrected = participation_ratio(values)
    if one.n_images:
        sampled = one.solver != "cvpca"  # whose errors are others
        corrected = corrected_participation_ratio(values, one.n_images) if sampled else np.nan
    return dict(
        zip(names, (ratio, _plain(corrected), rank_at(values, 0.9), rankme(values)), strict=True)
    )
