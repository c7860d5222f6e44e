"""Norms, powers and eigenvalues of tensors.

Letters: ``B`` images or samples, ``N`` units, ``D`` pixels.
"""

import torch
from torch import Tensor


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

    >>> symmetric_eigenvalues(torch.diag(torch.tensor([1.0, 3.0, 2.0])))
    tensor([3., 2., 1.])
    """
    ascending: Tensor = torch.linalg.eigvalsh(matrix)
    return ascending.flip(0)


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
