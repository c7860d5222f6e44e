"""Commands that are stopped, disks that fill, and what others do to their files meanwhile.

`faults.py` says what is tried; its table for all commands is made by
`python tests/fuzz/faults.py --kills 18`.
"""

import signal
import time

import pytest
from disturbed import can_mount, run_campaign
from typer.testing import CliRunner

from specrob import artifacts
from specrob.cli import app
from warm_start import WarmProcess

TRAIN = ("train-kh", "--hidden", "20", "--epochs", "60", "-q")


def test_a_few_commands_are_stopped_at_random():
    few = ["--only", "train-sup, read-out", "--only", "crit-dist", "--only", "prune"]
    header, *_, total = run_campaign("faults.py", "--kills", 2, "--disks", 3, *few).splitlines()
    names, counts = ([cell.strip() for cell in row.split("|")[2:-1]] for row in (header, total))
    of = dict(zip(names, map(int, counts), strict=True))
    stopped = of["SIGKILL"] + of["SIGTERM"] + of["SIGINT"]
    assert stopped + of["ended before"] == 6 and stopped >= 3
    assert of["resumed"] + of["begun anew"] == stopped
    assert of["disk full"] + of["disk sufficed"] == 9 and of["disk full"] >= 6


@pytest.mark.slow
def test_all_commands_are_stopped_at_random():
    run_campaign("faults.py", "--kills", 4, "--disks", 4, "--seed", 1)


@pytest.mark.slow
def test_real_disks_fill(tmp_path):
    if not can_mount(tmp_path / "trial"):
        pytest.skip("needs the right to mount file systems")
    run_campaign("faults.py", "--kills", 0, "--disks", 4, "--seed", 2, "--mount")


def stop_when_begun(run, checkpoint, stderr):
    """Pause a run once it has written its first state."""
    while not checkpoint.exists():
        assert run.poll() is None, stderr.read_text()
        time.sleep(0.001)
    run.send_signal(signal.SIGSTOP)


def digest(file):
    return artifacts.read(str(file)).digest


@pytest.fixture
def whole(tmp_path):
    """Return the digest of the layer that nothing disturbs."""
    done = CliRunner().invoke(app, [*TRAIN, "-o", str(tmp_path / "whole.st")])
    assert done.exit_code == 0, done.stderr
    return digest(tmp_path / "whole.st")


def test_two_runs_with_one_output_and_one_checkpoint_leave_both_whole(tmp_path, warm, whole):
    made, kept = tmp_path / "made.st", tmp_path / "kept.st"
    keep = ("--checkpoint", str(kept), "--checkpoint-every", "0", "-o", str(made))
    runs = [WarmProcess(warm, *TRAIN, *keep) for _ in range(2)]
    assert [run.wait() for run in runs] == [0, 0]
    assert digest(made) == whole
    again = CliRunner().invoke(app, [*TRAIN, "--resume", str(kept), "-o", str(made)])
    assert again.exit_code == 0 and digest(made) == whole
    assert not list(tmp_path.glob(".*.part"))


@pytest.mark.parametrize("what", ["output", "checkpoint"])
def test_a_folder_that_goes_away_meanwhile_costs_a_line(what, tmp_path, warm, whole):
    gone, said = tmp_path / "gone", tmp_path / "said.txt"
    gone.mkdir()
    made = (gone if what == "output" else tmp_path) / "made.st"
    kept = (gone if what == "checkpoint" else tmp_path) / "kept.st"
    keep = ("--checkpoint", str(kept), "--checkpoint-every", "0", "-o", str(made))
    run = WarmProcess(warm, *TRAIN, *keep, errors=said)
    stop_when_begun(run, kept, said)
    gone.rename(tmp_path / "elsewhere")
    run.send_signal(signal.SIGCONT)
    if what == "checkpoint":  # without it a run goes on
        assert run.wait() == 0 and digest(made) == whole
    else:  # nothing but the last step is lost
        assert run.wait() == 1
        (line,) = said.read_text().splitlines()
        assert "expected a writable output, found no such file or directory" in line
        gone.mkdir()
        again = CliRunner().invoke(app, [*TRAIN, "--resume", str(kept), "-o", str(made)])
        assert again.exit_code == 0 and digest(made) == whole


def test_an_output_that_becomes_a_folder_meanwhile_is_said_in_a_line(tmp_path, warm):
    made, kept, said = (tmp_path / name for name in ("made.st", "kept.st", "said.txt"))
    keep = ("--checkpoint", str(kept), "--checkpoint-every", "0", "-o", str(made))
    run = WarmProcess(warm, *TRAIN, *keep, errors=said)
    stop_when_begun(run, kept, said)
    made.mkdir()
    run.send_signal(signal.SIGCONT)
    assert run.wait() == 1
    (line,) = said.read_text().splitlines()
    assert "expected a writable output, found is a directory" in line
    assert not list(tmp_path.glob(".*.part"))
