"""specrob train-sup."""

from typing import Annotated

import typer

from specrob.commands.framework.arguments import importable
from specrob.commands.framework.command import command
from specrob.commands.framework.run import Run
from specrob.commands.framework.seeds import for_each_seed
from specrob.settings.images import ImageSettings
from specrob.settings.run import CheckpointSettings
from specrob.settings.training import ArchitectureSettings, TrainingSettings

Model = Annotated[
    str | None,
    typer.Argument(
        metavar="MODEL",
        help="Local layer that gets a read-out, or network that is trained further. (default: "
        "stdin, unless --arch is given)",
        show_default=False,
    ),
]


@for_each_seed
@command
def train_sup(
    architecture: ArchitectureSettings,
    training: TrainingSettings,
    checkpoint: CheckpointSettings,
    images: ImageSettings,
    run: Run,
    model: Model = None,
) -> None:
    """Train a classifier: a read-out above a frozen local layer, or a whole network.

    Example: specrob train-sup --arch shlp --hidden 20 --epochs 3 -o bp.safetensors
    """
    run.check_outputs("model", distributed=True, checkpoint=checkpoint)
    from specrob.experiments.train_classifier import train_classifier
    from specrob.models import to_artifact

    importable(architecture.arch)
    new = architecture.arch is not None and not model
    start = None if new else run.read(model or "-", ("model", "weights"))
    run.say_default(start, images)
    run.start(training.precision)
    context = run.context("supervised, epochs", checkpoint)
    network, data = train_classifier(start, images, architecture, training, context)
    run.write(to_artifact(network), data)
