"""A workflow on a real Slurm of one node; needs root, and Debian's slurm-wlm and munge."""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from specrob.artifacts import read

EXAMPLES = Path(__file__).parents[1] / "examples"
ONE_NODE = EXAMPLES / "cluster" / "one_node.sh"
NETWORK = "networks/bp-0.safetensors"
PROFILE = [
    *("--profile", str(EXAMPLES / "cluster" / "profile"), "--latency-wait", "10"),
    *("--slurm-status-command", "squeue", "--slurm-init-seconds-before-status-checks", "5"),
]
IS_INSTALLED = all(shutil.which(name) for name in ("slurmctld", "slurmd", "munged", "bash"))


@pytest.fixture
def slurm():
    if not IS_INSTALLED or os.geteuid():
        pytest.skip("no Slurm, or not root")
    started = subprocess.run(["bash", str(ONE_NODE), "start"], check=False)
    if started.returncode == 3:
        pytest.skip("another Slurm runs here")
    assert started.returncode == 0
    yield
    subprocess.run(["bash", str(ONE_NODE), "stop"], check=True)


def workflow(run, *words):
    """Begin paper A's workflow on the digits."""
    run.mkdir()
    given = ["--configfile", str(EXAMPLES / "paper_a" / "smoke.yaml"), "--directory", str(run)]
    given += ["--snakefile", str(EXAMPLES / "paper_a" / "Snakefile")]
    given += ["--config", "seeds=0", "epochs=400", "hidden=200"]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    with (run / "output.txt").open("w") as output:
        return subprocess.Popen(
            [sys.executable, "-m", "snakemake", *given, *words],
            stdout=output,
            stderr=subprocess.STDOUT,
            env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg"},
        )


def training(run, process):
    """Return the job that trains the network, once it has done so for a while."""
    log = run / "times" / "train_bp-0.jsonl"
    for _ in range(6000):
        assert process.poll() is None, (run / "output.txt").read_text()
        if log.exists() and log.read_text().count("\n") > 20:
            words = ["squeue", "--noheader", "--states=RUNNING", "--format=%i %k"]
            jobs = subprocess.check_output(words, text=True).splitlines()
            return next(line.split()[0] for line in jobs if "rule_train_bp_" in line)
        time.sleep(0.05)
    raise AssertionError("no job trains")


@pytest.mark.slow
def test_a_workflow_ends_on_slurm_though_a_job_is_sent_again(slurm, tmp_path):
    run, alone = tmp_path / "run", tmp_path / "alone"
    process = workflow(run, *PROFILE)
    try:
        job = training(run, process)
        subprocess.run(["scontrol", "requeue", job], check=True)
        assert process.wait() == 0, (run / "output.txt").read_text()[-5000:]
    finally:
        process.kill()
    assert "Restarts=1" in subprocess.check_output(["scontrol", "show", "job", job], text=True)
    assert (run / "report.html").exists() and not list(run.glob("*/*.state"))
    assert workflow(alone, "--cores", "2", NETWORK).wait() == 0
    assert read(str(run / NETWORK)).digest == read(str(alone / NETWORK)).digest
