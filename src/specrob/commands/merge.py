"""specrob merge."""

from typing import Annotated

import typer

from specrob.commands.framework.command import command
from specrob.commands.framework.pipe import Pipe

Parts = Annotated[
    list[str],
    typer.Argument(
        metavar="PART...",
        help="What a measure wrote with --shard 1/N to N/N.",
        show_default=False,
    ),
]


@command
def merge(pipe: Pipe, parts: Parts) -> None:
    """Join the parts of a measure that several jobs took, as one job would have measured it.

    The command of the parts is run in this folder, with its files, on what they
    hold: no image is measured again.

    Example: specrob merge part-1.safetensors part-2.safetensors -o distances.npz
    """
    from specrob.commands.framework.rerun import resume_from
    from specrob.experiments.merging import joined_state

    resume_from(joined_state(pipe.read_named(parts)), pipe)
