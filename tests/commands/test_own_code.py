"""An architecture of one's own: results know the code that built it."""

import importlib
import json
import re
import sys
from pathlib import Path

import numpy as np
import pytest
import torch

CODE = """
from torch import nn

def net():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 9), nn.{map}(), nn.Linear(9, 10))
"""
WORDS = [
    *("weights.safetensors", "--arch", "mynets:net", "--data", "digits"),
    *("--limit", "40", "--batch-size", "10"),
]


@pytest.fixture
def folder(tmp_path, monkeypatch):
    from safetensors.torch import save_file

    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    generator = torch.Generator().manual_seed(0)
    shapes = {"1.weight": (9, 64), "1.bias": (9,), "3.weight": (10, 9), "3.bias": (10,)}
    save_file(
        {name: torch.randn(shape, generator=generator) for name, shape in shapes.items()},
        "weights.safetensors",
    )
    edit("Tanh")
    yield tmp_path
    sys.modules.pop("mynets", None)


def edit(name):
    """Give the network another non-linearity."""
    Path("mynets.py").write_text(CODE.format(map=name))
    sys.modules.pop("mynets", None)
    importlib.invalidate_caches()


def test_a_checkpoint_of_other_code_is_refused(run, folder):
    keep = ["--checkpoint", "kept.safetensors", "--checkpoint-every", 0]
    run("certify", *WORDS, *keep, "-o", "tanh.npz")
    edit("ReLU")
    again = ["--resume", "kept.safetensors", "-o", "relu.npz"]
    assert "expected code '" in run("certify", *WORDS, *again, code=1).stderr
    edit("Tanh")
    run("certify", *WORDS, *again)
    np.testing.assert_array_equal(np.load("tanh.npz")["lower"], np.load("relu.npz")["lower"])


def test_training_is_not_resumed_with_other_code(run, folder):
    words = ["train-sup", "--arch", "mynets:net", "--epochs", 2, "--limit", 60]
    run(*words, "--checkpoint", "kept.safetensors", "-o", "tanh.safetensors")
    edit("ReLU")
    again = ["--resume", "kept.safetensors", "-o", "relu.safetensors"]
    assert "expected code '" in run(*words, *again, code=1).stderr


def test_networks_of_one_file_and_different_code_are_two(run, folder):
    attack = ["--method", "fgsm", "--eps", 0.1]
    run("attack", *WORDS, *attack, "-o", "tanh.json")
    edit("ReLU")
    run("attack", *WORDS, *attack, "-o", "relu.json")
    table = run("table", "tanh.json", "relu.json", "--quantity", "robust_accuracy").stdout
    assert {line.split(",")[0] for line in table.splitlines()[1:]} == {"relu", "tanh"}
    records = [json.loads(Path(f"{name}.json").read_text()) for name in ("tanh", "relu")]
    codes = {one["meta"]["provenance"]["code"] for one in records}
    assert len(codes) == 2
    (shown,) = re.findall(
        "the network's code, SHA-256 ([0-9a-f]+)", run("info", "tanh.json").stdout
    )
    assert shown in codes


def test_distances_of_other_code_are_refused(run, folder):
    run("crit-dist", *WORDS, "--method", "minimal", "--bounds", "none", "-o", "tanh.npz")
    edit("ReLU")
    told = run("certify", *WORDS, "--distances", "tanh.npz", "-o", "bounds.npz", code=1).stderr
    assert "found those of the same weights in another mynets:net" in told
