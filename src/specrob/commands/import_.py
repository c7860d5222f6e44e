"""specrob import."""

from typing import Annotated

import typer

from specrob.commands.framework.arguments import importable
from specrob.commands.framework.run import Run
from specrob.commands.framework.seed_files import command_for_seeds
from specrob.settings.images import ImageSettings, ImportSettings

Checkpoint = Annotated[
    str | None,
    typer.Argument(
        metavar="CHECKPOINT",
        help="A .pt or .pth file with a state dict, or seeds NAME-{seed}; none for "
        "torchvision:NAME,weights=DEFAULT.",
        show_default=False,
    ),
]


@command_for_seeds("checkpoint")
def import_(
    settings: ImportSettings, images: ImageSettings, run: Run, checkpoint: Checkpoint = None
) -> None:
    """Turn a PyTorch checkpoint, or pretrained weights, into a model.

    The images of --data, or --shape, say what the network takes; pretrained weights of
    torchvision and timm know it. Its test accuracy on the images is computed, and a warning
    says where it is near chance. No code in the file is ever run.

    Example: specrob import net.pt --arch mlp,activation=tanh --data digits -o net.safetensors
    """
    run.check_outputs("model")
    from specrob.experiments.import_network import import_network
    from specrob.models import to_artifact

    importable(settings.arch)
    run.start()
    made = import_network(checkpoint, settings, images, run.context("accuracy"))
    run.write(to_artifact(made.network), made.data)
    run.say_all(made.warnings)
