"""What supervised training minimizes."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor, nn

from specrob.learning.penalties import Penalty

PerturbBatch = Callable[[nn.Module, Tensor, Tensor, Tensor, int], tuple[Tensor, Tensor]]


@dataclass(frozen=True)
class Objective:
    """What is minimized beside the cross entropy, and on which images.

    Parameters
    ----------
    perturb : callable (model, images, labels, rows, epoch) -> (images, correct), optional
        Adversarial training: what a batch becomes before the step, and which of its images, (B,),
        the model in evaluation mode gets right as they are: `train_accuracy` is of these, loss
        and penalties of the perturbed images. Rows are positions in the training set.
    covariances : callable (model, layers) -> dict of Tensor, (N, N), optional
        Covariances of layers over the whole training set, in evaluation mode, for penalties that
        are refreshed by them.
    """

    penalties: Mapping[str, Penalty] = field(default_factory=dict)
    perturb: PerturbBatch | None = None
    covariances: Callable[[nn.Module, Sequence[str]], Mapping[str, Tensor]] | None = None
