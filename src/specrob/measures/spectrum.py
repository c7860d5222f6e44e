"""Covariance eigenvalues of a representation, from batches, in float64.

Letters: ``B`` images, ``N`` units, ``S`` spectra.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from specrob.errors import MeasureError
from specrob.linalg import symmetric_eigenvalues


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
    """

    eigenvalues: np.ndarray
    source: np.ndarray
    size: np.ndarray
    layer: np.ndarray
    n_images: np.ndarray
    dropped: np.ndarray


@dataclass(frozen=True)
class Row:
    """One spectrum before it is put beside others."""

    eigenvalues: Tensor
    source: str
    layer: str
    size: int
    n_images: int
    dropped: int


class Covariance:
    """Sums over batches, from which the eigenvalues of any subset of the units follow.

    One pass in float64, shifted by the first batch's mean. Where there are fewer images than
    units the activations are kept instead, and their Gram matrix gives the same eigenvalues.

    Parameters
    ----------
    count : int
        Images to come.
    keep : bool
        Whether activations may be kept; without them `covariance` always has the sums.

    Examples
    --------
    >>> sums = Covariance(4)
    >>> sums.add_(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]))
    >>> sums.add_(torch.tensor([[0.0, 3.0], [0.0, -3.0]]))
    >>> sums.eigenvalues()
    tensor([6.0000, 0.6667], dtype=torch.float64)
    """

    def __init__(self, count: int, *, keep: bool = True):
        if count < 2:
            raise MeasureError(f"expected at least 2 images for a covariance, found {count}")
        self.count, self.keep = count, keep
        self.shift: Tensor | None = None

    @torch.no_grad()
    def add_(self, activations: Tensor) -> None:
        """Add a batch, (B, N)."""
        x = activations.cpu() if activations.device.type == "mps" else activations
        if self.shift is None:
            units = x.shape[1]
            self.shift = x.mean(0, dtype=torch.float64)
            self.total = torch.zeros_like(self.shift)
            self.squares = torch.zeros_like(self.shift)
            few = self.keep and self.count <= units
            self.kept: list[Tensor] | None = [] if few else None
            self.products = self.shift.new_zeros((units, units) if self.kept is None else ())
        centred = x.double() - self.shift
        self.total += centred.sum(0)
        self.squares += centred.square().sum(0)
        if self.kept is None:
            self.products.addmm_(centred.T, centred)
        else:
            self.kept.append(x)

    def varying(self) -> Tensor:
        """Return the units that are not the same for every image, (N,), bool."""
        return self.squares > 0

    def eigenvalues(self, units: Tensor | None = None) -> Tensor:
        """Return the eigenvalues over some units, (min(units, images),), float64, descending.

        Their unit is that of the activations squared.

        Raises
        ------
        MeasureError
            If an activation is not finite.

        Examples
        --------
        >>> sums = Covariance(2)
        >>> sums.add_(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]))
        >>> sums.eigenvalues(torch.tensor([0]))
        tensor([2.], dtype=torch.float64)
        """
        if not self.squares.isfinite().all():
            raise MeasureError("expected finite activations, found NaN or inf; check the model")
        units = torch.arange(len(self.shift), device=self.shift.device) if units is None else units
        return symmetric_eigenvalues(self._moments(units) / (self.count - 1)).clamp(min=0)

    def covariance(self) -> Tensor:
        """Return the covariance of all units, (N, N), float64; needs ``keep=False``.

        >>> sums = Covariance(2, keep=False)
        >>> sums.add_(torch.tensor([[1.0, 2.0], [-1.0, -2.0]]))
        >>> sums.covariance()
        tensor([[2., 4.],
                [4., 8.]], dtype=torch.float64)
        """
        mean = self.total / self.count
        return self.products.addr(mean, mean, alpha=-self.count) / (self.count - 1)

    def _moments(self, units: Tensor) -> Tensor:
        mean = self.total[units] / self.count
        if self.kept is None:
            products = self.products[units][:, units]
            return products.addr(mean, mean, alpha=-self.count)
        x = torch.cat([part[:, units] for part in self.kept]).double()
        x -= self.shift[units] + mean
        return x @ x.T if len(x) < len(units) else x.T @ x


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
    longest = max(len(row.eigenvalues) for row in rows)
    padded = np.full((len(rows), longest), np.nan)
    for values, row in zip(padded, rows, strict=True):
        values[: len(row.eigenvalues)] = row.eigenvalues.cpu().numpy()
    return Spectrum(
        eigenvalues=padded,
        source=np.array([row.source for row in rows]),
        size=np.array([row.size for row in rows]),
        layer=np.array([row.layer for row in rows]),
        n_images=np.array([row.n_images for row in rows]),
        dropped=np.array([row.dropped for row in rows]),
    )
