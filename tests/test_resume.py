"""Training that is killed and resumed gives the bytes of the unbroken run."""

import signal
import time
from dataclasses import replace

import pytest
import torch
from typer.testing import CliRunner

from specrob import artifacts
from specrob.cli import app
from specrob.errors import OutputError
from specrob.experiments.checkpoint_contents import with_checksum
from specrob.experiments.checkpoints import Checkpoints
from warm_start import WarmProcess

RUNS = {
    "train-kh": ["train-kh", "--hidden", "30", "--epochs", "60", "--patience", "40"],
    "train-sup": [
        *("train-sup", "--arch", "mlp", "--hidden", "20,20", "--epochs", "30", "--batch-norm"),
        *("--penalty", "spectral=0.1,tau=2,refresh=7", "--penalty", "jacobian=1e-3,of=logits"),
        *("--optimizer", "amsgrad"),
    ],
    "whitened, adversarial": [
        *("train-sup", "--arch", "mlp", "--hidden", "15", "--epochs", "15", "--whiten", "latent"),
        *("--adversarial", "pgd,eps=0.05,steps=2", "--optimizer", "sgd:0.9", "--lr", "0.1"),
    ],
    "adversarial in l2": [
        *("train-sup", "--arch", "mlp", "--hidden", "15", "--epochs", "15", "--batch-norm"),
        *("--adversarial", "pgd,eps=0.3,norm=l2,step_size=0.1abs,steps=3"),
    ],
}


def arrays_of(path):
    return {k: v.tobytes() for k, v in artifacts.read(str(path)).arrays.items()}


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.stderr
    return result


@pytest.mark.parametrize("name", RUNS)
def test_a_killed_run_resumes_bit_for_bit(name, tmp_path, warm):
    whole, resumed, kept = (tmp_path / n for n in ("whole.st", "resumed.st", "kept.st"))
    run(*RUNS[name], "-o", whole)
    keep = ["--checkpoint", str(kept), "--checkpoint-every", "0"]
    killed = 0
    for delay in (0.05, 0.3, 0.1):  # seconds after the first state that the run writes
        again = ["--resume", str(kept)] if kept.exists() else []
        before = kept.stat().st_mtime_ns if kept.exists() else 0
        process = WarmProcess(warm, *RUNS[name], *keep, *again, "-o", str(resumed))
        while process.poll() is None and not (kept.exists() and kept.stat().st_mtime_ns > before):
            time.sleep(0.01)
        time.sleep(delay)
        killed += process.kill() == -signal.SIGKILL
    assert killed >= 1
    assert artifacts.read(str(kept)).fields["state"]["epoch"] >= 1
    run(*RUNS[name], "--resume", kept, "-o", resumed)
    assert arrays_of(resumed) == arrays_of(whole)
    histories = [artifacts.read(str(path)).fields.get("history") for path in (whole, resumed)]
    assert histories[0] == histories[1]


KILLED = """
import os, signal, sys
from specrob.cli import app
from specrob.experiments.checkpoints import Checkpoints

written, save = [], Checkpoints.save
def save_and_die(self, *state):
    save(self, *state)
    written.append(state)
    if len(written) == int(sys.argv[1]):
        os.kill(os.getpid(), signal.SIGKILL)
Checkpoints.save = save_and_die
app(sys.argv[2:])
"""


