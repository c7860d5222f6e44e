import numpy as np
import pytest
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


def test_the_span_follows_the_distance_of_the_image(run, models, tmp_path):
    path = tmp_path / "d.npz"
    run("crit-dist", models["shlp"], "--method", "fgsm", "--limit", 30, "-o", path)
    found = artifacts.read(str(path)).arrays
    index = int(found["index"][found["status"] == "fooled"][2])
    words = ("--points", 3, "--span", "auto", "--distances", path, "--index")
    own = measured(run, models["shlp"], *words, index)
    distance = found["distance_l2"][found["index"] == index][0]
    np.testing.assert_allclose(own.arrays["u"].max(), 32**0.5 * distance, rtol=1e-6)
    unknown = measured(run, models["shlp"], *words, 40)  # not among the 30
    median = np.median(found["distance_l2"][found["status"] == "fooled"])
    np.testing.assert_allclose(unknown.arrays["u"].max(), 32**0.5 * median, rtol=0.2)


def test_the_image_has_its_class_and_the_answer(run, models):
    network = from_artifact(artifacts.read(str(models["shlp"])))
    images = load_image_set("digits", "test")
    answers = network.module(images.pixels).argmax(1)
    for index in (2, int((answers != images.labels).nonzero()[0, 0])):
        facts = measured(run, models["shlp"], "--points", 2, "--index", index).fields
        assert facts["image_label"] == images.labels[index]
        assert facts["image_prediction"] == answers[index]
        norm = network.core.latent_jacobian_norm(images.pixels[[index]])
        assert facts["image_jacobian_norm"] == pytest.approx(float(norm), rel=1e-5)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--span", "auto"], "--span: expected --distances beside auto, found none"),
        (["--distances", "d.npz"], "--span: expected auto, found a span of its default"),
        (["--span", "2", "--distances", "d.npz"], "--span: expected auto, found a span of 2.0"),
        (["--span", "wide"], "expected a number such as 0.03 or 8/255, found `wide`"),
    ],
)
def test_spans_and_distances_belong_together(run, models, words, message):
    assert message in run("landscape", models["shlp"], *words, code=2).stderr


def test_distances_of_other_images_or_of_nobody_are_refused(run, models, tmp_path):
    other, far = tmp_path / "other.npz", tmp_path / "far.npz"
    words = ("crit-dist", models["shlp"], "--method", "fgsm", "--limit", 9)
    run(*words, "--split", "train", "-o", other)
    run(*words, "--max-eps", 1e-5, "-o", far)
    span = ("landscape", models["shlp"], "--points", 2, "--span", "auto", "--distances")
    assert "expected --distances of digits" in run(*span, other, code=1).stderr
    assert "--distances with a median, found too few" in run(*span, far, code=1).stderr
