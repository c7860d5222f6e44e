import json

import numpy as np
import pytest
import torch

from specrob import artifacts
from specrob.data import load_image_set
from specrob.measures.cvpca import cv_products
from specrob.measures.randomized_covariance import RandomizedEigenvalues
from specrob.models import activations, from_artifact


def measured(run, *words, **how):
    return artifacts.decode(run("spectrum", *words, **how).stdout_bytes).arrays


def expected(x):
    return np.linalg.eigvalsh(np.cov(x.double().numpy().T))[::-1]


@pytest.mark.parametrize("layer", ["hidden", "latent", "logits", "input"])
def test_eigenvalues_equal_numpys(run, models, layer):
    network = from_artifact(artifacts.read(str(models["hybrid"])))
    images = load_image_set("digits", "test", normalize=network.normalize).pixels
    with torch.no_grad():
        x = activations(network.module, images, [layer])[layer]
    values = expected(x[:, x.var(0) > 0])
    found = measured(run, models["hybrid"], "--layer", layer)["eigenvalues"][0]
    large = values > 1e-6 * values[0]
    np.testing.assert_allclose(found[large], values[large], rtol=1e-8)
    np.testing.assert_allclose(found, values, rtol=0, atol=1e-12 * values[0])


def test_rows_are_images_then_noise_by_layer_and_size(run, models):
    words = [
        models["hybrid"],
        "--noise",
        "--sizes",
        "5,20",
        "--layer",
        "hidden",
        "--layer",
        "logits",
    ]
    found = measured(run, *words)
    assert found["source"].tolist() == ["images", "noise"] * 4
    assert found["layer"].tolist() == ["hidden"] * 4 + ["logits"] * 4
    assert found["size"].tolist() == [5, 5, 20, 20, 5, 5, 10, 10]
    assert found["eigenvalues"].shape == (8, 20)
    assert np.isnan(found["eigenvalues"][0, 5:]).all()


def test_images_measure_themselves_in_centred_squares(run):
    found = measured(run, "images", "--sizes", "4,64")
    images = load_image_set("digits", "test").pixels
    np.testing.assert_allclose(
        found["eigenvalues"][0, :4], expected(images[:, 0, 3:5, 3:5].flatten(1)), rtol=1e-9
    )
    assert found["size"].tolist() == [4, 64]


def test_noise_through_a_linear_layer_is_also_exact(run, models):
    found = measured(run, models["shlp"], "--noise", "--split", "train")
    weight = artifacts.read(str(models["shlp"])).arrays["hidden.weight"].astype(np.float64)
    assert found["source"].tolist() == ["images", "noise", "noise-exact"]
    exact = np.linalg.eigvalsh(weight @ weight.T)[::-1]
    np.testing.assert_allclose(found["eigenvalues"][2], exact, rtol=1e-9)
    np.testing.assert_allclose(found["eigenvalues"][1].sum(), exact.sum(), rtol=0.05)


def test_noise_has_the_std_that_was_asked_for(run):
    words = ["images", "--noise", "--noise-std", 0.5, "--noise-mean", 3, "--split", "train"]
    found = measured(run, *words)
    assert np.isclose(found["eigenvalues"][1].mean(), 0.25, rtol=0.02)


def test_activations_of_ones_own(run, tmp_path):
    x = np.random.default_rng(0).normal(size=(50, 8))
    np.savez(tmp_path / "x.npz", x=x)
    found = measured(run, tmp_path / "x.npz")
    np.testing.assert_allclose(
        found["eigenvalues"][0], np.linalg.eigvalsh(np.cov(x.T))[::-1], rtol=1e-9
    )


def test_batches_do_not_matter(run, models, tmp_path):
    draws = np.random.default_rng(0)
    heavy = draws.normal(size=(300, 20)) / np.sqrt(draws.chisquare(6, size=(300, 1)))
    np.savez(tmp_path / "x.npz", x=heavy)
    for words in ([models["shlp"], "--noise"], [tmp_path / "x.npz"]):
        whole, parts = (measured(run, *words, "--batch-size", size) for size in (1000, 7))
        for name in ("eigenvalues", "image_scale", "scale_error", "own_spread"):
            largest = np.nanmax(whole[name])
            np.testing.assert_allclose(parts[name], whole[name], rtol=0, atol=1e-6 * largest)
    assert whole["image_scale"].std() > 0.1


def test_several_layers_in_one_pass_are_those_measured_alone(run, models):
    words = [models["hybrid"], "--layer", "hidden", "--layer", "latent"]
    both = measured(run, *words)["eigenvalues"]
    for found, name in zip(both, words[2::2], strict=True):
        expected = measured(run, models["hybrid"], "--layer", name)["eigenvalues"][0]
        np.testing.assert_array_equal(found[: len(expected)], expected)


def test_bootstrap_is_kept_beside_the_spectrum(run, models):
    words = [models["shlp"], "--noise", "--bootstrap", 12]
    found = measured(run, *words)
    assert found["bootstrap"].shape == (3, 12, 30)
    assert np.isnan(found["bootstrap"][2]).all()  # exact noise has no images
    totals = found["bootstrap"][:2].sum(2).mean(1)
    np.testing.assert_allclose(totals, found["variance"][:2], rtol=0.05)
    plain = measured(run, models["shlp"], "--noise")
    np.testing.assert_allclose(found["eigenvalues"], plain["eigenvalues"], rtol=1e-9)
    assert "bootstrap" not in plain


