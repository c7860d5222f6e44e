"""Exponents and dimensions of every spectrum of a result."""

import math
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from specrob.errors import MeasureError, UsageError
from specrob.experiments.default_range import MAX_SHARE, default_last
from specrob.experiments.smoothness_bound import with_bound
from specrob.experiments.spectrum_row import MIN_REPLICATES, SpectrumRow, check_ranks, rows_of
from specrob.measures import power_law
from specrob.measures.dimension import (
    corrected_participation_ratio,
    participation_ratio,
    rank_at,
    rankme,
)
from specrob.measures.power_law import alpha_map, fit_power_law, null_alpha, numerical_rank
from specrob.measures.uncertainty import estimate_uncertainty
from specrob.results import AlphaMap, DimensionEstimate, Fit, PowerLaw, Spectrum
from specrob.settings.measures import UNCENTRED
from specrob.settings.power_law import FIRST_RANK, PowerLawSettings

NO_CORRECTION = "there is no correction for eigenvalues whose means are not subtracted"
NO_SCALES = "the spectrum does not hold the images' scales; measure it with specrob 0.2 or newer"
NO_REPLICATES = (
    "cross-validated eigenvalues need resampled images that are positive over the whole range: "
    "resample the images 100 times, or fit a range that ends earlier"
)
TOO_FEW_REPLICATES = f"there are fewer than {MIN_REPLICATES} resamplings"


def fit_spectra(
    spectrum: Spectrum,
    settings: PowerLawSettings = PowerLawSettings(),
    stimuli: DimensionEstimate | None = None,
) -> PowerLaw:
    """Return exponent, bias, interval, null and dimensions of every spectrum.

    By default ranks 10 to 500 are fitted, of noise 10 to 100, but at most the first half of the
    eigenvalues above round-off. The dimension of the stimuli is that of `stimuli`, that of the
    settings, or the one that the spectrum records of its images.

    Raises
    ------
    MeasureError
        If a range that was asked for goes past the eigenvalues, a layer that was asked for is not
        there, or no spectrum can be fitted.

    Examples
    --------
    >>> names = {"source": np.array(["images"]), "layer": np.array(["hidden"])}
    >>> counts = {"size": np.array([100]), "n_images": np.array([0])}
    >>> exact = Spectrum(eigenvalues=np.arange(1.0, 101.0)[None] ** -2, **names, **counts)
    >>> f"{fit_spectra(exact).fits[0].alpha:.3f}"
    '2.000'
    """
    rows = rows_of(spectrum, settings.layer)
    for row in rows:
        check_ranks(row, settings, several_layers=len({one.layer for one in rows}) > 1)
    fits = tuple(_fit(row, settings) for row in rows)
    passed_over = any(row.why_too_short(settings) for row in rows)
    if not fits:
        raise MeasureError("expected a spectrum to fit, found none; measure one")
    if all(fit.alpha is None for fit in fits) and not passed_over:
        raise MeasureError(f"{fits[0].reason}; widen `window`, or measure more units or images")
    dimension = stimuli or settings.dimension or spectrum.dimension
    if isinstance(dimension, str):
        raise UsageError(f"`dimension`: expected a number, found `{dimension}`; pass `stimuli`")
    bounded = (
        with_bound(fit, dimension) if dimension and not row.is_noise else fit
        for fit, row in zip(fits, rows, strict=True)
    )
    return PowerLaw(fits=tuple(bounded))


def _fit(row: SpectrumRow, settings: PowerLawSettings) -> Fit:
    """Return the fit of one spectrum, its dimensions, and its map if it is asked for."""
    window = row.window(settings)
    rank = numerical_rank(row.values, row.size)
    replicates = row.sample.replicates
    ranks = [] if replicates is None else [*map(numerical_rank, replicates)]
    whole = default_last(rank, row.is_noise)
    first, last = window or (FIRST_RANK, min([whole, *ranks]))
    range_reason = _too_short(last) if not window and last < whole else None
    try:
        if reason := row.why_too_short(settings):
            raise MeasureError(reason)
        law = fit_power_law(row.values, first=first, last=last, weighting=settings.weighting)
    except MeasureError as error:
        fit = _without_law(row, (first, last), settings.weighting, str(error))
    else:
        fit = replace(_with_law(row, law, rank, ranks), range_reason=range_reason)
    return replace(
        _with_dimensions(fit, row),
        map=_map(row.values, settings.weighting) if settings.maps else None,
    )


