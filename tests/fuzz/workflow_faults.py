"""The papers' workflows, killed at random moments and begun again until they end.

Every array and fact of the results is that of the workflow which nothing disturbed.

    python tests/fuzz/workflow_faults.py --paper paper_a --kills 10 --seed 0 --folder FOLDER

FOLDER keeps the undisturbed run for another time.
"""

import argparse
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

from faults import content

EXAMPLES = Path(__file__).parents[2] / "examples"
SIGNALS = (signal.SIGKILL, signal.SIGTERM, signal.SIGINT)
RESULTS = (".npz", ".json", ".safetensors")


def snakemake(paper: str, run: Path, *words: str) -> subprocess.Popen:
    """Begin a workflow's smoke run in a process group of its own."""
    given = ["--snakefile", str(EXAMPLES / paper / "Snakefile"), "--directory", str(run)]
    given += ["--configfile", str(EXAMPLES / paper / "smoke.yaml"), "--cores", "2"]
    given += ["--rerun-triggers", "mtime", "--rerun-incomplete", *words]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with (run / "output.txt").open("a") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *given],
            stdout=output,
            stderr=output,
            start_new_session=True,
            env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"},
        )


def whole(paper: str, run: Path) -> float:
    """Run a workflow undisturbed unless it was; return its seconds."""
    seconds = run / "seconds.txt"
    if not seconds.exists():
        run.mkdir(parents=True, exist_ok=True)
        begun = time.monotonic()
        check(snakemake(paper, run), run)
        seconds.write_text(str(time.monotonic() - begun))
    return float(seconds.read_text())


def check(process: subprocess.Popen, run: Path) -> None:
    """Wait for a workflow; raise RuntimeError with its last words where it fails."""
    if process.wait():
        raise RuntimeError((run / "output.txt").read_text()[-3000:])


def disturbed(paper: str, run: Path, kills: int, most: float, rng: random.Random) -> Counter:
    """Run a workflow that is killed again and again; return how often by what."""
    run.mkdir(parents=True)
    counts: Counter = Counter()
    for _ in range(kills):
        process, number = snakemake(paper, run), rng.choice(SIGNALS)
        try:
            process.wait(rng.uniform(4, most))
            counts["ended before"] += 1
            break
        except subprocess.TimeoutExpired:
            os.killpg(process.pid, number)
        time.sleep(0.3)
        if number is signal.SIGINT:  # Snakemake then waits for its jobs
            process.wait()
        else:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
        counts[number.name] += 1
        check(snakemake(paper, run, "--unlock"), run)
    check(snakemake(paper, run), run)
    return counts


def differences(one: Path, other: Path) -> list[str]:
    """Return the results that are not in both runs with the same content."""
    files = [
        {f.relative_to(run) for f in run.rglob("*") if f.suffix in RESULTS and f.is_file()}
        for run in (one, other)
    ]
    files = [{f for f in names if not f.parts[0].startswith((".", "times"))} for names in files]
    missing = [f"{name}: in one run alone" for name in sorted(files[0] ^ files[1])]
    differ = [
        f"{name}: differs"
        for name in sorted(files[0] & files[1])
        if content(one / name) != content(other / name)
    ]
    return [*missing, *differ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--paper", action="append", default=[])
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--folder", type=Path, required=True)
    settings, wrong = parser.parse_args(), 0
    signal.signal(signal.SIGINT, signal.default_int_handler)  # in the background it is ignored
    for paper in settings.paper or ["paper_a", "paper_b", "paper_d"]:
        seconds = whole(paper, settings.folder / paper)
        again = settings.folder / f"{paper}-disturbed"
        shutil.rmtree(again, ignore_errors=True)
        share = max(8.0, 1.2 * seconds / (settings.kills + 1))  # so that all come before the end
        counts = disturbed(paper, again, settings.kills, share, random.Random(settings.seed))
        found = differences(settings.folder / paper, again)
        wrong += len(found)
        print(*found, f"{paper}: {dict(counts)}, {len(found)} differences", sep="\n", flush=True)
    sys.exit(bool(wrong))
