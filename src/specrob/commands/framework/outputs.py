"""Whether the files that a command writes can be written, before any work."""

from collections.abc import Mapping

from specrob.artifacts.streams import check_target
from specrob.errors import UsageError


def check_files(output: str, kind: str, beside: Mapping[str, tuple[str | None, str]]) -> None:
    """Check an output and the files beside it.

    Parameters
    ----------
    output : str
        A file, or "-".
    kind : str
        Kind of the output.
    beside : mapping of (target, kind)
        Further files, by the parameter that names them.

    Raises
    ------
    UsageError
        If two are one file, or a name holds {seed} that nothing fills.
    OutputError
        If a folder is missing or not writable.

    Examples
    --------
    >>> check_files("-", "spectrum", {"checkpoint": (None, "checkpoint")})
    """
    if "{seed}" in output:
        raise UsageError(
            "`output`: expected {seed} in the name of what is read too, or `seeds` where a "
            f"command has it, found it in `{output}` alone"
        )
    check_target(output, kind)
    taken = ["-", output]
    for parameter, (target, other) in beside.items():
        if target is None:
            continue
        if target in taken:
            raise UsageError(
                f"`{parameter}`: expected a file other than the output, found `{target}`"
            )
        if "{seed}" in target:
            raise UsageError(
                f"`{parameter}`: expected {{seed}} in the name of what is read too, found it "
                f"in `{target}` alone"
            )
        taken.append(target)
        check_target(target, other, f"`{parameter}`")
