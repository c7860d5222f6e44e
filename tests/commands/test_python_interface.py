"""`import specrob`: the same numbers as the commands, on somebody else's models and tensors."""

import json
import subprocess
import sys
from copy import deepcopy

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import dropout

import specrob
from specrob import artifacts
from specrob.errors import ArtifactError, DataError, MeasureError, ModelError, UsageError
from specrob.settings.images import ImageSettings
from specrob.settings.local import LocalSettings


@pytest.fixture(scope="module")
def network():
    """Return a small network of somebody else's, in training mode."""
    generator = torch.Generator().manual_seed(0)
    layers = [nn.Flatten(), nn.Linear(64, 30), nn.BatchNorm1d(30), nn.ReLU(), nn.Linear(30, 10)]
    model = nn.Sequential(*layers)
    for parameter in model.parameters():
        parameter.data = torch.randn(parameter.shape, generator=generator) / 5
    return model.train()


@pytest.fixture(scope="module")
def digits():
    return specrob.load_images("digits", limit=60)


def test_import_is_light_and_lists_the_public_names():
    code = """if True:
        import json, sys
        import specrob
        heavy = {"torch", "numpy", "matplotlib", "scipy", "pandas", "typer"}
        print(json.dumps([sorted(heavy & set(sys.modules)), dir(specrob)]))"""
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    loaded, names = json.loads(result.stdout)
    assert loaded == []
    assert {"spectrum", "critical_distances", "plot", "PGD"} <= set(names)


@pytest.mark.parametrize("name", specrob.__all__)
def test_every_public_name_is_there_and_documented(name):
    assert name == "__version__" or getattr(specrob, name).__doc__


def test_an_unknown_name_is_an_attribute_error():
    with pytest.raises(AttributeError, match="has no attribute `spectra`"):
        _ = specrob.spectra


def test_a_model_file_gives_the_numbers_of_the_command(run, models, tmp_path):
    model, target = models["hybrid"], tmp_path / "distances.npz"
    run("crit-dist", model, "--method", "fgsm", "--limit", 40, "-o", target)
    made = specrob.critical_distances(specrob.load_model(model, limit=40), attack=specrob.FGSM())
    read = specrob.read(target)
    np.testing.assert_array_equal(made.distance, read.distance)
    assert made.attacked == read.attacked
    run("spectrum", model, "--limit", 40, "-o", tmp_path / "spectrum.npz")
    spectrum = specrob.spectrum(specrob.load_model(model, limit=40))
    known = specrob.read(tmp_path / "spectrum.npz")
    np.testing.assert_array_equal(spectrum.eigenvalues, known.eigenvalues)
    run("landscape", model, "--limit", 1, "--points", 5, "-o", tmp_path / "plane.npz")
    plane = specrob.landscape(model, points=5)
    np.testing.assert_array_equal(plane.label, specrob.read(tmp_path / "plane.npz").label)
    run("attack", model, "--limit", 40, "--eps", "0,0.1", "-o", tmp_path / "curve.json")
    curve = specrob.attack(specrob.load_model(model, limit=40), eps=(0, 0.1))
    assert curve.robust_accuracy == specrob.read(tmp_path / "curve.json").robust_accuracy


def test_images_in_memory_are_normalized_as_a_model_file_wants_it(models, digits):
    """The digits as integers from 0 to 255 are rounded, so that distances are nearly the same."""
    file = models["hybrid"]
    own = specrob.critical_distances(specrob.load_model(file, limit=60), attack=specrob.FGSM())
    given = specrob.critical_distances(file, *digits, attack=specrob.FGSM())
    np.testing.assert_array_equal(own.distance, given.distance)
    rounded = (digits[0] * 255).round().to(torch.uint8)
    nearly = specrob.critical_distances(file, rounded, digits[1], attack=specrob.FGSM())
    assert np.mean(nearly.status == own.status) > 0.95


def test_a_copy_of_the_module_is_measured_in_evaluation_mode(network, digits):
    before = {name: value.clone() for name, value in network.state_dict().items()}
    measured = specrob.attack(network, *digits, attack=specrob.FGSM(), eps=(0.0,))
    assert network.training
    for name, value in network.state_dict().items():
        assert torch.equal(value, before[name]), name
    network.eval()
    accuracy = (network(digits[0]).argmax(1) == digits[1]).float().mean().item()
    network.train()
    assert measured.clean_accuracy == pytest.approx(accuracy)


