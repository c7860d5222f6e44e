"""A progress bar on stderr for work that takes more than a second."""

import time
from typing import Any

PATIENCE_S = 1.0  # work that is done sooner shows none


class ProgressBar:
    """A rich progress bar that appears once the work has taken a second."""

    def __init__(self, label: str):
        self.label, self.started, self.bar = label, time.monotonic(), None

    def __call__(self, done: int, total: int, **facts: float) -> None:
        """Show how far the work is, and what matters of it."""
        if self.bar is None and time.monotonic() - self.started > PATIENCE_S:
            self.bar = _open_bar()
            self.task = self.bar.add_task(self.label, total=total, facts="")
        if self.bar is not None:
            said = "  ".join(f"{name} {value:.3g}" for name, value in facts.items())
            self.bar.update(self.task, completed=done, facts=said)
            if done >= total:
                self.close()

    def close(self) -> None:
        """Give the terminal back."""
        if self.bar is not None:
            self.bar.stop()
            self.bar = None


def _open_bar() -> Any:
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


def _rate_column() -> Any:
    """Return a column with the steps per second, empty until they are known."""
    from rich.progress import ProgressColumn
    from rich.text import Text

    class Rate(ProgressColumn):
        def render(self, task: Any) -> Text:
            """Return the cell of one task."""
            return Text(f"{task.speed:.3g}/s" if task.speed else "")

    return Rate()
