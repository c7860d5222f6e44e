"""How the eigenvalues of a representation change with the pixels of one image.

Letters: ``B`` images, ``N`` units, ``R`` ranks.

References
----------
.. [1] J. Nassar et al., "On 1/n neural representation and robustness", arXiv:2012.04729, eq. 9.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def eigenvalue_gradient(
    layer: Callable[[Tensor], Tensor],
    images: Tensor,
    *,
    mean: Tensor,
    directions: Tensor,
    n_images: int,
) -> Tensor:
    """Return d lambda_n / d x for some of the images of a covariance, eq. 9 of [1]_.

    ``d lambda_n / d x_b = 2 / (n_images - 1) (v_n . (h_b - mean)) J_b^T v_n``: eigenvectors do
    not move to first order, and what an image does to the mean cancels.

    Parameters
    ----------
    layer : callable, (B, ...) -> (B, N)
    images : Tensor, (B, ...)
    mean : Tensor, (N,)
        Mean activations over all images.
    directions : Tensor, (N, R)
        Unit eigenvectors of the covariance over all images.
    n_images : int
        Number of all images.

    Returns
    -------
    Tensor, (R, B, ...)

    Examples
    --------
    >>> x = torch.tensor([[1.0, 0.0], [-1.0, 0.0]])  # lambda_1 = (x_1 - x_2)^2 / 2
    >>> mean, axis = torch.zeros(2), torch.tensor([[1.0], [0.0]])
    >>> eigenvalue_gradient(lambda x: x, x, mean=mean, directions=axis, n_images=2)[0]
    tensor([[ 2.,  0.],
            [-2., -0.]])
    """
    x = images.detach().requires_grad_()
    with torch.enable_grad():
        scores = (layer(x) - mean) @ directions
        variances = scores.square().sum(0) / (n_images - 1)
        grads = [torch.autograd.grad(v, x, retain_graph=True)[0] for v in variances]
    return torch.stack(grads)
