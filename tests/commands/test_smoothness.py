import json

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from specrob import artifacts
from specrob.data import load_image_set
from specrob.models import build, from_artifact


def measured(run, *words):
    return json.loads(run("smoothness", *words).stdout)


def test_a_linear_map_has_its_own_norms(run, plane):
    found = measured(run, *plane[0])
    weight = artifacts.read(str(plane[0][0])).arrays["readout.weight"].astype(float)
    largest, whole = np.linalg.svd(weight)[1][0], np.linalg.norm(weight)
    assert found["spectral_norm"] == pytest.approx(largest, rel=1e-6)
    assert found["frobenius_norm"] == pytest.approx(whole, rel=1e-6)
    (row,) = found["jacobian"]
    assert row["layer"] == "logits"
    for name in ("mean", "median", "min", "max"):
        assert row[name] == pytest.approx(whole, rel=1e-6)
    assert row["stderr"] < 1e-6


@pytest.mark.parametrize("name", ["hybrid", "shlp"])
def test_closed_forms_are_what_jacrev_gives(run, models, name):
    words = [w for layer in ("latent", "hidden", "logits") for w in ("--layer", layer)]
    found = measured(run, models[name], *words, "--limit", 30, "--batch-size", 7)
    network = from_artifact(artifacts.read(str(models[name])))
    images = load_image_set("digits", "test", normalize=network.normalize).pixels[:30]
    net = network.module.double()
    layers = {
        "latent": net.represent,
        "hidden": lambda x: net.hidden(x.flatten(1)),
        "logits": net,
    }
    for row in found["jacobian"]:
        single = torch.func.jacrev(lambda x, layer=row["layer"]: layers[layer](x[None])[0])
        norms = torch.stack([single(x).norm() for x in images.double()]).detach().numpy()
        assert row["mean"] == pytest.approx(norms.mean(), rel=1e-4)
        assert row["median"] == pytest.approx(np.median(norms), rel=1e-4)
        assert row["min"] == pytest.approx(norms.min(), rel=1e-4)
        assert row["max"] == pytest.approx(norms.max(), rel=1e-4)
        error = norms.std(ddof=1) / np.sqrt(30)
        assert row["stderr"] == pytest.approx(error, rel=1e-3, abs=1e-6)
    assert [row["layer"] for row in found["jacobian"]] == list(layers)
    largest = np.linalg.svd(net.hidden.weight.detach().numpy())[1][0]
    assert found["spectral_norm"] == pytest.approx(largest, rel=1e-5)


def test_the_first_map_of_a_convolution_is_its_matrix(run, tmp_path):
    net = build("cnn-b", (1, 18, 18), 10, {}, torch.Generator().manual_seed(0))
    weights = {name: value.numpy() for name, value in net.state_dict().items()}
    save_file(weights, tmp_path / "net.safetensors")
    images, labels = np.random.default_rng(0).random((4, 18, 18)), np.arange(4)
    np.savez(tmp_path / "x.npz", x_train=images, y_train=labels, x_test=images, y_test=labels % 2)
    data = ("--data", tmp_path / "x.npz", "--limit", 2)
    found = measured(run, tmp_path / "net.safetensors", "--arch", "cnn-b", *data)
    first = next(m for m in net.modules() if isinstance(m, torch.nn.Conv2d))
    pixels = torch.eye(18 * 18).reshape(-1, 1, 18, 18)
    with torch.no_grad():
        matrix = (first(pixels) - first(torch.zeros(1, 1, 18, 18))).flatten(1).T.numpy()
    values = np.linalg.svd(matrix, compute_uv=False)
    assert found["spectral_norm"] == pytest.approx(values[0], rel=1e-5)
    assert found["frobenius_norm"] == pytest.approx(np.linalg.norm(values), rel=1e-5)
    assert found["jacobian"][0]["min"] < found["jacobian"][0]["max"]


def test_standardized_channels_count_as_part_of_the_map(run, tmp_path):
    path = tmp_path / "net.safetensors"
    how = ("--arch", "shlp", "--hidden", 6, "--normalize", "standard", "--epochs", 1)
    run("train-sup", *how, "-o", path)
    arrays = artifacts.read(str(path)).arrays
    seen = arrays["net.hidden.weight"] / arrays["std"].item()
    found = measured(run, path, "--limit", 3)
    assert found["frobenius_norm"] == pytest.approx(np.linalg.norm(seen), rel=1e-5)


def test_one_image_has_no_error_and_the_summary_says_the_norms(run, models):
    result = run("smoothness", models["shlp"], "--limit", 1)
    assert json.loads(result.stdout)["jacobian"][0]["stderr"] is None
    assert "spectral norm" in result.stderr
    assert "Jacobian norm of latent" in result.stderr
    assert "+-" not in result.stderr


def test_a_first_map_too_large_to_hold_has_no_norms(run, monkeypatch, tmp_path):
    monkeypatch.setattr("specrob.experiments.smoothness.MAX_ENTRIES", 0)
    path = tmp_path / "s.json"
    words = ("--arch", "cnn-b", "--weights", "initial", "--data", "noise:1x18x18", "--limit", 2)
    run("smoothness", *words, "-o", path)
    found = json.loads(path.read_text())
    assert (found["spectral_norm"], found["frobenius_norm"]) == (None, None)
    assert found["jacobian"][0]["mean"] > 0
    run("report", tmp_path)


def test_images_are_no_network(run):
    assert (
        "expected a model, found the word `images`" in run("smoothness", "images", code=1).stderr
    )
