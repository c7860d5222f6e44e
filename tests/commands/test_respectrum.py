"""Another exponent before a linear read-out leaves everything else as it was."""

import json

import numpy as np
import pytest
import torch
from torch import nn

import specrob
from specrob import artifacts
from specrob.data import load_image_set
from specrob.errors import DataError, ModelError, UsageError
from specrob.models import from_artifact

EXPONENTS = (0.5, 1, 2)
FACTORY = '''
from torch import nn

def softmax():
    """Return a network whose outputs are probabilities."""
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.Softmax(1))
'''


@pytest.fixture(scope="module")
def network(tmp_path_factory, run):
    """Return the file of a network of two layers with batch normalization."""
    path = tmp_path_factory.mktemp("respectrum") / "net.safetensors"
    how = ["--activation", "tanh", "--batch-norm", "--batch-size", 200, "--epochs", 8]
    run("train-sup", "--arch", "mlp", "--hidden", "60,50", *how, "-o", path)
    return path


@pytest.fixture(scope="module", params=EXPONENTS)
def changed(request, network, run):
    """Return an exponent and the file of the network that was given it."""
    path = network.with_name(f"alpha-{request.param}.safetensors")
    run("respectrum", network, "--alpha", request.param, "-o", path)
    return request.param, path


def logits(path):
    net = from_artifact(artifacts.read(str(path)))
    with torch.no_grad():
        return net.module.eval()(load_image_set("digits", "test").pixels)


def test_logits_stay_and_the_exponent_is_what_was_asked_for(run, network, changed):
    alpha, path = changed
    before, after = logits(network), logits(path)
    assert float((after - before).norm() / before.norm()) < 1e-4
    spectrum = path.with_suffix(".npz")
    run("spectrum", path, "--split", "train", "-o", spectrum)
    values = artifacts.read(str(spectrum)).arrays["eigenvalues"][0]
    ranks = np.arange(10, 26)
    slope = np.polyfit(np.log(ranks), np.log(values[ranks - 1]), 1)[0]
    assert -slope == pytest.approx(alpha, abs=0.02)
    facts = artifacts.read(str(path)).fields["respectrum"]
    assert facts["train_alpha"] == pytest.approx(alpha, abs=0.02)
    assert facts["test_alpha"] == pytest.approx(alpha, abs=0.3)
    plain = network.with_suffix(".npz")
    run("spectrum", network, "--split", "train", "-o", plain)
    old = artifacts.read(str(plain)).arrays["eigenvalues"][0]
    assert values.sum() == pytest.approx(old.sum(), rel=1e-4)


def test_attacks_and_distances_are_those_of_the_original(run, network, changed):
    path, found = changed[1], []
    for file in (network, path):
        curve = run("attack", file, "--method", "pgd", "--eps", "0.02,0.05", "--limit", 60)
        out = file.with_name(f"{file.stem}.distances.npz")
        run("crit-dist", file, "--method", "minimal", "--limit", 30, "-o", out)
        accuracies = json.loads(curve.stdout)["robust_accuracy"]
        found.append((accuracies, artifacts.read(str(out)).arrays["distance"]))
    assert found[0][0] == found[1][0]
    np.testing.assert_allclose(found[1][1], found[0][1], rtol=1e-3)


def test_networks_of_any_kind_with_a_linear_read_out(run, models, tmp_path):
    conv = tmp_path / "cnn.safetensors"
    how = ["--resize", 28, "--limit", 200, "--epochs", 1]
    run("train-sup", "--arch", "cnn-b,filters=2+3,width=20", *how, "-o", conv)
    for name, path in {"hybrid": models["hybrid"], "cnn": conv}.items():
        out = tmp_path / f"{name}-changed.safetensors"
        run("respectrum", path, "--alpha", 1.5, "-o", out)
        assert artifacts.read(str(out)).fields["respectrum"]["logit_change"] < 1e-4
        assert run("attack", out, "--eps", "0.1", "--limit", 5).exit_code == 0


