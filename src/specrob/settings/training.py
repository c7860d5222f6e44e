"""How a classifier is built and trained by gradients."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from specrob import grammar
from specrob.registry import ARCHITECTURES, ATTACKS, PENALTIES, SCHEDULES, nearest
from specrob.settings.adversarial import AdversarialSettings
from specrob.settings.flag import Flag, Settings, positive
from specrob.settings.optimization import OptimizerSettings, StoppingSettings
from specrob.settings.run import Precision

Activation = Literal["relu", "tanh", "sigmoid"]


def parse_architecture_name(text: str) -> str:
    """Return ``NAME[,key=value...]``; raise UsageError if it nearly is one of specrob's names.

    What else it may be is checked where the network is built.

    >>> parse_architecture_name("package.module:factory,width=8")
    'package.module:factory,width=8'
    """
    name = text.split(",")[0]
    is_near = not {":", "."} & {*name} and nearest(name, ARCHITECTURES.names()) is not None
    return ARCHITECTURES.check_text(text) if is_near else text


@dataclass(frozen=True)
class ArchitectureSettings(Settings):
    """Which network is trained; None is the architecture's default."""

    arch: Annotated[
        str | None,
        Flag(
            "New network to train: {trainable}, torchvision:NAME, timm:NAME, "
            "hf_hub:NAME or package.module:factory.",
            metavar="NAME[,KEY=VALUE]",
            parse=parse_architecture_name,
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
            low=1,
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

    def options(self) -> dict[str, Any]:
        """Return the options of the architecture that were given.

        >>> ArchitectureSettings(hidden=(5,), power=2.0).options()
        {'hidden': 5, 'power': 2.0}
        """
        widths = list(self.hidden or ())
        given: dict[str, Any] = {
            "hidden": widths[0] if len(widths) == 1 else widths or None,
            "activation": self.activation,
            "power": self.power,
            "whiten": self.whiten,
            "batch_norm": self.batch_norm or None,
        }
        return {name: value for name, value in given.items() if value is not None}


@dataclass(frozen=True)
class TrainingSettings(Settings):
    """How a network is trained by gradients."""

    penalty: Annotated[
        tuple[str, ...],
        Flag(
            "Term added to the loss, with its coefficient and options: {penalties}. Repeatable: "
            "l2=5e-4, jacobian=0.01,of=loss, spectral=2.",
            metavar="NAME=C[,KEY=VALUE]",
            parse=PENALTIES.check_text,
            complete=lambda: [f"{name}=" for name in PENALTIES.names()],
            repeat=True,
        ),
    ] = ()
    adversarial: Annotated[
        AdversarialSettings | None,
        Flag(
            "Train on perturbed images: an attack with its radius and options, for instance "
            "pgd,eps=8/255,norm=l2. pgd takes 7 steps from a random start by default.",
            metavar="METHOD,eps=X[,KEY=VALUE]",
            parse=AdversarialSettings.parse,
            complete=lambda: [f"{name},eps=" for name in ATTACKS.names("training")],
        ),
    ] = None
    epochs: Annotated[int, Flag("Passes over the training images.", low=0)] = 200
    optimizer: Annotated[
        OptimizerSettings,
        Flag(
            "Optimizer: adam, amsgrad, or sgd with a momentum.",
            metavar="adam|amsgrad|sgd:MOMENTUM",
            parse=OptimizerSettings.parse,
            complete=lambda: ["adam", "amsgrad", "sgd:0.9"],
            shown="adam",
        ),
    ] = OptimizerSettings()
    until: Annotated[
        StoppingSettings | None,
        Flag(
            "Stop after the first epoch whose mean training accuracy is at least X, or whose "
            "mean training loss is at most X; --epochs is then the most that are taken.",
            metavar="train_accuracy=X|train_loss=X",
            parse=StoppingSettings.parse,
            complete=lambda: ["train_accuracy=", "train_loss="],
        ),
    ] = None
    lr: Annotated[
        float,
        positive("Initial learning rate of the optimizer."),
    ] = 1e-3
    schedule: Annotated[
        str | None,
        Flag(
            "Schedule of the learning rate: {schedules}. (default: paper-a, the schedule of "
            "arXiv:2405.00679, for shlp, else constant)",
            metavar="NAME",
            parse=SCHEDULES.check,
            complete=SCHEDULES.names,
        ),
    ] = None
    precision: Annotated[
        Precision,
        Flag(
            "Floating-point format of activations and of the products of layers in training; "
            "weights, the optimizer and attacks of --adversarial stay in float32. bfloat16 needs "
            "a GPU or processor that multiplies it (AVX512-BF16, AMX) to be faster."
        ),
    ] = "float32"
