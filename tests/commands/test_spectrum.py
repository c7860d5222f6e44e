import numpy as np
import pytest
import torch

from specrob import artifacts
from specrob.data import load
from specrob.models import activations, from_artifact


def measured(run, *words, **how):
    return artifacts.decode(run("spectrum", *words, **how).stdout_bytes).arrays


def expected(x):
    return np.linalg.eigvalsh(np.cov(x.double().numpy().T))[::-1]


@pytest.mark.parametrize("layer", ["hidden", "latent", "logits", "input"])
def test_eigenvalues_equal_numpys(run, models, layer):
    network = from_artifact(artifacts.read(str(models["hybrid"])))
    images = load("digits", "test", normalize=network.normalize).images
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
    images = load("digits", "test").images
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


def test_batches_do_not_matter(run, models):
    whole, parts = (
        measured(run, models["shlp"], "--noise", "--batch-size", size)["eigenvalues"]
        for size in (1000, 7)
    )
    np.testing.assert_allclose(parts, whole, rtol=0, atol=1e-6 * whole.max())
