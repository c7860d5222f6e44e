"""Which optimizer takes the steps of training, and when training ends early."""

from dataclasses import dataclass
from typing import Annotated, Literal, Self, get_args

from specrob import grammar
from specrob.errors import UsageError
from specrob.settings.flag import Flag, Settings

OptimizerName = Literal["adam", "amsgrad", "sgd"]
Criterion = Literal["train_accuracy", "train_loss"]


@dataclass(frozen=True)
class OptimizerSettings(Settings):
    """An optimizer with PyTorch's defaults, but for the momentum of stochastic gradient descent.

    >>> OptimizerSettings.parse("sgd:0.9")
    OptimizerSettings(name='sgd', momentum=0.9)
    """

    name: OptimizerName = "adam"
    momentum: Annotated[float, Flag("Momentum of sgd.", low=0, high=1)] = 0.0

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the optimizer of ``adam``, ``amsgrad``, ``sgd`` or ``sgd:MOMENTUM``."""
        word, colon, momentum = text.partition(":")
        names: tuple[OptimizerName, ...] = get_args(OptimizerName)
        name = next((one for one in names if one == word), None)
        if name is None or (colon and name != "sgd"):
            raise UsageError(f"expected {', '.join(names)} or sgd:MOMENTUM, found `{text}`")
        return cls(name, grammar.parse_number(momentum) if colon else 0.0)


@dataclass(frozen=True)
class StoppingSettings(Settings):
    """A level of the training accuracy or the training loss at which training ends.

    Accuracy and loss are those of the history: means over the batches of an epoch, while the
    weights changed. In adversarial training the loss is that of the perturbed images, which is
    minimized, and the accuracy that of the images as they are.

    >>> StoppingSettings.parse("train_loss=0.1").is_met(loss=0.09, accuracy=0.5)
    True
    """

    criterion: Criterion
    level: Annotated[float, Flag("Level to reach.", low=0)]

    @classmethod
    def parse(cls, text: str) -> Self:
        """Return the level of ``train_accuracy=X`` or ``train_loss=X``."""
        word, _, level = text.partition("=")
        criteria: tuple[Criterion, ...] = get_args(Criterion)
        criterion = next((one for one in criteria if one == word), None)
        if criterion is None or not level:
            raise UsageError(f"expected train_accuracy=X or train_loss=X, found `{text}`")
        stopping = cls(criterion, grammar.parse_not_negative(level))
        if criterion == "train_accuracy" and stopping.level > 1:
            raise UsageError(f"expected an accuracy up to 1, found `{text}`")
        return stopping

    def is_met(self, *, loss: float, accuracy: float) -> bool:
        """Return whether an epoch with this mean loss and accuracy was the last that is needed."""
        return accuracy >= self.level if self.criterion == "train_accuracy" else loss <= self.level

    def __str__(self) -> str:
        return f"{self.criterion}={self.level:g}"
