"""The quantities of spectra, sensitivities, landscapes, and of smoothness."""

from collections.abc import Callable, Iterator

import numpy as np
from numpy.typing import NDArray

from specrob.measures.spatial_frequencies import low_frequency_share, similarity
from specrob.quantities.quantity import Labels, Measured, Quantity
from specrob.results import ImageFile, Landscape, Sensitivity, Smoothness, Spectrum
from specrob.statistics.intervals import NORMAL_975


def _variances(spectrum: Spectrum) -> Iterator[Measured]:
    for row, values in enumerate(spectrum.eigenvalues):
        note = ""
        if spectrum.solver is not None and spectrum.solver[row] == "randomized":
            note = f"of {np.isfinite(values).sum()} leading eigenvalues, randomized"
        labels, n = _spectrum_labels(spectrum, row), _images(spectrum, row)
        yield Measured(_variance(spectrum, row), labels, note, n=n)


def _first_shares(spectrum: Spectrum) -> Iterator[Measured]:
    for row, values in enumerate(spectrum.eigenvalues):
        variance = _variance(spectrum, row)
        if variance > 0:
            share, n = float(values[0]) / variance, _images(spectrum, row)
            yield Measured(share, _spectrum_labels(spectrum, row), n=n)


def _variance(spectrum: Spectrum, row: int) -> float:
    whole = spectrum.variance
    return float(np.nansum(spectrum.eigenvalues[row]) if whole is None else whole[row])


def _images(spectrum: Spectrum, row: int) -> int | None:
    return int(spectrum.n_images[row]) or None


def _spectrum_labels(spectrum: Spectrum, row: int) -> Labels:
    source, layer = str(spectrum.source[row]), str(spectrum.layer[row])
    return {"source": source, "layer": layer, "size": int(spectrum.size[row])}


def _jacobian_norms(result: Smoothness) -> Iterator[Measured]:
    for row in result.jacobian:
        note = f"median {row.median:.4g}, {row.min:.4g} to {row.max:.4g}"
        ends: tuple[float | None, float | None] = None, None
        if row.stderr is not None:
            reach = NORMAL_975 * row.stderr
            ends = row.mean - reach, row.mean + reach
        labels = {"layer": row.layer}
        yield Measured(row.mean, labels, note, row.stderr, *ends, n=result.n_images)


def _norms_on_plane(plane: Landscape) -> Iterator[Measured]:
    norms = plane.jacobian_norm
    ends = float(norms.min()), float(norms.max())
    yield Measured(ends, {"layer": str(plane.of)}, f"image {int(plane.index)}")


def _norm_at_image(plane: Landscape) -> Iterator[Measured]:
    norm, middle = plane.image_jacobian_norm, len(plane.u) // 2
    if norm is None and plane.u[middle] == plane.v[middle] == 0:  # the grid has the image on it
        norm = float(plane.jacobian_norm[middle, middle])
    if norm is not None:
        yield Measured(norm, {"layer": str(plane.of)})


def _largest_derivatives(result: Sensitivity) -> Iterator[Measured]:
    for rank, maps in zip(result.ranks, result.maps, strict=True):
        yield Measured(float(np.abs(maps).max()), {"rank": int(rank)}, n=len(result.index))


def _residuals(result: ImageFile) -> Iterator[Measured]:
    for split, x, residual in result.parts():
        if residual is not None:
            median = float(np.median(residual))
            note = f"1/{1 / median:.4g}" if median > 0 else ""
            yield Measured(median, {"split": split}, note, n=len(x))


def _low_frequency_shares(result: Sensitivity) -> Iterator[Measured]:
    yield from _by_rank(result, low_frequency_share(result.maps))


def _similarities(result: Sensitivity) -> Iterator[Measured]:
    if result.images is not None:
        yield from _by_rank(result, similarity(result.maps, result.images))


def _by_rank(result: Sensitivity, numbers: NDArray[np.float64]) -> Iterator[Measured]:
    """Yield the mean over images of every rank, of numbers (R, B); NaN is left out."""
    for rank, row in zip(result.ranks, numbers, strict=True):
        found = row[np.isfinite(row)]
        if not len(found):
            continue
        error = float(found.std(ddof=1) / len(found) ** 0.5) if len(found) > 1 else None
        labels: Labels = {"layer": str(result.of), "rank": int(rank)}
        yield Measured(float(found.mean()), labels, error=error, n=len(found))


SIZE, NORM = "{source} {layer} {size}", "activation / attacked space"
FIRST = f"share of the variance in the first eigenvalue {SIZE}"
SPECTRA = (
    Quantity("variance", f"variance {SIZE}", "activation squared", Spectrum, _variances),
    Quantity("first_share", FIRST, "share", Spectrum, _first_shares, is_detail=True),
)
DERIVATIVE, PER_PIXEL = "largest d lambda_{rank} / d pixel", "activation squared / attacked space"
LOW_SHARE = "power of d lambda_{rank} / dx below 1/8 cycles per pixel"
SIMILARITY = "|correlation| of d lambda_{rank} / dx and x"
SENSITIVITIES = (
    Quantity("sensitivity", DERIVATIVE, PER_PIXEL, Sensitivity, _largest_derivatives),
    Quantity("low_frequency_share", LOW_SHARE, "share", Sensitivity, _low_frequency_shares),
    Quantity("map_similarity", SIMILARITY, "1", Sensitivity, _similarities),
)
RESIDUAL = "median distance of {split} representations, of that at the start"
INVERSIONS = (Quantity("residual", RESIDUAL, "share", ImageFile, _residuals),)
PLANE, IMAGE = "Jacobian norm of {layer} on the plane", "Jacobian norm of {layer} at the image"
LANDSCAPES = (
    Quantity("norm_on_plane", PLANE, NORM, Landscape, _norms_on_plane, "Smoothness"),
    Quantity("norm_at_image", IMAGE, NORM, Landscape, _norm_at_image),
    Quantity(
        "classes", "classes on the plane", "classes", Landscape, lambda p: len(np.unique(p.label))
    ),
)


def _norm(
    name: str,
    title: str,
    get: Callable[[Smoothness], float | Iterator[Measured] | None],
    axis: str,
) -> Quantity[Smoothness]:
    return Quantity(name, title, NORM, Smoothness, get, "Smoothness", axis)


NORM_ROWS = (
    _norm("spectral_norm", "spectral norm", lambda r: r.spectral_norm, "spectral norm of $W$"),
    _norm("frobenius_norm", "Frobenius norm", lambda r: r.frobenius_norm, "Frobenius norm of $W$"),
    _norm(
        "jacobian_norm",
        "Jacobian norm of {layer}",
        _jacobian_norms,
        "mean Jacobian norm of {layer}",
    ),
)
