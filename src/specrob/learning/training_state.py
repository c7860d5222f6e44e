"""The history of supervised training, and the state from which it can be resumed.

Letters: ``B`` images, ``N`` units of a layer, ``D`` pixels.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Self

from torch import Tensor

from specrob.settings.optimization import StoppingSettings

WEIGHTS, OPTIMIZER, PENALTIES = "weights.", "optimizer.", "vectors."


@dataclass(frozen=True)
class History:
    """What is recorded after every epoch.

    Parameters
    ----------
    loss : list of float
        Mean cross entropy over the batches of the epoch; of the perturbed images, where training
        is adversarial.
    train_accuracy : list of float, 0 to 1
        Over the batches, while the weights changed; of the images as they are.
    penalties : dict of str to list of float
        Mean of each penalty.
    observed : dict of str to list of float or None
        Values that `observe` returned, and where training is adversarial
        `robust_train_accuracy`, that on the perturbed images of each step.
    """

    loss: list[float]
    train_accuracy: list[float]
    penalties: dict[str, list[float]]
    observed: dict[str, list[float | None]]

    def add_(self, means: list[float], observed: Mapping[str, float | None]) -> None:
        """Add an epoch: mean loss, accuracy and penalties, and what was observed after it."""
        loss, accuracy, *penalties = means
        self.loss.append(loss)
        self.train_accuracy.append(accuracy)
        for values, mean in zip(self.penalties.values(), penalties, strict=True):
            values.append(mean)
        for name, value in observed.items():
            self.observed.setdefault(name, []).append(value)

    def has_reached(self, level: StoppingSettings | None) -> bool:
        """Return whether the last epoch reached a level; no level is never reached.

        >>> history = History([0.2], [0.95], {}, {})
        >>> history.has_reached(StoppingSettings("train_accuracy", 0.9)), history.has_reached(None)
        (True, False)
        """
        if level is None or not self.loss:
            return False
        return level.is_met(loss=self.loss[-1], accuracy=self.train_accuracy[-1])

    def latest(self) -> dict[str, float]:
        """Return the numbers of the last epoch that are known, the penalties by their names.

        >>> History([0.5], [0.9], {"l2": [0.1]}, {"test_accuracy": [0.8]}).latest()
        {'loss': 0.5, 'train_accuracy': 0.9, 'test_accuracy': 0.8, 'l2': 0.1}
        """
        own = {"loss": self.loss, "train_accuracy": self.train_accuracy}
        last = {
            name: values[-1] for name, values in (own | self.observed | self.penalties).items()
        }
        return {name: value for name, value in last.items() if value is not None}


@dataclass(frozen=True)
class TrainingFacts:
    """The facts of a state, as a checkpoint holds them."""

    epoch: int
    steps: int
    history: History


@dataclass
class TrainingState:
    """Everything that the next epoch depends on.

    Parameters
    ----------
    epoch : int
        Number of epochs that are done.
    optimizer : dict of int to dict of str to Tensor
        The optimizer's moments and steps, by parameter.
    order : Tensor, uint8
        State of the generator that orders the images.
    penalties : dict of str to Tensor
        States of the penalties, by ``penalty/name``.
    """

    epoch: int
    history: History
    weights: dict[str, Tensor]
    optimizer: dict[int, dict[str, Tensor]]
    order: Tensor
    steps: int
    penalties: dict[str, Tensor]

    def to_arrays(self) -> tuple[dict[str, Tensor], dict[str, Any]]:
        """Return the tensors by name, and the facts beside them, for a checkpoint."""
        arrays = {WEIGHTS + name: values for name, values in self.weights.items()}
        arrays |= {PENALTIES + name: values for name, values in self.penalties.items()}
        for parameter, moments in self.optimizer.items():
            arrays |= {f"{OPTIMIZER}{parameter}.{name}": m for name, m in moments.items()}
        facts = asdict(TrainingFacts(self.epoch, self.steps, self.history))
        return arrays | {"order": self.order}, facts

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, Tensor], facts: Mapping[str, Any]) -> Self:
        """Return the state of what `to_arrays` returned.

        >>> import torch
        >>> state = TrainingState(1, History([], [], {}, {}), {}, {}, torch.zeros(2), 5, {})
        >>> TrainingState.from_arrays(*state.to_arrays()).steps
        5
        """
        optimizer: dict[int, dict[str, Tensor]] = {}
        for name, values in _below(arrays, OPTIMIZER).items():
            parameter, _, moment = name.partition(".")
            optimizer.setdefault(int(parameter), {})[moment] = values
        return cls(
            epoch=facts["epoch"],
            history=History(**facts["history"]),
            weights=_below(arrays, WEIGHTS),
            optimizer=optimizer,
            order=arrays["order"].cpu(),
            steps=facts["steps"],
            penalties=_below(arrays, PENALTIES),
        )


def _below(arrays: Mapping[str, Tensor], start: str) -> dict[str, Tensor]:
    return {n.removeprefix(start): a for n, a in arrays.items() if n.startswith(start)}
