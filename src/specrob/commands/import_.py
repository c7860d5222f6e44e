"""specrob import."""

from typing import Annotated, Any

import typer

from specrob import grammar
from specrob.commands import parse
from specrob.commands.old_run import Run
from specrob.commands.options import IMAGES, Arch, ImageOptions, expand

Checkpoint = Annotated[
    str | None,
    typer.Argument(
        metavar="CHECKPOINT",
        help="A .pt or .pth file with a state dict; none for torchvision:NAME,weights=DEFAULT.",
        show_default=False,
    ),
]
Shape = Annotated[
    Any,
    typer.Option(
        parser=parse.checked(grammar.parse_shape),
        metavar="CxHxW",
        help="Channels, height and width of its images, in place of --data.",
        show_default=False,
        rich_help_panel=IMAGES,
    ),
]


@expand
def import_(
    images: ImageOptions,
    run: Run,
    checkpoint: Checkpoint = None,
    arch: Arch = None,
    shape: Shape = None,
) -> None:
    """Turn a PyTorch checkpoint, or pretrained weights, into a model.

    The images of --data, or --shape, say what the network takes; torchvision's pretrained
    weights know it. No code in the file is ever run.

    Example: specrob import net.pt --arch mlp,activation=tanh --data digits -o net.safetensors
    """
    run.begin("model")
    from specrob.experiments.pretrained import import_network
    from specrob.models import to_artifact

    run.processor()
    network, data = import_network(checkpoint, arch or "", run.wish(images), shape)
    run.finish(to_artifact(network), data)
