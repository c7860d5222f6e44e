"""specrob train-kh."""

from typing import Annotated, Any, Literal

import typer

from specrob.commands import options, parse
from specrob.commands.console import Run

Hidden = Annotated[int, typer.Option(min=1, help="Hidden units.")]
P = Annotated[
    float, typer.Option(min=2, callback=parse.finite, help="Norm in which synapses settle.")
]
K = Annotated[int, typer.Option(min=1, help="Rank of the inhibited unit.")]
Delta = Annotated[
    float, typer.Option(min=0, callback=parse.finite, help="Strength of the inhibition.")
]


def _positive(what: str) -> Any:
    """Return the type of an option above 0."""
    how = {"parser": parse.checked(parse.positive), "metavar": "X"}
    return Annotated[float, typer.Option(help=what, **how)]


Radius = _positive("R, the norm at which rows of synapses settle.")
Rate = _positive("First rate; it falls linearly to 0.")
InitStd = _positive("Of the first synapses; small ones may all turn negative.")
Epochs = Annotated[int, typer.Option(min=0, help="0 writes the initialized layer.")]
Patience = Annotated[
    int | None,
    typer.Option(min=1, help="Stop after so many epochs without another converged unit."),
]
Precision = Annotated[
    Literal["float32", "bfloat16"], typer.Option(help="In which winners are found.")
]


@options.expand
def train_kh(
    images: options.ImageOptions,
    run: Run,
    hidden: Hidden = 2000,
    p: P = 3.0,
    k: K = 2,
    delta: Delta = 0.4,
    radius: Radius = 1.0,
    lr: Rate = 0.02,
    epochs: Epochs = 1000,
    init_std: InitStd = 1.0,
    patience: Patience = None,
    precision: Precision = "float32",
) -> None:
    """Train a hidden layer by the local rule of Krotov and Hopfield.

    Example: specrob train-kh --hidden 20 --epochs 5 -o layer.safetensors
    """
    run.begin("model")
    run.precision = precision
    from specrob.experiments.subject import Wish
    from specrob.experiments.train_kh import train_local_layer
    from specrob.learning.krotov_hopfield import Rule
    from specrob.models import to_artifact

    wish = Wish(**vars(images))
    normalize = wish.normalize or f"l{p:g}"
    seen, _, data = wish.load_both(normalize)
    network = train_local_layer(
        seen,
        hidden=hidden,
        rule=Rule(p, k, delta, radius),
        rate=lr,
        epochs=epochs,
        init_std=init_std,
        batch_size=run.batch_size,
        patience=patience,
        normalize=normalize,
        precision=precision,
        seed=run.seed,
        device=run.processor(),
        report=run.progress("local learning, epochs"),
    )
    run.finish(to_artifact(network), data)
