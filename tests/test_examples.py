"""The examples, whole."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from specrob.artifacts import read

EXAMPLES = Path(__file__).parents[1] / "examples"
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "ending"),
    [("smoke.sh", "smoke: all commands ran"), ("quickstart.sh", "artifacts and figures are in")],
)
def test_the_script_runs(script, ending, tmp_path):
    result = subprocess.run(
        ["bash", str(EXAMPLES / script), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": PATH},
    )
    assert result.returncode == 0, result.stderr
    assert ending in result.stdout


def test_the_workflow_of_paper_a_runs_on_the_digits(tmp_path):
    words = ["--cores", "2", "--configfile", str(EXAMPLES / "paper_a" / "smoke.yaml")]
    words += ["--snakefile", str(EXAMPLES / "paper_a" / "Snakefile"), "--directory", str(tmp_path)]
    result = subprocess.run(
        [sys.executable, "-m", "snakemake", *words],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": PATH, "OMP_NUM_THREADS": "1"},
    )
    assert result.returncode == 0, result.stderr
    assert all((tmp_path / "figures" / f"figure{n}.pdf").stat().st_size for n in range(1, 7))
    page = (tmp_path / "report.html").read_text()
    for name in ("kh", "specreg"):
        accuracy = read(str(tmp_path / "networks" / f"{name}.safetensors")).fields["test_accuracy"]
        assert f"<td><div>{accuracy:.4g}" in page
    for table in ("Beside paper A", "Over seeds"):
        assert f">{table}" in page
