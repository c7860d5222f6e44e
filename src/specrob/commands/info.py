"""specrob info."""

from typing import Annotated

import typer

from specrob.commands.framework.command import command
from specrob.commands.framework.pipe import Pipe

Artifacts = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="ARTIFACT",
        help="One or several files, or seeds NAME-{seed}; stdin without it.",
        show_default=False,
    ),
]
AsJson = Annotated[
    bool, typer.Option("--json", help="One JSON object, for scripts; of several files an array.")
]


@command
def info(pipe: Pipe, artifacts: Artifacts = None, as_json: AsJson = False) -> None:
    """Show what artifacts are, where they come from, and the commands to reproduce them.

    Example: specrob info kh.safetensors
    """
    from specrob.quantities.describe import describe_all

    pipe.print(describe_all(pipe.read_named(artifacts or ["-"]), as_json=as_json))
