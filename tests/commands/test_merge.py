"""--shard and merge: jobs that know nothing of one another give the digest of one job."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from specrob import artifacts
from specrob.experiments.run_states import signed

LIMIT = "--limit 100 --batch-size 9"
MEASURES = {
    "attack": f"attack bp.st --eps 0,0.1,0.2 {LIMIT} --save seen.npz",
    "crit-dist": f"crit-dist bp.st {LIMIT} --method minimal --norm l2 --save-curve curve.json",
    "certify": f"certify bp.st {LIMIT}",
    "smoothness": f"smoothness bp.st {LIMIT} --layer latent --layer logits --save local.npz",
    "invert": f"invert bp.st {LIMIT} --steps 3",
}
BESIDE = {"attack": "seen.npz", "crit-dist": "curve.json", "smoothness": "local.npz"}


@pytest.fixture
def folder(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(*["train-sup", "--arch", "shlp", "--hidden", "20", "--epochs", "5", "-o", "bp.st"])
    return tmp_path


def digest(path):
    return artifacts.read(str(path)).digest


def parts_of(run, line, count):
    parts = [f"part-{number}.st" for number in range(1, count + 1)]
    for number, part in enumerate(parts, 1):
        run(*line.split(), "--shard", f"{number}/{count}", "-o", part)
    return parts


@pytest.mark.parametrize("name", MEASURES)
def test_parts_are_joined_to_what_one_job_gives(run, folder, name):
    parts = parts_of(run, MEASURES[name], 4)
    beside = Path(BESIDE.get(name, "none"))
    assert not beside.exists()
    run("merge", *parts, "-o", "merged")
    merged = digest(beside) if beside.exists() else None
    assert (merged is None) == (name not in BESIDE)
    run(*MEASURES[name].split(), "-o", "whole")
    assert digest("merged") == digest("whole")
    assert merged is None or merged == digest(beside)
    script = run("info", "merged").stdout.splitlines()[-1]
    assert script.strip() == f"specrob {MEASURES[name]} -o merged"


def test_no_image_is_measured_again(run, folder, monkeypatch):
    parts = parts_of(run, MEASURES["crit-dist"], 3)

    def never(*_, **__):
        raise AssertionError("measured again")

    monkeypatch.setattr("specrob.experiments.distances.critical_distance", never)
    run("merge", *parts, "-o", "merged.npz")


def test_more_parts_than_batches_and_a_part_twice(run, folder):
    line = "crit-dist bp.st --method fgsm --limit 20 --batch-size 9"
    parts = parts_of(run, line, 5)
    run("merge", *reversed(parts), parts[1], "-o", "merged.npz")
    run(*line.split(), "-o", "whole.npz")
    assert digest("merged.npz") == digest("whole.npz")


def test_a_part_is_resumed(run, folder):
    line = ["crit-dist", "bp.st", "--method", "fgsm", "--limit", "60", "--batch-size", "9"]
    first = [*line, "--shard", "1/2", "--checkpoint", "state.st", "--checkpoint-every", 0]
    run(*first, "-o", "part-1.st")
    run(*line, "--shard", "1/2", "--resume", "state.st", "-o", "again.st")
    assert digest("again.st") == digest("part-1.st")


def edited(path, other, state):
    part = artifacts.read(path)
    changed = {**part.fields, "state": {**part.fields["state"], **state}}
    artifacts.write(signed(replace(part, fields=changed)), other)
    return other


@pytest.mark.parametrize(
    "state",
    [
        *({"done": [99]}, {"done": "all"}, {"batches": [10**9]}, {"batches": []}),
        *({"shard": [1, 0]}, {"shard": None}),
    ],
)
def test_what_is_no_part_is_refused(run, folder, state):
    parts = parts_of(run, "crit-dist bp.st --method fgsm --limit 20 --batch-size 9", 2)
    parts[0] = edited(parts[0], "bad.st", state)
    told = run("merge", *parts, "-o", "merged.npz", code=1).stderr
    assert "expected what a measure with `shard` wrote" in told and "bad.st" in told
    assert not Path("merged.npz").exists()


def test_parts_that_do_not_belong_together_are_refused(run, folder):
    line = "crit-dist bp.st --method fgsm --limit 20 --batch-size 9"
    one, two = parts_of(run, line, 2)
    run("merge", one, "-o", "m.npz", code=1)
    told = run("merge", one, "-o", "m.npz", code=1).stderr
    assert "expected all 2 parts, found none or an unfinished one of 2; run `shard` 2/2" in told
    run(*line.split(), "--loss", "margin", "--shard", "2/2", "-o", "margin.st")
    told = run("merge", one, "margin.st", "-o", "m.npz", code=1).stderr
    assert "found another loss in margin.st than in part-1.st" in told
    told = run("merge", one, "bp.st", "-o", "m.npz", code=1).stderr
    assert "found something else in bp.st" in told
    run(*["train-sup", "--arch", "shlp", "--hidden", "20", "--epochs", "2", "-o", "bp.st"])
    told = run("merge", one, two, "-o", "m.npz", code=1).stderr
    assert "expected model " in told  # another network lies in the file now


def test_a_command_in_a_part_that_measures_nothing_is_not_run(run, folder):
    parts = parts_of(run, "crit-dist bp.st --method fgsm --limit 20 --batch-size 9", 2)
    part = artifacts.read(parts[0])
    other = replace(part.provenance, command=("specrob", "prune", "bp.st"))
    artifacts.write(replace(part, provenance=other), parts[0])
    told = run("merge", *parts, "-o", "m.npz", code=1).stderr
    assert "found a state of another command" in told


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "1/", "x/3", "1/1000000"])
def test_which_part_is_checked(run, folder, shard):
    told = run("crit-dist", "bp.st", "--shard", shard, "-o", "x.st", code=2).stderr
    assert "expected I/N" in told


def test_the_arrays_of_a_part_are_those_of_its_batches(run, folder):
    parts = parts_of(run, "crit-dist bp.st --method fgsm --limit 20 --batch-size 9", 2)
    whole = [artifacts.read(part) for part in parts]
    np.testing.assert_array_equal(whole[0].arrays["index"][9:18], 0)
    assert (whole[1].arrays["index"][9:18] > 0).all()
    assert whole[1].fields["state"] == {"done": [1], "batches": [9, 9, 2], "shard": [2, 2]}
