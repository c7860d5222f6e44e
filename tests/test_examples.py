"""The shell examples, whole; slow, since they train."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

EXAMPLES = Path(__file__).parents[1] / "examples"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "ending"),
    [("smoke.sh", "smoke: all commands ran"), ("quickstart.sh", "artifacts and figures are in")],
)
def test_the_script_runs(script, ending, tmp_path):
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    result = subprocess.run(
        ["bash", str(EXAMPLES / script), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": path},
    )
    assert result.returncode == 0, result.stderr
    assert ending in result.stdout
