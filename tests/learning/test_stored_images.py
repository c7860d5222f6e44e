"""Images that stay as stored are read a batch at a time, and train the same network."""

import sys
from dataclasses import replace

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
    home = sys.modules["specrob.data.minibatches"]  # its function has the same name
    monkeypatch.setattr(home, "NUMBERS", 100 * 64)  # images of 8 by 8 pixels at a time
    load, sizes = images.load_image_set, []

    def load_stored(*words, **settings):
        split = load(*words, **{**settings, "keep": 0})
        stored = split.source
        assert isinstance(stored, image_set.StoredPixels)

        def read(rows):
            sizes.append(len(rows))
            return stored.read(rows)

        return replace(split, source=image_set.StoredPixels(stored.shape, read))

    digests = []
    for loader in (load, load_stored):
        monkeypatch.setattr(images, "load_image_set", loader)
        output = str(tmp_path / "trained.safetensors")
        done = CliRunner().invoke(app, [*RUNS[name], "--batch-size", "50", "-o", output])
        assert done.exit_code == 0, done.stderr
        digests.append(artifacts.read(output).digest)
    assert digests[0] == digests[1]
    most = 177 if name == "transformed" else 100  # whose images have 6 by 6 pixels
    assert 50 <= max(sizes) <= most  # of 300
