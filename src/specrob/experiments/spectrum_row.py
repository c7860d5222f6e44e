"""One spectrum of a file, with the sample of images behind it.

Letters: ``R`` replicates, ``N`` ranks.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from specrob.errors import MeasureError
from specrob.measures.bias_correction import Sample
from specrob.measures.image_scales import ImageScales
from specrob.measures.power_law import FEWEST_POINTS, numerical_rank
from specrob.results import Array, Spectrum
from specrob.settings.power_law import PowerLawSettings

MIN_REPLICATES = 10


@dataclass(frozen=True)
class SpectrumRow:
    """One spectrum of a file: eigenvalues, (N,), without NaN, and the sample behind them."""

    source: str
    layer: str
    values: Array
    solver: str
    sample: Sample  # its replicates are of the whole spectrum
    has_few_replicates: bool

    @classmethod
    def of(cls, spectrum: Spectrum, row: int) -> "SpectrumRow":
        """Return a row of a file."""
        values = spectrum.eigenvalues[row]
        values = values[np.isfinite(values)]
        replicates = moments = None
        has_few = False
        if spectrum.bootstrap is not None and spectrum.bootstrap_scale is not None:
            resampled, moments = spectrum.bootstrap[row], spectrum.bootstrap_scale[row]
            exists = bool(np.isfinite(moments).all())
            has_few = exists and len(resampled) < MIN_REPLICATES
            if exists and not has_few:
                replicates = np.nan_to_num(resampled[:, : len(values)])
        solver = "" if spectrum.solver is None else str(spectrum.solver[row])
        noise = spectrum.noise_variance if solver == "cvpca" else None
        sample = Sample(
            images=int(spectrum.n_images[row]),
            units=int(spectrum.size[row]),
            variance=float(values.sum() if spectrum.variance is None else spectrum.variance[row]),
            scales=_scales(spectrum, row),
            noise=None if noise is None else float(noise[row]),
            replicates=replicates,
            scale_moments=moments,
        )
        source, layer = str(spectrum.source[row]), str(spectrum.layer[row])
        return cls(source, layer, values, solver, sample, has_few)

    @property
    def is_noise(self) -> bool:
        """Whether it is of white noise."""
        return self.source.startswith("noise")

    @property
    def size(self) -> int:
        """Number of units."""
        return self.sample.units or len(self.values)

    def window(self, settings: PowerLawSettings) -> tuple[int, int] | None:
        """Return the first and last rank that are asked for."""
        return settings.noise_window if self.is_noise else settings.window

    def why_too_short(self, settings: PowerLawSettings) -> str | None:
        """Return why the ranks that are asked for cannot be fitted, or None if they are there."""
        rank, window = numerical_rank(self.values, self.size), self.window(settings)
        if window is None or window[1] <= rank:
            return None
        return (
            f"expected ranks within 1 to {rank}, the eigenvalues of {self.layer} above round-off, "
            f"found {window[0]} to {window[1]}"
        )


def rows_of(spectrum: Spectrum, layers: Sequence[str] = ()) -> list[SpectrumRow]:
    """Return the spectra of a file, or only those of some layers.

    Raises
    ------
    MeasureError
        If a layer is not there.
    """
    there = list(dict.fromkeys(map(str, spectrum.layer)))
    unknown = [layer for layer in layers if layer not in there]
    if unknown:
        raise MeasureError(
            f"`layer`: expected a layer of the spectrum, found `{unknown[0]}`; it has "
            f"{', '.join(there)}"
        )
    return [
        SpectrumRow.of(spectrum, row)
        for row, layer in enumerate(map(str, spectrum.layer))
        if layer in (layers or there)
    ]


def check_ranks(row: SpectrumRow, settings: PowerLawSettings, *, several_layers: bool) -> None:
    """Raise MeasureError where a spectrum has too few ranks, or fewer than are to be fitted."""
    rank = numerical_rank(row.values, row.size)
    if row.solver == "cvpca" and rank < FEWEST_POINTS:
        raise MeasureError(
            f"expected repeats that share variance along {FEWEST_POINTS} components to fit, "
            f"found {rank}; measure more stimuli, or repeats with less noise"
        )
    reason = row.why_too_short(settings)
    if reason and not settings.skip_short:
        name = "noise_window" if row.is_noise else "window"
        others = ", or fit the other layers by `layer`" if several_layers else ""
        raise MeasureError(
            f"`{name}`: {reason}; end it earlier, pass over such spectra by `skip_short`{others}"
        )


def _scales(spectrum: Spectrum, row: int) -> ImageScales | None:
    """Return the scales of the images, where they were measured."""
    values, errors, spread = spectrum.image_scale, spectrum.scale_error, spectrum.own_spread
    if values is None or errors is None or not np.isfinite(errors[row]):
        return None
    own_spread = 1.0 if spread is None else float(spread[row])
    own = values[row][np.isfinite(values[row])]  # other layers may have more
    if not own.size:
        return None
    return ImageScales(own, float(errors[row]), own_spread)
