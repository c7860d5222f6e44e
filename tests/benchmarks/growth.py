"""How time and memory of the commands grow with units, images, pixels, radii and members.

    python tests/benchmarks/growth.py --output growth.md --figure growth.png

Each command runs alone, with one thread, on images of random bytes. Its processor seconds over the
last four sizes are fitted by a constant (the start of Python and torch takes 1.5 s) and a power of
the size: an exponent of 1 is linear growth. The column `expected` says what the arithmetic of the
command asks for in the limit, and why.
"""

import argparse
import json
import os
import shlex
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

UNITS, COUNTS = (250, 500, 1000, 2000, 4000, 8000), (1000, 2000, 5000, 10_000, 20_000, 50_000)
SIDES, RADII, MEMBERS = (8, 16, 32, 64, 128, 224), (10, 30, 100, 300, 1000), (1, 2, 4, 8, 16)
WIDE = "train-sup --arch shlp --data x.npz --limit 2000 --epochs 1 --batch-size 500 --hidden N"
NET = "train-sup --arch shlp --data x.npz --limit 500 --epochs 1 --hidden"
SMALL = f"{NET} 100 -o net.safetensors"
OF_SIZE = "train-sup --arch shlp --hidden 50 --data sN.npz --epochs 1 -o net.safetensors"


@dataclass(frozen=True)
class Case:
    """A command whose size is N; `first` is run before, and not measured."""

    command: str
    axis: str
    sizes: tuple[int, ...]
    line: str
    expected: str
    first: str = ""


CASES = (
    Case(
        "train-kh",
        "units",
        UNITS,
        "train-kh --data x.npz --limit 2000 --epochs 1 --hidden N -o o.st",
        "1: a product of images and synapses",
    ),
    Case("train-sup", "units", UNITS, f"{WIDE} -o o.st", "1: products of images and weights"),
    Case(
        "train-sup, spectral",
        "units",
        UNITS[:5],
        f"{WIDE} --penalty spectral=1,tau=1,refresh=epoch -o o.st",
        "3: eigenvectors of units by units; 2 while the products of batches prevail",
    ),
    Case(
        "spectrum",
        "units",
        UNITS,
        "spectrum net.safetensors --limit 2000 -o o.npz",
        "1 above 2,000 units: a Gram matrix of the images; 3 below",
        f"{NET} N -o net.safetensors",
    ),
    Case(
        "attack, PGD",
        "units",
        UNITS,
        "attack net.safetensors --limit 100 --eps 0.01 -o o.json",
        "1: gradients",
        f"{NET} N -o net.safetensors",
    ),
    Case(
        "certify",
        "units",
        UNITS,
        "certify net.safetensors --limit 20 -o o.npz",
        "1: bounds of units, pulled back to the pixels",
        f"{NET} N -o net.safetensors",
    ),
    Case(
        "train-sup",
        "images",
        COUNTS,
        "train-sup --arch shlp --hidden 100 --data x.npz --limit N --epochs 1 -o o.st",
        "1",
    ),
    Case(
        "train-kh",
        "images",
        COUNTS,
        "train-kh --hidden 100 --data x.npz --limit N --epochs 1 -o o.st",
        "1",
    ),
    Case(
        "spectrum of images",
        "images",
        COUNTS,
        "spectrum images --data x.npz --split train --limit N -o o.npz",
        "1: sums of 3,072 by 3,072; eigenvalues once",
    ),
    Case(
        "spectrum",
        "images",
        COUNTS,
        "spectrum net.safetensors --split train --limit N -o o.npz",
        "1",
        SMALL,
    ),
    Case(
        "crit-dist, FGSM",
        "images",
        COUNTS,
        "crit-dist net.safetensors --split train --limit N --method fgsm -o o.npz",
        "1",
        SMALL,
    ),
    Case(
        "smoothness",
        "images",
        COUNTS[:4],
        "smoothness net.safetensors --split train --limit N -o o.json",
        "1",
        SMALL,
    ),
    Case(
        "dimension",
        "images",
        COUNTS[:5],
        "dimension images --data x.npz --split train --limit N -o o.json",
        "2: distances of all pairs",
    ),
    Case(
        "spectrum of images",
        "pixels",
        SIDES,
        "spectrum images --data sN.npz -o o.npz",
        "1 (2 in the side): a Gram matrix of 300 images",
    ),
    Case("train-sup", "pixels", SIDES, OF_SIZE.replace("net.safetensors", "o.st"), "1"),
    Case(
        "train-kh", "pixels", SIDES, "train-kh --hidden 50 --data sN.npz --epochs 1 -o o.st", "1"
    ),
    Case(
        "attack, PGD",
        "pixels",
        SIDES,
        "attack net.safetensors --eps 0.01 --limit 100 -o o.json",
        "1",
        OF_SIZE,
    ),
    Case(
        "attack, FGSM",
        "radii",
        RADII,
        "attack net.safetensors --method fgsm --eps log:1e-4:1:N --limit 1000 -o o.json",
        "below 1: the gradient is computed once",
        SMALL,
    ),
    Case(
        "attack, PGD",
        "radii",
        RADII,
        "attack net.safetensors --eps log:1e-4:1:N --limit 100 -o o.json",
        "1 at most: an image that is fooled is not attacked at larger radii",
        SMALL,
    ),
    Case(
        "train-sup",
        "members",
        MEMBERS,
        "train-sup --arch shlp --hidden 100 --data x.npz --limit 5000 --epochs 3 --seeds N"
        " -o o{seed}.st",
        "1, the images are read once",
    ),
)


