"""Commands that are killed or told to stop at random moments, and disks that fill at random bytes.

What existed stays whole; a run that goes on gives the arrays of the run that nothing disturbed.
The table has a line for each command: how often it was stopped, how often that left a checkpoint,
how often it had ended before, and what was wrong.

    python tests/fuzz/faults.py --seed 0 --kills 18 --disks 6 --mount

With --mount, which only root may, every other disk is a file system of a few pages; the others are
a limit on the size of files.
"""

import argparse
import contextlib
import json
import random
import re
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from disturbed import FULL, STDERR, SharedProcess, can_mount, last_line, small_disk
from disturbed_commands import MADE, REPEATED, RESUMED, SHARED, suffix

from warm_start import WarmProcess, warm_start

OLD = b"what was there before"
SIGNALS = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}
FULL_DISK = re.compile("found (file too large|no space left on device)")
WITHIN = 10.0  # seconds in which a command that is told to stop must have ended
AnyProcess = WarmProcess | SharedProcess


@dataclass
class Tally:
    """What became of one command."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def content(file: Path) -> object:
    """Return what must not differ between two runs: arrays and facts, not the command line."""
    from specrob.artifacts import decode
    from specrob.errors import SpecrobError

    if file.suffix == ".png":
        return file.read_bytes()
    if file.suffix == ".html":
        return file.read_bytes().rstrip().endswith(b"</html>")
    try:
        artifact = decode(file.read_bytes(), file.name)
    except SpecrobError as error:
        return str(error)
    arrays = {name: array.tobytes() for name, array in artifact.arrays.items()}
    return arrays, json.dumps(artifact.fields, sort_keys=True, default=str)


def put_old(line: str, output: Path, kept: Path) -> None:
    """Put a file where the output goes, but for `invert`, which adds to what is there."""
    kept.unlink(missing_ok=True)
    output.unlink(missing_ok=True)
    if not line.startswith("invert"):
        output.write_bytes(OLD)


class Faults:
    """A folder in which commands are disturbed; `warm` is the folder of a warm `specrob`."""

    def __init__(self, warm: Path, rng: random.Random, *, mount: bool = False):
        self.warm, self.rng, self.mount = warm, rng, mount
        self.tallies: dict[str, Tally] = {}

    def run(self, line: str, *words: str, code: str | None = None) -> AnyProcess:
        """Begin a command."""
        if line.startswith("torchrun"):
            return SharedProcess(*line.split()[1:], "-q", *words)
        return WarmProcess(self.warm, *line.split(), "-q", *words, code=code, errors=STDERR)

    def undisturbed(self, name: str, line: str) -> tuple[Path, float]:
        """Return the output of the whole run and its seconds."""
        whole = Path(f"whole.{suffix(line)}")
        for _ in range(2):  # the first finds files that are not in memory yet
            whole.unlink(missing_ok=True)
            begun = time.monotonic()
            if status := self.run(line, "-o", str(whole)).wait():
                raise RuntimeError(f"{name} ended with {status}: {last_line()}")
        return whole, time.monotonic() - begun

    def kill(self, name: str, line: str, times: int) -> None:
        """Stop a command at random moments, go on, and compare."""
        tally = self.tallies.setdefault(name, Tally())
        whole, seconds = self.undisturbed(name, line)
        expected = content(whole)
        for _ in range(times):
            self._kill_once(line, tally, expected, seconds)

    def _kill_once(self, line: str, tally: Tally, expected: object, seconds: float) -> None:
        output, kept = Path(f"O.{suffix(line)}"), Path("kept.safetensors")
        put_old(line, output, kept)
        number = self.rng.choice(list(SIGNALS))
        keep = ["--checkpoint", str(kept), "--checkpoint-every", "0"]
        keep = [] if line in REPEATED.values() else keep
        after = self.rng.uniform(0.02, seconds)
        process = self.run(line, *keep, "-o", str(output))
        time.sleep(after)
        begun = time.monotonic()
        ended = process.poll() is not None
        if not ended:
            with contextlib.suppress(ProcessLookupError):
                process.send_signal(number)
        status, took = process.wait(), time.monotonic() - begun
        where = f"{line} after {after:.3f} s by {number.name}"
        tally.counts["ended before" if status == 0 else number.name] += 1
        right = (0, SIGNALS[number], -number)  # the last before Python listens
        if status not in (right if isinstance(process, WarmProcess) else (*right, 1)):
            tally.faults.append(f"{where}: ended with {status}: {last_line()}")
        if took > WITHIN:
            tally.faults.append(f"{where}: ended {took:.1f} s later")
        self._compare(tally, status, output, expected, where)
        again = ["--resume", str(kept)] if kept.exists() else []
        tally.counts["resumed" if again else "begun anew"] += status != 0
        if again_status := self.run(line, *again, "-o", str(output)).wait():
            tally.faults.append(f"{where}: resumed, ended with {again_status}: {last_line()}")
        self._compare(tally, 0, output, expected, where)
        for part in Path().glob(".*.part"):  # of a kill, which nothing can clean up after
            tally.counts["parts left"] += 1
            if status != -signal.SIGKILL:
                tally.faults.append(f"{where}: left {part}")
            part.unlink()

    def _compare(
        self, tally: Tally, status: int, output: Path, expected: object, where: str
    ) -> None:
        """Note an output that is neither what was there nor what should be."""
        there = output.read_bytes() if output.exists() else None
        old = there == (None if where.startswith("invert") else OLD)
        if there is None and not old:
            tally.faults.append(f"{where}: lost {output}")
        elif old and status == 0:
            tally.faults.append(f"{where}: never wrote {output}")
        elif not old and content(output) != expected:
            tally.faults.append(f"{where}: {output} differs")

    def fill(self, name: str, line: str, times: int) -> None:
        """Let the disk end at random bytes of the output or of the checkpoint."""
        tally = self.tallies.setdefault(name, Tally())
        whole, _ = self.undisturbed(name, line)
        size, expected = whole.stat().st_size, content(whole)
        for number in range(times):
            real = self.mount and number % 2 == 1
            self._fill_once(line, tally, expected, int(size * self.rng.random()), real=real)

    def _fill_once(
        self, line: str, tally: Tally, expected: object, most: int, *, real: bool
    ) -> None:
        place = Path("disk")
        place.mkdir(exist_ok=True)
        with small_disk(place, most + len(OLD)) if real else contextlib.nullcontext():
            output, kept = place / f"O.{suffix(line)}", place / "kept.safetensors"
            put_old(line, output, kept)
            keep = ["--checkpoint", str(kept), "--checkpoint-every", "0"]
            keep = keep if line not in REPEATED.values() and self.rng.random() < 0.5 else []
            words = [*keep, "-o", str(output)]
            if real:
                status = self.run(line, *words).wait()
            else:
                status = self.run(f"{most} {line}", *words, code=FULL).wait()
            where = f"{line} {' '.join(keep)} on a disk of {most} bytes"
            tally.counts["disk full" if status == 1 else "disk sufficed"] += 1
            if status not in (0, 1) or (status == 1 and not FULL_DISK.search(last_line())):
                tally.faults.append(f"{where}: ended with {status}: {last_line()}")
            self._compare(tally, status, output, expected, where)
            if list(place.glob(".*.part")):
                tally.faults.append(f"{where}: left a part")


def run_campaign(
    folder: Path,
    *,
    seed: int,
    kills: int,
    disks: int,
    only: Sequence[str] = (),
    mount: bool = False,
) -> Iterator[tuple[str, Tally]]:
    """Yield every command with what became of it.

    Parameters
    ----------
    kills, disks : int
        How often each command is stopped, and how often it has a disk that fills.
    only : sequence of str
        Commands; all by default.
    mount : bool
        Whether half of the disks are file systems of their own.
    """
    lines = {**RESUMED, **SHARED, **REPEATED}
    chosen = {name: line for name, line in lines.items() if name in only or not only}
    with contextlib.chdir(folder), warm_start(folder) as warm:
        faults = Faults(warm, random.Random(seed), mount=mount)
        for line in filter(None, MADE.splitlines()):
            assert WarmProcess(warm, *line.split()).wait() == 0, line
        Path("folder").mkdir()
        Path("folder/bp.safetensors").write_bytes(Path("bp.safetensors").read_bytes())
        for name, line in chosen.items():
            faults.kill(name, line, kills)
            if name not in SHARED:
                faults.fill(name, line, disks)
            yield name, faults.tallies[name]


def table(tallies: dict[str, Tally]) -> str:
    """Return the counts as a Markdown table."""
    columns = [*(number.name for number in SIGNALS), "ended before", "resumed", "begun anew"]
    columns += ["parts left", "disk full", "disk sufficed", "faults"]
    for tally in tallies.values():
        tally.counts["faults"] = len(tally.faults)
    total = Tally(sum((tally.counts for tally in tallies.values()), Counter()))
    rows = [["command", *columns], ["---", *["---:"] * len(columns)]]
    for name, tally in {**tallies, "all": total}.items():
        rows.append([name, *(str(tally.counts[column]) for column in columns)])
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--kills", type=int, default=18, help="of each command")
    parser.add_argument("--disks", type=int, default=6, help="of each command")
    parser.add_argument("--only", action="append", default=[])
    parser.add_argument("--mount", action="store_true")
    settings = parser.parse_args()
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    with tempfile.TemporaryDirectory() as name:
        if settings.mount and not can_mount(Path(name, "trial")):
            sys.exit("expected the right to mount file systems; drop --mount")
        tallies = {}
        for command, tally in run_campaign(Path(name), **vars(settings)):
            tallies[command] = tally
            print(command, dict(tally.counts), *tally.faults, sep="\n  ", file=sys.stderr)
    print(table(tallies))
    sys.exit(any(tally.faults for tally in tallies.values()))
