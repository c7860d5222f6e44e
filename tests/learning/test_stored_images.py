"""Images that stay as stored are read a batch at a time, and train the same network."""

import pytest
from typer.testing import CliRunner

from specrob import artifacts
from specrob.cli import app
from specrob.data import image_set
from specrob.experiments import images

FEW = ("--limit", "300", "--epochs", "2")
MLP = ("train-sup", "--arch", "mlp", "--hidden", "12", *FEW)
RUNS = {
    "local": ("train-kh", "--hidden", "9", *FEW),
    "read-out": ("train-sup", "kh.safetensors", *FEW),
    "penalties": (*MLP, "--batch-norm", "--penalty", "spectral=0.1,tau=2,refresh=epoch"),
    "whitened": (*MLP, "--whiten", "latent", "--normalize", "standard"),
    "attacked": (*MLP, "--adversarial", "pgd,eps=0.05,steps=2", "--normalize", "l3"),
    "transformed": (*MLP, "--transform", "pca:20", "--resize", "6"),
}


@pytest.mark.parametrize("name", RUNS)
def test_training_from_storage_gives_the_same_bytes(name, workshop, tmp_path, monkeypatch):
    monkeypatch.chdir(workshop)
    load, largest = images.load_image_set, []

    def stored(*words, **how):
        found = load(*words, **{**how, "keep": 0})
        pixels = found.source
        assert isinstance(pixels, image_set.StoredPixels)

        def counted(rows):
            largest.append(len(rows))
            return pixels.read(rows)

        object.__setattr__(found, "source", image_set.StoredPixels(pixels.shape, counted))
        return found

    found = []
    for how in (load, stored):
        monkeypatch.setattr(images, "load_image_set", how)
        output = str(tmp_path / "trained.safetensors")
        done = CliRunner().invoke(app, [*RUNS[name], "--batch-size", "50", "-o", output])
        assert done.exit_code == 0, done.stderr
        found.append(artifacts.read(output))
    assert found[0].digest == found[1].digest
    steps = 0 if name == "read-out" else 2 * 300 // 50  # whose layer is computed once
    assert largest.count(50) >= steps and largest
