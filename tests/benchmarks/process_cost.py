"""Processor time and memory of a command, which runs in a process of its own."""

import os
import subprocess
import sys
from pathlib import Path


def measure(words: list[str], folder: Path, **environment: str) -> tuple[float, float]:
    """Return the processor seconds of `specrob` with some words, and its peak memory, GiB."""
    process = subprocess.Popen(
        [sys.executable, "-m", "specrob", *words],
        cwd=folder,
        env={**os.environ, **environment},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise RuntimeError(f"specrob {' '.join(words)} ended with {status}")
    return usage.ru_utime + usage.ru_stime, usage.ru_maxrss / 2**20


if __name__ == "__main__":  # as one of all benchmarks
    print("start and end: {:.2f} s, {:.2f} GiB".format(*measure(["--version"], Path())))