def test_misclassified_and_unfooled_images_are_never_distance_0(network, digits):
    found = specrob.critical_distances(network, *digits, attack=specrob.FGSM(), max_eps=1e-3)
    assert {"misclassified", "censored"} <= set(found.status)
    assert np.isnan(found.distance[found.status == "misclassified"]).all()
    assert np.isinf(found.distance[found.status == "censored"]).all()
    assert found.median().value == np.inf


def test_warnings_of_an_attack_are_warnings_of_python(network, digits):
    with pytest.warns(UserWarning, match="0 to 255|chance|length"):
        specrob.attack(network, *digits, attack=specrob.FGSM(), norm="linf", eps=(8.0,))


def test_a_function_and_arrays_are_taken_as_well(network, digits):
    images, labels = (each.numpy() for each in digits)
    network.eval()
    by_function = specrob.attack(network.forward, images, labels, eps=(0.0, 0.1))
    by_module = specrob.attack(network, images[:, 0], labels, eps=(0.0, 0.1))
    network.train()
    assert by_function.robust_accuracy == by_module.robust_accuracy


def test_a_spectrum_of_a_layer_and_of_recorded_activations_agree(network, digits):
    spectrum = specrob.spectrum(network, digits[0], layer="1")
    with torch.no_grad():
        activations = network[:2](digits[0]).numpy()
    recorded = specrob.spectrum(activations)
    np.testing.assert_allclose(spectrum.eigenvalues, recorded.eigenvalues, rtol=1e-5)
    covariance = np.linalg.eigvalsh(np.cov(activations.T.astype(np.float64)))[::-1]
    np.testing.assert_allclose(spectrum.eigenvalues[0], covariance, rtol=1e-5, atol=1e-6)
    repeats = np.stack([activations, activations])
    shared = specrob.spectrum(repeats).eigenvalues[0, :20]
    np.testing.assert_allclose(shared, covariance[:20], rtol=1e-5)


def test_results_and_models_are_written_and_read(network, digits, tmp_path):
    made = specrob.critical_distances(network, *digits, attack=specrob.FGSM())
    specrob.write(made, tmp_path / "made.npz")
    again = specrob.read(tmp_path / "made.npz")
    np.testing.assert_array_equal(again.distance, made.distance)
    assert again.options == made.options
    few = ImageSettings(limit=50)
    layer = specrob.train_local_layer(settings=LocalSettings(hidden=5, epochs=2), images=few)
    specrob.write(layer, tmp_path / "layer.safetensors")
    assert specrob.load_model(tmp_path / "layer.safetensors", limit=5).network.arch == "kh"
    assert artifacts.read(str(tmp_path / "layer.safetensors")).provenance.data.source == "digits"


def test_training_gives_the_weights_of_the_commands(run, tmp_path):
    words = ("--hidden", 5, "--epochs", 3, "--limit", 100, "--seed", 3)
    run("train-kh", *words, "-o", tmp_path / "kh.safetensors")
    sup = ("--epochs", 2, "--limit", 100, "--penalty", "l2=1e-3", "--seed", 3)
    run("train-sup", tmp_path / "kh.safetensors", *sup, "-o", tmp_path / "hybrid.safetensors")
    few, local = ImageSettings(limit=100), LocalSettings(hidden=5, epochs=3)
    layer = specrob.train_local_layer(settings=local, images=few, seed=3)
    training = specrob.TrainingSettings(epochs=2, penalty=("l2=1e-3",))
    hybrid = specrob.train_classifier(layer, settings=training, images=few, seed=3)
    for name, made in {"kh": layer, "hybrid": hybrid}.items():
        known = artifacts.read(str(tmp_path / f"{name}.safetensors")).arrays
        for key, value in made.network.module.state_dict().items():
            np.testing.assert_array_equal(value.numpy(), known[key], err_msg=f"{name} {key}")
    accuracy = specrob.attack(hybrid, eps=(0.0,)).clean_accuracy
    assert accuracy == pytest.approx(hybrid.network.facts["test_accuracy"])


