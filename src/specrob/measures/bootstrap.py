"""Eigenvalues over resampled images, for the sampling error of a spectrum.

Letters: ``B`` images, ``N`` units.

References
----------
.. [1] B. Efron and R. J. Tibshirani, "An introduction to the bootstrap", 1993.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.distributed import SINGLE_PROCESS, Processes
from specrob.linalg import symmetric_eigenvalues
from specrob.progress import Report, silent


@dataclass(frozen=True)
class Replicates:
    """Spectra over images drawn with replacement.

    Parameters
    ----------
    eigenvalues : Tensor, (replicates, min(B, N)), float64, descending
        In units of the squared coordinates; NaN past the number of different images drawn.
    scale_moments : Tensor, (replicates, 3), float64
        `scale_moments` of the images drawn.
    """

    eigenvalues: Tensor
    scale_moments: Tensor


def scale_moments(scales: Tensor) -> Tensor:
    """Return how scales of images, (..., B), spread: logarithms of three moments, (..., 3).

    ``log(mean q^r / (mean q)^r)`` for r = 2, 3, 1/2. How often an image was drawn counts in its
    scale q: resampled images are more spread than the images themselves.

    >>> scale_moments(torch.tensor([2.0, 0.0]))[0].exp()
    tensor(2.)
    """
    mean = scales.mean(-1)
    return torch.stack([(scales**r).mean(-1).log() - r * mean.log() for r in (2, 3, 0.5)], -1)


def resample(
    coordinates: Tensor,
    replicates: int,
    generator: torch.Generator,
    *,
    scales: Tensor | None = None,
    processes: Processes = SINGLE_PROCESS,
    report: Report = silent,
) -> Replicates:
    """Return eigenvalues of the covariance over images drawn with replacement.

    Parameters
    ----------
    coordinates : Tensor, (B, N), float64
    generator : torch.Generator
        On the CPU; a generator of the same seed draws the same images for every layer.
    scales : Tensor, (B,), optional
        Scales of the images; by default 1.
    processes : Processes
        Each computes some of the replicates.

    Examples
    --------
    >>> x = torch.tensor([[1.0], [-1.0]], dtype=torch.float64)
    >>> replicates = resample(x, 20, torch.Generator().manual_seed(0))
    >>> sorted(set(replicates.eigenvalues.flatten().tolist()))
    [0.0, 2.0]
    """
    images, units = coordinates.shape
    scales = coordinates.new_ones(images) if scales is None else scales.to(coordinates)
    moments = coordinates.new_zeros(replicates, 3)
    eigenvalues = coordinates.new_full((replicates, min(images, units)), torch.nan)
    for done, values in enumerate(eigenvalues):
        drawn = torch.randint(images, (images,), generator=generator)
        if done % processes.count != processes.rank:
            values.zero_()
            continue
        times = torch.bincount(drawn, minlength=images).to(coordinates)
        moments[done] = scale_moments(times * scales)
        x, times = coordinates[times > 0], times[times > 0]
        x = (x - times @ x / images) * times.sqrt()[:, None]
        products = x @ x.T if len(x) < units else x.T @ x
        resampled = symmetric_eigenvalues(products / (images - 1)).clamp(min=0)[: len(values)]
        values[: len(resampled)] = resampled
        report(done + 1, replicates)
    return Replicates(processes.sum(eigenvalues), processes.sum(moments))