def test_what_cannot_be_undone_is_refused(run, models, network, tmp_path, monkeypatch):
    said = run("respectrum", models["kh"], "-o", tmp_path / "x", code=1).stderr
    assert "expected a trained classifier, found `kh` without a read-out" in said
    once = tmp_path / "once.safetensors"
    run("respectrum", network, "-o", once)
    said = run("respectrum", once, "-o", tmp_path / "x", code=1).stderr
    assert "changed before" in said
    (tmp_path / "softmaxes.py").write_text(FACTORY)
    monkeypatch.syspath_prepend(tmp_path)
    path = tmp_path / "softmax.safetensors"
    arch = ["--arch", "softmaxes:softmax"]
    run("train-sup", *arch, "--epochs", 1, "-o", path)
    said = run("respectrum", path, *arch, "-o", tmp_path / "x", code=1).stderr
    assert "expected a network whose logits are a linear map of its last layer" in said
    assert not (tmp_path / "x").exists()


def test_a_network_that_is_trained_further_forgets_its_exponents(run, changed, tmp_path):
    further = tmp_path / "further.safetensors"
    run("train-sup", changed[1], "--epochs", 1, "-o", further)
    facts = artifacts.read(str(further)).fields["respectrum"]
    assert facts["train_alpha"] is None
    assert facts["alpha"] == changed[0]


def test_the_function_gives_a_model_file_the_weights_of_the_command(network, changed):
    alpha, path = changed
    for model in (network, specrob.load_model(network, limit=20)):
        made = specrob.respectrum(model, alpha=alpha)
        written = from_artifact(artifacts.read(str(path)))
        for name, value in written.module.state_dict().items():
            assert torch.equal(made.network.module.state_dict()[name], value), name
        assert made.network.facts["respectrum"] == written.facts["respectrum"]
    assert len(made.images) == 20


def test_the_function_leaves_ones_own_module_and_its_logits_as_they_were():
    generator = torch.Generator().manual_seed(0)
    module = nn.Sequential(nn.Flatten(), nn.Linear(64, 30), nn.Tanh(), nn.Linear(30, 10))
    for weights in module.parameters():
        weights.data = torch.randn(weights.shape, generator=generator) / 5
    before = {name: value.clone() for name, value in module.state_dict().items()}
    images, labels = specrob.load_images("digits", limit=200)
    flat = specrob.respectrum(module, images, labels, alpha=0.3)
    assert all(torch.equal(value, before[name]) for name, value in module.state_dict().items())
    with torch.no_grad():
        torch.testing.assert_close(flat.network.module(images), module(images), rtol=0, atol=1e-4)
    law = specrob.fit_power_law(specrob.spectrum(flat, layer="penultimate"), window=(3, 25))
    assert law.fits[0].alpha == pytest.approx(0.3, abs=0.02)
    assert flat.network.facts["respectrum"]["test_alpha"] is None
    how = {"attack": specrob.PGD(steps=3), "eps": (0.05,)}
    accuracies = [specrob.attack(m, images, labels, **how) for m in (module, flat)]
    assert accuracies[0].robust_accuracy == accuracies[1].robust_accuracy


def test_the_function_refuses_what_the_command_refuses(network):
    images, _ = specrob.load_images("digits", limit=20)
    probabilities = nn.Sequential(nn.Flatten(), nn.Linear(64, 10), nn.Softmax(1))
    with pytest.raises(ModelError, match="linear map of its last layer"):
        specrob.respectrum(probabilities, images)
    with pytest.raises(ModelError, match="changed before"):
        specrob.respectrum(specrob.respectrum(network))
    with pytest.raises(UsageError, match="alpha"):
        specrob.respectrum(network, alpha=-1)
    with pytest.raises(DataError, match="images"):
        specrob.respectrum(probabilities)
