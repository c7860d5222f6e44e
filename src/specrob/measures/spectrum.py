"""Spectra of several layers side by side.

Letters: ``N`` units, ``R`` replicates, ``S`` spectra.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from specrob.errors import MeasureError
from specrob.measures.bootstrap import Replicates
from specrob.measures.image_scales import ImageScales
from specrob.results import Spectrum


@dataclass(frozen=True)
class LayerSpectrum:
    """The spectrum of one layer, a row of `results.Spectrum`.

    Parameters
    ----------
    eigenvalues : Tensor, (N,), descending, activation squared
    source : str
        "images", "uncentred", "initial", "noise" or "noise-exact".
    size : int
        Number of units.
    n_images : int
        0 for an exact spectrum.
    dropped : int
        Number of units left out because they never vary.
    solver : str
        "covariance", "gram", "randomized", "cvpca" or "weights".
    variance : float or None, activation squared
        Total variance; None stands for the sum of the eigenvalues.
    replicates : Replicates or None
        The same eigenvalues over images drawn with replacement.
    noise_variance : float, activation squared
        Mean variance of a unit that two repeats do not share.
    """

    eigenvalues: Tensor
    source: str
    layer: str
    size: int
    n_images: int
    dropped: int
    solver: str = "covariance"
    variance: float | None = None
    replicates: Replicates | None = None
    scales: ImageScales | None = None
    noise_variance: float = 0.0


def centred_patch(shape: Sequence[int], size: int) -> Tensor:
    """Return the pixels, flattened (C, H, W), of the centred square patch of at most `size`.

    >>> centred_patch((1, 4, 4), 5).tolist()
    [5, 6, 9, 10]
    """
    channels, height, width = shape
    side = min(int((size / channels) ** 0.5 + 1e-9), height, width)
    if side < 1:
        raise MeasureError(f"expected a size of at least {channels} pixels, found {size}")
    top, left = (height - side) // 2, (width - side) // 2
    pixels = torch.arange(channels * height * width).reshape(channels, height, width)
    return pixels[:, top : top + side, left : left + side].flatten()


def gather(rows: Sequence[LayerSpectrum]) -> Spectrum:
    """Return spectra of different lengths as one result, padded with NaN.

    >>> two = LayerSpectrum(torch.tensor([2.0, 1.0]), "images", "hidden", 2, 10, 0)
    >>> one = LayerSpectrum(torch.tensor([5.0]), "noise", "hidden", 1, 10, 0)
    >>> gather([two, one]).eigenvalues
    array([[ 2.,  1.],
           [ 5., nan]])
    """
    sums = [float(r.eigenvalues.sum()) if r.variance is None else r.variance for r in rows]
    scales = [row.scales or ImageScales(np.empty(0), np.nan) for row in rows]
    bootstrap, bootstrap_scale = _gather_replicates(rows)
    return Spectrum(
        eigenvalues=_padded([row.eigenvalues for row in rows]),
        source=np.array([row.source for row in rows]),
        size=np.array([row.size for row in rows]),
        layer=np.array([row.layer for row in rows]),
        n_images=np.array([row.n_images for row in rows]),
        dropped=np.array([row.dropped for row in rows]),
        solver=np.array([row.solver for row in rows]),
        variance=np.array(sums),
        noise_variance=np.array([row.noise_variance for row in rows]),
        own_spread=np.array([one.own_spread for one in scales]),
        image_scale=_padded([torch.from_numpy(one.values) for one in scales]),
        scale_error=np.array([one.error for one in scales]),
        bootstrap=bootstrap,
        bootstrap_scale=bootstrap_scale,
    )


def _gather_replicates(
    rows: Sequence[LayerSpectrum],
) -> tuple[NDArray[np.float64] | None, NDArray[np.float64] | None]:
    """Return resampled eigenvalues, (S, R, N), and moments of scales, (S, R, 3), if any."""
    resampled = [row.replicates for row in rows if row.replicates is not None]
    if not resampled:
        return None, None
    longest = max(len(row.eigenvalues) for row in rows)
    nothing = torch.full((len(resampled[0].eigenvalues), 0), torch.nan)
    every = [row.replicates or Replicates(nothing, nothing) for row in rows]
    return (
        _padded([one.eigenvalues for one in every], longest),
        _padded([one.scale_moments for one in every], 3),
    )


def _padded(parts: Sequence[Tensor], longest: int | None = None) -> NDArray[np.float64]:
    """Return parts, (..., length), as one array, (parts, ..., longest), padded with NaN."""
    longest = longest or max(part.shape[-1] for part in parts)
    whole = np.full((len(parts), *parts[0].shape[:-1], longest), np.nan)
    for values, part in zip(whole, parts, strict=True):
        values[..., : part.shape[-1]] = part.cpu().numpy()
    return whole