def write_images(folder: Path) -> None:
    """Write files of random bytes: many of 32 by 32 pixels, few of each side."""
    rng = np.random.default_rng(0)
    files = {"x": (COUNTS[-1], 2000, 32)} | {f"s{side}": (300, 300, side) for side in SIDES}
    for name, (train, test, side) in files.items():
        arrays = {}
        for split, count in (("train", train), ("test", test)):
            arrays[f"x_{split}"] = rng.integers(0, 256, (count, side, side, 3), np.uint8)
            arrays[f"y_{split}"] = rng.integers(0, 10, count)
        np.savez(folder / f"{name}.npz", **arrays)


def run(line: str, folder: Path) -> tuple[float, float]:
    """Return the processor seconds of a command and its peak memory, GiB."""
    words = [sys.executable, "-m", "specrob", *shlex.split(line), "-q"]
    one = {**os.environ, "OMP_NUM_THREADS": "1", "TORCH_HOME": str(folder)}
    process = subprocess.Popen(words, cwd=folder, env=one, stdout=subprocess.DEVNULL)
    _, status, used = os.wait4(process.pid, 0)
    assert status == 0, line
    return used.ru_utime + used.ru_stime, used.ru_maxrss / 2**20


def measure(case: Case, sizes: tuple[int, ...], folder: Path) -> list[tuple[int, float, float]]:
    """Return the size, seconds and memory of each run."""
    found = []
    for size in sizes:
        given = ",".join(map(str, range(size))) if case.axis == "members" else str(size)
        if case.first:
            run(case.first.replace("N", given), folder)
        found.append((size, *run(case.line.replace("N", given), folder)))
    return found


def exponent(found: list[tuple[int, float, float]], axis: str) -> float:
    """Return p of ``seconds = a + b size^p``, the last four runs, least relative squares."""
    sizes, seconds, _ = np.array(found[-4:]).T
    sizes = sizes**2 if axis == "pixels" else sizes

    def error(power: float) -> float:
        terms = np.stack([np.ones_like(sizes), (sizes / sizes[-1]) ** power], 1)
        return float(nnls(terms / seconds[:, None], np.ones_like(sizes))[1])

    return float(min(np.linspace(0.05, 4, 396), key=error))


def table(results: list[dict]) -> str:
    """Return the results as a Markdown table."""
    lines = [
        "| command | size | seconds | GiB | exponent | expected |",
        "|---|---|---|---|---|---|",
    ]
    for one in results:
        sizes, seconds, memory = zip(*one["found"], strict=True)
        ends = f"{sizes[0]:,} to {sizes[-1]:,}"
        side = " (side)" if one["axis"] == "pixels" else ""
        lines.append(
            f"| {one['command']} | {one['axis']}{side} {ends} | "
            f"{seconds[0]:.1f} to {seconds[-1]:.1f} | {memory[0]:.2f} to {max(memory):.2f} | "
            f"{one['exponent']:.2f} | {one['expected']} |"
        )
    return "\n".join(lines)


def draw(results: list[dict], file: Path) -> None:
    """Draw seconds over size, a panel for each axis."""
    from matplotlib.figure import Figure

    axes = list(dict.fromkeys(one["axis"] for one in results))
    figure = Figure((3.2 * len(axes), 3.4), layout="constrained")
    for panel, axis in zip(figure.subplots(1, len(axes), squeeze=False)[0], axes, strict=True):
        for one in (one for one in results if one["axis"] == axis):
            sizes, seconds, _ = np.array(one["found"]).T
            panel.loglog(sizes, seconds, "o-", ms=3, lw=1, label=one["command"])
        panel.set(xlabel="side, pixels" if axis == "pixels" else axis)
        panel.legend(fontsize=7, frameon=False)
    figure.axes[0].set_ylabel("processor time, s")
    figure.savefig(file, dpi=150)


def main() -> None:
    """Measure all, or three of the smallest sizes of every command."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="commands whose name and axis contain this")
    parser.add_argument("--sizes", type=int, default=0, help="how many of each, from the smallest")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--raw", type=Path, help="results as JSON, to which others are added")
    if len(sys.argv) == 1:  # as one of all benchmarks
        parser.print_help()
        return
    given = parser.parse_args()
    results = json.loads(given.raw.read_text()) if given.raw and given.raw.exists() else []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_images(folder)
        for case in CASES:
            label = f"{case.command} {case.axis}"
            if given.only not in label or any(one["label"] == label for one in results):
                continue
            found = measure(case, case.sizes[: given.sizes or None], folder)
            power = exponent(found, case.axis)
            facts = {"command": case.command, "axis": case.axis, "expected": case.expected}
            results.append({"label": label, **facts, "found": found, "exponent": power})
            print(table(results[-1:]).splitlines()[-1], flush=True)
            if given.raw:
                given.raw.write_text(json.dumps(results, indent=1))
    if given.output:
        given.output.write_text(table(results) + "\n")
    if given.figure:
        draw(results, given.figure)


if __name__ == "__main__":
    main()
