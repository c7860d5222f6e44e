"""Progress of long computations: a callback, silent unless one is given."""

from collections.abc import Sequence
from typing import Protocol

LOG_BEGIN = '{"time": "'  # of every line of a log


class Report(Protocol):
    """Called as ``report(done, total, name=value, ...)``, any number of times.

    >>> report: Report = lambda done, total, **facts: print(f"{done} of {total}", facts)
    >>> report(1, 10, loss=0.5)
    1 of 10 {'loss': 0.5}
    """

    def __call__(self, done: int, total: int, **facts: float) -> None:
        """Report that `done` of `total` steps are finished."""


def report_part(report: Report, start: int, size: int, whole: int) -> Report:
    """Return the report of a part that is `size` of `whole` steps, from `start` on.

    >>> half = report_part(lambda done, total, **facts: print(done, "of", total), 10, 10, 20)
    >>> half(1, 2)
    15 of 20
    """

    def report_of_part(done: int, total: int, **facts: float) -> None:
        report(start + size * done // max(1, total), whole)

    return report_of_part


def report_to_all(reports: Sequence[Report]) -> Report:
    """Return the report that calls several.

    >>> twice = report_to_all([lambda done, total, **facts: print(done, total)] * 2)
    >>> twice(1, 2)
    1 2
    1 2
    """

    def report(done: int, total: int, **facts: float) -> None:
        for one in reports:
            one(done, total, **facts)

    return report


def silent(done: int, total: int, **facts: float) -> None:
    """Report nothing."""