def test_results_become_data_frames(network, digits):
    distances = specrob.critical_distances(network, *digits, attack=specrob.FGSM())
    frame = distances.to_frame()
    assert list(frame["status"]) == list(distances.status)
    assert {"index", "label", "distance", "distance_l2", "eps"} <= set(frame)
    spectrum = specrob.spectrum(network, digits[0], layer=["1", "3"])
    frame = spectrum.to_frame()
    hidden = frame[frame["layer"] == "1"]
    np.testing.assert_array_equal(hidden["eigenvalues"], spectrum.eigenvalues[0, : len(hidden)])
    assert list(hidden["rank"][:3]) == [1, 2, 3]
    assert frame["eigenvalues"].notna().all()
    law = specrob.fit_power_law(spectrum, window=(2, 19))
    assert list(law.to_frame()["alpha"]) == [fit.alpha for fit in law.fits]
    curve = specrob.attack(network, *digits, attack=specrob.FGSM(), eps=(0.0, 0.1))
    assert list(curve.to_frame()["robust_accuracy"]) == list(curve.robust_accuracy)
    plane = specrob.landscape(network, digits[0][0], points=3)
    frame = plane.to_frame()
    at = frame[(frame["u"] == plane.u[2]) & (frame["v"] == plane.v[0])]
    assert at["confidence"].item() == plane.confidence[0, 2]


def test_a_file_of_images_is_trained_on_however_it_is_named(tmp_path):
    rng = np.random.default_rng(0)
    images, labels = rng.random((20, 4, 4), np.float32), np.arange(20) % 2
    file = str(tmp_path / "mine.npz")
    np.savez(file, x_train=images, y_train=labels, x_test=images, y_test=labels)
    short = specrob.TrainingSettings(epochs=1)
    linear = specrob.ArchitectureSettings("linear")
    for named in (file, ImageSettings(data=file)):
        trained = specrob.train_classifier(None, named, linear, short)
        layer = specrob.train_local_layer(named, settings=LocalSettings(hidden=3, epochs=1))
        assert trained.network.shape == layer.network.shape == (1, 4, 4)


def test_figures_are_drawn(network, digits):
    distances = specrob.critical_distances(network, *digits, attack=specrob.FGSM())
    figure = specrob.plot(distances, labels=["mine"])
    assert figure.axes[0].get_ylabel() == "share of images fooled"


@pytest.mark.parametrize(
    ("measure", "error", "message"),
    [
        (lambda m, x, y: specrob.attack(m, x), DataError, "expected `labels` beside"),
        (lambda m, x, y: specrob.spectrum(m), DataError, "expected `images` with a model"),
        (lambda m, x, y: specrob.attack(m, x * torch.nan, y), DataError, "found NaN or inf"),
        (lambda m, x, y: specrob.attack(m, x[:, :, :4], y), ModelError, "takes images of shape"),
        (lambda m, x, y: specrob.attack(m, x, y[:3]), DataError, "expected 60 `labels`"),
        (lambda m, x, y: specrob.attack(m, x, y - 1), DataError, "from 0, found -1"),
        (lambda m, x, y: specrob.attack(m, x, y / 2), DataError, "that are integers"),
        (lambda m, x, y: specrob.attack(m, x, y, attack="pgd"), UsageError, "found 'pgd'"),
        (lambda m, x, y: specrob.attack(m, x, y, attack=specrob.PGD), UsageError, "such as"),
        (
            lambda m, x, y: specrob.attack(lambda x: dropout(deepcopy(m).eval()(x)), x, y),
            ModelError,
            "switch off dropout",
        ),
        (lambda m, x, y: specrob.attack(m, x, y + 1), DataError, "expected labels below 10"),
        (lambda m, x, y: specrob.attack(m, x * 255, y), DataError, "divide them by 255"),
        (lambda m, x, y: specrob.spectrum(m, x * 255), DataError, "divide them by 255"),
        (lambda m, x, y: specrob.attack(m, x - 0.5, y), DataError, "`bounds`: expected a range"),
        (lambda m, x, y: specrob.spectrum(m, x, layer="9"), ModelError, "expected a layer"),
        (
            lambda m, x, y: specrob.fit_power_law(specrob.spectrum(m, x), window=(2, 90)),
            MeasureError,
            "`window`: expected ranks within 1 to .*, found 2 to 90; end it earlier",
        ),
        (
            lambda m, x, y: specrob.attack(m[0], x, y * 0 + 64),
            DataError,
            "expected labels below 64",
        ),
        (
            lambda m, x, y: specrob.attack(nn.Identity(), x, y),
            DataError,
            "expected at least two cl",
        ),
        (lambda m, x, y: specrob.attack(m, x, y, eps=-0.1), UsageError, "`eps`: .* at least 0"),
        (lambda m, x, y: specrob.attack(m, x, y, eps=[np.nan]), UsageError, "`eps`: .*nan"),
        (lambda m, x, y: specrob.attack(m, x, y, eps=[]), UsageError, "at least one radius"),
        (lambda m, x, y: specrob.spectrum(m, x, sizes=[0]), UsageError, "`sizes`: .* at least 1"),
        (lambda m, x, y: specrob.spectrum(m, x, batch_size=0), UsageError, "`batch_size`"),
        (lambda m, x, y: specrob.spectrum(m, x, seed=-1), UsageError, "`seed`"),
        (lambda m, x, y: specrob.spectrum(m, x > 0.5), DataError, "integers from 0 to 255"),
        (lambda m, x, y: specrob.spectrum(m, -(x * 9).int()), DataError, "from -9 to 0"),
        (lambda m, x, y: specrob.load_model(m, x, limit=2), UsageError, "`limit`"),
        (lambda m, x, y: specrob.load_model(m, x, device="cpu"), UsageError, "`device`"),
    ],
)
def test_what_does_not_fit_is_said_in_one_line(network, digits, measure, error, message):
    with pytest.raises(error, match=message) as caught:
        measure(network, *digits)
    assert "\n" not in str(caught.value)


