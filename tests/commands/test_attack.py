import json
import re

import numpy as np
import pytest
from safetensors.numpy import save_file

from specrob import artifacts
from specrob.norms import NORMS


def measured(run, *words):
    return json.loads(run("attack", *words).stdout)


@pytest.mark.parametrize("method", ["random", "fgsm", "pgd", "noise"])
def test_radius_zero_keeps_all_and_accuracy_falls(run, models, method):
    found = measured(run, models["shlp"], "--method", method, "--eps", "0,8/255,0.2,1,5")
    assert found["relative_accuracy"][0] == 1.0
    assert found["robust_accuracy"][0] == found["clean_accuracy"]
    assert found["relative_accuracy"][-1] < 0.6
    assert found["eps"][1] == pytest.approx(8 / 255)
    assert found["norm"] == ("linf" if method in ("fgsm", "pgd") else "l2")


def test_severity_is_pgd_then_fgsm_then_random(run, models):
    words = ["--norm", "l2", "--eps", "0.3,0.6"]
    kept = {
        method: measured(run, models["shlp"], "--method", method, *words)["relative_accuracy"]
        for method in ("random", "fgsm", "pgd")
    }
    assert all(np.array(kept["pgd"]) <= np.array(kept["fgsm"]))
    assert all(np.array(kept["fgsm"]) < np.array(kept["random"]))


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_the_curve_of_a_plane_is_known(run, plane, norm):
    words, normal, margins = plane
    exact = margins / np.linalg.norm(normal, NORMS[norm].dual)
    for radius in np.quantile(exact, [0.25, 0.75]) * 1.001:
        how = ["--norm", norm, "--bounds", "none", "--eps", f"{radius:.7g}"]
        found = measured(run, *words, *how)
        assert found["relative_accuracy"] == [pytest.approx((exact > radius).mean())]


@pytest.mark.parametrize("method", ["random", "pgd"])
def test_batch_size_does_not_matter(run, models, method):
    words = [models["hybrid"], "--method", method, "--eps", "0.05,0.5", "--random-start"]
    words = words if method == "pgd" else words[:-1]
    found = [measured(run, *words, "--batch-size", size) for size in (1000, 13)]
    assert found[0]["relative_accuracy"] == found[1]["relative_accuracy"]


def test_limit_and_split(run, models):
    assert measured(run, models["shlp"], "--eps", "0", "--limit", 17)["n_images"] == 17
    assert measured(run, models["shlp"], "--eps", "0", "--split", "train")["n_images"] == 1437


def test_the_line_of_an_attack_has_up_to_four_radii_and_not_radius_0(run, models):
    for eps, shown in (
        ("0,0.1", ["0.1"]),
        ("0,0.1,0.2,0.3,0.4,0.5,0.6", ["0.1", "0.3", "0.4", "0.6"]),
    ):
        said = run("attack", models["shlp"], "--method", "fgsm", "--eps", eps, "--limit", 9).stderr
        assert re.findall(r"relative accuracy at (\S+):", said.splitlines()[0]) == shown
    (only,) = run("attack", models["shlp"], "--eps", "0", "--limit", 9).stderr.splitlines()
    assert "robust accuracy at 0:" in only


def test_summary(run, models):
    result = run("attack", models["shlp"], "--method", "fgsm", "--eps", "0,0.1", "--limit", 50)
    assert result.stderr.startswith("specrob attack: method fgsm, norm linf, unit of eps linf")
    assert ", images 50, clean accuracy" in result.stderr


