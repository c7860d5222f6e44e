"""The examples, whole."""

import os
import random
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


def artifacts_of(folder):
    """Return what all files of a run folder hold but where it comes from."""
    files = [
        f for part in ("layers", "networks", "seeds", "measures") for f in folder.glob(f"{part}/*")
    ]
    found = {str(f.relative_to(folder)): read(str(f)) for f in files}
    return {name: (made.fields, made.arrays) for name, made in found.items()}


@pytest.mark.slow
@pytest.mark.parametrize("stopped_by", [signal.SIGINT, signal.SIGTERM])
def test_a_stopped_workflow_continues_to_the_same_numbers(tmp_path, digits, stopped_by):
    whole, parts = tmp_path / "whole", tmp_path / "parts"
    run_workflow(whole, digits)
    workflow = start_workflow(parts, digits)
    time.sleep(random.uniform(20, 60))
    os.killpg(workflow.pid, stopped_by)
    workflow.communicate()
    finished = {f: f.stat().st_mtime_ns for f in parts.glob("[lnm]*/*") if f.suffix != ".state"}
    assert finished and not (parts / "report.html").exists()
    run_workflow(parts, digits)
    assert {f: f.stat().st_mtime_ns for f in finished} == finished
    expected, found = artifacts_of(whole), artifacts_of(parts)
    assert len(found) > 50
    for name in expected.keys() | found.keys():
        assert found[name][0] == expected[name][0], name
        for array, values in expected[name][1].items():
            np.testing.assert_array_equal(found[name][1][array], values, name)


def test_the_workflow_of_paper_a_runs_on_the_digits(tmp_path, digits):
    run_workflow(tmp_path, digits)
    assert all((tmp_path / "figures" / f"figure{n}.pdf").stat().st_size for n in range(1, 7))
    page = (tmp_path / "report.html").read_text()
    for name in ("kh", "specreg"):
        accuracy = read(str(tmp_path / "networks" / f"{name}.safetensors")).fields["test_accuracy"]
        assert f"<td><div>{accuracy:.4g}" in page
    for table in ("Beside paper A", "Over seeds"):
        assert f">{table}" in page
