from dataclasses import replace

import numpy as np
import pytest
import torch

from specrob import artifacts
from specrob.data import load_image_set
from specrob.models import activations, from_artifact


def measured(run, *words, **how):
    return artifacts.decode(run("sensitivity", *words, **how).stdout_bytes)


@pytest.mark.parametrize("name", ["hybrid", "shlp"])
def test_maps_are_derivatives_of_eigenvalues(run, models, name):
    """A step along a map changes its eigenvalue by the step times the map's length."""
    found = measured(run, models[name], "--ranks", "1,5", "--layer", "latent", "--index", "2,7")
    network = from_artifact(artifacts.read(str(models[name])))
    images = load_image_set("digits", "test", normalize=network.normalize).pixels
    np.testing.assert_array_equal(found.arrays["images"], images[[2, 7]].numpy())
    module, images = network.module.double(), images.double()

    def eigenvalue(x, rank):
        with torch.no_grad():
            values = torch.linalg.eigvalsh(activations(module, x, ["latent"])["latent"].T.cov())
        return float(values[-rank])

    for r, rank in enumerate((1, 5)):
        for b, image in enumerate((2, 7)):
            own = torch.from_numpy(found.arrays["maps"][r, b]).double()
            ends = []
            for sign in (1, -1):
                moved = images.clone()
                moved[image] += sign * 1e-5 * own / own.norm()
                ends.append(eigenvalue(moved, rank))
            assert (ends[0] - ends[1]) / 2e-5 == pytest.approx(float(own.norm()), rel=1e-3)


def test_shapes_and_facts(run, models):
    found = measured(run, models["shlp"], "--ranks", "3", "--limit", "50")
    assert found.arrays["maps"].shape == (1, 4, 1, 8, 8)
    assert found.arrays["ranks"].tolist() == [3]
    assert found.arrays["index"].tolist() == [0, 1, 2, 3]
    assert found.fields["of"] == "hidden"


def test_a_layer_that_never_varies_is_one_line(run, tmp_path):
    model = tmp_path / "dead.safetensors"
    run("train-sup", "--arch", "shlp", "--hidden", 4, "--epochs", 0, "-o", model)
    dead = artifacts.read(str(model))
    arrays = {name: 0 * array for name, array in dead.arrays.items()}
    artifacts.write(replace(dead, arrays=arrays), str(model))
    told = run("sensitivity", model, "--limit", 20, "-o", tmp_path / "s.npz", code=1).stderr
    assert "expected a layer that varies over the images" in told


def test_said_on_stderr(run, models, tmp_path):
    result = run("sensitivity", models["shlp"], "--ranks", "1", "-o", tmp_path / "s.npz")
    assert "largest d lambda_1 / d pixel" in result.stderr