def test_arguments_that_do_not_apply_to_a_file_are_refused(models, digits):
    with pytest.raises(UsageError, match="`normalize`"):
        specrob.load_model(models["hybrid"], normalize="l3")
    with pytest.raises(UsageError, match="`limit`"):
        specrob.load_model(models["hybrid"], *digits, limit=2)


def test_black_images_have_distances_too(digits):
    """Their norm, of which the largest radius is a multiple, is 0."""
    line = nn.Sequential(nn.Flatten(), nn.Linear(4, 2))
    line[1].weight.data = torch.tensor([[0.0] * 4, [1.0] * 4])
    line[1].bias.data = torch.tensor([0.2, 0.0])
    images, labels = torch.zeros(3, 1, 2, 2), torch.zeros(3, dtype=torch.int64)
    found = specrob.critical_distances(line, images, labels, attack=specrob.FGSM())
    np.testing.assert_allclose(found.distance, 0.05, rtol=0.01)
    curve = specrob.attack(line, images, labels, eps=0, curve="monotone")
    assert curve.robust_accuracy == (1.0,)


def test_own_images_need_not_the_data_of_the_file(run, tmp_path, digits):
    data, model = tmp_path / "own.npz", tmp_path / "net.safetensors"
    pixels, labels = (one.numpy() for one in digits)
    np.savez(data, x_train=pixels, y_train=labels, x_test=pixels, y_test=labels)
    run("train-sup", "--arch", "linear", "--epochs", 1, "--data", data, "-o", model)
    data.unlink()
    assert specrob.attack(model, *digits, eps=0.01).eps == (0.01,)


def test_a_plane_knows_the_class_of_an_image_if_it_is_told(network, digits):
    images, labels = digits
    assert specrob.landscape(network, images[3], points=2).image_label is None
    told = specrob.landscape(network, images, labels, index=3, points=2)
    assert told.image_label == int(labels[3])


def test_a_module_of_float64_and_activations_with_gradients_are_taken(network, digits):
    known = specrob.spectrum(network, digits[0]).eigenvalues
    wide = deepcopy(network).double()
    np.testing.assert_allclose(specrob.spectrum(wide, digits[0]).eigenvalues, known, rtol=1e-5)
    assert next(wide.parameters()).dtype == torch.float64
    recorded = torch.rand(20, 5).requires_grad_()
    assert specrob.spectrum(recorded).eigenvalues.shape == (1, 5)
    assert specrob.spectrum(recorded.bfloat16()).eigenvalues.shape == (1, 5)


def test_the_seed_of_training_is_written(tmp_path):
    few, mlp = ImageSettings(limit=20), specrob.ArchitectureSettings("mlp", hidden=(5,))
    settings = specrob.TrainingSettings(epochs=1)
    specrob.write(specrob.train_classifier(None, few, mlp, settings, seed=7), tmp_path / "m.st")
    assert specrob.load_model(tmp_path / "m.st", limit=5).seed == 7


def test_arrays_are_not_results(tmp_path):
    np.savez(tmp_path / "x.npz", x=np.zeros((3, 2)))
    with pytest.raises(ArtifactError, match=r"numpy\.load"):
        specrob.read(tmp_path / "x.npz")