@pytest.mark.parametrize("after", [3, 5, 10])  # in the first of three, at its end, in the last
def test_a_killed_run_resumes_inside_its_attempt(after, tmp_path, warm):
    words = ["train-kh", "--hidden", "6", "--epochs", "5", "--limit", "200", "--attempts", "3"]
    whole, resumed, kept = (tmp_path / n for n in ("whole.st", "resumed.st", "kept.st"))
    run(*words, "-o", whole)
    keep = ["--checkpoint", str(kept), "--checkpoint-every", "0", "-o", str(resumed)]
    process = WarmProcess(warm, str(after), *words, *keep, code=KILLED)
    assert process.wait() == -signal.SIGKILL
    assert not resumed.exists()
    state = artifacts.read(str(kept)).fields["state"]
    assert (len(state["tried"]), state["epoch"]) == ((after - 1) // 5, (after - 1) % 5 + 1)
    run(*words, "--resume", kept, "-o", resumed)
    made = [artifacts.read(str(path)) for path in (whole, resumed)]
    assert len(made[0].fields["attempts"]) == 3
    assert made[0].fields["attempts"] == made[1].fields["attempts"]
    assert arrays_of(resumed) == arrays_of(whole)


STOPPED = """
import os, signal, sys, threading
from specrob.cli import main
from specrob.experiments.checkpoints import Checkpoints

signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored where tests run in the back
saves, save = [], Checkpoints.save
number, delay = int(sys.argv.pop(1)), float(sys.argv.pop(1))
def save_and_stop(self, *state):
    save(self, *state)
    saves.append(state)
    if len(saves) == 3:
        threading.Timer(delay, os.kill, [os.getpid(), number]).start()
Checkpoints.save = save_and_stop
main()
"""


@pytest.mark.parametrize("name", [*RUNS, "crit-dist"])
@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 143), (signal.SIGINT, 130)])
def test_a_run_that_is_told_to_stop_writes_its_state_first(name, number, code, tmp_path, warm):
    model, whole, resumed, kept = (tmp_path / n for n in ("bp.st", "whole", "resumed", "kept.st"))
    words = RUNS.get(name)
    if words is None:
        run("train-sup", "--arch", "shlp", "--hidden", "20", "--epochs", "3", "-o", model)
        words = [name, str(model), "--limit", "200", "--batch-size", "7"]
    run(*words, "-o", whole)
    keep = ["--checkpoint", str(kept), "-o", str(resumed)]  # every minute: never by itself
    process = WarmProcess(warm, str(int(number)), "0.01", *words, *keep, code=STOPPED)
    assert process.wait() == code
    assert not resumed.exists()
    state = artifacts.read(str(kept)).fields["state"]
    assert state.get("epoch", 0) >= 3 or len(state["done"]) >= 3
    run(*words, "--resume", kept, "-o", resumed)
    assert arrays_of(resumed) == arrays_of(whole)


def test_a_resumed_run_writes_to_the_checkpoint_it_came_from(tmp_path, warm):
    words, kept = RUNS["train-kh"], str(tmp_path / "kept.st")
    for keep in (["--checkpoint", kept], ["--resume", kept]):
        words_ = (str(int(signal.SIGTERM)), "0", *words, *keep, "-o", str(tmp_path / "a.st"))
        assert WarmProcess(warm, *words_, code=STOPPED).wait() == 143
    assert artifacts.read(kept).fields["state"]["epoch"] >= 6


