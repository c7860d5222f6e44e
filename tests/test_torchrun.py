"""Two processes give the numbers of one."""

import contextlib
import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from specrob import artifacts
from specrob.cli import app
from specrob.data.sources import parse_source
from specrob.models import from_artifact

LAUNCH = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
FACTORIES = """
import os
import torch
from torch import nn


def dropout():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 20), nn.Dropout(0.5), nn.Linear(20, 10))


def convolutional():
    below = nn.Conv2d(1, 4, 3, bias=False), nn.BatchNorm2d(4), nn.ReLU(), nn.Flatten()
    return nn.Sequential(*below, nn.Linear(144, 10))


class Coupled(nn.Module):
    def __init__(self):
        super().__init__()
        self.map = nn.Linear(64, 10)

    def forward(self, x):
        x = x.flatten(1)
        return self.map(x - x.mean(0) if self.training else x)


class Mortal(Coupled):
    def forward(self, x):
        if os.environ["RANK"] == "1":
            os._exit(3)
        return self.map(x.flatten(1))
"""
EVERY = """
import json, sys
from specrob.cli import app
for words in json.loads(sys.argv[1]):
    app(words, prog_name="specrob", standalone_mode=False)
"""
LOCAL = "train-kh --hidden 30 --epochs 4 --batch-size 359"  # 1437 images: the last batch is of one
KEEP = "--checkpoint-every 0 --checkpoint"
SUP = "train-sup --limit 700 --epochs 2"
TRAINED = {
    "local": LOCAL,
    "local, bfloat16": f"{LOCAL} --k 3 --patience 2 --precision bfloat16 {KEEP} kept.st",
    "attempts": f"{LOCAL} --attempts 2",
    "hybrid": "train-sup kh.st --epochs 2 --batch-size 359",
    "shlp": f"{SUP} --arch shlp --hidden 20 --normalize l3 --penalty l2=1e-3",
    "jacobian": f"{SUP} --arch shlp --hidden 20 --penalty jacobian=0.1,of=logits "
    "--penalty covariance=0.1",
    "batch norm": f"{SUP} --arch mlp --hidden 20,10 --activation tanh --batch-norm "
    "--penalty jacobian=0.01,of=logits --penalty jacobian-sum=0.01 "
    "--penalty covariance=0.1,over=batch",
    "latent": f"{SUP} --arch shlp --hidden 100 --penalty jacobian=0.01,of=latent "
    "--penalty spectral=0.1,tau=2",  # more units than a batch has images
    "spectral": f"{SUP} --arch shlp --hidden 20 --batch-norm --penalty spectral=0.1,tau=2",
    "whitened": f"{SUP} --arch mlp --hidden 20 --whiten latent --batch-size 350 "
    "--penalty spectral=0.1,tau=2,layers=hidden,refresh=epoch",
    "adversarial": f"{SUP} --arch factories:convolutional --limit 65 --batch-size 16 "
    "--adversarial pgd,eps=0.3,steps=2,norm=l2",
    "dropout": f"{SUP} --arch factories:dropout",
}
MEASURED = {
    "noise": "spectrum hybrid.st --noise --layer hidden --layer logits --batch-size 50",
    "gram": "spectrum images --limit 40 --batch-size 30 --sizes 9,64 --bootstrap 3",
    "one batch": "spectrum hybrid.st --null initial",
}


def alone(line):
    result = CliRunner().invoke(app, shlex.split(line))
    assert result.exit_code == 0, result.stderr


def together(*words, **how):
    environment = {**os.environ, "OMP_NUM_THREADS": "1"}
    return subprocess.Popen(
        [*LAUNCH, *words], stderr=subprocess.PIPE, text=True, env=environment, **how
    )


def ended(process):
    """Return the exit code of a process that ends, with its pipe read and closed."""
    process.communicate(timeout=120)
    return process.returncode


@pytest.fixture(scope="module")
def both(tmp_path_factory):
    """Return a folder with what one process makes, and two, and what these say."""
    folder = tmp_path_factory.mktemp("torchrun")
    (folder / "factories.py").write_text(FACTORIES)
    (folder / "every.py").write_text(EVERY)
    jobs = TRAINED | MEASURED
    with contextlib.chdir(folder):
        for line in (f"{LOCAL} -o kh.st", "train-sup kh.st --epochs 2 -o hybrid.st"):
            alone(line)
        for name, line in jobs.items():
            alone(f"{line} -o '{name}-1'".replace(f"{KEEP} kept.st", ""))
    words = [[*shlex.split(line), "-o", f"{name}-2"] for name, line in jobs.items()]
    process = together("every.py", json.dumps(words), cwd=folder)
    _, said = process.communicate(timeout=300)
    assert process.returncode == 0, said
    return folder, said


def pair(folder, name):
    return [artifacts.read(str(folder / f"{name}-{count}")) for count in (1, 2)]


def losses(artifact):
    history = artifact.fields.get("history", {"loss": [], "penalties": {}})
    return {"loss": history["loss"], **history["penalties"]}


# whitening takes the mean away: a bias below it has no gradient but round-off where its unit is
# always on, which Adam turns into steps of its own; what the network answers tells of it
WITHOUT_GRADIENT = {"whitened": ("blocks.0.layer.map.bias", "blocks.0.whitening.mean")}


@pytest.mark.parametrize("name", TRAINED)
def test_batches_of_training_are_shared(both, name):
    one, two = pair(both[0], name)
    for key, values in one.arrays.items():
        if key in WITHOUT_GRADIENT.get(name, ()):
            continue
        np.testing.assert_allclose(two.arrays[key], values, rtol=1e-4, atol=1e-4, err_msg=key)
    for key, values in losses(one).items():
        assert losses(two)[key] == pytest.approx(values, rel=1e-4), key


