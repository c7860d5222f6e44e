"""specrob import."""

from typing import Annotated

import typer

from specrob.commands.console import Run
from specrob.commands.options import Arch, ImageOptions, expand

Checkpoint = Annotated[
    str | None,
    typer.Argument(
        metavar="CHECKPOINT",
        help="A .pt or .pth file with a state dict; none for torchvision:NAME,weights=DEFAULT.",
        show_default=False,
    ),
]


@expand
def import_(
    images: ImageOptions, run: Run, checkpoint: Checkpoint = None, arch: Arch = None
) -> None:
    """Turn a PyTorch checkpoint, or pretrained weights, into a model.

    The images say the shape that the network takes. No code in the file is
    ever run.

    Example: specrob import net.pt --arch mlp,activation=tanh -o net.safetensors
    """
    run.begin("model")
    from specrob.experiments.importing import import_network
    from specrob.models import to_artifact

    run.processor()
    network, data = import_network(checkpoint, arch or "", run.wish(images))
    run.finish(to_artifact(network), data)
