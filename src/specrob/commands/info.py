"""specrob info."""

from typing import Annotated

import typer

from specrob.commands.framework.command import command
from specrob.commands.framework.pipe import Pipe

Artifact = Annotated[
    str, typer.Argument(metavar="ARTIFACT", help="Stdin without it.", show_default=False)
]
AsJson = Annotated[bool, typer.Option("--json", help="One JSON object, for scripts.")]


@command
def info(pipe: Pipe, artifact: Artifact = "-", as_json: AsJson = False) -> None:
    """Show what an artifact is, where it comes from, and the commands to reproduce it.

    Example: specrob info kh.safetensors
    """
    from specrob.quantities.info import describe, describe_json

    read = pipe.read(artifact)
    pipe.print(describe_json(read) if as_json else describe(read))