def _without_law(row: SpectrumRow, window: tuple[int, int], weighting: str, reason: str) -> Fit:
    return Fit(
        source=row.source,
        size=row.size,
        layer=row.layer,
        n_images=row.sample.images,
        range=window,
        weighting=weighting,
        alpha=None,
        reason=reason.partition(";")[0],
    )


def _with_law(
    row: SpectrumRow, law: power_law.PowerLaw, rank: int, replicate_ranks: list[int]
) -> Fit:
    """Return the fit of a spectrum with its null, and how exact it is."""
    images, size, (first, last) = row.sample.images, row.size, law.range
    null = None
    if images and row.solver != "cvpca" and last <= min(images - 1, size):
        null = null_alpha(images, size, first=first, last=last, weighting=law.weighting)
    lowest = min(replicate_ranks, default=0)
    reason = TOO_FEW_REPLICATES if row.has_few_replicates else None
    fit = Fit(
        source=row.source,
        size=size,
        layer=row.layer,
        n_images=images,
        range=law.range,
        alpha=law.alpha,
        stderr=law.stderr,
        r2=law.r2,
        intercept=law.intercept,
        n_points=law.n_points,
        weighting=law.weighting,
        null_alpha=null,
        density_exponent=1 + 1 / law.alpha if law.alpha > 0 else None,
        rank=rank,
        reaches_end=last > rank * MAX_SHARE,
        bootstrap_reason=_too_short(lowest) if replicate_ranks and lowest < last else reason,
    )
    return _with_uncertainty(fit, row, law, resampled=lowest >= last)


def _with_uncertainty(
    fit: Fit, row: SpectrumRow, law: power_law.PowerLaw, *, resampled: bool
) -> Fit:
    """Return the fit with bias and interval; `resampled` where replicates have its range."""
    sample = row.sample if resampled else replace(row.sample, replicates=None)
    if sample.images and sample.scales is None and sample.noise is None:
        return replace(fit, ci_reason=NO_CORRECTION if row.source == UNCENTRED else NO_SCALES)
    if row.solver == "cvpca" and sample.replicates is None:
        reason = TOO_FEW_REPLICATES if row.has_few_replicates else NO_REPLICATES
        return replace(fit, ci_reason=reason)
    estimate = estimate_uncertainty(row.values, law, sample)
    source = "model" if sample.replicates is None else "bootstrap"
    return replace(
        fit,
        ci=estimate.ci,
        ci_from=source if estimate.ci else None,
        ci_reason=None if estimate.ci else estimate.ci_reason,
        alpha_corrected=_number(estimate.alpha_corrected),
        bias=_number(estimate.bias),
        biased=estimate.biased,
        sampling_stderr=_number(estimate.sampling_stderr),
        bend=_number(estimate.bend),
        bend_stderr=_number(estimate.bend_stderr),
        power_law=estimate.power_law,
    )


def _with_dimensions(fit: Fit, row: SpectrumRow) -> Fit:
    """Return the fit with the dimensions of the spectrum, where all of it is known."""
    values, images = row.values.clip(min=0), row.sample.images
    if row.solver == "randomized" or not values.sum() > 0:
        return fit
    ratio = corrected = participation_ratio(values)
    if images:
        is_sampled = row.solver != "cvpca"  # cross-validated eigenvalues have other errors
        corrected = corrected_participation_ratio(values, images) if is_sampled else math.nan
    return replace(
        fit,
        participation_ratio=ratio,
        participation_ratio_corrected=_number(corrected),
        rank_90=rank_at(values, 0.9),
        rankme=rankme(values),
    )


def _too_short(ranks: int) -> str:
    return f"resampled images have {ranks} eigenvalues above round-off"


def _number(value: float) -> float | None:
    """Return the number, or None for NaN."""
    return None if math.isnan(value) else float(value)


def _map(values: NDArray[np.floating], weighting: str) -> AlphaMap:
    ranks, alpha = alpha_map(values, weighting=weighting)
    rows = tuple(tuple(_number(a) for a in row) for row in alpha)
    return AlphaMap(ranks=tuple(ranks.tolist()), alpha=rows)
