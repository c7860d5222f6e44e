"""The examples, whole."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest

from specrob.artifacts import read
from specrob.data import load

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


@pytest.fixture
def digits(tmp_path):
    """Return the digits as a file, which opens in a fraction of scikit-learn's second."""
    made, path = {}, tmp_path / "digits.npz"
    for split in ("train", "test"):
        part = load("digits", split)
        made |= {f"x_{split}": part.images.numpy(), f"y_{split}": part.labels.numpy()}
    np.savez(path, **made)
    return path


def start_workflow(folder, data):
    """Start paper A's workflow as smoke.yaml has it, in a process group of its own."""
    words = ["--cores", "2", "--configfile", str(EXAMPLES / "paper_a" / "smoke.yaml")]
    words += ["--config", f"data={data}", "--directory", str(folder)]
    words += ["--snakefile", str(EXAMPLES / "paper_a" / "Snakefile")]
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *words],
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
        env={**os.environ, "PATH": PATH, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )


def run_workflow(folder, data):
    workflow = start_workflow(folder, data)
    _, told = workflow.communicate()
    assert workflow.returncode == 0, told


def made_in(folder):
    """Return the files of a run folder that hold results."""
    parts, forms = ("layers", "networks", "seeds", "measures"), ("safetensors", "npz", "json")
    return [f for part in parts for form in forms for f in folder.glob(f"{part}/*.{form}")]


def numbers_of(folder):
    """Return what the files of a run folder hold but where it comes from."""
    read_all = {str(f.relative_to(folder)): read(str(f)) for f in made_in(folder)}
    return {
        name: (found.fields, {k: (v.dtype, v.tobytes()) for k, v in found.arrays.items()})
        for name, found in read_all.items()
    }


@pytest.mark.slow
@pytest.mark.parametrize(("files", "stop"), [(3, signal.SIGINT), (14, signal.SIGTERM)])
def test_a_stopped_workflow_continues_to_the_same_numbers(tmp_path, digits, files, stop):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run_workflow(whole, digits)
    workflow = start_workflow(parts, digits)
    while workflow.poll() is None and len(made_in(parts)) < files:
        time.sleep(0.05)
    os.killpg(workflow.pid, stop)
    workflow.communicate()
    finished = {f: f.stat().st_mtime_ns for f in made_in(parts)}
    assert 0 < len(finished) < len(made_in(whole))
    run_workflow(parts, digits)
    assert {f: f.stat().st_mtime_ns for f in finished} == finished
    assert numbers_of(parts) == numbers_of(whole)


def test_the_workflow_of_paper_a_runs_on_the_digits(tmp_path, digits):
    run_workflow(tmp_path, digits)
    assert all((tmp_path / "figures" / f"figure{n}.pdf").stat().st_size for n in range(1, 7))
    page = (tmp_path / "report.html").read_text()
    for name in ("kh", "specreg"):
        accuracy = read(str(tmp_path / "networks" / f"{name}.safetensors")).fields["test_accuracy"]
        assert f"<td><div>{accuracy:.4g}" in page
    for table in ("Beside paper A", "Over seeds"):
        assert f">{table}" in page
