"""The small study of the documentation, in smaller settings on the digits."""

import csv
import os
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from specrob.artifacts import read

PAGE = (Path(__file__).parents[1] / "docs" / "tutorial_seeds.md").read_text()
SMALLER = {
    "--data mnist --download": "--data digits",
    "--data mnist": "--data digits",
    "--limit 6000": "--limit 600",
    "--hidden 200": "--hidden 70",
    "--limit 500": "--limit 60",
    "--epochs 20": "--epochs 4",
    "figure.pdf": "figure.png",
}


def test_the_small_study_runs_whole(tmp_path, warm):
    for name, text in re.findall(r"```toml\n# (\S+)\n(.*?)```", PAGE, re.DOTALL):
        (tmp_path / name).write_text(text)
    (script,) = re.findall(r"```shell\n(.*?)```", PAGE, re.DOTALL)
    assert len(script.splitlines()) <= 12
    for whole, small in SMALLER.items():
        script = script.replace(whole, small)
    path = f"{warm}{os.pathsep}{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", "-ec", script],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"},
    )
    assert result.returncode == 0, result.stderr
    answers = read(str(tmp_path / "runs" / "answers.json")).fields["answers"]
    assert [len(one["values_a"]) for one in answers] == [3, 3, 3]
    accuracy = answers[2]
    effect = accuracy["effect"]
    assert effect == pytest.approx(np.mean(accuracy["values_a"]) - np.mean(accuracy["values_b"]))
    with (tmp_path / "numbers.csv").open() as table:
        rows = list(csv.DictReader(table))
    assert {(row["network"], row["seed"]) for row in rows} >= {
        (network, seed) for network in ("plain", "spec") for seed in "012"
    }
    page = (tmp_path / "report.html").read_text()
    for words in ("Statements", "mean ± s.d. of 3 seeds: plain-0, plain-1, plain-2", "alpha"):
        assert words in page
    assert (tmp_path / "figure.png").stat().st_size > 10_000