def test_solvers_and_variance_are_recorded(run, models):
    found = measured(run, models["shlp"], "--noise", "--limit", 20)
    assert found["solver"].tolist() == ["gram", "gram", "weights"]
    assert measured(run, models["shlp"])["solver"].tolist() == ["covariance"]
    np.testing.assert_allclose(found["variance"], np.nansum(found["eigenvalues"], 1), rtol=1e-9)


def test_what_cannot_be_held_is_truncated_and_said(run, monkeypatch, tmp_path):
    exact = measured(run, "images")["eigenvalues"][0]
    monkeypatch.setattr("specrob.measures.randomized_covariance.MAX_BYTES", 1000)
    monkeypatch.setattr(
        RandomizedEigenvalues.__init__, "__kwdefaults__", {"ranks": 20, "spare": 20, "passes": 6}
    )
    result = run("spectrum", "images", "-o", tmp_path / "s.npz")
    found = artifacts.read(str(tmp_path / "s.npz")).arrays
    assert found["solver"].tolist() == ["randomized"]
    np.testing.assert_allclose(found["eigenvalues"][0], exact[:20], rtol=1e-3)
    np.testing.assert_allclose(found["variance"][0], exact.sum(), rtol=1e-9)
    assert "of 20 leading eigenvalues, randomized" in result.stderr
    fit = json.loads(run("fit-alpha", tmp_path / "s.npz", "--range", "2:15").stdout)["fits"][0]
    assert fit["participation_ratio"] is fit["rankme"] is None


def test_transforms_reach_the_pixels_and_the_record(run, tmp_path):
    path = tmp_path / "s.npz"
    run("spectrum", "images", "--transform", "pca:3", "-o", path)
    whole = artifacts.read(str(path))
    values = whole.arrays["eigenvalues"][0]
    assert (values[:3] > 0.1).all()
    assert values[3:].max() < 1e-9
    assert whole.fields["transform"] == ["pca:3"]
    assert "specrob spectrum images --transform pca:3" in run("info", path).stdout
    assert sorted(whole.provenance.data.digests) == ["test", "train"]


def test_cross_validated_responses(run, tmp_path):
    draws = np.random.default_rng(0)
    signal = draws.normal(size=(200, 15)) * np.arange(1, 16.0) ** -0.5
    x = signal + draws.normal(size=(2, 200, 15))
    np.savez(tmp_path / "x.npz", x=x)
    found = measured(run, tmp_path / "x.npz", "--cv")
    first, second = (torch.from_numpy(repeat) for repeat in x)
    expected = cv_products(first, second).sum(0) / 199
    np.testing.assert_allclose(found["eigenvalues"][0], expected, rtol=1e-9)
    assert found["solver"].tolist() == ["cvpca"]
    assert (found["size"].tolist(), found["n_images"].tolist()) == ([15], [200])


def test_cross_validated_exponents_have_errors(run, tmp_path):
    """The error that resampling gives is the spread over experiments."""
    alphas, errors = [], []
    for seed in range(36):  # their spread is then known within a ninth
        draws = np.random.default_rng(seed)
        signal = draws.normal(size=(300, 30)) * np.arange(1, 31.0) ** -0.5
        np.savez(tmp_path / "x.npz", x=signal + 0.1 * draws.normal(size=(2, 300, 30)))
        made = run("spectrum", tmp_path / "x.npz", "--cv", "--bootstrap", 50, "-q").stdout_bytes
        (fit,) = json.loads(run("fit-alpha", "--range", "2:20", input=made).stdout)["fits"]
        alphas.append(fit["alpha"])
        errors.append(fit["sampling_stderr"])
        assert fit["ci"][0] < fit["alpha"] < fit["ci"][1]
    assert 0.6 < np.mean(errors) / np.std(alphas) < 1.6


TRAINED = """
from torch import nn


def net():
    made = nn.Sequential(nn.Flatten(), nn.Linear(64, 9), nn.Linear(9, 10))
    nn.init.constant_(made[1].weight, 0.1)
    return made
"""


def test_initial_weights_of_a_factory_are_drawn(run, tmp_path, monkeypatch):
    """Its constant weights would answer all images along one direction."""
    (tmp_path / "trainednets.py").write_text(TRAINED)
    monkeypatch.syspath_prepend(tmp_path)
    words = ("spectrum", "--arch", "trainednets:net", "--weights", "initial", "--limit", 50)
    first, same, other = (
        run(*words, "--layer", "1", "--seed", seed, "-o", tmp_path / "s.npz")
        and artifacts.read(str(tmp_path / "s.npz")).arrays["eigenvalues"][0]
        for seed in "001"
    )
    np.testing.assert_array_equal(first, same)
    assert not np.isclose(first, other).any()
    assert first[8] > 1e-4 * first[0]


def test_units_that_never_vary_are_told(run, tmp_path):
    x = np.random.default_rng(0).normal(size=(40, 12))
    x[:, [2, 5, 7]] = 1.0
    np.savez(tmp_path / "x.npz", x=x)
    told = run("spectrum", tmp_path / "x.npz", "-o", tmp_path / "s.npz").stderr
    assert "layer input 9 units (3 more never vary), variance images input 9" in told
    assert "input 9 units (3 more never vary)" in run("info", tmp_path / "s.npz").stdout
    np.savez(tmp_path / "y.npz", x=x[:, :5])
    assert "4 units (1 more never varies)" in run("spectrum", tmp_path / "y.npz").stderr
    np.savez(tmp_path / "y.npz", x=x[:, :2])
    assert "never" not in run("spectrum", tmp_path / "y.npz").stderr
