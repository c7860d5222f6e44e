"""Seconds and memory of `table`, `compare`, `plot` and `report` over thousands of results.

    python tests/benchmarks/large_folder.py --networks 300 --folder FOLDER

The folder is made where it is missing: kinds of networks of three seeds each, with six results of
every one, on the digits. Seconds are of the processor; the reference is what a bare reading of the
files takes (json and numpy, no checks).
"""

import argparse
import contextlib
import json
import shlex
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

sys.path.append(str(Path(__file__).parent))  # behind installed packages

from process_cost import measure

SEEDS = 3
NETWORK = "train-sup --arch shlp --hidden {width} --epochs 2 --limit 300 -q"
MEASURES = """
spectrum N --limit 300 --noise -q -o M.spectrum.npz
fit-alpha M.spectrum.npz --range 2:12 -o M.alpha.json
crit-dist N --method fgsm --limit 500 -q --save-curve M.fgsm.json -o M.fgsm.npz
smoothness N --limit 20 -q --save M.local.npz -o M.smoothness.json
"""
COMMANDS = {
    "table": "table . -o {out}.csv",
    "table, one quantity": "table . --quantity test_accuracy -o {out}.csv",
    "plot": "plot {curves} -o {out}.png",
    "compare": "compare k0-{{seed}}.fgsm.npz k1-{{seed}}.fgsm.npz -o {out}.json",
    "report": "report . -o {out}.html",
}


def make(folder: Path, networks: int) -> None:
    """Train networks and measure them."""
    from typer.testing import CliRunner

    from specrob.cli import app

    folder.mkdir(parents=True, exist_ok=True)
    with contextlib.chdir(folder):
        for kind in range(networks // SEEDS):
            seeds = f"--seeds {','.join(map(str, range(SEEDS)))}"
            lines = [f"{NETWORK.format(width=14 + kind)} {seeds} -o k{kind}-{{seed}}.safetensors"]
            for seed in range(SEEDS):
                name = f"k{kind}-{seed}"
                lines += [
                    line.replace("N", f"{name}.safetensors").replace("M", name)
                    for line in MEASURES.strip().splitlines()
                ]
            for line in lines:
                result = CliRunner().invoke(app, shlex.split(line))
                assert result.exit_code == 0, f"{line}: {result.stderr}"


def read_bare(folder: Path) -> float:
    """Return the seconds in which json and numpy read all arrays and facts."""
    begun = time.process_time()
    for file in folder.iterdir():
        if file.suffix == ".npz":
            with np.load(file) as archive:
                _ = [archive[name] for name in archive.files]
        elif file.suffix == ".json":
            json.loads(file.read_text())
        else:
            file.read_bytes()
    return time.process_time() - begun


def main() -> None:
    """Print a line for each command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--networks", type=int, default=6)
    parser.add_argument("--folder", type=Path)
    parser.add_argument("--make", action="store_true", help="only make the folder")
    given = parser.parse_args()
    if given.make:
        make(given.folder, given.networks)
        return
    with tempfile.TemporaryDirectory() as made:
        folder = given.folder or Path(made) / "results"
        if not folder.exists():  # in another process, whose memory is not this one's children's
            making = [sys.executable, __file__, "--make", "--networks", str(given.networks)]
            subprocess.run([*making, "--folder", str(folder)], check=True)
        files = len(list(folder.iterdir()))
        bare = read_bare(folder)
        print(f"{files} files, read in {bare:.2f} s by json and numpy alone")
        curves = " ".join(sorted(file.name for file in folder.glob("*.fgsm.json")))
        for name, line in COMMANDS.items():
            words = shlex.split(line.format(out=f"{made}/out", curves=curves))
            seconds, memory = measure(words, folder)
            print(
                f"{name:20s} {seconds:6.1f} s, {1e3 * seconds / files:6.1f} ms a file, "
                f"{seconds / bare:5.1f} times the reading, {memory:5.2f} GiB"
            )


if __name__ == "__main__":
    main()
