"""Another package's rule, penalty and attack, installed and used through the command line."""

import os
import shlex
import subprocess
import sys
from pathlib import Path

import pytest

from specrob import artifacts

ROOT = Path(__file__).parents[1]
PLUGIN = ROOT / "examples" / "plugin"


@pytest.fixture(scope="module")
def environment(tmp_path_factory):
    """Return the environment of a process that has the plug-in installed."""
    site = tmp_path_factory.mktemp("site")
    build = tmp_path_factory.mktemp("source") / "plugin"
    subprocess.run(["cp", "-r", str(PLUGIN), str(build)], check=True)  # pip builds in place
    pip = (sys.executable, "-m", "pip", "install", "-q", "--no-deps", "--no-index")
    subprocess.run([*pip, "--no-build-isolation", "--target", str(site), str(build)], check=True)
    path = os.pathsep.join([str(site), str(ROOT / "src")])
    return {**os.environ, "PYTHONPATH": path, "OMP_NUM_THREADS": "1", "COLUMNS": "200"}


@pytest.fixture
def run(environment, tmp_path, warm):
    """Return a function that runs command lines, and returns what they print."""

    def run(*lines, code=0):
        said = []
        for line in lines:
            words = [warm / "specrob", *shlex.split(line)]
            done = subprocess.run(words, capture_output=True, env=environment, cwd=tmp_path)
            assert done.returncode == code, f"{line}: {done.stderr.decode()}"
            said.append((done.stdout + done.stderr).decode())
        return said

    return run


LAYER = "train-kh --rule softhebb,temperature=0.05 --hidden 12 --epochs 4 --lr 1"


def test_the_rule_trains_a_layer_that_other_commands_take(run, tmp_path):
    layer, _, classifier, pruned, *_, information, report = run(
        f"{LAYER} -o layer.st",
        "spectrum layer.st -o layer.spectrum.npz",
        "train-sup layer.st --epochs 2 -o classifier.st",
        "prune layer.st --threshold auto --drop -o pruned.st",
        "landscape classifier.st --points 3 -o landscape.npz",
        "plot layer.st -o layer.png",
        "info classifier.st",
        "report . -o report.html",
    )
    assert "architecture local" in layer
    assert "normalize l2" in layer
    assert "architecture hybrid" in classifier
    assert "pruned" in pruned
    assert "train-kh --rule softhebb,temperature=0.05" in information
    assert "figures 0" not in report
    assert "softhebb" in (tmp_path / "report.html").read_text()


def test_a_run_of_the_rule_goes_on_from_its_checkpoint_bit_for_bit(run):
    kept = "--checkpoint kept.st --checkpoint-every 0"
    run(f"{LAYER} -o whole.st", f"{LAYER} --attempts 2 {kept} -o other.st")
    run(
        f"{LAYER} --attempts 2 -o uninterrupted.st",
        f"{LAYER} --attempts 2 --resume kept.st -o resumed.st",
    )
    first, second = run("info resumed.st", "info uninterrupted.st")
    assert first.splitlines()[1] == second.splitlines()[1]  # the digest
    (refused,) = run(
        f"{LAYER.replace('0.05', '0.06')} --attempts 2 --resume kept.st -o x.st", code=1
    )
    assert "expected rule 'softhebb,temperature=0.05' as in the checkpoint" in refused


def test_seeds_and_bad_constants(run):
    run(f"{LAYER} --seeds 0,1 -o layer-{{seed}}.st", "info layer-1.st")
    (said,) = run(f"{LAYER.replace('temperature', 'heat')} -o x.st", code=2)
    assert "softhebb's options (temperature), found `heat`" in said
    (said,) = run(f"{LAYER} --p 2 -o x.st", code=2)
    assert "--p" in said
    (said,) = run(f"{LAYER} --precision bfloat16 -o x.st", code=2)
    assert "--precision: expected float32" in said


def test_the_attack_has_curves_distances_and_figures(run):
    _, robustness, distances, *_ = run(
        "train-sup --arch shlp --hidden 12 --epochs 3 -o bp.st",
        "attack bp.st --method sparse,pixels=3 --eps 0,0.3 --limit 60 -o robustness.json",
        "crit-dist bp.st --method sparse --limit 60 -o distances.npz",
        "plot robustness.json -o robustness.png",
        "plot distances.npz -o distances.png",
        "report . -o report.md",
    )
    assert "method sparse" in robustness
    assert "method sparse" in distances


def test_the_penalty_trains_a_network(run, tmp_path):
    """Its value is in the history, and a strong one makes what it penalizes smaller."""
    words = "train-sup --arch shlp --hidden 12 --epochs 3 --penalty activity"
    run(
        f"{words}=1e-3,of=latent -o weak.st",
        f"{words}=1,of=latent -o strong.st",
        "plot weak.st --part history -o history.png",
        "info weak.st",
    )
    weak, strong = (
        artifacts.read(str(tmp_path / name)).fields["history"]["penalties"]["activity"]
        for name in ("weak.st", "strong.st")
    )
    assert len(weak) == 3
    assert strong[-1] < 1000 * weak[-1]  # over their coefficients


def test_help_and_completion_name_the_members(run, environment):
    learn, supervised, attack = run("train-kh --help", "train-sup --help", "attack --help")
    assert "softhebb" in learn
    assert "activity" in supervised
    assert "sparse" in attack
    typed = "specrob train-kh --rule so"
    shell = {"_SPECROB_COMPLETE": "complete_bash", "COMP_WORDS": typed, "COMP_CWORD": "3"}
    done = subprocess.run(
        [sys.executable, "-c", "from specrob.cli import app; app(prog_name='specrob')"],
        env={**environment, **shell},
        capture_output=True,
        text=True,
    )
    assert done.stdout.split() == ["softhebb"]


def test_nothing_in_the_source_names_the_plugin():
    for path in (ROOT / "src").rglob("*.py"):
        assert "softhebb" not in path.read_text().lower(), path
