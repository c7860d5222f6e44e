"""What learning commands take, in groups; field names are those of the library's records."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

import typer

from specrob import grammar
from specrob.commands import parse
from specrob.commands.options import ARCHITECTURES, complete, importable
from specrob.registry import ATTACKS

TRAINABLE = ("shlp", "mlp", "cnn-b", "cnn-d", "linear")
PENALTIES = ("l2", "jacobian", "spectral", "covariance", "jacobian-sum")


def _positive(what: str) -> Any:
    """Return the type of an option above 0."""
    how = {"parser": parse.checked(grammar.parse_positive), "metavar": "X"}
    return Annotated[float, typer.Option(help=what, **how)]


def _whole(what: str, lowest: int = 1) -> Any:
    """Return the settings of an option that counts."""
    return typer.Option(min=lowest, callback=parse.finite, help=what)


def _real(what: str, lowest: float) -> Any:
    """Return the settings of an option from a lowest value."""
    return typer.Option(min=lowest, callback=parse.finite, help=what)


@dataclass(frozen=True)
class LocalOptions:
    """How a local layer learns; defaults as A trained CIFAR-10."""

    hidden: Annotated[int, _whole("Hidden units.")] = 2000
    p: Annotated[float, _real("Norm in which synapses settle.", 2)] = 3.0
    k: Annotated[int, _whole("Rank of the inhibited unit.")] = 2
    delta: Annotated[float, _real("Strength of the inhibition.", 0)] = 0.4
    radius: _positive("R, the norm at which rows of synapses settle.") = 1.0
    lr: _positive("First rate; it falls linearly to 0.") = 0.02
    epochs: Annotated[int, _whole("0 writes the initialized layer.", 0)] = 1000
    init_std: _positive("Of the first synapses; small ones may all turn negative.") = 1.0
    patience: Annotated[
        int | None, _whole("Stop after so many epochs without another converged unit.")
    ] = None
    precision: Annotated[
        Literal["float32", "bfloat16"], typer.Option(help="In which winners are found.")
    ] = "float32"
    attempts: Annotated[
        int, _whole("Layers to train at most, until one has over 90% of its units converged.")
    ] = 1


@dataclass(frozen=True)
class CheckpointOptions:
    """How a long run survives being stopped."""

    checkpoint: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Keep the state of the run here.", show_default=False),
    ] = None
    checkpoint_every: Annotated[
        float,
        typer.Option(
            parser=parse.checked(grammar.parse_not_negative),
            metavar="MINUTES",
            help="Between two writes; 0: every epoch.",
        ),
    ] = 1.0
    resume: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Go on from a checkpoint.", show_default=False),
    ] = None


@dataclass(frozen=True)
class NetworkOptions:
    """What is trained; None is not asked for."""

    arch: Annotated[
        str | None,
        typer.Option(
            parser=parse.checked(parse.known_name("an architecture", ARCHITECTURES)),
            metavar="NAME[,KEY=VALUE]",
            help="Train a new network: shlp, mlp, cnn-b, cnn-d, linear, package.module:factory.",
            autocompletion=complete(TRAINABLE),
            callback=importable,
            show_default=False,
        ),
    ] = None
    hidden: Annotated[
        str | None,
        typer.Option(
            parser=parse.checked(grammar.parse_counts),
            metavar="N,...",
            help="Units of shlp (default 2000), or of each layer of mlp (default 1000,1000,1000).",
            show_default=False,
        ),
    ] = None
    activation: Annotated[
        Literal["relu", "tanh", "sigmoid"] | None,
        typer.Option(help="Of mlp, cnn-b and cnn-d. (default relu; tanh for cnn-b)"),
    ] = None
    whiten: Annotated[
        str | None,
        typer.Option(metavar="LAYER", help="Whiten the activations after this layer."),
    ] = None
    power: Annotated[
        float | None, _real("m of relu(h)^m. (default 4.5 above kh, 1 for shlp)", 1)
    ] = None
    batch_norm: Annotated[bool, typer.Option("--batch-norm", help="After the non-linearity.")] = (
        False
    )


@dataclass(frozen=True)
class TrainingOptions:
    """How a network is trained by gradients."""

    penalty: Annotated[
        list[str] | None,
        typer.Option(
            parser=parse.checked(parse.known_name("a penalty", PENALTIES)),
            metavar="NAME=C[,KEY=VALUE]",
            help="Added to the loss; repeatable: l2=5e-4, jacobian=0.01,of=loss, spectral=2.",
            autocompletion=complete(PENALTIES, "="),
        ),
    ] = None
    adversarial: Annotated[
        str | None,
        typer.Option(
            parser=parse.checked(parse.known_name("an attack", ATTACKS)),
            metavar="METHOD,eps=X[,KEY=VALUE]",
            help="Perturb every batch before its step: pgd,eps=8/255,steps=7, or fgsm.",
        ),
    ] = None
    epochs: Annotated[int, _whole("Passes over the images.", 0)] = 200
    lr: _positive("First rate of Adam.") = 1e-3
    schedule: Annotated[
        Literal["constant", "cosine", "exponential", "paper-a", "paper-a-spectral"] | None,
        typer.Option(help="Of the rate. (default paper-a for shlp, else constant)"),
    ] = None
