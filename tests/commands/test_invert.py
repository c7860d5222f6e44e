"""Images that a layer represents as it does others."""

from dataclasses import replace

import numpy as np
import pytest
import torch

import specrob
from specrob.data import load_image_set


@pytest.fixture(scope="module")
def network(run, tmp_path_factory):
    path = tmp_path_factory.mktemp("cnn") / "cnn-d.safetensors"
    run("train-sup", "--arch", "cnn-d", "--resize", 16, "--epochs", 2, "-o", path)
    return path


@pytest.mark.parametrize("start", ["other", "noise"])
def test_the_representation_comes_ten_times_nearer(run, network, tmp_path, start):
    file = tmp_path / "x.npz"
    result = run("invert", network, "--start", start, "--limit", 30, "-o", file)
    made, loaded = specrob.read(file), specrob.load_model(network, limit=30)
    assert np.median(made.residual_test) < 0.1
    assert f"at the start {np.median(made.residual_test):.4g}" in result.stderr
    layer = loaded.layer_function("penultimate")
    apart = layer(torch.from_numpy(made.x_test)) - layer(loaded.images.pixels)
    others = (layer(loaded.images.pixels).roll(1, 0) - layer(loaded.images.pixels)).norm(dim=1)
    assert apart.norm(dim=1).median() < 0.1 * others.median()
    assert np.array_equal(made.y_test, loaded.images.labels)
    assert made.x_test.min() >= 0
    assert made.x_test.max() <= 1
    pixels = (made.x_test - loaded.images.pixels.numpy()).reshape(30, -1)
    assert np.median(np.linalg.norm(pixels, axis=1)) > 1  # they are other images


def test_a_second_split_is_added_and_both_are_read(run, models, tmp_path):
    file = tmp_path / "x.npz"
    how = ("invert", models["shlp"], "--steps", 3, "--limit", 20, "-o", file)
    run(*how, "--split", "train")
    train = load_image_set(str(file), "train")
    run(*how)
    assert torch.equal(load_image_set(str(file), "train").pixels, train.pixels)
    assert torch.equal(
        load_image_set(str(file), "test").labels, load_image_set("digits", "test", limit=20).labels
    )
    said = run(*how[:3], 4, *how[4:], code=1).stderr
    assert "made with steps 4" in said


def test_it_does_not_depend_on_the_batch_and_resumes(run, models, tmp_path):
    how = ("invert", models["shlp"], "--steps", 5, "--limit", 20)
    files = [tmp_path / f"{size}.npz" for size in (20, 7)]
    for file, size in zip(files, (20, 7), strict=True):
        run(*how, "--batch-size", size, "-o", file)
    found = [specrob.read(file).x_test for file in files]
    np.testing.assert_allclose(*found, atol=1e-4)
    state = tmp_path / "state.safetensors"
    kept = ("--batch-size", 7, "--checkpoint", state, "--checkpoint-every", 0)
    run(*how, *kept, "-o", tmp_path / "a.npz")
    run(*how, *kept[:2], "--resume", state, "-o", tmp_path / "b.npz")
    assert np.array_equal(specrob.read(tmp_path / "b.npz").x_test, found[1])


def test_python_gives_the_same(run, models, tmp_path):
    run("invert", models["shlp"], "--steps", 5, "--limit", 9, "-o", tmp_path / "x.npz")
    loaded = specrob.load_model(models["shlp"], limit=9, device="cpu")
    assert np.array_equal(
        specrob.invert(loaded, steps=5).x_test, specrob.read(tmp_path / "x.npz").x_test
    )


def test_the_split_is_that_of_the_images_whatever_else_is_recorded(models):
    loaded = specrob.load_model(models["shlp"], limit=3, device="cpu")
    both = replace(loaded.data, digests={**loaded.data.digests, "train": "ab"})
    assert specrob.invert(replace(loaded, data=both), steps=1).splits == {"test"}


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--limit", 1), "start from noise"),
        (("--layer", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_is_refused(run, models, tmp_path, words, told):
    how = ("-o", tmp_path / "x.npz")
    assert told in run("invert", models["shlp"], *words, *how, code=1).stderr
    assert "by its norm" in run("invert", models["hybrid"], *how, code=1).stderr
