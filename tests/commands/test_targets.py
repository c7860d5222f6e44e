"""Targeted attacks by the command line, and the image sets that attacks write."""

import json
from dataclasses import replace

import numpy as np
import pytest

import specrob
from specrob import artifacts
from specrob.data import load_image_set
from specrob.norms import NORMS


@pytest.mark.parametrize("norm", ["l2", "linf"])
@pytest.mark.parametrize("targets", ["next", "random", "1"])
def test_distances_to_targets_are_those_of_the_plane(run, plane, tmp_path, norm, targets):
    words, normal, margins = plane
    how = ("--method", "minimal", "--norm", norm, "--bounds", "none", "--targets", targets)
    run("crit-dist", *words, *how, "-o", tmp_path / "d.npz")
    found = specrob.read(tmp_path / "d.npz")
    assert found.targets == targets
    assert (found.label == 0).all() == (targets == "1")  # images of the class are left out
    assert len(found.index) == ((found.label == 0).sum() if targets == "1" else 40)
    exact = margins[found.index] / np.linalg.norm(normal, NORMS[norm].dual)
    np.testing.assert_allclose(found.distance, exact, rtol=0.011)


def test_a_target_is_harder_to_reach_than_any_wrong_class(run, models):
    how = ("attack", models["shlp"], "--norm", "l2", "--eps", "0,0.3,0.6")
    free, *aimed = (
        json.loads(run(*how, *words).stdout)["relative_accuracy"]
        for words in ((), ("--targets", "next"), ("--targets", "random"))
    )
    assert free[0] == 1
    for kept in aimed:
        assert kept[0] == 1
        assert free[1] < kept[1]
        assert free[2] < kept[2] < 1


def test_random_targets_do_not_depend_on_the_batch(run, models):
    how = ("attack", models["shlp"], "--norm", "l2", "--eps", "0.5", "--targets", "random")
    found = [json.loads(run(*how, "--batch-size", size).stdout) for size in (1000, 13)]
    assert found[0]["outcomes"] == found[1]["outcomes"]


def test_targets_are_a_setting_that_compare_and_plot_tell_apart(run, models, tmp_path):
    how = ("--method", "fgsm", "--eps", "0.1", "--limit", 60)
    files = [tmp_path / name for name in ("a-0.json", "a-1.json", "b-0.json", "b-1.json")]
    second = tmp_path / "second.safetensors"
    run("train-sup", "--arch", "shlp", "--hidden", 30, "--epochs", 5, "-o", second)
    networks = [models["shlp"]] * 2 + [second] * 2
    aims = ((), (), *[("--targets", "next")] * 2)
    for network, file, targets in zip(networks, files, aims, strict=True):
        run("attack", network, *how, *targets, "-o", file)
    table = run("table", files[2], "--output", "-").stdout
    assert "targets next" in table
    groups = [str(tmp_path / f"{name}-{{seed}}.json") for name in "ab"]
    said = run("compare", *groups, "--quantity", "relative_accuracy", code=1).stderr
    assert "targets next" in said
    run("plot", *files[::2], "-o", tmp_path / "a.svg")
    assert "targets next" in (tmp_path / "a.svg").read_text()


