"""Statistics that layers keep for evaluation, renewed over a whole training set.

Letters: ``N`` units.
"""

from collections.abc import Iterable

import torch
from torch import Tensor, nn


@torch.no_grad()
def recalibrate_batch_norm_(model: nn.Module, batches: Iterable[Tensor]) -> None:
    """Replace the running statistics of batch norm by those of one pass, each batch alike.

    >>> norm = nn.BatchNorm1d(1)
    >>> recalibrate_batch_norm_(norm, [torch.tensor([[1.0], [3.0]])])
    >>> norm.running_mean, norm.training
    (tensor([2.]), False)
    """
    norms = [m for m in model.modules() if isinstance(m, nn.modules.batchnorm._BatchNorm)]
    momenta = [norm.momentum for norm in norms]
    for norm in norms:
        norm.reset_running_stats()
        norm.momentum = None  # the plain mean over batches
    model.train()
    for batch in batches if norms else ():
        model(batch)
    model.eval()
    for norm, momentum in zip(norms, momenta, strict=True):
        norm.momentum = momentum
