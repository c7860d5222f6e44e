"""Ctrl-C and SIGTERM: the exceptions that they are, and what is said of them."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from specrob.settings.run import STOPS


class Terminated(KeyboardInterrupt):
    """One of STOPS, whose number is the argument."""


def raise_terminated_at_stops() -> None:
    """Let STOPS raise Terminated where the program is, as Ctrl-C raises KeyboardInterrupt.

    What the program was told to ignore, as nohup does SIGHUP, stays ignored.
    """
    for number in STOPS:
        if signal.getsignal(number) is not signal.SIG_IGN:
            signal.signal(number, _terminate)


def ignore_stops() -> None:
    """Ignore Ctrl-C and STOPS from now on."""
    for number in (signal.SIGINT, *STOPS):
        signal.signal(number, signal.SIG_IGN)


def _terminate(number: int, frame: object) -> None:
    raise Terminated(number)


def words_and_code(stop: KeyboardInterrupt) -> tuple[str, int]:
    """Return what stopped a program, and its exit code: 128 and the number of the signal.

    >>> words_and_code(Terminated(15)), words_and_code(KeyboardInterrupt())
    (('stopped by SIGTERM', 143), ('interrupted', 130))
    """
    if isinstance(stop, Terminated):
        (number,) = stop.args
        return f"stopped by {signal.Signals(number).name}", 128 + number
    return "interrupted", 130


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
