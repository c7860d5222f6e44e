"""A workflow on a cluster: jobs that a scheduler starts, stops, and that go on where they were."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import yaml

from specrob.artifacts import read

EXAMPLES = Path(__file__).parents[1] / "examples"
STANDIN = Path(__file__).parent / "slurm_standin.py"
TARGETS = ["networks/bp-0.safetensors", "measures/init.spectrum.npz"]


def on_cluster(run, jobs, path, *targets, retries=2):
    """Start paper A's workflow on the digits, each job by the stand-in for Slurm."""
    scheduler = f"{sys.executable} {STANDIN}"
    words = ["--executor", "cluster-generic", "--jobs", "2", "--retries", str(retries)]
    words += ["--cluster-generic-submit-cmd", f"{scheduler} submit"]
    words += ["--cluster-generic-status-cmd", f"{scheduler} status"]
    words += ["--seconds-between-status-checks", "1", "--latency-wait", "5"]
    words += ["--configfile", str(EXAMPLES / "paper_a" / "smoke.yaml"), "--directory", str(run)]
    words += ["--config", "epochs=400", "hidden=200", "seeds=0"]
    words += ["--snakefile", str(EXAMPLES / "paper_a" / "Snakefile"), *targets]
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1", "STANDIN": str(jobs)},
    )


def test_a_job_that_is_stopped_goes_on_in_the_next(tmp_path):
    pytest.importorskip("snakemake_executor_plugin_cluster_generic")
    run, jobs = tmp_path / "run", tmp_path / "jobs"
    run.mkdir(), jobs.mkdir()
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    workflow = on_cluster(run, jobs, path, *TARGETS)
    os.killpg(group_of(jobs, "train_bp", run, workflow), signal.SIGTERM)
    told, _ = workflow.communicate(timeout=120)
    assert workflow.returncode == 0, told
    assert len(list(jobs.glob("*.job"))) == 4  # one of three was sent twice
    logs = "".join(file.read_text() for file in jobs.glob("*.out"))
    assert "stopped by SIGTERM; the result was not written; go on with --resume" in logs
    made = read(str(run / TARGETS[0]))
    assert len(made.fields["history"]["loss"]) == 400
    assert not list(run.glob("networks/*.state"))


def group_of(jobs, rule, run, workflow):
    """Return the process group of the job of a rule, once it has trained for a while."""
    for _ in range(1200):
        assert workflow.poll() is None, workflow.communicate()[0]
        for log in run.glob("times/train_*.jsonl"):
            if log.read_text().count("\n") > 20:
                (out,) = (one for one in jobs.glob("*.out") if rule in one.read_text())
                return int(out.with_suffix(".job").read_text())
        time.sleep(0.05)
    raise AssertionError(f"no job of {rule} trains")


@pytest.mark.parametrize("name", ["torchrun.sbatch", "shards.sbatch", "one_node.sh"])
def test_the_scripts_are_shell(name):
    subprocess.run(["bash", "-n", str(EXAMPLES / "cluster" / name)], check=True)


def test_the_profile_is_one():
    """What stands in it are options of Snakemake."""
    profile = yaml.safe_load((EXAMPLES / "cluster/profile/config.yaml").read_text())
    words = subprocess.run(
        [sys.executable, "-m", "snakemake", "--help"], capture_output=True, text=True, check=True
    ).stdout
    assert all(f"--{name}" in words for name in profile)


def test_tasks_of_an_array_can_be_sent_again(tmp_path):
    """The script of shards with a stand-in for srun, which only runs what follows it."""
    (tmp_path / "srun").write_text('#!/bin/bash\nexec "$@"\n')
    (tmp_path / "srun").chmod(0o755)
    path = os.pathsep.join([str(tmp_path), str(Path(sys.executable).parent), os.environ["PATH"]])
    own = {**os.environ, "PATH": path, "SHARDS": "2", "SLURM_JOB_NAME": "near"}

    def ran(*words, **more):
        subprocess.run(words, cwd=tmp_path, env=own | more, check=True, capture_output=True)

    line = ["crit-dist", "bp.st", "--method", "fgsm", "--limit", "30", "--batch-size", "10"]
    ran("specrob", "train-sup", "--arch", "linear", "--epochs", "1", "-o", "bp.st")
    for task in ("2", "1", "2"):  # each alone, and one again
        script = str(EXAMPLES / "cluster" / "shards.sbatch")
        ran("bash", script, *line, SLURM_ARRAY_TASK_ID=task, SLURM_ARRAY_TASK_COUNT="1")
    assert not list(tmp_path.glob("near-state-*"))
    ran("specrob", "merge", "near-shard-1.safetensors", "near-shard-2.safetensors", "-o", "m.npz")
    ran("specrob", *line, "-o", "whole.npz")
    assert read(str(tmp_path / "m.npz")).digest == read(str(tmp_path / "whole.npz")).digest
