"""Processes that are stopped with all that they started, and disks of a few bytes."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

STDERR = "stderr.txt"  # of the last command
FULL = """
import resource, signal, sys
from specrob.__main__ import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
most = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
main()
"""  # a command after the number of bytes that a file of it may have


def run_campaign(script: str, *words: object) -> str:
    """Return what a script beside this one prints; it must end with 0."""
    command = [sys.executable, str(Path(__file__).with_name(script)), *map(str, words)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout[-5000:] + done.stderr[-2000:]
    return done.stdout


def last_line() -> str:
    """Return the last line of the last command's stderr."""
    lines = Path(STDERR).read_text(errors="replace").strip().splitlines()
    return lines[-1] if lines else ""


class SharedProcess:
    """A command that two processes of torchrun share."""

    def __init__(self, *words: str):
        launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
        with Path(STDERR).open("wb") as stderr:
            self.process = subprocess.Popen(
                [*launch, "-m", "specrob", *words], stdout=subprocess.DEVNULL, stderr=stderr
            )
        self.poll, self.pid = self.process.poll, self.process.pid
        self.others: list[int] = []

    def send_signal(self, number: signal.Signals) -> None:
        """Send a signal to the launcher and to both processes, as a scheduler does."""
        self.others = descendants(self.pid)
        for pid in (self.pid, *self.others):
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, number)

    def wait(self) -> int:
        """Return the exit status when all are gone."""
        status = self.process.wait()
        while any(Path(f"/proc/{pid}").exists() for pid in self.others):
            time.sleep(0.02)
        return status


def descendants(pid: int) -> list[int]:
    """Return the processes that a process has started, and those that they have."""
    with contextlib.suppress(FileNotFoundError):
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        return [each for child in map(int, children) for each in (child, *descendants(child))]
    return []


def can_mount(place: Path) -> bool:
    """Return whether this process may mount file systems."""
    try:
        with small_disk(place, 1):
            return True
    except (OSError, subprocess.CalledProcessError):
        return False


@contextlib.contextmanager
def small_disk(place: Path, size: int) -> Iterator[None]:
    """Mount a file system of so many bytes, or of the few pages above."""
    place.mkdir(exist_ok=True)
    words = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=755", "tmpfs", str(place)]
    subprocess.run(words, check=True, stderr=subprocess.DEVNULL)
    try:
        yield
    finally:
        subprocess.run(["umount", str(place)], check=True)
