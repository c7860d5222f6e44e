"""How fast a representation changes with its input.

Letters: ``B`` images, ``N`` units, ``D`` pixels.
"""

from collections.abc import Callable

import torch
from torch import Tensor


def jacobian_norm(
    function: Callable[[Tensor], Tensor], images: Tensor, *, chunk: int = 32
) -> Tensor:
    """Return the Frobenius norm of d function / d image, exactly, one reverse pass a unit.

    Parameters
    ----------
    function : callable, (B, ...) -> (B, N)
        Treats every image alone, as networks in evaluation mode do.
    images : Tensor, (B, ...)
    chunk : int
        Images whose Jacobians are held at a time, N x D numbers each.

    Returns
    -------
    Tensor, (B,)

    Examples
    --------
    >>> jacobian_norm(lambda x: 2 * x, torch.zeros(3, 4))
    tensor([4., 4., 4.])
    """
    single = torch.func.jacrev(lambda image: function(image[None])[0].flatten())
    parts = [torch.func.vmap(single)(part).flatten(1).norm(dim=1) for part in images.split(chunk)]
    return torch.cat(parts).detach()
