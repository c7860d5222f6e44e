"""How long computations say how far they are: a callback, silent unless one is given."""

from typing import Protocol


class Report(Protocol):
    """Called as ``report(done, total, name=value, ...)``, any number of times.

    >>> report: Report = lambda done, total, **facts: print(f"{done} of {total}", facts)
    >>> report(1, 10, loss=0.5)
    1 of 10 {'loss': 0.5}
    """

    def __call__(self, done: int, total: int, **facts: float) -> None:
        """Say that `done` of `total` steps are finished."""


def report_part(report: Report, start: int, size: int, total: int) -> Report:
    """Return the report of a part that is `size` of `total` steps, from `start` on.

    >>> half = report_part(lambda done, total, **facts: print(done, "of", total), 10, 10, 20)
    >>> half(1, 2)
    15 of 20
    """

    def report_steps(done: int, steps: int, **facts: float) -> None:
        report(start + size * done // max(1, steps), total)

    return report_steps


def silent(done: int, total: int, **facts: float) -> None:
    """Say nothing."""
