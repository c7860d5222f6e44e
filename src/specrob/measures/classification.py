"""The class that a network predicts, and how often it is right.

Letters: ``B`` images, ``C`` classes.
"""

from collections.abc import Callable, Iterable

import torch
from torch import Tensor


@torch.no_grad()
def predict(
    model: Callable[[Tensor], Tensor], images: Tensor, *, batch_size: int = 1000
) -> Tensor:
    """Return the class of the largest logit of every image, (B,); ties go to the lowest.

    >>> predict(lambda x: x, torch.tensor([[0.0, 1.0], [3.0, 2.0]]))
    tensor([1, 0])
    """
    return torch.cat([model(part).argmax(1) for part in torch.split(images, batch_size)])


@torch.no_grad()
def accuracy(
    model: Callable[[Tensor], Tensor], batches: Iterable[Tensor], labels: Tensor
) -> float:
    """Return the share of images, given in batches, that are classified correctly, 0 to 1.

    >>> accuracy(lambda x: x, torch.eye(2).split(1), torch.tensor([0, 0]))
    0.5
    """
    correct = seen = 0
    for batch in batches:
        predicted = model(batch).argmax(1)
        correct += int((predicted == labels[seen : seen + len(batch)]).sum())
        seen += len(batch)
    return correct / len(labels)
