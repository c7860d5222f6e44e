"""--log: a line of JSON for every epoch, or batch of images, and curves for TensorBoard."""

import json
import sys
from pathlib import Path

import pytest

from specrob.commands.framework.progress_log import JsonLog

TRAIN = [
    "train-sup",
    "--arch",
    "shlp",
    "--hidden",
    "10",
    "--epochs",
    "3",
    "--penalty",
    "l2=0.1",
    "-o",
    "bp.st",
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    return tmp_path


def lines(name="log.jsonl"):
    return [json.loads(line) for line in Path(name).read_text().splitlines()]


def test_every_epoch_has_a_line_with_all_its_numbers(run, folder):
    run(*TRAIN, "--log", "log.jsonl", "--seed", 4)
    found = lines()
    assert [(one["done"], one["total"], one["seed"]) for one in found] == [
        *((1, 3, 4), (2, 3, 4), (3, 3, 4))
    ]
    history = json.loads(run("info", "bp.st", "--json").stdout)["summary"]
    assert found[-1]["loss"] == pytest.approx(history["training loss"], rel=1e-6)
    assert found[-1]["test_accuracy"] == pytest.approx(history["test accuracy"])
    assert found[-1]["l2"] > 0
    assert found[0]["seconds"] <= found[-1]["seconds"]


def test_lines_are_added_for_batches_of_images_and_of_seeds(run, folder):
    run(*TRAIN[:-1], "bp-{seed}.st", "--seeds", "0,1", "--log", "log-{seed}.jsonl")
    assert [len(lines(f"log-{seed}.jsonl")) for seed in (0, 1)] == [3, 3]
    how = ("crit-dist", "bp-0.st", "--limit", 60, "--batch-size", 20, "--method", "fgsm")
    for _ in range(2):
        run(*how, "--log", "log.jsonl", "-o", "distances.npz")
    done = [one["done"] for one in lines()]
    assert done[: len(done) // 2] == done[len(done) // 2 :] == sorted(set(done))
    assert {20, 40, 60} <= set(done)


def test_networks_of_several_seeds_are_one_group_with_a_log_each(run, folder):
    run(*TRAIN[:-1], "bp-{seed}.st", "--seeds", "0,1", "--log", "log-{seed}.jsonl")
    table = run("table", "bp-{seed}.st", "--quantity", "test_accuracy").stdout
    assert {line.split(",")[0] for line in table.splitlines()[1:]} == {"bp"}


@pytest.mark.skipif(sys.platform != "linux", reason="/dev/full is of Linux")
def test_a_full_disk_ends_the_log_and_not_the_run(run, folder):
    said = run(*TRAIN, "--log", "/dev/full").stderr
    assert said.count("warning: /dev/full gets no more lines: No space left on device") == 1
    assert Path("bp.st").exists()


def test_a_log_that_cannot_be_written_is_refused(run, folder):
    told = run(*TRAIN, "--log", "none/log.jsonl", code=1).stderr
    assert "--log: expected a writable log, found no such file or directory" in told
    assert not Path("bp.st").exists()


def test_a_file_that_is_no_log_stays_as_it_is(run, folder):
    run(*TRAIN)
    before = Path("bp.st").read_bytes()
    words = ("crit-dist", "bp.st", "--method", "fgsm", "--limit", 20, "-o", "distances.npz")
    told = run(*words, "--log", "bp.st", code=1).stderr
    assert "--log: expected a new file or a log, found another file: bp.st" in told
    assert Path("bp.st").read_bytes() == before
    run(*words, "--log-file", "log.jsonl")
    assert lines()


@pytest.mark.parametrize("words", ["--log bp.st", "--checkpoint c.st --log c.st"])
def test_a_log_is_no_other_file_of_the_run(run, folder, words):
    told = run(*TRAIN, *words.split(), code=2).stderr
    assert "--log: expected a file other than those written" in told


def test_a_folder_wants_tensorboard(run, folder, monkeypatch):
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    told = run(*TRAIN, "--log", "curves/", code=1).stderr
    assert "install `specrob[tensorboard]`" in told


def test_a_folder_holds_curves(run, folder):
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    run(*TRAIN, "--log", "curves/")
    curves = events.EventAccumulator("curves")
    curves.Reload()
    assert [one.step for one in curves.Scalars("supervised, epochs/loss")] == [1, 2, 3]


def test_steps_that_are_done_again_stand_in_the_log_once(tmp_path):
    file, said = tmp_path / "log.jsonl", []
    for label, first, last in (("a", 1, 5), ("b", 1, 3), ("a", 3, 6), ("a", 1, 2)):
        log = JsonLog(str(file), label, 0, said.append)
        if first > 1:
            log.resume()
        for done in range(first, last + 1):
            log(done, 9, loss=float(first))
        log.close()
    lines = [json.loads(line) for line in file.read_text().splitlines()]
    found = [(line["what"], line["done"], line["loss"]) for line in lines]
    resumed = [("a", n, 1.0) for n in (1, 2)] + [("b", n, 1.0) for n in (1, 2, 3)]
    resumed += [("a", n, 3.0) for n in (3, 4, 5, 6)]
    assert found == [*resumed, ("a", 1, 1.0), ("a", 2, 1.0)]  # the last began anew
    assert not said
