"""Progress as lines of JSON in a file, or as events in a folder of TensorBoard."""

import json
import math
import os
import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from specrob.commands.framework.repeated_lines import Step, without_repeated
from specrob.errors import OutputError
from specrob.progress import LOG_BEGIN

if TYPE_CHECKING:
    from torch.utils.tensorboard import SummaryWriter


class JsonLog:
    """A file to which a line is added for every step: when, how far, and the numbers.

    Parameters
    ----------
    target : str
    label : str
        What is computed, in words.
    seed : int
    say : callable (str)
        Tells that the file cannot be written any more; the computation goes on.

    Raises
    ------
    OutputError
        If the file cannot be opened, or holds anything but a log.
    """

    def __init__(self, target: str, label: str, seed: int, say: Callable[[str], None]):
        self.target, self.label, self.seed, self.say = target, label, seed, say
        self.started, self.last, self.resumed = time.monotonic(), 0, False
        try:
            _check_is_log(Path(target))
            self.file = Path(target).open("a", encoding="utf-8", buffering=1)  # noqa: SIM115
        except OutputError:
            raise
        except OSError as error:
            raise OutputError(
                f"`log`: expected a writable log, found {(error.strerror or '').lower()}: "
                f"{target}; choose another"
            ) from error

    def __call__(self, done: int, total: int, **facts: float) -> None:
        """Add a line, unless no further step is done."""
        if self.file.closed or (done == self.last and not facts):
            return
        if self.resumed:
            self._drop_repeated(Step(int(facts.get("attempt", 0)), done))
        self.last, self.resumed = done, False
        line = {
            "time": time.strftime("%Y-%m-%dT%H:%M:%S%z"),
            "what": self.label,
            "seed": self.seed,
            "done": done,
            "total": total,
            "seconds": round(time.monotonic() - self.started, 3),
            **{name: value if math.isfinite(value) else None for name, value in facts.items()},
        }
        try:
            self.file.write(json.dumps(line) + "\n")
        except OSError as error:
            self.say(f"warning: {self.target} gets no more lines: {error.strerror}")
            self.close()

    def resume(self) -> None:
        """Have the lines of steps that are computed again replaced."""
        self.resumed = Path(self.target).is_file()

    def _drop_repeated(self, first: Step) -> None:
        """Drop this run's lines from a step on, in place: other runs may have the file open."""
        try:
            lines = Path(self.target).read_bytes().splitlines(keepends=True)
            kept = without_repeated(lines, self.label, self.seed, first)
            if kept is None:
                return
            with Path(self.target).open("r+b") as file:
                file.write(b"".join(kept))
                file.flush()
                os.ftruncate(file.fileno(), file.tell())
        except OSError as error:
            self.say(f"warning: {self.target} keeps lines of repeated steps: {error.strerror}")

    def close(self) -> None:
        """Close the file."""
        try:
            self.file.close()
        except OSError:  # what is left in the buffer does not fit either
            self.file.close()


def _check_is_log(path: Path) -> None:
    """Raise OutputError where a file holds anything but lines of a log."""
    if not path.is_file():
        return
    with path.open("rb") as file:
        begin = file.read(len(LOG_BEGIN))
    if begin and begin != LOG_BEGIN.encode():
        raise OutputError(
            f"`log`: expected a new file or a log, found another file: {path}; choose a new name"
        )


class TensorBoardLog:
    """A folder of events, one curve for every number.

    Raises
    ------
    OutputError
        If TensorBoard is not installed, or the folder cannot be made.
    """

    def __init__(self, target: str, label: str):
        self.label = label
        self.writer = _writer(target)

    def __call__(self, done: int, total: int, **facts: float) -> None:
        """Add a point to every curve."""
        for name, value in facts.items():
            self.writer.add_scalar(f"{self.label}/{name}", value, done)
        self.writer.flush()

    def resume(self) -> None:
        """Do nothing: a point of a step that comes again is drawn over the first."""

    def close(self) -> None:
        """Close the folder."""
        self.writer.close()


Log = JsonLog | TensorBoardLog


def open_log(target: str, label: str, seed: int, say: Callable[[str], None]) -> Log:
    """Return the log of a file, or of a folder where the name ends in a slash."""
    if target.endswith("/"):
        return TensorBoardLog(target, label)
    return JsonLog(target, label, seed, say)


def _writer(target: str) -> "SummaryWriter":
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise OutputError(
            "`log`: expected TensorBoard for a folder, found it missing; install "
            "specrob with its extra tensorboard, or name a file"
        ) from error
    try:
        return SummaryWriter(target)
    except OSError as error:
        raise OutputError(
            f"`log`: expected a writable folder, found {(error.strerror or '').lower()}: "
            f"{target}; choose another"
        ) from error
