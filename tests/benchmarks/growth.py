"""How time and memory of the commands grow with units, images, pixels, radii and members.

    python tests/benchmarks/growth.py --output growth.md --figure growth.png

Each command runs alone, with one thread, on images of random bytes. Its processor seconds over the
last four sizes are fitted by a constant (the start of Python and torch takes 1.5 s) and a power of
the size: an exponent of 1 is linear growth. The column `expected` says what the arithmetic of the
command asks for in the limit, and why.
"""

import argparse
import json
import shlex
import sys
import tempfile
from pathlib import Path

import numpy as np
import process_cost
from growth_cases import CASES, COUNTS, SIDES, Case
from scipy.optimize import nnls


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
    return process_cost.measure(
        [*shlex.split(line), "-q"], folder, OMP_NUM_THREADS="1", TORCH_HOME=str(folder)
    )


def measure(case: Case, folder: Path) -> list[tuple[int, float, float]]:
    """Return the size, seconds and memory of each run."""
    measured = []
    for size in case.sizes:
        given = ",".join(map(str, range(size))) if case.axis == "members" else str(size)
        if case.first:
            run(case.first.replace("N", given), folder)
        measured.append((size, *run(case.line.replace("N", given), folder)))
    return measured


def exponent(measured: list[tuple[int, float, float]], axis: str) -> float:
    """Return p of ``seconds = a + b size^p``, the last four runs, least relative squares."""
    sizes, seconds, _ = np.array(measured[-4:]).T
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
    for result in results:
        sizes, seconds, memory = zip(*result["runs"], strict=True)
        ends = f"{sizes[0]:,} to {sizes[-1]:,}"
        side = " (side)" if result["axis"] == "pixels" else ""
        lines.append(
            f"| {result['command']} | {result['axis']}{side} {ends} | "
            f"{seconds[0]:.1f} to {seconds[-1]:.1f} | {memory[0]:.2f} to {max(memory):.2f} | "
            f"{result['exponent']:.2f} | {result['expected']} |"
        )
    return "\n".join(lines)


def draw(results: list[dict], file: Path) -> None:
    """Draw seconds over size, a panel for each axis."""
    from matplotlib.figure import Figure

    axes = list(dict.fromkeys(result["axis"] for result in results))
    figure = Figure((3.2 * len(axes), 3.4), layout="constrained")
    for panel, axis in zip(figure.subplots(1, len(axes), squeeze=False)[0], axes, strict=True):
        for result in (each for each in results if each["axis"] == axis):
            sizes, seconds, _ = np.array(result["runs"]).T
            panel.loglog(sizes, seconds, "o-", ms=3, lw=1, label=result["command"])
        panel.set(xlabel="side, pixels" if axis == "pixels" else axis)
        panel.legend(fontsize=7, frameon=False)
    figure.axes[0].set_ylabel("processor time, s")
    figure.savefig(file, dpi=150)


def main() -> None:
    """Measure all commands, or some; without arguments print what there is."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--only", default="", help="commands whose name and axis contain this")
    parser.add_argument("--output", type=Path)
    parser.add_argument("--figure", type=Path)
    parser.add_argument("--raw", type=Path, help="results as JSON, to which others are added")
    if len(sys.argv) == 1:  # as result of all benchmarks
        parser.print_help()
        return
    given = parser.parse_args()
    results = json.loads(given.raw.read_text()) if given.raw and given.raw.exists() else []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        write_images(folder)
        for case in CASES:
            label = f"{case.command} {case.axis}"
            if given.only not in label or any(result["label"] == label for result in results):
                continue
            runs = measure(case, folder)
            power = exponent(runs, case.axis)
            facts = {"command": case.command, "axis": case.axis, "expected": case.expected}
            results.append({"label": label, **facts, "runs": runs, "exponent": power})
            print(table(results[-1:]).splitlines()[-1], flush=True)
            if given.raw:
                given.raw.write_text(json.dumps(results, indent=1))
    if given.output:
        given.output.write_text(table(results) + "\n")
    if given.figure:
        draw(results, given.figure)


if __name__ == "__main__":
    main()
