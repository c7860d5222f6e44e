import numpy as np
import torch

from specrob import artifacts
from specrob.data import load_image_set
from specrob.models import from_artifact


def measured(run, *words):
    return artifacts.decode(run("landscape", *words).stdout_bytes)


def test_maps_are_the_models_answers(run, models):
    made = measured(run, models["hybrid"], "--index", 4, "--points", 11)
    arrays = made.arrays
    network = from_artifact(artifacts.read(str(models["hybrid"])))
    image = load_image_set("digits", "test", normalize="l3").pixels[4]
    at = (arrays["u"][2], arrays["v"][7]) @ arrays["directions"]
    point = image + torch.from_numpy(at).reshape(1, 8, 8)
    probabilities = network.module(point[None]).softmax(1)[0]
    assert arrays["label"][7, 2] == probabilities.argmax()
    np.testing.assert_allclose(arrays["confidence"][7, 2], probabilities.max().item(), rtol=1e-3)
    exact = torch.func.jacrev(lambda x: network.module.represent(x[None])[0])(point).norm()
    np.testing.assert_allclose(arrays["jacobian_norm"][7, 2], exact.item(), rtol=1e-4)
    assert made.fields["of"] == "latent"
    assert arrays["u"].max() == 20


def test_models_share_the_plane_and_spans_follow_the_image(run, models):
    words = ["--points", 3, "--index", 1]
    one, other = (measured(run, models[name], *words).arrays for name in ("hybrid", "shlp"))
    assert np.array_equal(one["directions"], other["directions"])
    norm = load_image_set("digits", "test").pixels[1].norm().item()
    assert np.isclose(other["u"].max(), 5.4 * norm, rtol=1e-6)


def test_other_layers_and_architectures(run, models, plane):
    hidden = measured(run, models["shlp"], "--points", 3, "--of", "hidden").arrays
    weight = artifacts.read(str(models["shlp"])).arrays["hidden.weight"]
    np.testing.assert_allclose(hidden["jacobian_norm"], np.linalg.norm(weight), rtol=1e-5)
    logits = measured(run, *plane[0], "--points", 3).arrays
    assert np.ptp(logits["jacobian_norm"]) < 1e-5 * logits["jacobian_norm"].max()


def test_only_chooses_the_first_image_that_all_know(run, models, tmp_path):
    known = []
    for name in ("hybrid", "shlp"):
        path = tmp_path / f"{name}.npz"
        run("crit-dist", models[name], "--method", "fgsm", "--limit", 30, "-o", path)
        arrays = artifacts.read(str(path)).arrays
        known.append(set(arrays["index"][arrays["status"] != "misclassified"].tolist()))
    chosen = [word for name in ("hybrid", "shlp") for word in ("--only", tmp_path / f"{name}.npz")]
    found = measured(run, models["shlp"], "--points", 3, *chosen)
    assert int(found.arrays["index"]) == min(set.intersection(*known))
