"""How a classifier is built and trained by gradients."""

from dataclasses import dataclass
from typing import Annotated, Literal

from specrob import grammar
from specrob.registry import ARCHITECTURES, ATTACKS, PENALTIES
from specrob.settings.flag import Flag, Settings

Activation = Literal["relu", "tanh", "sigmoid"]
Schedule = Literal["constant", "cosine", "exponential", "paper-a", "paper-a-spectral"]


@dataclass(frozen=True)
class ArchitectureSettings(Settings):
    """Which network is trained; None takes the architecture's own default."""

    arch: Annotated[
        str | None,
        Flag(
            "New network to train: {trainable}, torchvision:NAME or package.module:factory.",
            metavar="NAME[,KEY=VALUE]",
            complete=lambda: ARCHITECTURES.names("trainable"),
        ),
    ] = None
    hidden: Annotated[
        tuple[int, ...] | None,
        Flag(
            "Units of the hidden layer of shlp (default: 2000), or of each layer of mlp "
            "(default: 1000,1000,1000).",
            metavar="N,...",
            parse=grammar.parse_counts,
        ),
    ] = None
    activation: Annotated[
        Activation | None,
        Flag("Non-linearity of mlp, cnn-b and cnn-d. (default: relu; tanh for cnn-b)"),
    ] = None
    whiten: Annotated[
        str | None, Flag("Whiten the activations after this layer.", metavar="LAYER")
    ] = None
    power: Annotated[
        float | None,
        Flag("Exponent m of relu(h)^m. (default: 4.5 above a kh layer, 1 for shlp)", low=1),
    ] = None
    batch_norm: Annotated[
        bool, Flag("Add batch normalization after the non-linearity.", name="--batch-norm")
    ] = False


@dataclass(frozen=True)
class TrainingSettings(Settings):
    """How a network is trained by gradients."""

    penalty: Annotated[
        tuple[str, ...],
        Flag(
            "Term added to the loss, with its coefficient and options: {penalties}. Repeatable: "
            "l2=5e-4, jacobian=0.01,of=loss, spectral=2.",
            metavar="NAME=C[,KEY=VALUE]",
            complete=lambda: [f"{name}=" for name in PENALTIES.names()],
            repeat=True,
        ),
    ] = ()
    adversarial: Annotated[
        str | None,
        Flag(
            "Train on perturbed images: an attack with its radius and options, for instance "
            "pgd,eps=8/255,steps=7.",
            metavar="METHOD,eps=X[,KEY=VALUE]",
            complete=lambda: [f"{name},eps=" for name in ATTACKS.names("training")],
        ),
    ] = None
    epochs: Annotated[int, Flag("Passes over the training images.", low=0)] = 200
    lr: Annotated[
        float,
        Flag(
            "Initial learning rate of Adam.",
            metavar="X",
            parse=grammar.parse_positive,
            above=0,
        ),
    ] = 1e-3
    schedule: Annotated[
        Schedule | None,
        Flag("Schedule of the learning rate. (default: paper-a for shlp, else constant)"),
    ] = None
