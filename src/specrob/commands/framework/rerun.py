"""A command that is run again from a state, with another output."""

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from specrob.commands.framework.pipe import Pipe
from specrob.commands.framework.words import without_options, without_output
from specrob.errors import ArtifactError

if TYPE_CHECKING:
    from specrob.artifacts import Artifact

IN_PARTS = ("attack", "crit-dist", "certify", "smoothness", "invert")
# options of a part that are not those of the whole
OF_A_PART = ("--shard", "--checkpoint", "--checkpoint-every", "--resume", "--log")


def resume_from(state: "Artifact", pipe: Pipe) -> None:
    """Run the command that a state is of, to its end, and write where the pipe does.

    Raises
    ------
    ArtifactError
        If the command is none that measures images in parts, or read its model from a pipe.
    """
    from specrob.artifacts import write

    command = state.provenance.command
    if command[1:2] not in [(name,) for name in IN_PARTS]:
        raise ArtifactError(
            f"expected parts of {', '.join(IN_PARTS)}, found a state of another command; measure "
            "with `shard`"
        )
    if any(source.path == "-" for source in state.provenance.inputs):
        raise ArtifactError(
            "expected parts of a model in a file, found one from a pipe; name a file as MODEL"
        )
    with TemporaryDirectory() as folder:
        file = str(Path(folder, "state.safetensors"))
        write(state, file)
        words = [*without_output([*without_options(command[1:], OF_A_PART)]), "--resume", file]
        words += ["-o", pipe.output, *(["--quiet"] if pipe.quiet else [])]
        code = pipe.run_again(words)
    if code:
        raise typer.Exit(code)
