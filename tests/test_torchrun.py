"""Two processes give the numbers of one."""

import os
import subprocess
import sys

import numpy as np
from typer.testing import CliRunner

from specrob import artifacts
from specrob.cli import app


def test_images_are_shared_among_processes(tmp_path):
    model, alone, shared = (str(tmp_path / n) for n in ("bp.st", "alone.npz", "shared.npz"))
    how = ["crit-dist", model, "--limit", "120", "--batch-size", "50"]
    for words in (
        ["train-sup", "--arch", "shlp", "--hidden", "20", "--epochs", "5", "-o", model],
        [*how, "-o", alone],
    ):
        result = CliRunner().invoke(app, words)
        assert result.exit_code == 0, result.stderr
    launch = [sys.executable, "-m", "torch.distributed.run", "--nproc-per-node", "2"]
    done = subprocess.run(
        [*launch, "-m", "specrob", *how, "-o", shared],
        capture_output=True,
        text=True,
        env={**os.environ, "OMP_NUM_THREADS": "1"},
    )
    assert done.returncode == 0, done.stderr
    assert done.stderr.count("median distance") == 2  # of one process, in two norms
    both = [artifacts.read(path).arrays for path in (alone, shared)]
    for name, values in both[0].items():
        np.testing.assert_array_equal(both[1][name], values, err_msg=name)
