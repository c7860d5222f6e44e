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


def silent(done: int, total: int, **facts: float) -> None:
    """Say nothing."""
