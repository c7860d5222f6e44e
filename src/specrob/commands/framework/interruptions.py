"""Ctrl-C and SIGTERM: the exceptions that they are, and what is said of them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager


class Terminated(KeyboardInterrupt):
    """SIGTERM, by which schedulers stop a job."""


def raise_terminated_at_sigterm() -> None:
    """Let SIGTERM raise Terminated where the program is, as Ctrl-C raises KeyboardInterrupt."""
    signal.signal(signal.SIGTERM, _terminate)


def ignore_stops() -> None:
    """Ignore Ctrl-C and SIGTERM from now on."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_IGN)


def _terminate(number: int, frame: object) -> None:
    raise Terminated


def words_and_code(stop: KeyboardInterrupt) -> tuple[str, int]:
    """Return what stopped a program, and its exit code."""
    is_term = isinstance(stop, Terminated)
    return ("stopped by SIGTERM", 143) if is_term else ("interrupted", 130)


@contextmanager
def as_they_came() -> Iterator[None]:
    """Raise an interruption that a RuntimeError was made of, as Python 3.11 does in classes."""
    try:
        yield
    except RuntimeError as error:
        cause: BaseException | None = error
        while cause is not None and not isinstance(cause, KeyboardInterrupt):
            cause = cause.__cause__
        if cause is None:
            raise
        raise cause from None
