"""specrob train-sup."""

from typing import Annotated

import typer

from specrob.commands.old_run import Run
from specrob.commands.options import ImageOptions, expand
from specrob.commands.options_learning import CheckpointOptions, NetworkOptions, TrainingOptions
from specrob.commands.seeds import for_each_seed

Model = Annotated[
    str | None,
    typer.Argument(
        metavar="MODEL",
        help="A kh layer to read out, or a network to train on; stdin without it and --arch.",
        show_default=False,
    ),
]


@for_each_seed
@expand
def train_sup(
    network: NetworkOptions,
    training: TrainingOptions,
    kept: CheckpointOptions,
    images: ImageOptions,
    run: Run,
    model: Model = None,
) -> None:
    """Train a classifier: a read-out above a frozen kh layer, or a network.

    Example: specrob train-sup --arch shlp --hidden 20 --epochs 3 -o bp.safetensors
    """
    run.begin("model", shares=True)
    from specrob.experiments.train_classifier import (
        ArchitectureSettings,
        TrainingSettings,
        train_classifier,
    )
    from specrob.models import to_artifact

    blueprint = ArchitectureSettings.of(**vars(network))
    plan = TrainingSettings.of(**vars(training), batch_size=run.batch_size, seed=run.seed)
    start = None if network.arch and not model else run.read(model or "-", ("model", "weights"))
    run.say_default(start, images)
    how = run.course(kept, "supervised, epochs")
    made, data = train_classifier(start, run.wish(images), blueprint, plan, **how)
    run.finish(to_artifact(made), data)
