"""specrob merge."""

from typing import Annotated

import typer

from specrob.commands.framework.command import command
from specrob.commands.framework.pipe import Pipe

Shards = Annotated[
    list[str],
    typer.Argument(
        metavar="SHARD...",
        help="What a measure wrote with --shard 1/N to N/N.",
        show_default=False,
    ),
]
Arch = Annotated[
    str | None,
    typer.Option(
        "--arch",
        metavar="MODULE:FUNCTION",
        help="The code of the network, if the shards were measured with code of your own.",
        show_default=False,
    ),
]


@command
def merge(pipe: Pipe, shards: Shards, arch: Arch = None) -> None:
    """Join what the shards of a measure gave to what one job would have given.

    The command of the shards is run in this folder, on its files, and writes
    what it writes; no image is measured again.

    Example: specrob merge shard-1.safetensors shard-2.safetensors -o distances.npz
    """
    from specrob.commands.framework.rerun import resume_from
    from specrob.experiments.merging import joined_state

    resume_from(joined_state(pipe.read_named(shards)), pipe, arch=arch)
