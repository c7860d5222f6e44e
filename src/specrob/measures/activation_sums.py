"""Sums over the activations of a layer, batch by batch: what all eigenvalue solvers share.

Letters: ``B`` images, ``N`` units, ``I`` images that are stored.
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence

import torch
from torch import Tensor

from specrob.distributed import SINGLE_PROCESS, Processes
from specrob.errors import MeasureError

PROBES = 2000  # evenly spaced images that are stored where the others are only summed


class ActivationSums(ABC):
    """Sums in float64 over batches of activations, shifted by the first batch's mean.

    Within a batch they are computed in `dtype`.

    Parameters
    ----------
    count : int
        Number of images.
    processes : Processes
        Each adds some of the batches and skips the others, in their order; with the last, all
        hold the sums over all.
    """

    passes: int  # number of passes over the images
    dtype = torch.float64
    shift: Tensor  # (N,), the mean of the first batch, in `dtype`
    total: Tensor  # (N,), the sum of what remains
    squares: Tensor  # (N,), the sum of its squares
    probes: Tensor  # (I, N), some of the images

    def __init__(self, count: int, processes: Processes = SINGLE_PROCESS):
        self.count, self.processes = count, processes
        self.seen, self.stride, self.begun = 0, 1, False

    @property
    @abstractmethod
    def solver(self) -> str:
        """Which matrix is solved: "covariance", "gram" or "randomized"."""

    @torch.no_grad()
    def begin_(self, activations: Tensor) -> None:
        """Set the shift to the mean of the first batch, (B, N), without adding it."""
        x = _with_float64(activations)
        self.shift = x.mean(0, dtype=self.dtype)
        self.total, self.squares = (torch.zeros_like(self.shift).double() for _ in range(2))
        self.begun = True
        self._allocate_(x)

    @torch.no_grad()
    def add_(self, activations: Tensor) -> None:
        """Add a batch, (B, N)."""
        x = _with_float64(activations)
        if not self.begun:
            self.begin_(x)
        self._add_(x)

    @abstractmethod
    def skip_(self, images: int) -> None:
        """Skip images that another process adds."""

    @abstractmethod
    def eigenvalues(self, units: Tensor | None = None) -> Tensor:
        """Return eigenvalues of the covariance over some units, float64, descending."""

    @abstractmethod
    def distances(self, ridges: Sequence[float]) -> Tensor:
        """Return ``x^T (C + ridge)^-1 x`` of centred images, (ridges, I), float64."""

    @abstractmethod
    def coordinates(self, units: Tensor | None = None) -> Tensor:
        """Return centred images, (B, min(N, B)), in any basis, for resampling."""

    @property
    def mean(self) -> Tensor:
        """Each unit's mean, (N,), float64."""
        return self.shift + self.total / self.count

    @property
    def variance(self) -> Tensor:
        """Each unit's variance, (N,), activation squared; NaN or inf where activations are."""
        return (self.squares - self.total.square() / self.count).clamp(min=0) / (self.count - 1)

    def require_whole(self) -> None:
        """Raise MeasureError unless every image was added, and all activations are finite."""
        if self.seen != self.passes * self.count:
            raise MeasureError(
                f"expected {self.passes * self.count} images in all, found {self.seen}; add every "
                f"image in each of {self.passes} passes"
            )
        require_finite(self.squares)

    def varying(self) -> Tensor:
        """Return the units that are not the same for every image, (N,), bool."""
        return self.squares > 0

    @abstractmethod
    def _allocate_(self, x: Tensor) -> None:
        """Allocate sums over batches like the first."""

    @abstractmethod
    def _add_(self, x: Tensor) -> None:
        """Add a batch that is on a device with float64."""

    def _add_moments_(self, centred: Tensor) -> None:
        self.total += centred.sum(0)
        self.squares += torch.linalg.vector_norm(centred, dim=0).square()

    def _allocate_probes_(self, x: Tensor, most: int) -> None:
        self.stride = -(-self.count // most)
        self.probes = x.new_zeros(-(-self.count // self.stride), x.shape[1])

    def _store_probes_(self, x: Tensor, seen: int) -> None:
        """Store every `stride`-th image of a batch that follows those seen in this pass."""
        first = -seen % self.stride
        chosen = x[first :: self.stride]
        at = (seen + first) // self.stride
        self.probes[at : at + len(chosen)] = chosen

    def _sum_moments_(self) -> None:
        """Sum over processes."""
        self.total = self.processes.sum(self.total)
        self.squares = self.processes.sum(self.squares)


def require_finite(sums: Tensor) -> None:
    """Raise MeasureError unless all sums of activations are finite."""
    if not sums.isfinite().all():
        raise MeasureError(
            "expected finite activations, found NaN or inf; check the weights, "
            "or the numbers that were recorded"
        )


def _with_float64(activations: Tensor) -> Tensor:
    """Return activations where float64 is available: not on mps."""
    return activations.cpu() if activations.device.type == "mps" else activations
