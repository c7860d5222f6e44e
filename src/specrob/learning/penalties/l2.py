"""Weight decay as a penalty: ``c * sum of squares of all trained parameters``.

References
----------
.. [1] "Exploring mechanisms of neural robustness", arXiv:2405.00679: c = 5e-4.
"""

import torch
from torch import Tensor

from specrob.learning.penalties.batch import Batch, Plain, coefficient_of


class L2(Plain):
    """The penalty with a coefficient, 0 or more.

    >>> L2(-1)
    Traceback (most recent call last):
    ValueError: a coefficient of at least 0, not -1
    """

    def __init__(self, coefficient: float):
        self.coefficient = coefficient_of(coefficient)

    def __call__(self, batch: Batch) -> Tensor:
        """Return the penalty; parameters that are frozen do not count."""
        trained = [w for w in batch.model.parameters() if w.requires_grad]
        return self.coefficient * torch.stack([w.square().sum() for w in trained]).sum()
