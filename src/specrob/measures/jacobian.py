"""How fast a representation changes with its input.

Letters: ``B`` images, ``N`` units, ``D`` pixels.
"""

from collections.abc import Callable

import torch
from torch import Tensor

ACTIVATIONS_PER_PIXEL = 8  # assumed of the widest layer, where one Jacobian is large


def jacobian(
    function: Callable[[Tensor], Tensor], image: Tensor, *, numbers: int = 2**25
) -> Tensor:
    """Return d function / d image, exactly, one reverse pass a unit.

    Parameters
    ----------
    function : callable, (B, ...) -> (B, N)
        Independent for each image, as networks in evaluation mode are.
    image : Tensor, (...)
    numbers : int
        Numbers in memory at a time.

    Returns
    -------
    Tensor, (N, D)

    Examples
    --------
    >>> jacobian(lambda x: x @ torch.tensor([[2.0], [3.0]]), torch.zeros(2))
    tensor([[2., 3.]])
    """
    with torch.no_grad():
        units = function(image[None]).numel()
    chunk = max(1, numbers // (units + image.numel()))
    single = torch.func.jacrev(lambda x: function(x[None])[0].flatten(), chunk_size=chunk)
    matrix: Tensor = single(image).flatten(1).detach()
    return matrix


def jacobian_norm(
    function: Callable[[Tensor], Tensor], images: Tensor, *, numbers: int = 2**25
) -> Tensor:
    """Return the Frobenius norm of d function / d image, exactly, one reverse pass a unit.

    Parameters
    ----------
    function : callable, (B, ...) -> (B, N)
        Independent for each image, as networks in evaluation mode are.
    images : Tensor, (B, ...)
    numbers : int
        Jacobian entries in memory at a time, N x D for each image. Of an image whose Jacobian has
        more, the units are differentiated in parts; the whole Jacobian is kept.

    Returns
    -------
    Tensor, (B,)

    Examples
    --------
    >>> jacobian_norm(lambda x: 2 * x, torch.zeros(3, 4))
    tensor([4., 4., 4.])
    """
    pixels = images[0].numel()
    with torch.no_grad():
        entries = function(images[:1]).numel() * pixels
    chunk = max(1, numbers // entries)
    units = max(1, numbers // (ACTIVATIONS_PER_PIXEL * pixels)) if entries > numbers else None
    single = torch.func.jacrev(lambda image: function(image[None])[0].flatten(), chunk_size=units)
    many = torch.func.vmap(single)
    norms = [many(part).flatten(1).norm(dim=1) for part in torch.split(images, chunk)]
    return torch.cat(norms).detach()
