"""Commands that are killed or told to stop at random moments, and disks that fill at random bytes.

What existed stays whole; a run that goes on gives the arrays of the run that nothing disturbed.
The table has a line for each command: how often it was stopped, how often that left a checkpoint,
how often it had ended before, and what was wrong.

    python tests/fuzz/faults.py --seed 0 --kills 18 --disks 6

On Linux, as root, a quarter of the disks are real ones: file systems of a few pages.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parents[1]))

from warm_start import WarmProcess, warm_start

OLD = b"what was there before"
SAID = "stderr.txt"  # of the last command
SIGNALS = {signal.SIGKILL: -9, signal.SIGTERM: 143, signal.SIGINT: 130}
WITHIN = 10.0  # seconds in which a command that is told to stop must have ended
MADE = """
train-kh --hidden 30 --epochs 3 -q -o kh.safetensors
train-sup --arch shlp --hidden 20 --epochs 5 -q -o bp.safetensors
train-sup --arch mlp --hidden 15,15 --epochs 5 --batch-norm -q -o mlp.safetensors
spectrum images --bootstrap 5 -q -o spectrum.npz
"""
MLP = "train-sup --arch mlp --hidden"
SPECTRAL = "--penalty spectral=0.1,tau=2,refresh=7 --penalty jacobian=1e-3,of=logits"
FEW = "--limit 150 --batch-size 7"
RESUMED = {  # what has a checkpoint
    "train-kh": "train-kh --hidden 30 --epochs 60 --patience 40",
    "train-kh, attempts": "train-kh --hidden 12 --epochs 20 --attempts 3 --delta 0.2",
    "train-kh, bfloat16": "train-kh --hidden 30 --epochs 30 --precision bfloat16",
    "train-sup, penalties": f"{MLP} 20,20 --epochs 20 --batch-norm {SPECTRAL}",
    "train-sup, read-out": "train-sup kh.safetensors --epochs 40",
    "train-sup, attacked": f"{MLP} 15 --epochs 12 --adversarial pgd,eps=0.05,steps=2",
    "attack": f"attack mlp.safetensors {FEW} --eps 0,0.05,0.1 --norm linf",
    "crit-dist": f"crit-dist bp.safetensors {FEW} --method minimal",
    "crit-dist, worst": "crit-dist bp.safetensors --limit 20 --batch-size 5 --method worst",
    "certify": f"certify bp.safetensors {FEW}",
    "smoothness": f"smoothness mlp.safetensors {FEW}",
    "invert": "invert bp.safetensors --limit 40 --batch-size 5 --steps 60",
}
SHARED = {  # two processes by torchrun
    "torchrun train-kh": "torchrun train-kh --hidden 30 --epochs 200 --batch-size 359",
    "torchrun train-sup": f"torchrun {MLP} 20,10 --epochs 40 {SPECTRAL}",
    "torchrun crit-dist": f"torchrun crit-dist bp.safetensors {FEW} --method minimal",
}
REPEATED = {  # what is begun anew
    "spectrum": "spectrum mlp.safetensors --noise --bootstrap 200",
    "fit-alpha": "fit-alpha spectrum.npz --map",
    "landscape": "landscape bp.safetensors --points 40",
    "sensitivity": "sensitivity mlp.safetensors --ranks 1,3,5",
    "dimension": "dimension mlp.safetensors --layer input",
    "respectrum": "respectrum bp.safetensors --alpha 1",
    "prune": "prune kh.safetensors --threshold 0.9",
    "plot": "plot spectrum.npz",
    "report": "report folder",
}
SUFFIXES = {"train": "safetensors", "prune": "safetensors", "respectrum": "safetensors"}
SUFFIXES |= {"attack": "json", "fit-alpha": "json", "smoothness": "json", "dimension": "json"}
SUFFIXES |= {"plot": "png", "report": "html"}
FULL = """
import resource, signal, sys
from specrob.__main__ import main
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
most = int(sys.argv.pop(1))
resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
main()
"""


class SharedProcess:
    """A command that two processes share."""

    def __init__(self, *words: str):
        launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
        with Path(SAID).open("wb") as told:
            self.process = subprocess.Popen(
                [*launch, "-m", "specrob", *words],
                stdout=subprocess.DEVNULL,
                stderr=told,
                start_new_session=True,
            )
        self.poll, self.wait = self.process.poll, self.process.wait

    def signal(self, number: signal.Signals) -> None:
        """Send a signal to all, as a scheduler does."""
        os.killpg(self.process.pid, number)


AnyProcess = WarmProcess | SharedProcess


@dataclass
class Tally:
    """What became of one command."""

    counts: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)


def content(file: Path) -> object:
    """Return what must not differ between two runs: arrays and facts, not the command line."""
    from specrob.artifacts import decode

    if file.suffix == ".png":
        return file.read_bytes()
    if file.suffix == ".html":
        return file.stat().st_size > 0
    artifact = decode(file.read_bytes(), file.name)
    arrays = {name: array.tobytes() for name, array in artifact.arrays.items()}
    return arrays, json.dumps(artifact.fields, sort_keys=True, default=str)


def said() -> str:
    """Return the last line that the last command said."""
    return (Path(SAID).read_text(errors="replace").strip().splitlines() or [""])[-1]


def put_old(line: str, output: Path, kept: Path) -> None:
    """Put a file where the output goes, but for `invert`, which adds to what is there."""
    kept.unlink(missing_ok=True)
    output.unlink(missing_ok=True)
    if not line.startswith("invert"):
        output.write_bytes(OLD)


def suffix(line: str) -> str:
    """Return how the output of a command is named."""
    word = line.removeprefix("torchrun ").split()[0]
    word = "train" if word.startswith("train") else word
    return SUFFIXES.get(word, "npz")


class Faults:
    """A folder in which commands are disturbed; `warm` is the folder of a warm `specrob`."""

    def __init__(self, warm: Path, rng: random.Random):
        self.warm, self.rng = warm, rng
        self.tallies: dict[str, Tally] = {}

    def run(self, line: str, *words: str, code: str | None = None) -> AnyProcess:
        """Begin a command."""
        if line.startswith("torchrun"):
            return SharedProcess(*line.split()[1:], "-q", *words)
        return WarmProcess(self.warm, *line.split(), "-q", *words, code=code, errors=SAID)

    def undisturbed(self, name: str, line: str) -> tuple[Path, float]:
        """Return the output of the whole run and its seconds."""
        whole = Path(f"whole.{suffix(line)}")
        for _ in range(2):  # the first finds files that are not in memory yet
            begun = time.monotonic()
            if status := self.run(line, "-o", str(whole)).wait():
                raise RuntimeError(f"{name} ended with {status}: {said()}")
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
                process.signal(number)
        status, took = process.wait(), time.monotonic() - begun
        where = f"{line} after {after:.3f} s by {number.name}"
        tally.counts["ended before" if status == 0 else number.name] += 1
        right = (0, SIGNALS[number], -number)  # the last before Python listens
        if status not in (right if isinstance(process, WarmProcess) else (*right, 1)):
            tally.faults.append(f"{where}: ended with {status}: {said()}")
        if took > WITHIN:
            tally.faults.append(f"{where}: ended {took:.1f} s later")
        self._compare(tally, status, output, expected, where)
        again = ["--resume", str(kept)] if kept.exists() else []
        tally.counts["resumed" if again else "begun anew"] += status != 0
        if again_status := self.run(line, *again, "-o", str(output)).wait():
            tally.faults.append(f"{where}: resumed, ended with {again_status}: {said()}")
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
            real = number % 4 == 3 and sys.platform == "linux" and os.geteuid() == 0
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
            if status not in (0, 1):
                tally.faults.append(f"{where}: ended with {status}: {said()}")
            self._compare(tally, status, output, expected, where)
            if list(place.glob(".*.part")):
                tally.faults.append(f"{where}: left a part")


@contextlib.contextmanager
def small_disk(place: Path, size: int) -> Iterator[None]:
    """Mount a file system of so many bytes, or of the few pages above."""
    options = f"size={size},mode=755"
    subprocess.run(["mount", "-t", "tmpfs", "-o", options, "tmpfs", place], check=True)
    try:
        yield
    finally:
        subprocess.run(["umount", place], check=True)


def run_campaign(
    folder: Path, *, seed: int, kills: int, disks: int, only: Sequence[str] = ()
) -> dict[str, Tally]:
    """Return what became of every command.

    Parameters
    ----------
    kills, disks : int
        How often each command is stopped, and how often it has a disk that fills.
    only : sequence of str
        Commands; all by default.
    """
    lines = {**RESUMED, **SHARED, **REPEATED}
    chosen = {name: line for name, line in lines.items() if name in only or not only}
    with contextlib.chdir(folder), warm_start(folder) as warm:
        while not (folder / "socket").exists():
            time.sleep(0.05)
        faults = Faults(warm, random.Random(seed))
        for line in filter(None, MADE.splitlines()):
            assert WarmProcess(warm, *line.split()).wait() == 0, line
        Path("folder").mkdir()
        Path("folder/bp.safetensors").write_bytes(Path("bp.safetensors").read_bytes())
        for name, line in chosen.items():
            faults.kill(name, line, kills)
            if name not in SHARED:
                faults.fill(name, line, disks)
    return faults.tallies


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
    asked = parser.parse_args()
    with tempfile.TemporaryDirectory() as name:
        found = run_campaign(Path(name), **vars(asked))
    for tally in found.values():
        print(*tally.faults, sep="\n", end="\n" if tally.faults else "")
    print(table(found))
    sys.exit(any(tally.faults for tally in found.values()))
