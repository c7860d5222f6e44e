"""specrob train-sup."""

from typing import Annotated, Literal

import typer

from specrob.commands import options, parse
from specrob.commands.console import Run

Model = Annotated[
    str | None,
    typer.Argument(
        metavar="MODEL",
        help="A kh layer to read out, or a network to train on; stdin without it and --arch.",
        show_default=False,
    ),
]
Arch = Annotated[
    str | None,
    typer.Option(
        metavar="NAME[,KEY=VALUE]",
        help="Train a new network: shlp, linear, or package.module:factory.",
        autocompletion=options.complete(options.ARCHITECTURES),
        show_default=False,
    ),
]
Hidden = Annotated[int | None, typer.Option(min=1, help="Hidden units of shlp. (default 2000)")]
Power = Annotated[
    float | None,
    typer.Option(
        min=1, callback=parse.finite, help="m of relu(h)^m. (default 4.5 above kh, 1 for shlp)"
    ),
]
BatchNorm = Annotated[bool, typer.Option("--batch-norm", help="After the power.")]
Penalty = Annotated[
    list[str] | None,
    typer.Option(
        metavar="NAME=C[,KEY=VALUE]",
        help="Added to the loss; repeatable: l2=5e-4.",
        autocompletion=options.complete(options.PENALTIES, "="),
    ),
]
Epochs = Annotated[int, typer.Option(min=0, help="Passes over the images.")]
Rate = Annotated[
    float, typer.Option(parser=parse.checked(parse.positive), metavar="X", help="First rate.")
]
Schedule = Annotated[
    Literal["constant", "cosine", "exponential", "paper-a", "paper-a-spectral"] | None,
    typer.Option(help="Of the rate. (default paper-a for shlp, else constant)"),
]


@options.expand
def train_sup(
    images: options.ImageOptions,
    run: Run,
    model: Model = None,
    arch: Arch = None,
    hidden: Hidden = None,
    power: Power = None,
    batch_norm: BatchNorm = False,
    penalty: Penalty = None,
    epochs: Epochs = 200,
    lr: Rate = 1e-3,
    schedule: Schedule = None,
) -> None:
    """Train a classifier: a read-out above a frozen kh layer, or a network end to end.

    Example: specrob train-sup --arch shlp --hidden 20 --epochs 3 -o bp.safetensors
    """
    run.begin("model")
    from specrob.experiments.subject import Wish
    from specrob.experiments.train_sup import Blueprint, Plan, train_classifier
    from specrob.learning.penalties import parse_all
    from specrob.models import to_artifact

    blueprint = Blueprint.of(arch, hidden=hidden, power=power, batch_norm=batch_norm)
    plan = Plan(epochs, lr, schedule, parse_all(penalty or []), run.batch_size, run.seed)
    read = run.read(model or "-", "model") if model or not arch else None
    network, data = train_classifier(
        read,
        Wish(**vars(images)),
        blueprint,
        plan,
        device=run.processor(),
        report=run.progress("supervised, epochs"),
    )
    run.finish(to_artifact(network), data)
