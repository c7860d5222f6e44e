"""What libraries warn of, as one line of ours."""

import re
from collections.abc import Sequence
from typing import TextIO

import typer

from specrob.commands.framework.torchrun import is_rank_zero
from specrob.printable import printable

# torch's words where an operation has no deterministic algorithm, and it is told to go on
NOT_DETERMINISTIC = re.compile(r"(\S+) does not have a deterministic implementation")


class LibraryWarnings:
    """Takes the place of `warnings.showwarning`; each line is said once, none with --quiet."""

    def __init__(self) -> None:
        self.name, self.is_quiet, self.said = "specrob", False, set[str]()

    def begin(self, command: Sequence[str]) -> None:
        """Take the name of a command, and whether it is quiet, from its words."""
        self.name = " ".join(command[:2])
        self.is_quiet = any(re.fullmatch("--quiet|-q.*", word) for word in command)

    def __call__(
        self,
        message: Warning | str,
        category: type[Warning],
        filename: str,
        lineno: int,
        file: TextIO | None = None,
        line: str | None = None,
    ) -> None:
        """Say a warning."""
        text = f"{self.name}: warning: {_in_a_line(str(message))}"
        if text not in self.said and not self.is_quiet and is_rank_zero():
            self.said.add(text)
            typer.echo(text, err=True)


def _in_a_line(message: str) -> str:
    """Return the first line of a warning, or ours for an operation that is not deterministic.

    >>> _in_a_line("adaptive_avg_pool2d does not have a deterministic implementation, but you ...")
    'adaptive_avg_pool2d has no deterministic algorithm here; the last bits may differ each time'
    """
    operation = NOT_DETERMINISTIC.match(message)
    if operation:
        return (
            f"{operation[1]} has no deterministic algorithm here; the last bits may differ each "
            "time"
        )
    return printable(next(iter(message.splitlines()), ""))
