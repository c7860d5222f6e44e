"""Eigenvalues over resampled images: how far a sample's spectrum may be from the truth.

Letters: ``B`` images, ``N`` units.

References
----------
.. [1] B. Efron and R. J. Tibshirani, "An introduction to the bootstrap", 1993.
"""

import torch
from torch import Tensor

from specrob.devices import ALONE, Processes
from specrob.linalg import symmetric_eigenvalues
from specrob.progress import Report, silent


def resample(
    coordinates: Tensor,
    replicates: int,
    generator: torch.Generator,
    *,
    processes: Processes = ALONE,
    report: Report = silent,
) -> Tensor:
    """Return eigenvalues of the covariance over images drawn with replacement.

    Parameters
    ----------
    coordinates : Tensor, (B, N), float64
    replicates : int
    generator : torch.Generator
        On the CPU; the same one draws the same images for every layer.
    processes : Processes
        Take turns in the replicates.
    report : Report

    Returns
    -------
    Tensor, (replicates, min(B, N)), float64, descending, units of the coordinates squared
        NaN past the number of different images that were drawn.

    Examples
    --------
    >>> x = torch.tensor([[1.0], [-1.0]], dtype=torch.float64)
    >>> sorted(set(resample(x, 20, torch.Generator().manual_seed(0)).flatten().tolist()))
    [0.0, 2.0]
    """
    images, units = coordinates.shape
    found = coordinates.new_full((replicates, min(images, units)), torch.nan)
    for done, values in enumerate(found):
        drawn = torch.randint(images, (images,), generator=generator)
        if done % processes.count != processes.rank:
            values.zero_()
            continue
        times = torch.bincount(drawn, minlength=images).to(coordinates)
        x, times = coordinates[times > 0], times[times > 0]
        x = (x - times @ x / images) * times.sqrt()[:, None]
        moments = x @ x.T if len(x) < units else x.T @ x
        own = symmetric_eigenvalues(moments / (images - 1)).clamp(min=0)[: len(values)]
        values[: len(own)] = own
        report(done + 1, replicates)
    return processes.sum(found)
