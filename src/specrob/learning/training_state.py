"""What supervised training is given, what it remembers, and what it could go on from.

Letters: ``B`` images, ``N`` units of a layer, ``D`` pixels.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field

from torch import Tensor, nn

from specrob.learning.penalties import Answer, Penalty
from specrob.learning.schedules import constant
from specrob.models.layers import PointwiseMap

Perturb = Callable[[nn.Module, Tensor, Tensor, Tensor], Tensor]
Maps = Callable[[nn.Module, Sequence[str]], Mapping[str, PointwiseMap]]


@dataclass(frozen=True)
class TrainingPlan:
    """How a network is trained.

    Parameters
    ----------
    epochs, batch_size : int
    rate : float
        First learning rate of Adam.
    schedule : callable (epoch, epochs) -> float
        Factor on the rate.
    penalties : mapping of str to Penalty
    perturb : callable (model, images, labels, rows) -> images, optional
        Adversarial training: what a batch becomes before the step; rows are its places.
    """

    epochs: int
    batch_size: int = 1000
    rate: float = 1e-3
    schedule: Callable[[int, int], float] = constant
    penalties: Mapping[str, Penalty] = field(default_factory=dict)
    perturb: Perturb | None = None


@dataclass(frozen=True)
class LayerAccess:
    """How penalties reach into a network of any kind.

    Parameters
    ----------
    answer : callable (model, images, layers) -> mapping of str to Tensor, (B, N)
        Activations of layers by name, ``logits`` among them.
    maps : callable (model, layers) -> mapping of str to PointwiseMap
        Of those layers that have one.
    covariance : callable (model, layer) -> Tensor, (N, N), optional
        Of a layer over the whole training set, in evaluation mode.
    """

    answer: Answer = lambda model, images, layers: {"logits": model(images)}
    maps: Maps = lambda model, layers: {}
    covariance: Callable[[nn.Module, str], Tensor] | None = None


@dataclass(frozen=True)
class History:
    """What training saw, by epoch.

    Parameters
    ----------
    loss : list of float
        Mean cross entropy over the batches of the epoch.
    train_accuracy : list of float, 0 to 1
        Over the batches, while the weights changed.
    penalties : dict of str to list of float
        Mean of each penalty.
    observed : dict of str to list of float
        What `observe` returned.
    """

    loss: list[float]
    train_accuracy: list[float]
    penalties: dict[str, list[float]]
    observed: dict[str, list[float]]


@dataclass
class TrainingState:
    """Everything that the next epoch depends on.

    Parameters
    ----------
    epoch : int
        Epochs done.
    history : History
    weights : dict of str to Tensor
    optimizer : dict of int to dict of str to Tensor
        Adam's moments and steps, by parameter.
    order : Tensor, uint8
        State of the generator.
    steps : int
    vectors : dict of str to Tensor
        Eigenvectors that spectral penalties keep, by ``penalty/layer``.
    """

    epoch: int
    history: History
    weights: dict[str, Tensor]
    optimizer: dict[int, dict[str, Tensor]]
    order: Tensor
    steps: int
    vectors: dict[str, Tensor]
