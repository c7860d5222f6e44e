"""--resize N from the command line: the model keeps it, and so do measures of it."""

import json

import numpy as np
import pytest
import torch

from specrob import artifacts
from specrob.data import load_image_set
from specrob.data.resizing import resize


@pytest.fixture(scope="module")
def small(run, tmp_path_factory):
    """Return a network trained on digits of 5 x 5 pixels, from an NPZ of 12 x 12 colour images."""
    folder = tmp_path_factory.mktemp("small")
    made = {}
    for split in ("train", "test"):
        part = load_image_set("digits", split)
        large = part.pixels.repeat_interleave(3, 2).repeat_interleave(2, 3)
        made |= {f"x_{split}": large.expand(-1, 3, -1, -1), f"y_{split}": part.labels}
    np.savez(folder / "wide.npz", **made, name="wide digits")
    how = ("--data", folder / "wide.npz", "--resize", 5, "--epochs", 20)
    run("train-sup", "--arch", "linear", *how, "-o", folder / "net.safetensors")
    return folder


def test_a_model_keeps_the_size_and_measures_obey(run, small, tmp_path):
    net, out = small / "net.safetensors", tmp_path / "s.npz"
    found = artifacts.read(str(net))
    assert found.fields["shape"] == [3, 5, 5]
    assert found.provenance.data.resize == 5
    assert found.provenance.data.name == "wide digits, 5x5"
    run("spectrum", net, "--layer", "input", "-o", out)
    spectrum = artifacts.read(str(out))
    assert spectrum.provenance.data.resize == 5
    whole = load_image_set(str(small / "wide.npz"), "test").pixels
    pixels = resize(whole, 5).flatten(1).double().numpy()
    expected = np.linalg.eigvalsh(np.cov(pixels.T))[::-1][:20]
    np.testing.assert_allclose(spectrum.arrays["eigenvalues"][0, :20], expected, rtol=1e-4)
    assert f"--data {small / 'wide.npz'} --resize 5 --epochs 20" in run("info", out).stdout


def test_another_size_is_one_line(run, small, tmp_path):
    words = ("--resize", 6, "-o", tmp_path / "s.npz")
    told = run("spectrum", small / "net.safetensors", *words, code=1).stderr
    assert "expected images of shape (3, 5, 5) for the model, found (3, 6, 6)" in told
    assert "(a model's own is kept), or make it 5" in told
    assert told.count("\n") == 1


def test_other_images_get_the_size_of_the_model(run, small, tmp_path):
    out, found = tmp_path / "s.npz", []
    for words in ((), ("--resize", 5)):
        run("spectrum", small / "net.safetensors", "--data", small / "wide.npz", *words, "-o", out)
        found.append(artifacts.read(str(out)).arrays["eigenvalues"])
    np.testing.assert_array_equal(*found)


def test_transforms_and_norms_come_after(run, small, tmp_path):
    """Each resized image is divided by its own norm, so that all have length 1."""
    how = ("--data", small / "wide.npz", "--resize", 5, "--normalize", "l2")
    run("spectrum", "images", *how, "--transform", "pca:75", "-o", tmp_path / "s.npz")
    images = load_image_set(str(small / "wide.npz"), "test", resize=5, normalize="l2").pixels
    torch.testing.assert_close(images.flatten(1).norm(dim=1), torch.ones(360))
    variance = float(images.flatten(1).double().var(0).sum())
    found = np.nansum(artifacts.read(str(tmp_path / "s.npz")).arrays["eigenvalues"][0])
    assert found == pytest.approx(variance, rel=1e-4)


def test_results_on_another_size_are_no_choice_of_images(run, small, tmp_path):
    words = ("crit-dist", small / "net.safetensors", "--method", "fgsm", "--limit", 40)
    run(*words, "-o", tmp_path / "small.npz")
    how = ("--arch", "linear", "--epochs", 5, "--data", small / "wide.npz")
    run("train-sup", *how, "--resize", 6, "-o", tmp_path / "other.safetensors")
    words = ("crit-dist", tmp_path / "other.safetensors", "--only", tmp_path / "small.npz")
    told = run(*words, "-o", tmp_path / "d.npz", code=1).stderr
    assert "expected --only of wide digits, 6x6 (test), found a result on wide digits, 5x5" in told
    assert "pass the same --data, --split, --resize and --transform" in told


def test_networks_of_torchvision_see_the_size(run, small, tmp_path):
    words = ("--arch", "torchvision:resnet18", "--weights", "initial", "--resize", 40)
    out = tmp_path / "s.npz"
    run("spectrum", *words, "--data", small / "wide.npz", "--limit", 9, "-o", out)
    info = json.loads(run("info", "--json", out).stdout)
    assert info["provenance"]["data"]["resize"] == 40
    assert info["provenance"]["data"]["name"] == "wide digits, 40x40"
