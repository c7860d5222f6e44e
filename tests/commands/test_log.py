"""--log: a line of JSON for every epoch, or batch of images, and curves for TensorBoard."""

import json
import os
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
    assert "install specrob with its extra tensorboard" in told


def test_a_folder_holds_curves(run, folder):
    events = pytest.importorskip("tensorboard.backend.event_processing.event_accumulator")
    run(*TRAIN, "--log", "curves/")
    curves = events.EventAccumulator("curves")
    curves.Reload()
    assert [one.step for one in curves.Scalars("supervised, epochs/loss")] == [1, 2, 3]


def written(file, label, steps, attempt=None, resumed=False, say=print):
    """Write a line for each step, as a run does."""
    log = JsonLog(str(file), label, 0, say)
    if resumed:
        log.resume()
    for step in steps:
        log(step, 9, **({} if attempt is None else {"attempt": attempt}), loss=1.0)
    log.close()


def steps_of(file, label="a"):
    found = [json.loads(line) for line in file.read_text().splitlines()]
    return [(one.get("attempt"), one["done"]) for one in found if one["what"] == label]


def test_steps_that_are_done_again_stand_in_the_log_once(tmp_path):
    file = tmp_path / "log.jsonl"
    written(file, "a", range(1, 6))
    written(file, "b", range(1, 4))
    written(file, "a", range(3, 7), resumed=True)
    assert steps_of(file) == [(None, step) for step in range(1, 7)]
    assert steps_of(file, "b") == [(None, step) for step in range(1, 4)]


def test_a_resumed_run_leaves_the_lines_of_earlier_runs(tmp_path):
    file = tmp_path / "log.jsonl"
    written(file, "a", range(1, 6))
    written(file, "a", range(1, 4))
    written(file, "a", range(3, 6), resumed=True)
    assert [step for _, step in steps_of(file)] == [1, 2, 3, 4, 5, 1, 2, 3, 4, 5]


def test_later_attempts_are_done_again_too(tmp_path):
    file = tmp_path / "log.jsonl"
    written(file, "a", range(1, 4), attempt=0)
    written(file, "a", range(1, 3), attempt=1)
    written(file, "a", range(3, 4), attempt=0, resumed=True)
    written(file, "a", range(1, 4), attempt=1)
    assert steps_of(file) == [(attempt, step) for attempt in (0, 1) for step in (1, 2, 3)]


def test_lines_that_are_broken_or_of_others_stay(tmp_path):
    file = tmp_path / "log.jsonl"
    written(file, "a", range(1, 4))
    broken = b'{"time": "\xff", "what"\n{"time": "", "what": "a", "seed": 0}\n'
    file.write_bytes(file.read_bytes() + broken)
    written(file, "a", range(2, 4), resumed=True)
    lines = file.read_bytes().splitlines(keepends=True)
    assert b"".join(lines[1:3]) == broken and len(lines) == 5


def test_a_run_that_has_the_file_open_goes_on_in_it(tmp_path):
    file = tmp_path / "log.jsonl"
    other = JsonLog(str(file), "b", 0, print)
    other(1, 9)
    written(file, "a", range(1, 5))
    other(2, 9)
    written(file, "a", range(3, 6), resumed=True)
    other(3, 9)
    other.close()
    assert [step for _, step in steps_of(file)] == [1, 2, 3, 4, 5]
    assert [step for _, step in steps_of(file, "b")] == [1, 2, 3]


def test_a_log_is_no_result(run, folder):
    run(*TRAIN, "--log", "log.jsonl")
    assert "left out, not results: log.jsonl" in run("table", ".").stderr
    assert "found a log of `log`" in run("info", "log.jsonl", code=1).stderr


def test_a_pipe_is_no_file_to_go_back_in(tmp_path):
    os.mkfifo(tmp_path / "pipe")
    reader = os.open(tmp_path / "pipe", os.O_RDONLY | os.O_NONBLOCK)
    written(tmp_path / "pipe", "a", range(3, 5), resumed=True)
    lines_ = os.read(reader, 10_000).decode().splitlines()
    os.close(reader)
    assert [json.loads(line)["done"] for line in lines_] == [3, 4]


def test_a_log_that_cannot_be_written_anew_keeps_its_lines(tmp_path, monkeypatch):
    file, said = tmp_path / "log.jsonl", []
    written(file, "a", range(1, 4))

    def fails(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "ftruncate", fails)
    written(file, "a", range(2, 4), resumed=True, say=said.append)
    assert [step for _, step in steps_of(file)] == [1, 2, 3, 2, 3]
    assert said == [f"warning: {file} keeps lines of repeated steps: No space left on device"]
    assert [one.name for one in tmp_path.iterdir()] == ["log.jsonl"]
