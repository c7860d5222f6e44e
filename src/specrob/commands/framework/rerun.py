"""A command that is run again from a checkpoint, with another output."""

import shlex
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import typer

from specrob.commands.framework.pipe import Pipe
from specrob.commands.framework.torchrun import under_torchrun
from specrob.commands.framework.words import value_of, without_options, without_output
from specrob.errors import ArtifactError, OutputError, UsageError

if TYPE_CHECKING:
    from specrob.artifacts import Artifact

# options of a shard that are not those of the whole; nothing is left to compute on a device
OF_A_SHARD = (
    *("--shard", "--checkpoint", "--checkpoint-every", "--resume", "--log", "--log-file"),
    "--device",
)
# files that a measure writes beside its output
BESIDE = ("--save", "--save-curve")
BESIDE_DISTANCES = (*BESIDE, "--curve")  # an older name


def resume_from(state: "Artifact", pipe: Pipe, *, arch: str | None = None) -> None:
    """Run the command that a checkpoint is of, to its end, and write where the pipe does.

    Parameters
    ----------
    state : Artifact
    pipe : Pipe
    arch : str, optional
        An architecture that names code, if the command has one.

    Raises
    ------
    ArtifactError
        If the command has no shards, read its model from a pipe, names code that `arch` does
        not, or read a file that is another now.
    UsageError
        Under torchrun.
    OutputError
        If the command would write over a file that is not the pipe's.
    """
    from specrob.artifacts import read, write
    from specrob.models.libraries import LIBRARIES

    if under_torchrun():
        raise UsageError("expected one process for merge, found torchrun; run it without")
    command, inputs = state.provenance.command, state.provenance.inputs
    if value_of(command, "--shard") is None:
        raise ArtifactError(
            "expected what a measure with --shard gave, found another command in it; name the "
            "outputs of shards alone"
        )
    if any(source.path == "-" for source in inputs):
        raise ArtifactError(
            "expected shards of a model in a file, found one from a pipe; name a file as MODEL"
        )
    named = value_of(command, "--arch") or ""
    begin, colon, _ = named.partition(":")
    if colon and begin not in LIBRARIES and named != arch:
        raise ArtifactError(
            f"expected an architecture without code of its own, found `{named}`; if you trust it, "
            f"add --arch {named}"
        )
    for source in inputs:
        if (digest := read(source.path).digest) != source.digest:
            raise ArtifactError(
                f"expected {source.path} as the shards were measured with ({source.digest[:8]}), "
                f"found another content ({digest[:8]}); put the old file back"
            )
    options = BESIDE_DISTANCES if command[1] == "crit-dist" else BESIDE
    beside = [file for option in options if (file := value_of(command, option))]
    if there := next((file for file in beside if Path(file).exists()), None):
        raise OutputError(
            f"expected no file at {there}, which the command of the shards writes beside its "
            "output, found one; move it away"
        )
    words = [*without_output([*without_options(command[1:], OF_A_SHARD)])]
    end = words.index("--") if "--" in words else len(words)  # of options
    pipe.say(f"running {shlex.join(['specrob', *words])}")
    with TemporaryDirectory() as folder:
        file = str(Path(folder, "state.safetensors"))
        write(state, file)
        own = ["--resume", file, "-o", pipe.output, *(["--quiet"] if pipe.quiet else [])]
        code = pipe.run_again([*words[:end], *own, *words[end:]])
    if code:
        raise typer.Exit(code)
