"""PyTorch checkpoints as models."""

import os
import pickle

import numpy as np
import pytest
import torch

from specrob import artifacts
from specrob.models import build


@pytest.fixture(scope="module")
def module():
    return build("mlp", (1, 8, 8), 10, {"hidden": [12, 9], "activation": "tanh"})


@pytest.mark.parametrize("nested", [None, "state_dict", "model"])
def test_a_checkpoint_answers_as_it_did(run, tmp_path, module, nested):
    state = {f"module.{name}": values for name, values in module.state_dict().items()}
    whole = {"epoch": 3, nested: state} if nested else state
    torch.save(whole, tmp_path / "net.pt")
    made = tmp_path / "net.safetensors"
    run("import", tmp_path / "net.pt", "--arch", "mlp,activation=tanh", "-o", made)
    found = artifacts.read(str(made))
    assert found.fields["arch"] == "mlp"
    for name, values in module.state_dict().items():
        np.testing.assert_array_equal(found.arrays[name], values.numpy())
    run("spectrum", made, "-o", tmp_path / "spectrum.npz")


def test_code_in_a_checkpoint_is_not_run(run, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    torch.save({"state_dict": Evil()}, tmp_path / "evil.pt")
    (tmp_path / "plain.pt").write_bytes(pickle.dumps(Evil()))
    for name in ("evil.pt", "plain.pt"):
        words = ("import", tmp_path / name, "--arch", "mlp", "-o", tmp_path / "net.safetensors")
        assert "tensors alone" in run(*words, code=1).stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "tensors alone"), (b"\x80\x02nonsense", "tensors alone"), (None, "no file")],
)
def test_broken_checkpoints_are_one_line(run, tmp_path, content, told):
    path = tmp_path / "net.pt"
    if content is not None:
        path.write_bytes(content)
    words = ("import", path, "--arch", "mlp", "-o", tmp_path / "net.safetensors")
    assert told in run(*words, code=1).stderr


def test_what_holds_no_weights_is_refused(run, tmp_path):
    torch.save({"epoch": 3}, tmp_path / "net.pt")
    words = ("import", tmp_path / "net.pt", "--arch", "mlp", "-o", tmp_path / "x.safetensors")
    assert "expected a state dict" in run(*words, code=1).stderr
    assert "CHECKPOINT" in run("import", "--arch", "mlp", "-o", tmp_path / "x", code=2).stderr


def test_pretrained_weights_come_by_name(run, tmp_path, monkeypatch):
    torchvision = pytest.importorskip("torchvision")
    whole = torchvision.models.resnet18(num_classes=1000)
    monkeypatch.setattr(
        torchvision.models._api, "load_state_dict_from_url", lambda *_, **__: whole.state_dict()
    )
    made = tmp_path / "resnet18.safetensors"
    words = ("--arch", "torchvision:resnet18,weights=DEFAULT", "--data", "noise:3x32x32")
    run("import", *words, "--limit", 5, "-o", made)
    found = artifacts.read(str(made))
    assert (found.fields["classes"], found.fields["normalize"]) == (1000, "standard")
    np.testing.assert_allclose(found.arrays["mean"].ravel(), [0.485, 0.456, 0.406], atol=1e-6)