@pytest.mark.parametrize("name", WITHOUT_GRADIENT)
def test_weights_without_gradient_change_no_answer(both, name):
    images = torch.from_numpy(parse_source("digits").read("train", "data", False).images[:700])
    with torch.no_grad():
        found = [from_artifact(one).module(images[:, None].float()) for one in pair(both[0], name)]
    assert found[0].std() > 0.1
    torch.testing.assert_close(*found, rtol=1e-4, atol=1e-4)


def test_attempts_are_judged_alike(both):
    one, two = (artifact.fields["attempts"] for artifact in pair(both[0], "attempts"))
    assert len(one) == len(two) == 2
    assert [found["accepted"] for found in one] == [found["accepted"] for found in two]


@pytest.mark.parametrize("name", MEASURED)
def test_images_of_a_spectrum_are_shared(both, name):
    one, two = pair(both[0], name)
    for key, values in one.arrays.items():
        if values.dtype.kind != "f":
            np.testing.assert_array_equal(two.arrays[key], values, err_msg=key)
        else:
            largest = np.nanmax(values)
            np.testing.assert_allclose(two.arrays[key], values, rtol=0, atol=1e-10 * largest)


def test_the_first_process_alone_speaks(both):
    said = [line for line in both[1].splitlines() if line.startswith("specrob")]
    warned = [line for line in said if " warning: " in line]
    not_accepted = [line for line in warned if line.startswith("specrob train-kh")]
    assert len(not_accepted) == sum(line.startswith("train-kh") for line in TRAINED.values())
    said = [line for line in said if line not in warned]
    assert [line.split()[1].rstrip(":") for line in said] == [
        line.split()[0] for line in (TRAINED | MEASURED).values()
    ]


def test_a_checkpoint_of_two_processes_is_not_resumed_by_one(both, monkeypatch):
    monkeypatch.chdir(both[0])
    words = TRAINED["local, bfloat16"].replace(KEEP, "-o x --resume")
    result = CliRunner().invoke(app, words.split())
    assert result.exit_code == 1
    assert "expected processes 2 as in the checkpoint, found 1" in result.stderr


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("Coupled", ["train it without torchrun"]),
        ("Mortal", ["found that one has stopped", "stopped by SIGTERM"]),  # what comes first
    ],
)
def test_a_process_that_fails_ends_all(tmp_path, name, words):
    (tmp_path / "factories.py").write_text(FACTORIES)
    line = f"train-sup --arch factories:{name} --epochs 2 -o new.st"
    process = together("-m", "specrob", *line.split(), cwd=tmp_path)
    _, said = process.communicate(timeout=60)
    first = [line for line in said.splitlines() if line.startswith("specrob train-sup:")]
    assert process.returncode == 1
    assert len(first) == 1, said
    assert any(word in first[0] for word in words), said
    assert "src/specrob" not in said  # no traceback of ours
    assert not (tmp_path / "new.st").exists()


@pytest.mark.parametrize(
    ("line", "words"),
    [
        (
            "prune kh.st -o x",
            "a command that trains or measures images under torchrun",
        ),
        ("train-kh", "--output: expected a file under torchrun"),
        ("spectrum -o x", "expected a file under torchrun, found stdin"),
    ],
)
def test_what_cannot_be_shared_is_refused(monkeypatch, tmp_path, line, words):
    monkeypatch.chdir(tmp_path)
    for name, value in (("TORCHELASTIC_RUN_ID", "x"), ("RANK", "0")):
        monkeypatch.setenv(name, value)
    result = CliRunner().invoke(app, line.split())
    assert result.exit_code == 2
    assert words in result.stderr


def test_images_are_shared_among_processes(tmp_path):
    model, one, two = (str(tmp_path / n) for n in ("bp.st", "alone.npz", "shared.npz"))
    how = f"crit-dist {model} --limit 120 --batch-size 50"
    alone(f"train-sup --arch shlp --hidden 20 --epochs 5 -o {model}")
    alone(f"{how} -o {one}")
    process = together("-m", "specrob", *how.split(), "-o", two)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said
    assert said.count("median distance") == 2  # of one process, in two norms
    both = [artifacts.read(path).arrays for path in (one, two)]
    for name, values in both[0].items():
        np.testing.assert_array_equal(both[1][name], values, err_msg=name)


@pytest.mark.slow
@pytest.mark.parametrize("name", ["local", "batch norm"])
def test_two_processes_resume_bit_for_bit(both, name, tmp_path):
    folder, _ = both
    words = re.sub(r"--epochs \d+", "--epochs 60", TRAINED[name]).split()
    whole, resumed, kept = (str(tmp_path / n) for n in ("whole.st", "resumed.st", "kept.st"))
    assert ended(together("-m", "specrob", *words, "-o", whole, cwd=folder)) == 0
    keep = ["--checkpoint", kept, "--checkpoint-every", "0", "-o", resumed]
    process = together("-m", "specrob", *words, *keep, cwd=folder, start_new_session=True)
    while process.poll() is None and not Path(kept).exists():
        time.sleep(0.01)
    os.killpg(process.pid, signal.SIGTERM)
    ended(process)
    assert 1 <= artifacts.read(kept).fields["state"].get("epoch", 0) < 60
    assert not Path(resumed).exists()
    again = ["--resume", kept, "-o", resumed]
    assert ended(together("-m", "specrob", *words, *again, cwd=folder)) == 0
    assert artifacts.read(resumed).digest == artifacts.read(whole).digest
