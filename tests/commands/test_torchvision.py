"""torchvision's networks, from the command line: the eleven of paper D, and their weights."""

import subprocess
import sys

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from specrob import artifacts
from specrob.artifacts import Artifact
from specrob.experiments.starting_network import starting_network
from specrob.settings.images import ImageSettings
from specrob.settings.training import ArchitectureSettings

PENULTIMATE = {
    **dict.fromkeys(("alexnet", "vgg11", "vgg16"), 4096),
    **dict.fromkeys(("resnet18", "resnet34"), 512),
    **dict.fromkeys(("resnet50", "resnet101", "resnet152"), 2048),
    "googlenet": 1024,
    **dict.fromkeys(("mnasnet0_5", "mnasnet1_0"), 1280),
}
MEASURED = """
import resource, subprocess, sys
subprocess.run([sys.executable, "-m", "specrob", *sys.argv[1:]], check=True)
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 2**20)
"""
torchvision = pytest.importorskip("torchvision")


def photographs(path, count, side):
    """Write as many smooth random images, since flat noise hardly drives untrained networks."""
    draws = np.random.default_rng(0)
    fine = draws.normal(size=(count, 3, side, side)).cumsum(2).cumsum(3)
    low, high = fine.min((1, 2, 3), keepdims=True), fine.max((1, 2, 3), keepdims=True)
    x = (255 * (fine - low) / (high - low)).astype(np.uint8)
    y = np.arange(count) % 2
    np.savez(path, x_train=x[:2], y_train=y[:2], x_test=x, y_test=y)


@pytest.mark.slow
@pytest.mark.parametrize("name", PENULTIMATE)
def test_eleven_networks_on_200_images(name, tmp_path, record_property):
    """Random weights; peak memory is printed with -s and kept in a report."""
    photographs(tmp_path / "x.npz", 200, 224)
    words = ["spectrum", "--arch", f"torchvision:{name}", "--weights", "initial", "--batch-size"]
    words += ["20", "--data", tmp_path / "x.npz", "-o", tmp_path / "s.npz"]
    command = [sys.executable, "-c", MEASURED, *map(str, words)]
    gibibytes = float(subprocess.check_output(command, text=True))
    print(f"{name}: {gibibytes:.2f} GiB")
    record_property("peak GiB", gibibytes)
    found = artifacts.read(str(tmp_path / "s.npz")).arrays
    width = int(found["size"][0] + found["dropped"][0])
    assert (found["layer"].tolist(), width) == (["penultimate"], PENULTIMATE[name])
    assert found["n_images"].tolist() == [200]
    assert (found["eigenvalues"][0] >= 0).all()
    assert found["eigenvalues"][0, 0] > 0
    assert gibibytes < 4


def spectrum_of(run, tmp_path, *words):
    run("spectrum", *words, "--data", tmp_path / "x.npz", "-o", tmp_path / "s.npz")
    return artifacts.read(str(tmp_path / "s.npz"))


def test_initial_weights_are_those_of_the_seed(run, tmp_path):
    photographs(tmp_path / "x.npz", 12, 32)
    words = ("--arch", "torchvision:resnet18", "--weights", "initial")
    first, same, other = (
        spectrum_of(run, tmp_path, *words, "--seed", seed).arrays["eigenvalues"] for seed in "001"
    )
    np.testing.assert_array_equal(first, same)
    assert not np.allclose(first, other)
    result = run("spectrum", *words, "--data", tmp_path / "x.npz", "-o", tmp_path / "s.npz")
    assert "weights initial" in result.stderr


def test_pretrained_weights_bring_their_preprocessing(run, tmp_path, monkeypatch):
    """By name and raw in a file they give the same, of images standardized as in training."""
    photographs(tmp_path / "x.npz", 12, 32)
    whole = torchvision.models.resnet18(num_classes=1000)
    monkeypatch.setattr(
        torchvision.models._api, "load_state_dict_from_url", lambda *_, **__: whole.state_dict()
    )
    save_file({k: v.numpy() for k, v in whole.state_dict().items()}, tmp_path / "w.safetensors")
    arch = ("--arch", "torchvision:resnet18")
    named = spectrum_of(run, tmp_path, *arch, "--weights", "IMAGENET1K_V1")
    assert named.fields["weights"] == "IMAGENET1K_V1"
    for words in (("--weights", tmp_path / "w.safetensors"), (tmp_path / "w.safetensors",)):
        found = spectrum_of(run, tmp_path, *arch, *words).arrays["eigenvalues"]
        np.testing.assert_array_equal(found, named.arrays["eigenvalues"])
    with np.load(tmp_path / "x.npz") as archive:
        x = torch.from_numpy(archive["x_test"]) / 255
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    whole.fc = torch.nn.Identity()
    with torch.no_grad():
        seen = whole.eval()((x - mean[:, None, None]) / std[:, None, None])
    expected = np.linalg.eigvalsh(np.cov(seen.double().numpy().T))[::-1][:11]
    np.testing.assert_allclose(named.arrays["eigenvalues"][0, :11], expected, rtol=1e-4)


def test_weights_that_cannot_be_had_are_one_line(run, tmp_path, monkeypatch):
    photographs(tmp_path / "x.npz", 4, 32)

    def offline(*_, **__):
        raise OSError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr(torch.hub, "download_url_to_file", offline)
    words = ("spectrum", "--data", tmp_path / "x.npz", "-o", tmp_path / "s.npz", "--weights")
    result = run(*words, "IMAGENET1K_V2", "--arch", "torchvision:resnet50", code=1)
    told = result.stderr
    assert result.stdout == ""
    assert "no route to host; fetch https://" in told
    assert told.count("\n") == 1
    assert (
        "it has IMAGENET1K_V1"
        in run(*words, "V9", "--arch", "torchvision:resnet50", code=1).stderr
    )
    assert "--arch beside it" in run(*words, "DEFAULT", code=2).stderr
    assert (
        "expected options that mlp takes" in run(*words, "DEFAULT", "--arch", "mlp", code=2).stderr
    )
    assert "no MODEL beside it" in run(*words, "initial", "images", code=2).stderr


def test_training_of_raw_weights_standardizes_images_as_measures_do(tmp_path):
    photographs(tmp_path / "x.npz", 4, 32)
    whole = torchvision.models.resnet18(num_classes=2).eval()
    raw = Artifact("weights", {k: v.numpy() for k, v in whole.state_dict().items()})
    images = ImageSettings(data=str(tmp_path / "x.npz"))
    arch = ArchitectureSettings(arch="torchvision:resnet18")
    network = starting_network(raw, images, arch, seed=0).network
    assert network.normalize == "standard"
    x = torch.rand(3, 3, 32, 32)
    mean, std = torch.tensor([0.485, 0.456, 0.406]), torch.tensor([0.229, 0.224, 0.225])
    with torch.no_grad():
        expected = whole((x - mean[:, None, None]) / std[:, None, None])
        torch.testing.assert_close(network.module.eval()(x), expected, rtol=1e-4, atol=1e-4)
