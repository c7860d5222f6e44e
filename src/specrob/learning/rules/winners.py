"""Which hidden units win an image, and which come k-th.

Letters: ``B`` images, ``D`` pixels, ``N`` hidden units.
"""

import torch
from torch import Tensor

from specrob.devices import product_dtype
from specrob.distributed import BatchShard, Processes
from specrob.linalg import signed_power


def find_winners(
    images: Tensor, weight: Tensor, *, k: int, dtype: torch.dtype, processes: Processes
) -> Tensor:
    """Return for every image the units that `ranked` finds, (2, B), or (1, B) with k = 1.

    Processes share the product and exchange what it finds, 16 bytes an image.

    >>> weight = winning_weight(torch.tensor([[1.0], [3.0], [2.0]]), 3, torch.float32)
    >>> find_winners(torch.ones(1, 1), weight, k=2, dtype=torch.float32, processes=Processes())
    tensor([[1],
            [2]])
    """
    share = BatchShard(processes, len(images))
    h = _rounded(images[share.rows], dtype) @ weight.T
    return share.gather(torch.stack(ranked(h.to(dtype), k), 1)).T


def winning_weight(synapses: Tensor, p: float, dtype: torch.dtype) -> Tensor:
    """Return ``S |S|^(p-2)``, (N, D), as the product that finds winners takes it."""
    return _rounded(signed_power(synapses, p - 1), dtype)


def _rounded(values: Tensor, dtype: torch.dtype) -> Tensor:
    return values.to(dtype).to(product_dtype(dtype, values.device))


def ranked(h: Tensor, k: int) -> tuple[Tensor, ...]:
    """Return the units with the largest and the k-th largest input, ties to the lowest index.

    Overwrites `h`, (B, N). With k = 1 eq. (5) leaves no unit to inhibit: only the first returns.

    >>> ranked(torch.tensor([[1.0, 3.0, 3.0]]), 2)
    (tensor([1]), tensor([2]))
    """
    if k > 2:
        order = h.sort(dim=1, descending=True, stable=True).indices
        return order[:, 0], order[:, k - 1]
    winner = h.max(1).indices
    return (winner, h.scatter_(1, winner[:, None], -torch.inf).max(1).indices)[:k]
