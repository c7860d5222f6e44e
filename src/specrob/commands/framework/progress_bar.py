"""A progress bar on stderr for work that takes more than a second."""

import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from rich.progress import Progress, ProgressColumn

DELAY_S = 1.0  # shorter work shows no bar
SHOWN = 3  # numbers beside a bar


class ProgressBar:
    """A rich progress bar that appears once the work has taken a second."""

    def __init__(self, label: str):
        self.label, self.started = label, time.monotonic()
        self.bar: Progress | None = None

    def __call__(self, done: int, total: int, **facts: float) -> None:
        """Show how many steps are done, and some numbers."""
        if self.bar is None and time.monotonic() - self.started > DELAY_S:
            self.bar = _open_bar()
            self.task = self.bar.add_task(self.label, total=total, facts="")
        if self.bar is not None:
            first = list(facts.items())[:SHOWN]
            text = "  ".join(f"{name.replace('_', ' ')} {value:.3g}" for name, value in first)
            self.bar.update(self.task, completed=done, facts=text)
            if done >= total:
                self.close()

    def close(self) -> None:
        """Remove the bar from the terminal."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def _open_bar() -> "Progress":
    from rich import progress
    from rich.console import Console

    columns = (
        progress.TextColumn("{task.description}"),
        progress.BarColumn(),
        progress.MofNCompleteColumn(),
        _rate_column(),
        progress.TimeElapsedColumn(),
        progress.TextColumn("left"),
        progress.TimeRemainingColumn(),
        progress.TextColumn("{task.fields[facts]}"),
    )
    bar = progress.Progress(*columns, console=Console(stderr=True), transient=True)
    bar.start()
    return bar


def _rate_column() -> "ProgressColumn":
    """Return a column with the steps per second, empty at first."""
    from rich.progress import ProgressColumn, Task
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Task) -> Text:
            """Return the cell of one task."""
            return Text(f"{task.speed:.3g}/s" if task.speed else "")

    return Rate()
