"""What command tests share: a way to run a command, and small trained artifacts."""

import numpy as np
import pytest
from safetensors.numpy import save_file
from typer.testing import CliRunner

from specrob.cli import app


@pytest.fixture(scope="session")
def run():
    """Return a function that runs a command and gives its result, exit code 0 by default."""

    def invoke(*words, code=0, **how):
        result = CliRunner().invoke(app, [str(word) for word in words], **how)
        assert result.exit_code == code, result.stderr
        return result

    return invoke


@pytest.fixture(scope="session")
def models(tmp_path_factory, run):
    """Return paths of a local layer, a hybrid on it, and a plain network, on the digits."""
    folder = tmp_path_factory.mktemp("models")
    paths = {name: folder / f"{name}.safetensors" for name in ("kh", "hybrid", "shlp")}
    run("train-kh", "--hidden", 40, "--epochs", 20, "-o", paths["kh"])
    run("train-sup", paths["kh"], "--epochs", 40, "-o", paths["hybrid"])
    run("train-sup", "--arch", "shlp", "--hidden", 30, "--epochs", 20, "-o", paths["shlp"])
    return paths


@pytest.fixture(scope="session")
def plane(tmp_path_factory):
    """Return a linear two-class model of 50 pixels: its file, its images, normal and offset."""
    folder, rng = tmp_path_factory.mktemp("plane"), np.random.default_rng(0)
    weight = rng.normal(size=(2, 50)).astype(np.float32)
    bias = rng.normal(size=2).astype(np.float32)
    save_file({"readout.weight": weight, "readout.bias": bias}, folder / "linear.safetensors")
    images = rng.random((40, 1, 5, 10), dtype=np.float32)
    labels = (images.reshape(40, -1) @ weight.T + bias).argmax(1)
    np.savez(
        folder / "data.npz",
        x_train=images,
        y_train=labels,
        x_test=images,
        y_test=labels,
        name="plane",
    )
    normal, offset = weight[0] - weight[1], bias[0] - bias[1]
    margins = np.abs(images.reshape(40, -1).astype(np.float64) @ normal + offset)
    words = (folder / "linear.safetensors", "--arch", "linear", "--data", folder / "data.npz")
    return words, normal.astype(np.float64), margins
