"""Spectra of several representations side by side.

Letters: ``N`` units, ``R`` replicates, ``S`` spectra.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from specrob.errors import MeasureError
from specrob.measures.bootstrap import Replicates
from specrob.measures.image_scales import ImageScales


@dataclass(frozen=True)
class Spectrum:
    """Eigenvalues of one or several representations.

    Parameters
    ----------
    eigenvalues : ndarray, (S, N), descending, NaN-padded, units: activation squared
    source : ndarray of str, (S,)
        "images", "noise" or "noise-exact".
    size : ndarray of int, (S,)
        Units that were measured; there are as many eigenvalues, or as images if those are fewer.
    layer : ndarray of str, (S,)
    n_images : ndarray of int, (S,)
        0 for an exact spectrum.
    dropped : ndarray of int, (S,)
        Units left out because they never vary, pruned ones among them.
    variance : ndarray, (S,)
        The sum of all eigenvalues, also of those that a randomized solver leaves out.
    solver : ndarray of str, (S,)
        "covariance", "gram", "randomized", "cvpca" or "weights".
    image_scale : ndarray, (S, I)
        Relative variance of the activations of images, evenly spaced if they are not all, in the
        whole layer, see `image_scales`; NaN for exact spectra.
    scale_error : ndarray, (S,)
        Standard error of the mean of their squares.
    own_spread : ndarray, (S,)
        Spread of activations along single directions by that of Gaussian ones.
    noise_variance : ndarray, (S,)
        Variance of a unit that two repeats do not share; 0 but for cross-validated spectra.
    bootstrap : ndarray, (S, R, N), or None
        The same eigenvalues over images drawn with replacement.
    bootstrap_scale : ndarray, (S, R, 3), or None
        `scale_moments` of the images drawn.
    """

    eigenvalues: np.ndarray
    source: np.ndarray
    size: np.ndarray
    layer: np.ndarray
    n_images: np.ndarray
    dropped: np.ndarray
    variance: np.ndarray
    solver: np.ndarray
    image_scale: np.ndarray
    scale_error: np.ndarray
    own_spread: np.ndarray
    noise_variance: np.ndarray
    bootstrap: np.ndarray | None = None
    bootstrap_scale: np.ndarray | None = None


@dataclass(frozen=True)
class Row:
    """One spectrum before it is put beside others."""

    eigenvalues: Tensor
    source: str
    layer: str
    size: int
    n_images: int
    dropped: int
    solver: str = "covariance"
    variance: float | None = None  # by default the sum of the eigenvalues
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


def gather(rows: Sequence[Row]) -> Spectrum:
    """Return rows of different lengths as one result, padded with NaN.

    >>> two = Row(torch.tensor([2.0, 1.0]), "images", "hidden", 2, 10, 0)
    >>> one = Row(torch.tensor([5.0]), "noise", "hidden", 1, 10, 0)
    >>> gather([two, one]).eigenvalues
    array([[ 2.,  1.],
           [ 5., nan]])
    """

    def column(name: str) -> np.ndarray:
        return np.array([getattr(row, name) for row in rows])

    sums = [float(r.eigenvalues.sum()) if r.variance is None else r.variance for r in rows]
    resampled = [row.replicates for row in rows if row.replicates is not None]
    longest = max(len(row.eigenvalues) for row in rows)
    bootstrap = bootstrap_scale = None
    if resampled:
        nothing = torch.full((len(resampled[0].eigenvalues), 0), torch.nan)
        every = [row.replicates or Replicates(nothing, nothing) for row in rows]
        bootstrap = _padded([one.eigenvalues for one in every], longest)
        bootstrap_scale = _padded([one.scale_moments for one in every], 3)
    scales = [row.scales or ImageScales(np.empty(0), np.nan) for row in rows]
    return Spectrum(
        image_scale=_padded([torch.from_numpy(one.values) for one in scales]),
        scale_error=np.array([one.error for one in scales]),
        own_spread=np.array([one.own_spread for one in scales]),
        noise_variance=column("noise_variance"),
        eigenvalues=_padded([row.eigenvalues for row in rows]),
        variance=np.array(sums),
        bootstrap=bootstrap,
        bootstrap_scale=bootstrap_scale,
        **{name: column(name) for name in ("source", "size", "layer", "n_images")},
        **{name: column(name) for name in ("dropped", "solver")},
    )


def _padded(parts: Sequence[Tensor], longest: int | None = None) -> np.ndarray:
    """Return parts, (..., own length), as one array, (parts, ..., longest), padded with NaN."""
    longest = longest or max(part.shape[-1] for part in parts)
    whole = np.full((len(parts), *parts[0].shape[:-1], longest), np.nan)
    for values, part in zip(whole, parts, strict=True):
        values[..., : part.shape[-1]] = part.cpu().numpy()
    return whole
