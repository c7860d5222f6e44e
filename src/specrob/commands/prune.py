"""specrob prune."""

from typing import Annotated

import typer

from specrob.commands import parse
from specrob.commands.console import Pipe
from specrob.commands.options import Model, expand

Cut = Annotated[
    str,
    typer.Option(
        parser=parse.checked(parse.threshold),
        metavar="auto|X",
        help="Variance of a unit's synapses above which it is noise; auto: between the modes.",
    ),
]
Drop = Annotated[bool, typer.Option("--drop", help="Remove the units; else they become zero.")]


@expand
def prune(pipe: Pipe, model: Model = "-", threshold: Cut = "auto", drop: Drop = False) -> None:
    """Take away hidden units whose synapses are noise.

    Example: specrob prune layer.safetensors --threshold auto -o pruned.safetensors
    """
    pipe.begin("model")
    from specrob.experiments.pruning import prune as prune_units
    from specrob.models import from_artifact, to_artifact

    network = from_artifact(pipe.read(model, "model"))
    pipe.finish(to_artifact(prune_units(network, threshold=threshold, drop=drop)))