def test_seeds_that_are_done_are_not_trained_again(tmp_path, monkeypatch):
    words = ["train-kh", "--hidden", 5, "--epochs", 3, "--seeds", "0,1"]
    names = ["-o", tmp_path / "a-{seed}.st"]
    kept = tmp_path / "kept-{seed}.st"
    run(*words, "--checkpoint", kept, *names)
    assert artifacts.read(str(tmp_path / "kept-0.st")).fields["state"]["epoch"] == 3
    (tmp_path / "kept-1.st").unlink()
    log = tmp_path / "log-{seed}.jsonl"
    run(*words, "--resume", kept, "--log", log, *names)
    made = [tmp_path / f"log-{seed}.jsonl" for seed in (0, 1)]
    assert [len(file.read_text().splitlines()) for file in made] == [0, 3]

    def stopped(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("specrob.experiments.train_local.assess_layer", stopped)
    told = run(*words, "--checkpoint", kept, *names, code=130).stderr
    assert f"go on with --resume '{kept}'" in told


def test_a_line_that_names_one_file_twice_begins_or_goes_on(tmp_path):
    words, kept, log = RUNS["train-kh"], tmp_path / "kept.st", tmp_path / "log.jsonl"
    words = [*words, "--checkpoint", kept, "--resume", kept, "--log", log, "-o", tmp_path / "a.st"]
    run(*words)
    assert len(log.read_text().splitlines()) > 1
    before = log.read_text()
    run(*words)
    assert log.read_text() == before  # nothing was left to do
    told = run("train-kh", "--epochs", 1, "--resume", kept, "--checkpoint", "other", code=1).stderr
    assert "in the checkpoint, found" in told
    gone = run("train-kh", "--resume", tmp_path / "none", "-o", tmp_path / "b", code=1).stderr
    assert "no such file or directory" in gone


def test_seeds_begin_where_one_file_is_named_twice(tmp_path):
    kept = tmp_path / "kept-{seed}.st"
    words = ["train-kh", "--hidden", 5, "--epochs", 2, "--seeds", "0,1"]
    run(*words, "--checkpoint", kept, "--resume", kept, "-o", tmp_path / "a-{seed}")
    assert (tmp_path / "kept-1.st").exists()


def test_the_state_of_another_run_is_kept_beside_the_new_one(tmp_path):
    kept, old = tmp_path / "kept.st", tmp_path / "kept.st.old"
    words = ["train-kh", "--hidden", 5, "--checkpoint", kept, "-o", tmp_path / "a.st"]
    assert "is there" not in run(*words, "--epochs", 3).stderr
    first = kept.read_bytes()
    told = run(*words, "--epochs", 2).stderr
    assert f"warning: {kept} is there; it is kept as {old} when" in told
    assert old.read_bytes() == first
    assert artifacts.read(str(kept)).fields["state"]["epoch"] == 2


def test_a_resumed_run_keeps_the_state_of_another_in_its_new_file(tmp_path):
    ours, others = tmp_path / "ours.st", tmp_path / "others.st"
    words = ["train-kh", "--hidden", 5, "--epochs", 2, "-o", tmp_path / "a.st"]
    run(*words, "--checkpoint", ours)
    run(*words, "--seed", 1, "--checkpoint", others)
    told = run(*words, "--resume", ours, "--checkpoint", others).stderr
    assert f"warning: {others} is there; it is kept as {others}.old when" in told
    assert "is there" not in run(*words, "--resume", ours).stderr
    resumed, first = artifacts.read(str(ours)), others.read_bytes()
    for origin, kept in ((others, False), (ours, True)):
        states = Checkpoints(str(others), 0, resumed, resumed.provenance, origin=str(origin))
        others.write_bytes(first)
        states.save({"x": torch.zeros(1)}, {"state": {}})
        assert others.read_bytes() != first
        assert (tmp_path / "others.st.old").exists() == kept
    assert (tmp_path / "others.st.old").read_bytes() == first


def test_a_checkpoint_that_cannot_be_written_is_a_warning(tmp_path, monkeypatch):
    def full(*_, **__):
        raise OutputError("expected room, found no space left on device: kept; free some")

    monkeypatch.setattr("specrob.experiments.checkpoints.write", full)
    words = ["train-kh", "--hidden", 5, "--epochs", 2, "--checkpoint", tmp_path / "kept.st"]
    told = run(*words, "--checkpoint-every", 0, "-o", tmp_path / "a.st").stderr
    assert "checkpoint was not written: expected room, found no space left on device" in told
    assert artifacts.read(str(tmp_path / "a.st")).kind == "model"


def test_a_checkpoint_of_another_machine_is_resumed_with_a_warning(tmp_path):
    words, kept = ["train-kh", "--hidden", 5, "--epochs", 2], tmp_path / "kept.st"
    run(*words, "--checkpoint", kept, "--checkpoint-every", 0, "-o", tmp_path / "a.st")
    there = artifacts.read(str(kept))
    other = {**there.fields["environment"], "threads": 99}
    changed = replace(there, fields={**there.fields, "environment": other})
    artifacts.write(changed, str(kept))
    told = run(*words, "--resume", kept, "-o", tmp_path / "b.st", code=1).stderr
    assert "as it was written, found other content" in told
    artifacts.write(with_checksum(changed), str(kept))
    said = run(*words, "--resume", kept, "-o", tmp_path / "b.st").stderr
    assert "warning: begun with torch" in said and "threads 99" in said
    assert arrays_of(tmp_path / "a.st") == arrays_of(tmp_path / "b.st")
    assert "begun with torch" in run("info", tmp_path / "b.st").stdout
    assert "begun with" not in run("info", tmp_path / "a.st").stdout


def test_a_checkpoint_of_another_version_is_refused(tmp_path):
    words, kept = ["train-kh", "--hidden", 5, "--epochs", 2], tmp_path / "kept.st"
    run(*words, "--checkpoint", kept, "--checkpoint-every", 0, "-o", tmp_path / "a.st")
    old = artifacts.read(str(kept))
    old = replace(old, provenance=replace(old.provenance, version="0.0.9"))
    artifacts.write(old, str(kept))
    result = run(*words, "--resume", kept, "-o", tmp_path / "b.st", code=1)
    assert "expected specrob '0.0.9' as in the checkpoint, found" in result.stderr


@pytest.mark.parametrize(
    ("changed", "setting"),
    [
        (["--seed", "1"], "seed"),
        (["--lr", "0.5"], "lr"),
        (["--limit", "100"], "limit"),
        (["--resize", "6"], "resize"),
        (["--normalize", "l4"], "normalize"),
    ],
)
@pytest.mark.parametrize("name", RUNS)
def test_a_checkpoint_of_other_settings_is_refused_by_name(name, changed, setting, tmp_path):
    words = [*RUNS[name][: RUNS[name].index("--epochs")], "--epochs", "2"]
    kept = tmp_path / "kept.st"
    run(*words, "--checkpoint", kept, "--checkpoint-every", 0, "-o", tmp_path / "a.st")
    result = run(*words, *changed, "--resume", kept, "-o", tmp_path / "b.st", code=1)
    assert f"expected {setting} " in result.stderr
    assert "as in the checkpoint" in result.stderr


def test_a_checkpoint_of_another_command_is_refused(tmp_path):
    kept = ["--checkpoint", tmp_path / "kept.st", "--checkpoint-every", 0]
    run(*RUNS["train-sup"], "--epochs", 2, *kept, "-o", tmp_path / "a.st")
    words = ["train-kh", "--hidden", 5, "--resume", tmp_path / "kept.st", "-o", tmp_path / "b.st"]
    said = run(*words, code=1).stderr
    assert "expected a checkpoint of train-kh, found one of train-sup" in said


@pytest.mark.parametrize("name", ["settings", "state", "environment"])
def test_a_checkpoint_of_broken_facts_is_one_line(name, tmp_path):
    kept = tmp_path / "kept.st"
    words = ["train-kh", "--hidden", 5, "--epochs", 2, "-o", tmp_path / "a.st"]
    run(*words, "--checkpoint", kept)
    state = artifacts.read(str(kept))
    broken = with_checksum(replace(state, fields={**state.fields, name: "x"}))
    artifacts.write(broken, str(kept))
    told = run(*words, "--resume", kept, code=1).stderr
    assert "expected valid facts" in told and f"got `str` at `{name}`" in told


def test_a_run_that_ends_leaves_its_last_state(tmp_path):
    kept = tmp_path / "kept.st"
    words = ["train-kh", "--hidden", 5, "--epochs", 3, "-o", tmp_path / "a.st"]
    run(*words, "--checkpoint", kept)
    assert artifacts.read(str(kept)).fields["state"]["epoch"] == 3


def test_only_a_checkpoint_is_resumed(tmp_path):
    run("train-kh", "--hidden", 5, "--epochs", 1, "-o", tmp_path / "a.st")
    words = ["train-kh", "--hidden", 5, "--resume", tmp_path / "a.st", "-o", tmp_path / "b.st"]
    assert "expected a checkpoint" in run(*words, code=1).stderr


@pytest.mark.parametrize("name", ["attack", "crit-dist", "certify"])
def test_a_killed_attack_resumes_where_it_was(name, tmp_path, warm):
    model, whole, resumed, kept = (tmp_path / n for n in ("bp.st", "whole", "resumed", "kept.st"))
    run("train-sup", "--arch", "shlp", "--hidden", "20", "--epochs", "5", "-o", model)
    words = [
        name,
        str(model),
        "--limit",
        "150",
        "--batch-size",
        "7",
        *(["--eps", "0,0.1"] * (name == "attack")),
    ]
    run(*words, "-o", whole)
    keep = ["--checkpoint", str(kept), "--checkpoint-every", "0", "-o", str(resumed)]
    process = WarmProcess(warm, *words, *keep)
    while process.poll() is None and not kept.exists():
        time.sleep(0.01)
    process.kill()
    assert artifacts.read(str(kept)).fields["state"]["done"]
    assert not resumed.exists()
    run(*words, "--resume", kept, "-o", resumed)
    assert artifacts.read(str(resumed)).digest == artifacts.read(str(whole)).digest
    changed = ["--norm", "linf"] if name == "certify" else ["--loss", "margin"]
    run(*words, *changed, "--resume", kept, "-o", resumed, code=1)