def test_perturbed_images_are_kept_on_the_levels_of_a_file(run, models, tmp_path):
    curve, saved = tmp_path / "curve.json", tmp_path / "saved.npz"
    how = ("--eps", "0,0.1", "--limit", 60, "--levels", 17, "--save", saved)
    run("attack", models["shlp"], *how, "-o", curve)
    kept = artifacts.read(str(saved))
    x, steps = kept.arrays["x"], kept.arrays["x"] * 16
    assert x.shape == (2, 60, 1, 8, 8)
    np.testing.assert_allclose(steps, steps.round(), atol=1e-5)
    clean = x[0]
    assert np.nanmax(kept.arrays["distance"][1]) <= 0.1 + 1 / 32 + 1e-6
    attacked = kept.arrays["prediction"] == kept.arrays["label"]
    lengths = np.abs(x[1] - clean).max((1, 2, 3))
    np.testing.assert_allclose(kept.arrays["distance"][1][attacked], lengths[attacked], atol=1e-6)
    assert np.isnan(kept.arrays["distance"][1][~attacked]).all()
    stands = kept.arrays["prediction_adversarial"][1] == kept.arrays["label"]
    told = artifacts.read(str(curve)).fields["relative_accuracy"][1]
    assert told == pytest.approx((stands & attacked).sum() / attacked.sum())


def test_a_monotone_curve_never_rises_and_lies_below_the_pointwise_one(run, models):
    how = ("attack", models["shlp"], "--eps", "0,0.02,0.05,0.1,0.2", "--limit", 100)
    pointwise = json.loads(run(*how).stdout)["relative_accuracy"]
    monotone = json.loads(run(*how, "--curve", "monotone").stdout)["relative_accuracy"]
    assert monotone == sorted(monotone, reverse=True)
    assert monotone[0] == 1
    assert all(m <= p + 0.011 for m, p in zip(monotone, pointwise, strict=True))


def test_models_are_compared_on_the_images_that_all_know(run, models, tmp_path):
    first, second = tmp_path / "first.npz", tmp_path / "second.npz"
    how = ("--method", "fgsm", "--limit", 100)
    run("crit-dist", models["shlp"], *how, "-o", first)
    run("crit-dist", models["hybrid"], *how, "--only", first, "-o", second)
    both = [artifacts.read(str(path)).arrays for path in (first, second)]
    known = both[0]["index"][both[0]["status"] != "misclassified"]
    assert both[1]["index"].tolist() == known.tolist()
    run("plot", first, second, "-o", tmp_path / "figure.png", code=1)
    run("plot", first, second, "--mixed", "-o", tmp_path / "figure.png")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--eps", "0,8"), "8/255"),
        (("--method", "fgsm", "--eps", "0.1", "--limit", "30"), None),
    ],
)
def test_wrong_units_are_told(run, models, words, told):
    result = run("attack", models["shlp"], *words)
    warnings = json.loads(result.stdout)["warnings"]
    assert any(told in line for line in warnings) if told else not warnings
    said = [f"specrob attack: warning: {line}" for line in warnings]
    assert result.stderr.splitlines()[1:] == said


def masked(tmp_path):
    """Write a linear model whose logits are so far apart that cross entropy is flat."""
    rng = np.random.default_rng(0)
    weight, x = rng.normal(size=(3, 64)), rng.random((60, 1, 8, 8))
    labels = (x.reshape(60, 64) @ weight.T).argmax(1)
    parts = {"readout.weight": 1e4 * weight, "readout.bias": np.zeros(3)}
    save_file({k: v.astype(np.float32) for k, v in parts.items()}, tmp_path / "masked.safetensors")
    np.savez(tmp_path / "x.npz", x_train=x, y_train=labels, x_test=x, y_test=labels)
    return (tmp_path / "masked.safetensors", "--arch", "linear", "--data", tmp_path / "x.npz")


def test_masked_gradients_are_told_and_the_margin_loss_breaks_them(run, tmp_path):
    how = ("attack", *masked(tmp_path), "--eps", "0.5")
    blind = json.loads(run(*how).stdout)
    assert blind["relative_accuracy"][0] > 0.9
    assert any("the gradient is zero" in line for line in blind["warnings"])
    seeing = json.loads(run(*how, "--loss", "margin").stdout)
    assert seeing["relative_accuracy"][0] == 0
    assert not seeing["warnings"]


def test_the_summary_pairs_radii_with_their_accuracies(run, models):
    words = ("attack", models["shlp"], "--method", "fgsm", "--limit", 50, "--eps")
    said = [run(*words, eps).stderr for eps in ("0,0.05,0.2", "0.05,0.2,0")]
    assert said[0] == said[1]
    assert "0.2" in said[0]
