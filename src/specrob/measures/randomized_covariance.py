"""The leading eigenvalues of covariances too large for memory, from several passes.

Letters: ``B`` images, ``N`` units, ``K`` columns of the basis.

References
----------
.. [1] N. Halko, P. G. Martinsson and J. A. Tropp, "Finding structure with randomness", SIAM Review
   53, 2011, DOI 10.1137/090771806, algorithm 4.4.
"""

from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from specrob.distributed import SINGLE_PROCESS, Processes
from specrob.errors import MeasureError
from specrob.linalg import symmetric_eigenvalues, symmetric_eigenvectors
from specrob.measures.activation_sums import PROBES, ActivationSums, require_finite
from specrob.measures.covariance import Covariance
from specrob.measures.image_scales import ImageScales, image_scales, ridges_of

MAX_BYTES = 2**30  # bytes that activations or their products may take
MAX_PROBE_BYTES = 2**26  # bytes that the probes may take
RANKS, SPARE, PASSES = 500, 500, 4


class RandomizedEigenvalues(ActivationSums):
    """Randomized subspace iteration, [1]_, with one pass over the images a step.

    Memory is that of three (N, K) matrices in float64. The eigenvalues come from below: where the
    spectrum falls as 1/n, the last within 1%, the first half of them much nearer.

    Parameters
    ----------
    count : int
        Number of images.
    ranks : int
        Number of eigenvalues.
    spare : int
        Columns of the basis beyond them.
    passes : int
        At least 1.
    generator : torch.Generator
        On the CPU.

    Examples
    --------
    >>> x = torch.diag(torch.arange(1.0, 9)) + 5
    >>> generator = torch.Generator().manual_seed(0)
    >>> sums = RandomizedEigenvalues(8, ranks=2, spare=3, passes=9, generator=generator)
    >>> for _ in range(sums.passes):
    ...     sums.add_(x)
    >>> exact = Covariance(8)
    >>> exact.add_(x)
    >>> torch.allclose(sums.eigenvalues(), exact.eigenvalues()[:2])
    True
    """

    solver = "randomized"
    basis: Tensor  # (N, K), orthonormal
    products: Tensor  # (N, K), of the covariance with the basis

    def __init__(
        self,
        count: int,
        *,
        generator: torch.Generator,
        ranks: int = RANKS,
        spare: int = SPARE,
        passes: int = PASSES,
        processes: Processes = SINGLE_PROCESS,
    ):
        super().__init__(count, processes)
        self.ranks, self.columns = ranks, ranks + spare
        self.passes, self.generator = passes, generator

    def _allocate_(self, x: Tensor) -> None:
        """Draw the first basis."""
        shape = (x.shape[1], min(self.columns, x.shape[1], self.count))
        self._allocate_probes_(x, max(1, min(PROBES, MAX_PROBE_BYTES // (4 * x.shape[1]))))
        start = torch.randn(shape, generator=self.generator, dtype=torch.float64)
        self.basis = torch.linalg.qr(start.to(x.device)).Q

    def _add_(self, x: Tensor) -> None:
        """Add a batch; after `count` images the next pass begins."""
        self._clear_()
        centred = x.double() - self.shift
        self._add_moments_(centred)
        self._store_probes_(x, self.seen % self.count)
        self.products.addmm_(centred.T, centred @ self.basis)
        self._count_(len(x))

    @torch.no_grad()
    def skip_(self, images: int) -> None:
        """Skip images that another process adds."""
        self._clear_()
        self._count_(images)

    def _clear_(self) -> None:
        """Begin a pass with sums of 0."""
        if self.seen % self.count == 0:
            self.total, self.squares = torch.zeros_like(self.shift), torch.zeros_like(self.shift)
            self.products = torch.zeros_like(self.basis)
            self.probes.zero_()

    def _count_(self, images: int) -> None:
        """Count images; after the last of a pass, sum over processes and turn the basis."""
        self.seen += images
        if self.seen % self.count == 0:
            self._sum_moments_()
            self.products = self.processes.sum(self.products)
            self.probes = self.processes.sum(self.probes)
            self._turn_()

    def _turn_(self) -> None:
        """Subtract the mean, and turn the basis towards the leading eigenvectors."""
        require_finite(self.squares)
        mean = self.total / self.count
        self.products.addr_(mean, mean @ self.basis, alpha=-self.count)
        if self.seen < self.passes * self.count:
            self.basis = torch.linalg.qr(self.products).Q

    def eigenvalues(self, units: Tensor | None = None) -> Tensor:
        """Return the leading eigenvalues, (ranks,), float64, descending, activation squared."""
        if units is not None and len(units) < int(self.varying().sum()):
            raise MeasureError(
                f"expected all {len(self.shift)} units of a layer too large for memory, found "
                f"{len(units)}; drop `sizes` or lower `limit`"
            )
        self.require_whole()
        small = self.basis.T @ self.products / (self.count - 1)
        return symmetric_eigenvalues((small + small.T) / 2).clamp(min=0)[: self.ranks]

    def distances(self, ridges: Sequence[float]) -> Tensor:
        """Return ``x^T (C + ridge)^-1 x`` of centred probes, leading directions, (ridges, I)."""
        small = self.basis.T @ self.products / (self.count - 1)
        values, vectors = symmetric_eigenvectors((small + small.T) / 2)
        values, vectors = values[-self.ranks :], vectors[:, -self.ranks :]
        centred = self.probes.double() - self.shift - self.total / self.count
        squares = (centred @ (self.basis @ vectors)).square()
        return torch.stack([(squares / (values.clamp(min=0) + ridge)).sum(1) for ridge in ridges])

    def coordinates(self, units: Tensor | None = None) -> Tensor:
        """Raise MeasureError: the images are not stored."""
        raise MeasureError(
            f"expected at most {MAX_BYTES >> 20} MiB of activations to resample, found "
            f"{self.count} images of {len(self.shift)} units; lower `limit` or drop `bootstrap`"
        )


def accumulator(
    count: int,
    units: int,
    *,
    keep: bool,
    generator: torch.Generator,
    processes: Processes = SINGLE_PROCESS,
) -> ActivationSums:
    """Return empty sums for a layer: exact where they fit into `MAX_BYTES`, else randomized.

    Parameters
    ----------
    count, units : int
        Number of images and of units.
    keep : bool
        Whether images will be resampled.

    Examples
    --------
    >>> sizes = ((50_000, 2_000), (3_000, 65_536), (50_000, 65_536))
    >>> sums = [accumulator(*n, keep=False, generator=torch.Generator()) for n in sizes]
    >>> [type(one).__name__ for one in sums]
    ['Covariance', 'Covariance', 'RandomizedEigenvalues']
    """
    can_store = 4 * count * units <= MAX_BYTES and 8 * min(count, units) ** 2 <= MAX_BYTES
    can_sum = 8 * units**2 <= MAX_BYTES and not keep
    if can_sum or can_store:
        return Covariance(count, keep=None if can_sum else True, processes=processes)
    return RandomizedEigenvalues(count, generator=generator, processes=processes)


def scales_of(sums: ActivationSums, eigenvalues: Tensor | None = None) -> ImageScales:
    """Return the scales of images from their sums; eigenvalues, of all units, may be given.

    >>> sums = Covariance(4, keep=True)
    >>> sums.add_(torch.tensor([[2.0, 0.0], [-2.0, 0.0], [0.0, 1.0], [0.0, -1.0]]))
    >>> scales_of(sums).values
    array([1., 1., 1., 1.])
    """
    values = (sums.eigenvalues() if eigenvalues is None else eigenvalues).cpu().numpy()
    if (ridges := ridges_of(values)) is None:
        return ImageScales(np.ones(sums.count), 0.0)
    return image_scales(sums.distances(ridges).cpu().numpy(), values, sums.count)
