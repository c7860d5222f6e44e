"""The covariance of a layer's activations from batches, and its eigenvalues.

Letters: ``B`` images, ``N`` units.
"""

from collections.abc import Sequence

import torch
from torch import Tensor

from specrob.distributed import SINGLE_PROCESS, Processes
from specrob.errors import MeasureError
from specrob.linalg import add_products_, symmetric_eigenvalues, symmetric_eigenvectors
from specrob.measures.activation_sums import PROBES, ActivationSums
from specrob.measures.power_law import numerical_rank

BLOCK = 2**25  # float64 numbers of a batch that are summed at a time
COLUMNS = 4096  # units of a Gram matrix that are multiplied at a time


class Covariance(ActivationSums):
    """Sums over batches, from which the eigenvalues of any subset of the units follow.

    One pass, shifted by the first batch's mean. Where there are fewer images than units the
    activations are stored instead, and their Gram matrix gives the same eigenvalues.

    Parameters
    ----------
    count : int
        Number of images.
    keep : bool, optional
        Whether activations are stored: by default where images are fewer than units. Resampling
        needs them, `covariance` needs the sums.
    dtype : torch.dtype
        Precision of the products of a batch, which are summed over batches in float64.

    Examples
    --------
    >>> sums = Covariance(4)
    >>> sums.add_(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]))
    >>> sums.add_(torch.tensor([[0.0, 3.0], [0.0, -3.0]]))
    >>> sums.eigenvalues()
    tensor([6.0000, 0.6667], dtype=torch.float64)
    >>> sums.eigenvalues(torch.tensor([0]))  # of the first unit alone
    tensor([0.6667], dtype=torch.float64)
    """

    passes = 1
    activations: Tensor  # (B, N), if stored
    products: Tensor  # (N, N), otherwise

    def __init__(
        self,
        count: int,
        *,
        keep: bool | None = None,
        dtype: torch.dtype = torch.float64,
        processes: Processes = SINGLE_PROCESS,
    ):
        if count < 2:
            raise MeasureError(
                f"expected at least 2 images for a covariance, found {count}; use more images"
            )
        super().__init__(count, processes)
        self.keep, self.dtype = keep, dtype

    @property
    def solver(self) -> str:
        """Which matrix is solved: that of units, or the Gram matrix of images."""
        return "gram" if self.keep and self.count <= len(self.shift) else "covariance"

    def _allocate_(self, x: Tensor) -> None:
        units = x.shape[1]
        self.keep = self.count <= units if self.keep is None else self.keep
        if self.keep:
            self.activations = x.new_zeros(self.count, units)
        else:
            self.products = self.total.new_zeros(units, units)
            self._allocate_probes_(x, PROBES)

    def _add_(self, x: Tensor) -> None:
        for part in torch.split(x, max(1, BLOCK // x.shape[1])):
            centred = part.to(self.dtype) - self.shift
            self._add_moments_(centred)
            if self.keep:
                self.activations[self.seen : self.seen + len(part)] = part
            else:
                add_products_(self.products, centred)
                self._store_probes_(part, self.seen)
            self.skip_(len(part))

    def skip_(self, images: int) -> None:
        """Skip images that another process adds; after the last, sum over processes."""
        self.seen += images
        if self.seen != self.count:
            return
        self._sum_moments_()
        if self.keep:
            self.activations = self.processes.sum(self.activations)
        else:
            self.products = self.processes.sum(self.products)
            self.probes = self.processes.sum(self.probes)

    def eigenvalues(self, units: Tensor | None = None) -> Tensor:
        """Return eigenvalues over some units, (min(units, images),), descending, float64.

        Raises
        ------
        MeasureError
            If images are missing, or an activation is not finite.
        """
        self.require_whole()
        return symmetric_eigenvalues(self._moments(units)).clamp(min=0)

    def distances(self, ridges: Sequence[float]) -> Tensor:
        """Return ``x^T (C + ridge)^-1 x`` of all centred images or the probes, (ridges, I).

        >>> sums = Covariance(2)
        >>> sums.add_(torch.tensor([[1.0, 0.0], [-1.0, 0.0]]))
        >>> sums.distances([2.0])  # the variance is 2
        tensor([[0.2500, 0.2500]], dtype=torch.float64)
        """
        return torch.stack([self._distances(ridge) for ridge in ridges])

    def _distances(self, ridge: float) -> Tensor:
        moments = self._moments()
        moments.diagonal().add_(ridge)
        factor = torch.linalg.cholesky(moments)
        if self.keep and self.count < len(self.shift):  # the Gram matrix
            inverse = torch.cholesky_inverse(factor)
            return (self.count - 1) * (1 - ridge * inverse.diagonal())
        images = self.activations if self.keep else self.probes
        solutions = [
            torch.linalg.solve_triangular(factor, (x.double() - self.mean).T, upper=False)
            for x in torch.split(images, PROBES)
        ]
        return torch.cat([y.square().sum(0) for y in solutions])

    def covariance(self) -> Tensor:
        """Return the covariance of all units, (N, N), float64; needs ``keep=False``.

        >>> sums = Covariance(2, keep=False)
        >>> sums.add_(torch.tensor([[1.0, 2.0], [-1.0, -2.0]]))
        >>> sums.covariance()
        tensor([[2., 4.],
                [4., 8.]], dtype=torch.float64)
        """
        return self._moments()

    def coordinates(self, units: Tensor | None = None) -> Tensor:
        """Return centred images, (B, min(units, B)), float64, whose inner products are the same.

        Needs stored activations.

        >>> sums = Covariance(2, keep=True)
        >>> sums.add_(torch.tensor([[1.0], [3.0]]))
        >>> sums.coordinates()
        tensor([[-1.],
                [ 1.]], dtype=torch.float64)
        """
        self.require_whole()
        chosen = self._chosen(units)
        if self.count >= len(chosen):
            return self._centred(chosen)
        values, vectors = symmetric_eigenvectors(self._moments(chosen) * (self.count - 1))
        coordinates: Tensor = vectors * values.clamp(min=0).sqrt()
        return coordinates

    def eigenvectors(self, ranks: Sequence[int]) -> Tensor:
        """Return unit eigenvectors of 1-based ranks, (N, ranks), float64; their signs are free.

        Raises
        ------
        MeasureError
            If an activation is not finite, or a rank has no variance.

        Examples
        --------
        >>> sums = Covariance(2, keep=False)
        >>> sums.add_(torch.tensor([[0.0, 2.0], [0.0, -2.0]]))
        >>> sums.eigenvectors([1]).abs().flatten().tolist()
        [0.0, 1.0]
        """
        self.require_whole()
        values, vectors = symmetric_eigenvectors(self._moments())
        values, columns = values.flip(0), [len(values) - rank for rank in ranks]
        if max(ranks) > (rank := numerical_rank(values.cpu().numpy())):
            raise MeasureError(
                f"expected ranks up to {rank}, the eigenvalues above round-off, "
                f"found {max(ranks)}; change `ranks`"
            )
        eigenvectors: Tensor = vectors[:, columns]
        if self.keep and self.count < len(self.shift):  # from those of the Gram matrix
            parts = torch.split(self._chosen(), COLUMNS)
            eigenvectors = torch.cat([self._centred(part).T @ eigenvectors for part in parts])
            eigenvectors /= eigenvectors.norm(dim=0)
        return eigenvectors

    def _chosen(self, units: Tensor | None = None) -> Tensor:
        return torch.arange(len(self.shift), device=self.shift.device) if units is None else units

    def _centred(self, units: Tensor) -> Tensor:
        return self.activations[:, units].double() - self.mean[units]

    def _moments(self, units: Tensor | None = None) -> Tensor:
        """Return the covariance of the units, or the Gram matrix where images are fewer."""
        units = self._chosen(units)
        if not self.keep:
            mean = self.total[units] / self.count
            whole = len(units) == len(self.shift)
            products = self.products if whole else self.products[units][:, units]
            return products.addr(mean, mean, alpha=-self.count).div_(self.count - 1)
        if self.count >= len(units):
            x = self._centred(units)
            return (x.T @ x).div_(self.count - 1)
        gram = self.total.new_zeros(self.count, self.count)
        for part in torch.split(units, COLUMNS):
            x = self._centred(part)
            gram.addmm_(x, x.T)
        return gram.div_(self.count - 1)
