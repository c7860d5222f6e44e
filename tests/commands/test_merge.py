"""--shard and merge: jobs that know nothing of one another give the digest of one job."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from specrob import artifacts
from specrob.experiments.checkpoint_contents import with_checksum

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


def shards_of(run, line, count):
    parts = [f"shard-{number}.st" for number in range(1, count + 1)]
    for number, part in enumerate(parts, 1):
        run(*line.split(), "--shard", f"{number}/{count}", "-o", part)
    return parts


@pytest.mark.parametrize("name", MEASURES)
def test_shards_are_joined_to_what_one_job_gives(run, folder, name):
    parts = shards_of(run, MEASURES[name], 4)
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


def test_shards_are_named_where_results_are_read(run, folder):
    part, _ = shards_of(run, f"crit-dist bp.st {LIMIT} --method fgsm", 2)
    told = run("table", part, code=1).stderr
    assert told.strip().endswith(
        "found files of kind checkpoint; join shards with `specrob merge`"
    )
    for words in (["table", "."], ["report", ".", "-o", "page.html"]):
        said = run(*words).stderr
        assert "left out, shards that `specrob merge` joins: shard-1.st, shard-2.st\n" in said
        assert "not results" not in said


def test_files_that_are_there_are_not_written_over(run, folder):
    parts = shards_of(run, MEASURES["crit-dist"], 2)
    Path("curve.json").write_text("my own")
    told = run("merge", *parts, "-o", "merged.npz", code=1).stderr
    assert "expected no file at curve.json" in told
    assert Path("curve.json").read_text() == "my own"


def test_files_that_are_others_now_are_refused(run, folder):
    run(*f"crit-dist bp.st {LIMIT} --method fgsm --norm l2 --bounds none -o upper.npz".split())
    parts = shards_of(run, f"certify bp.st {LIMIT} --distances upper.npz", 2)
    run(*f"crit-dist bp.st {LIMIT} --method pgd --norm l2 --bounds none -o upper.npz".split())
    told = run("merge", *parts, "-o", "merged.npz", code=1).stderr
    assert "expected upper.npz as the shards were measured with" in told
    assert not Path("merged.npz").exists()


def test_fewer_batches_than_shards_are_a_warning(run, folder):
    line = "crit-dist bp.st --limit 20 --method fgsm --shard 2/3 -o part.st"
    told = run(*line.split()).stderr
    assert "warning: fewer batches than shards, 1 for 3: some measure no images" in told
    assert "a smaller --batch-size" in told


def test_a_column_that_the_shards_lack_is_named(run, folder):
    parts = shards_of(run, MEASURES["crit-dist"], 2)
    for part in parts:
        shard = artifacts.read(part)
        arrays = {name: array for name, array in shard.arrays.items() if name != "prediction"}
        artifacts.write(with_checksum(replace(shard, arrays=arrays)), part)
    told = run("merge", *parts, "-o", "merged.npz", code=1).stderr
    assert "expected `prediction` of every image in the checkpoint, found none" in told


def test_no_image_is_measured_again(run, folder, monkeypatch):
    parts = shards_of(run, MEASURES["crit-dist"], 3)

    def never(*_, **__):
        raise AssertionError("measured again")

    monkeypatch.setattr("specrob.experiments.distances.critical_distance", never)
    run("merge", *parts, "-o", "merged.npz")
    assert artifacts.read("merged.npz").kind == "distances"


def test_more_parts_than_batches_and_a_part_twice(run, folder):
    line = "crit-dist bp.st --method fgsm --limit 20 --batch-size 9"
    parts = shards_of(run, line, 5)
    run("merge", *reversed(parts), parts[1], "-o", "merged.npz")
    run(*line.split(), "-o", "whole.npz")
    assert digest("merged.npz") == digest("whole.npz")


def test_a_shard_is_resumed_where_it_was(run, folder, monkeypatch):
    line = [
        "crit-dist",
        "bp.st",
        "--method",
        "fgsm",
        "--limit",
        "60",
        "--batch-size",
        "9",
        "--shard",
        "1/2",
    ]
    from specrob.experiments import distances

    found, measured = distances.critical_distance, []

    def stopped_in_the_third(batch, *rest, **how):
        measured.append(int(batch.index[0]))
        if len(measured) == 3:
            raise KeyboardInterrupt
        return found(batch, *rest, **how)

    monkeypatch.setattr(distances, "critical_distance", stopped_in_the_third)
    run(*line, "--checkpoint", "state.st", "-o", "shard.st", code=130)
    assert artifacts.read("state.st").fields["state"]["done"] == [0, 2]
    run(*line, "--resume", "state.st", "-o", "shard.st")
    assert measured == [0, 18, 36, 36, 54]
    run(*line, "-o", "whole.st")
    resumed, whole = artifacts.read("shard.st").arrays, artifacts.read("whole.st").arrays
    assert {k: v.tobytes() for k, v in resumed.items()} == {
        k: v.tobytes() for k, v in whole.items()
    }
    told = run(*line[:-1], "2/2", "--resume", "state.st", "-o", "no.st", code=1).stderr
    assert "expected a checkpoint of the same shard, found one of 1/2" in told
    told = run(*line, "--resume", "shard.st", "-o", "no.st", code=1).stderr
    assert "found what a shard gives" in told


@pytest.mark.parametrize("order", [(0, 1), (1, 0)])
def test_the_machines_of_all_shards_are_named(run, folder, order):
    shards = shards_of(run, "crit-dist bp.st --method fgsm --limit 20 --batch-size 9", 2)
    one = artifacts.read(shards[1])
    there = {**one.fields["environment"], "threads": 64}
    changed = replace(one, fields={**one.fields, "environment": there})
    artifacts.write(with_checksum(changed), shards[1])
    said = run("merge", *(shards[number] for number in order), "-o", "merged.npz").stderr
    assert "threads 64" in said and "the last bits of results may differ" in said
    assert "threads 64" in run("info", "merged.npz").stdout


def test_code_that_a_file_names_is_not_run_by_merge(run, folder):
    Path("mine.py").write_text(
        "import torch\nPath = __import__('pathlib').Path\nPath('ran').touch()\n"
        "def make(shape, classes):\n    return torch.nn.Sequential("
        "torch.nn.Flatten(), torch.nn.Linear(64, classes))\n"
    )
    shards = shards_of(run, "crit-dist bp.st --method fgsm --limit 20 --batch-size 9", 2)
    for shard in shards:
        one = artifacts.read(shard)
        command = (*one.provenance.command, "--arch", "mine:make")
        evil = replace(one, provenance=replace(one.provenance, command=command))
        artifacts.write(evil, shard)
    told = run("merge", *shards, "-o", "merged.npz", code=1).stderr
    assert "found other content" in told  # the checksum is of the command too
    for shard in shards:
        artifacts.write(with_checksum(artifacts.read(shard)), shard)
    told = run("merge", *shards, "-o", "merged.npz", code=1).stderr
    assert "if you trust it, add --arch mine:make" in told
    assert not Path("ran").exists()
    for shard in shards:  # a library that is installed is no such code
        one = artifacts.read(shard)
        command = (*one.provenance.command[:-1], "torchvision:resnet18")
        named = replace(one, provenance=replace(one.provenance, command=command))
        artifacts.write(with_checksum(named), shard)
    assert "if you trust it" not in run("merge", *shards, "-o", "merged.npz", code=1).stderr


def test_invert_may_be_repeated_as_a_shard(run, folder):
    line, digests = MEASURES["invert"].split(), []
    for _ in range(2):
        run(*line, "--shard", "1/2", "-o", "shard.st")
        digests.append(digest("shard.st"))
    assert digests[0] == digests[1]


def edited(path, other, state):
    part = artifacts.read(path)
    changed = {**part.fields, "state": {**part.fields["state"], **state}}
    artifacts.write(with_checksum(replace(part, fields=changed)), other)
    return other


@pytest.mark.parametrize(
    "state",
    [
        *({"done": [99]}, {"done": "all"}, {"batches": [10**9]}, {"batches": []}),
        *({"shard": [1, 0]}, {"shard": None}),
    ],
)
def test_what_is_no_part_is_refused(run, folder, state):
    parts = shards_of(run, "crit-dist bp.st --method fgsm --limit 20 --batch-size 9", 2)
    parts[0] = edited(parts[0], "bad.st", state)
    told = run("merge", *parts, "-o", "merged.npz", code=1).stderr
    assert "expected what a measure with `shard` gave" in told and "bad.st" in told
    assert not Path("merged.npz").exists()


def test_parts_that_do_not_belong_together_are_refused(run, folder):
    line = "crit-dist bp.st --method fgsm --limit 20 --batch-size 9"
    one, two = shards_of(run, line, 2)
    run("merge", one, "-o", "m.npz", code=1)
    told = run("merge", one, "-o", "m.npz", code=1).stderr
    assert "each named once, found none or an unfinished one of 2; run --shard 2/2" in told
    run(*line.split(), "--loss", "margin", "--shard", "2/2", "-o", "margin.st")
    told = run("merge", one, "margin.st", "-o", "m.npz", code=1).stderr
    assert "found another loss in margin.st than in shard-1.st" in told
    told = run("merge", one, "bp.st", "-o", "m.npz", code=1).stderr
    assert "found something else in bp.st" in told
    run(*["train-sup", "--arch", "shlp", "--hidden", "20", "--epochs", "2", "-o", "bp.st"])
    told = run("merge", one, two, "-o", "m.npz", code=1).stderr
    assert (
        "expected bp.st as the shards were measured with" in told
    )  # another network lies in the file now


def test_a_command_in_a_part_that_measures_nothing_is_not_run(run, folder):
    parts = shards_of(run, "crit-dist bp.st --method fgsm --limit 20 --batch-size 9", 2)
    part = artifacts.read(parts[0])
    other = replace(part.provenance, command=("specrob", "prune", "bp.st"))
    artifacts.write(with_checksum(replace(part, provenance=other)), parts[0])
    told = run("merge", *parts, "-o", "m.npz", code=1).stderr
    assert "expected what a measure with --shard gave" in told


@pytest.mark.parametrize("shard", ["0/3", "4/3", "1", "1/", "x/3", "1/1000000"])
def test_which_part_is_checked(run, folder, shard):
    told = run("crit-dist", "bp.st", "--shard", shard, "-o", "x.st", code=2).stderr
    assert "expected I/N" in told


def test_a_shard_holds_its_own_images_alone(run, folder):
    line = "crit-dist bp.st --method fgsm --limit 20 --batch-size 9"
    shards = [artifacts.read(shard) for shard in shards_of(run, line, 2)]
    assert [len(shard.arrays["index"]) for shard in shards] == [11, 9]
    assert shards[1].fields["state"] == {"done": [1], "batches": [9, 9, 2], "shard": [2, 2]}
    assert (np.diff(shards[1].arrays["index"]) > 0).all()
