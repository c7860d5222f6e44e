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
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from scipy.optimize import nnls

sys.path.append(str(Path(__file__).parent))  # behind installed packages

import process_cost
from growth_cases import CASES, COUNTS, SIDES, Case

NAMES = {"pixels": "side of the images, pixels", "images": "images"}
LEAST = 1.0  # seconds by which the largest run must take longer than the smallest


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


def is_fitted(seconds: Sequence[float]) -> bool:
    """Return whether a growth is large enough to tell its exponent."""
    return max(seconds) - min(seconds) > LEAST


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
        side = ", side," if result["axis"] == "pixels" else ""
        power = f"{result['exponent']:.2f}" if is_fitted(seconds) else "too cheap"
        lines.append(
            f"| {result['command']} | {result['axis']}{side} {ends} | "
            f"{seconds[0]:.1f} to {seconds[-1]:.1f} | {memory[0]:.2f} to {max(memory):.2f} | "
            f"{power} | {result['expected']} |"
        )
    return "\n".join(lines)


def _in_thousands(value: float, _: int) -> str:
    return f"{value / 1000:g}k" if value >= 1000 else f"{value:g}"


def draw(results: list[dict], file: Path) -> None:
    """Draw seconds over size, a panel for each axis."""
    from matplotlib.figure import Figure
    from matplotlib.ticker import FuncFormatter

    axes = list(dict.fromkeys(result["axis"] for result in results))
    figure = Figure((10, 6), layout="constrained")
    panels = figure.subplots(2, 3, sharey=True).flat
    for axis, panel in zip(axes, panels, strict=False):
        chosen = [result for result in results if result["axis"] == axis]
        for result in chosen:
            sizes, seconds, _ = np.array(result["runs"]).T
            panel.plot(sizes, seconds, "o-", ms=3, lw=1, label=result["command"])
        panel.set(xscale="log", yscale="log", title=NAMES.get(axis, axis))
        panel.set_xticks(max((np.array(each["runs"])[:, 0] for each in chosen), key=len))
        for side in (panel.xaxis, panel.yaxis):
            side.set_major_formatter(FuncFormatter(_in_thousands))
            side.set_minor_formatter("")
        panel.set_yticks([1, 2, 5, 10, 20, 50])
        panel.legend(fontsize=8, frameon=False, loc="upper left")
    for panel in panels:  # of no axis
        panel.set_axis_off()
    figure.supylabel("processor time, s")
    figure.savefig(file, dpi=100)


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