@pytest.mark.parametrize(
    ("words", "code", "told"),
    [
        (("--method", "random", "--targets", "next"), 2, "fgsm or pgd or minimal"),
        (("--method", "noise", "--targets", "3"), 2, "fgsm or pgd or minimal"),
        (("--targets", "10"), 1, "below 10"),
        (("--targets", "nearest"), 2, "next, random or the number"),
        (("--save-data", "x.npz"), 2, "--eps: expected one number"),
        (("--eps", "0.1", "--save-data", "x.npz", "--bounds", "none"), 2, "pixels from 0 to 1"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(run, models, words, code, told):
    said = run("attack", models["shlp"], *words, code=code).stderr
    assert told in said
    assert said.count("\n") == 1


DET = ("--norm", "l2", "--eps", "0.5", "--steps", 20, "--step-size", "0.1abs", "--targets", "next")


@pytest.fixture(scope="module")
def det(run, models, tmp_path_factory):
    """Return a file with both splits, and its bytes when it held one."""
    file = tmp_path_factory.mktemp("det") / "det.npz"
    run("attack", models["shlp"], *DET, "--split", "train", "--save-data", file)
    first = file.read_bytes()
    run("attack", models["shlp"], *DET, "--split", "test", "--save-data", file)
    return file, first


def test_both_splits_hold_every_image_perturbed_with_the_target_s_label(det):
    file, first = det
    made, before = specrob.read(file), np.load(io_of(first))
    assert "x_test" not in before.files
    assert np.array_equal(made.x_train, before["x_train"])
    for split in ("train", "test"):
        digits = load_image_set("digits", split)
        x, y, true = (getattr(made, f"{name}_{split}") for name in ("x", "y", "y_true"))
        assert np.array_equal(true, digits.labels)
        assert np.array_equal(y, (true + 1) % 10)
        lengths = np.linalg.norm((x - digits.pixels.numpy()).reshape(len(x), -1), axis=1)
        assert (lengths > 0).all()  # also of images that are misclassified
        assert lengths.max() <= 0.5 * (1 + 1e-5)
        assert x.min() >= 0
        assert x.max() <= 1
        back = load_image_set(str(file), split)
        assert np.array_equal(back.pixels, x)
        assert np.array_equal(back.labels, y)
        assert back.name == str(made.name)


def io_of(data):
    import io

    return io.BytesIO(data)


def test_the_file_is_read_by_data_and_reproduced_by_its_history(run, det, models, tmp_path):
    file, _ = det
    run(
        "train-sup",
        "--arch",
        "shlp",
        "--hidden",
        9,
        "--epochs",
        1,
        "--data",
        file,
        "-o",
        tmp_path / "m.safetensors",
    )
    model = artifacts.read(str(tmp_path / "m.safetensors"))
    assert set(model.provenance.data.digests) == {"train", "test"}
    assert model.provenance.data.source == str(file)
    script = artifacts.read(str(file)).provenance.script()
    assert [line for line in script if "attack" in line and "--split train" in line]
    assert "--split test" in script[-1]
    assert not [line for line in script if line.startswith("cp")]
    said = run("info", file).stdout
    assert "1437 train, 360 test" in said
    assert "targets next" in said


def test_images_made_in_another_way_are_not_added_and_nothing_is_lost(run, det, models, tmp_path):
    file, _ = det
    held = file.read_bytes()
    other = [*DET[:3], "0.4", *DET[4:]]
    said = run("attack", models["shlp"], *other, "--save-data", file, code=1).stderr
    assert "made with eps 0.4" in said
    assert file.read_bytes() == held
    own = tmp_path / "own.npz"
    np.savez(own, x_train=np.zeros((2, 8, 8)))
    held = own.read_bytes()
    said = run("attack", models["shlp"], *DET, "--save-data", own, code=1).stderr
    assert "name another file" in said
    assert own.read_bytes() == held


def test_networks_that_divide_images_by_their_norm_are_refused(run, models, tmp_path):
    how = ("--eps", "0.1", "--save-data", tmp_path / "x.npz")
    said = run("attack", models["hybrid"], *how, code=1).stderr
    assert "divides each image by its norm" in said
    assert not (tmp_path / "x.npz").exists()


def test_untargeted_images_keep_their_labels_and_the_curve_is_the_same(run, models, tmp_path):
    how = ("attack", models["shlp"], "--eps", "0.1", "--limit", 80)
    plain = json.loads(run(*how).stdout)
    saving = json.loads(run(*how, "--save-data", tmp_path / "x.npz").stdout)
    assert saving["outcomes"] == plain["outcomes"]
    made = specrob.read(tmp_path / "x.npz")
    assert np.array_equal(made.y_test, made.y_true_test)


def test_the_library_takes_targets_too():
    import torch

    weight = torch.randn(3, 16, generator=torch.Generator().manual_seed(0))
    images = torch.rand(20, 1, 4, 4, generator=torch.Generator().manual_seed(1))

    def model(x):
        return x.flatten(1) @ weight.T

    labels = model(images).argmax(1)
    found = specrob.critical_distances(
        model, images, labels, attack=specrob.Minimal(), targets=2, bounds="none"
    )
    assert set(found.label) <= {0, 1}
    assert (found.prediction_adversarial == 2).all()
    curve = specrob.attack(model, images, labels, eps=[0.0, 9.0], targets="next", bounds="none")
    assert curve.relative_accuracy == (1.0, 0.0)


def test_a_split_without_its_labels_is_no_split(run, det, models, tmp_path):
    whole = artifacts.read(str(det[0]))
    part = {name: array for name, array in whole.arrays.items() if name != "y_train"}
    artifacts.write(replace(whole, arrays=part), str(tmp_path / "part.npz"))
    words = ("--split", "test", "--save-data", tmp_path / "part.npz")
    said = run("attack", models["shlp"], *DET, *words, code=1).stderr
    assert "expected `y_train` beside x_train, y_train, y_true_train in a images, found" in said


def test_splits_of_different_images_do_not_go_into_one_file(run, models, tmp_path):
    """Files of one name in two folders have one title; one file may change between two runs."""
    sets = [tmp_path / folder / "data.npz" for folder in "ab"]
    digits = [load_image_set("digits", split) for split in ("train", "test")]
    for file, part in zip(sets, ([0, 1], [1, 0]), strict=True):
        file.parent.mkdir()
        train, test = (digits[at] for at in part)
        arrays = {"x_train": train.pixels, "x_test": test.pixels}
        labels = {"y_train": train.labels, "y_test": test.labels}
        np.savez(file, **{name: one.numpy() for name, one in {**arrays, **labels}.items()})
    made = tmp_path / "made.npz"
    how = ("attack", models["shlp"], *DET[:6], "--limit", 20, "--save-data", made, "--data")
    run(*how, sets[0], "--split", "train")
    assert f"made with data {sets[1]} in" in run(*how, sets[1], code=1).stderr
    run(*how, sets[0])
    assert specrob.read(made).splits == {"train", "test"}
    assert len(set(specrob.read(made).digests.values())) == 2
    sets[1].replace(sets[0])
    assert "with test images of SHA-256" in run(*how, sets[0], code=1).stderr
