"""Weight decay as a penalty: ``c * sum of squares of all trained parameters``.

References
----------
.. [1] "Exploring mechanisms of neural robustness", arXiv:2405.00679: c = 5e-4.
"""

from dataclasses import dataclass

import torch
from torch import Tensor

from specrob.learning.penalties.penalty import Batch, Penalty


@dataclass(frozen=True)
class L2(Penalty):
    """The sum of squares of all parameters that are trained.

    >>> L2(-1)
    Traceback (most recent call last):
    specrob.errors.UsageError: `coefficient`: expected a number of at least 0, found -1
    """

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty; frozen parameters do not count."""
        trained = [w for w in batch.model.parameters() if w.requires_grad]
        return self.coefficient * torch.stack([w.square().sum() for w in trained]).sum()
