"""Norms, powers and eigenvalues of tensors.

Letters: ``B`` images or samples, ``N`` units, ``D`` pixels.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import torch
from torch import Tensor
from torch.linalg import LinAlgError  # type: ignore[attr-defined]

from specrob.errors import MeasureError


def per_image(values: Tensor, like: Tensor) -> Tensor:
    """Return (B, ...) values with as many axes as `like`, (B, ...), to broadcast over its images.

    >>> per_image(torch.ones(2), torch.zeros(2, 3, 4, 4)).shape
    torch.Size([2, 1, 1, 1])
    """
    return values.reshape(*values.shape, *[1] * (like.ndim - values.ndim))


def lp_norms(images: Tensor, p: float = 2.0) -> Tensor:
    """Return the p-norm of every image.

    Parameters
    ----------
    images : Tensor, (B, ...)
    p : float, 1 or more, may be inf

    Returns
    -------
    Tensor, (B,)

    Examples
    --------
    >>> x = torch.tensor([[3.0, -4.0]])
    >>> lp_norms(x), lp_norms(x, torch.inf)
    (tensor([5.]), tensor([4.]))
    """
    norms: Tensor = torch.linalg.vector_norm(images.flatten(1), ord=p, dim=1)
    return norms


def signed_power(values: Tensor, exponent: float) -> Tensor:
    """Return ``sign(x) |x|^exponent``, without a power where a product will do.

    >>> signed_power(torch.tensor([-3.0, 2.0]), 2)
    tensor([-9.,  4.])
    """
    if exponent == 1:
        return values
    if exponent == 2:
        return values * values.abs()
    return values.sign() * values.abs().pow(exponent)


def symmetric_eigenvalues(matrix: Tensor) -> Tensor:
    """Return the eigenvalues of a symmetric matrix, (N, N), in descending order, (N,).

    Raises
    ------
    MeasureError
        If they cannot be found, of entries that are not finite or differ too much in size.

    Examples
    --------
    >>> symmetric_eigenvalues(torch.diag(torch.tensor([1.0, 3.0, 2.0])))
    tensor([3., 2., 1.])
    """
    with _with_eigenvalues():
        ascending: Tensor = torch.linalg.eigvalsh(matrix)
    return ascending.flip(0)


def symmetric_eigenvectors(matrix: Tensor) -> tuple[Tensor, Tensor]:
    """Return eigenvalues, (N,), in ascending order, and eigenvectors, (N, N), as columns.

    Raises
    ------
    MeasureError
        If they cannot be found.

    Examples
    --------
    >>> values, vectors = symmetric_eigenvectors(torch.diag(torch.tensor([3.0, 1.0])))
    >>> values, vectors.abs()
    (tensor([1., 3.]), tensor([[0., 1.],
            [1., 0.]]))
    """
    with _with_eigenvalues():
        values, vectors = torch.linalg.eigh(matrix)
    return values, vectors


@contextmanager
def _with_eigenvalues() -> Iterator[None]:
    try:
        yield
    except LinAlgError as error:
        raise MeasureError(
            "expected a matrix that has eigenvalues in floating-point numbers, found one of "
            "entries that are too large, too small or not finite; look at the weights and images"
        ) from error


def add_products_(sums: Tensor, x: Tensor) -> None:
    """Add ``x^T x`` of rows x, (B, N), in their precision, to sums, (N, N), in theirs.

    >>> sums = torch.zeros(2, 2, dtype=torch.float64)
    >>> add_products_(sums, torch.tensor([[1.0, 2.0]]))
    >>> sums.tolist()
    [[1.0, 2.0], [2.0, 4.0]]
    """
    if x.dtype is sums.dtype:
        sums.addmm_(x.T, x)
    else:
        sums += x.T @ x


def steepest_first(
    slope: Tensor, low: Tensor, high: Tensor, total: Tensor, *, of_rise: bool = False
) -> Tensor:
    """Return steps, (B, D), that move pixels as far as they can, the steepest first.

    They end where their length in L1, or the rise of a linear function, is the total: of all steps
    of that length within the bounds they rise most, of all with that rise they are the shortest.

    Parameters
    ----------
    slope : Tensor, (B, D)
        Of the linear function.
    low, high : Tensor, (B, D)
        The lowest and the highest change of each pixel, which may be infinite.
    total : Tensor, (B,)
    of_rise : bool
        Whether the total is one of the rise.

    Examples
    --------
    >>> slope, low, high = torch.tensor([[1.0, -3.0]]), -torch.ones(1, 2), torch.ones(1, 2)
    >>> steepest_first(slope, low, high, torch.tensor([1.5]))
    tensor([[ 0.5000, -1.0000]])
    >>> steepest_first(slope, low, high, torch.tensor([3.5]), of_rise=True)
    tensor([[ 0.5000, -1.0000]])
    """
    steep, order = slope.abs().sort(1, descending=True)
    room = torch.where(slope > 0, high, -low).gather(1, order)
    room = torch.where(steep > 0, room, 0)
    rate = steep if of_rise else torch.ones_like(steep)
    before = torch.nn.functional.pad((rate * room).nan_to_num(0, torch.inf).cumsum(1), (1, -1))
    wanted = ((total[:, None] - before) / rate.clamp(min=1e-30)).clamp(min=0)
    taken = torch.minimum(wanted, room)
    return slope.sign() * torch.zeros_like(slope).scatter(1, order, taken)
