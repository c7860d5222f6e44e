"""--transform from the command line: the model keeps it, and so do measures of it."""

import json

import numpy as np
import pytest
import torch

from specrob import artifacts
from specrob.data import fit_transforms, load_image_set
from specrob.models import from_artifact
from specrob.settings.transforms import TransformSpec


def transformed(*words, split="test", seed=0):
    """Return the digits of a split, changed by hand."""
    specs = [TransformSpec.parse(word) for word in words]
    train, images = load_image_set("digits", "train").pixels, load_image_set("digits", split)
    change = fit_transforms(specs, train, seed=seed, split=split)
    return change(images.pixels, range(len(images))), images.labels


@pytest.fixture(scope="module")
def projected(run, tmp_path_factory):
    """Return a linear network trained on three principal components of the digits."""
    file = tmp_path_factory.mktemp("projected") / "net.safetensors"
    run("train-sup", "--arch", "linear", "--epochs", 10, "--transform", "pca:3", "-o", file)
    return file


def eigenvalues(file):
    return np.nan_to_num(artifacts.read(str(file)).arrays["eigenvalues"][0])


def test_training_sees_the_transformed_images_and_records_them(projected):
    found = artifacts.read(str(projected))
    assert found.provenance.data.transform == ("pca:3",)
    assert found.provenance.data.name == "digits (scikit-learn), pca:3"
    images, labels = transformed("pca:3")
    predicted = from_artifact(found).module.eval()(images).argmax(1)
    assert found.fields["test_accuracy"] == float((predicted == labels).double().mean())


def test_measures_inherit_it_once_and_may_name_another(run, projected, tmp_path):
    ranks, out = {}, tmp_path / "s.npz"
    for words in ((), ("--transform", "pca:5"), ("--transform", "none")):
        run("spectrum", projected, "--layer", "input", *words, "-o", out)
        ranks[words] = int((eigenvalues(out) > 1e-6).sum())
        name = artifacts.read(str(out)).provenance.data.name
        assert name == ", ".join(["digits (scikit-learn)", *(words or ("", "pca:3"))[1:]][:2]) or (
            words == ("--transform", "none") and name == "digits (scikit-learn)"
        )
    assert list(ranks.values())[:2] == [3, 5] and ranks["--transform", "none"] > 50


def test_every_measure_of_a_network_inherits_it(run, projected, tmp_path):
    images, _ = transformed("pca:3")
    some = ("--limit", 30)
    for words in (
        ("attack", "--method", "fgsm", "--eps", "0,0.1", *some),
        ("crit-dist", "--method", "fgsm", *some),
        ("landscape", "--points", 3, *some),
        ("sensitivity", "--layer", "input", "--ranks", 1),
        ("smoothness", *some),
        ("respectrum", "--alpha", 1),
    ):
        command, *how = words
        suffix = {"attack": "json", "smoothness": "json", "respectrum": "safetensors"}
        out = tmp_path / f"{command}.{suffix.get(command, 'npz')}"
        run(command, projected, *how, "-o", out)
        assert artifacts.read(str(out)).provenance.data.transform == ("pca:3",), command
    maps = artifacts.read(str(tmp_path / "sensitivity.npz"))
    torch.testing.assert_close(torch.from_numpy(maps.arrays["images"]), images[:4])
    curve = json.loads((tmp_path / "attack.json").read_text())
    length = float(images[:30].flatten(1).abs().amax(1).mean())
    assert curve["mean_image_norm"] == pytest.approx(length)


def test_transformed_pixels_have_no_range(run, projected, tmp_path):
    out = tmp_path / "a.json"
    run("attack", projected, "--method", "fgsm", "--eps", 0.1, "--limit", 9, "-o", out)
    assert json.loads(out.read_text())["bounds"] == "none"
    told = run("attack", projected, "--levels", 256, code=2).stderr
    assert "--levels: expected with bounds, found bounds none" in told


def test_results_on_other_transforms_are_neither_compared_nor_chosen_from(
    run, projected, tmp_path
):
    plain = tmp_path / "plain.safetensors"
    run("train-sup", "--arch", "linear", "--epochs", 10, "-o", plain)
    both = []
    for network, how in ((projected, ()), (plain, ()), (plain, ("--transform", "pca:3"))):
        both.append(tmp_path / f"{network.stem}{len(both)}.npz")
        words = ("--method", "fgsm", "--norm", "l2", "--limit", 60, "-o", both[-1])
        run("crit-dist", network, *how, *words)
    words = ("--quantity", "distance", "-o", tmp_path / "c.json")
    told = run("compare", both[0], both[1], *words, code=1).stderr
    assert "transform" in told and "pca:3" in told
    assert "expected distance" not in run("compare", both[0], both[2], *words).stderr
    told = run("attack", projected, "--eps", 0.1, "--only", both[1], code=1).stderr
    assert "expected --only of digits (scikit-learn), pca:3" in told
    assert "--resize and --transform" in told


def test_a_read_out_gets_the_images_of_its_local_layer(run, tmp_path):
    layer, net = tmp_path / "kh.safetensors", tmp_path / "net.safetensors"
    how = ("--transform", "noise:0.2", "--seed", 3)
    run("train-kh", "--hidden", 5, "--epochs", 1, "--limit", 40, *how, "-o", layer)
    run("train-sup", layer, "--epochs", 1, "--seed", 3, "--limit", 40, "-o", net)
    assert artifacts.read(str(net)).provenance.data.transform == ("noise:0.2",)


def test_noise_is_that_of_seed_split_and_position(run, tmp_path):
    """A measure of the training images with the seed of training shows the same images."""
    found = {}
    for seed in (3, 4):
        for split in ("train", "test"):
            how = ("--transform", "noise:0.2", "--seed", seed, "--split", split)
            run("spectrum", "images", *how, "-o", tmp_path / "s.npz")
            images, _ = transformed("noise:0.2", split=split, seed=seed)
            expected = np.linalg.eigvalsh(np.cov(images.flatten(1).double().numpy().T))[::-1]
            found[seed, split] = eigenvalues(tmp_path / "s.npz")
            np.testing.assert_allclose(found[seed, split], expected, rtol=1e-5)
    noise = {
        split: transformed("noise:0.2", split=split)[0] - load_image_set("digits", split).pixels
        for split in ("train", "test")
    }
    together = torch.stack([noise["train"][:360].flatten(), noise["test"].flatten()])
    assert abs(float(torch.corrcoef(together)[0, 1])) < 0.05


def test_none_stands_alone_and_images_need_a_source(run, tmp_path):
    two = ("--transform", "none", "--transform", "zca")
    assert "expected none alone" in run("spectrum", "images", *two, code=2).stderr
    torch.save(torch.nn.Linear(64, 10).state_dict(), tmp_path / "net.pt")
    words = ("--arch", "linear", "--shape", "1x8x8", "--transform", "zca")
    told = run("import", tmp_path / "net.pt", *words, code=2).stderr
    assert "--transform: expected --data beside it" in told
