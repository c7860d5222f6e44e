"""Signals that wait until a file is whole."""

import signal
from collections.abc import Iterator
from contextlib import contextmanager

from specrob.settings.run import STOPS


@contextmanager
def held_signals() -> Iterator[None]:
    """Hold signals that stop a run back until what is within is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, (signal.SIGINT, *STOPS))
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
