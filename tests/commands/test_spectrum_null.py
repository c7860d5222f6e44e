"""spectrum --null initial: the untrained network of the same architecture beside a trained one."""

import json

import numpy as np
import pytest
from safetensors.numpy import save_file

from specrob import artifacts


def measured(run, *words):
    return artifacts.decode(run("spectrum", *words).stdout_bytes).arrays


def rows(found):
    names = ("source", "layer", "size", "dropped")
    return list(zip(*(found[name].tolist() for name in names), strict=True))


@pytest.mark.parametrize("normalize", ["none", "l2", "standard"])
def test_it_is_the_network_with_which_training_of_that_seed_begins(run, tmp_path, normalize):
    words = ("--arch", "mlp", "--hidden", "12,9", "--normalize", normalize)
    path = tmp_path / "start.safetensors"
    run("train-sup", *words, "--epochs", 0, "--seed", 3, "-o", path)
    layers = ("--layer", "latent", "--layer", "logits", "--limit", 60)
    same = measured(run, path, "--null", "initial", "--seed", 7, *layers)
    assert same["source"].tolist() == ["images", "initial"] * 2
    np.testing.assert_array_equal(same["eigenvalues"][::2], same["eigenvalues"][1::2])
    run("train-sup", *words, "--epochs", 0, "--seed", 4, "-o", path)
    own = measured(run, path, "--null", "initial", *layers)
    np.testing.assert_array_equal(own["eigenvalues"][::2], own["eigenvalues"][1::2])
    assert not np.isclose(own["variance"][1::2], same["variance"][1::2]).any()


def test_the_seed_of_the_run_draws_weights_where_the_file_names_none(run, tmp_path):
    words, path = ("--arch", "mlp", "--hidden", "12,9"), tmp_path / "start.safetensors"
    run("train-sup", *words, "--epochs", 0, "--seed", 3, "-o", path)
    plain, raw = artifacts.read(str(path)), tmp_path / "raw.safetensors"
    save_file(plain.arrays, raw)
    layers = ("--arch", "mlp,hidden=12+9", "--data", "digits", "--layer", "logits")
    same = measured(run, raw, *layers, "--null", "initial", "--seed", 3)
    np.testing.assert_array_equal(same["eigenvalues"][0], same["eigenvalues"][1])
    other = measured(run, raw, *layers, "--null", "initial", "--seed", 4)
    np.testing.assert_array_equal(other["eigenvalues"][0], same["eigenvalues"][0])
    assert not np.isclose(other["variance"][1], same["variance"][1])


@pytest.mark.parametrize(
    ("name", "arch"),
    [
        ("kh", "kh,hidden=40,p=3"),
        ("hybrid", "hybrid,hidden=40,power=4.5"),
        ("shlp", "shlp,hidden=30"),  # whose noise is also exact
    ],
)
def test_its_rows_are_those_of_initial_weights(run, models, name, arch):
    """Also beside noise and resampling, whose own rows do not change."""
    normalize = artifacts.read(str(models[name])).fields["normalize"]
    how = ("--noise", "--bootstrap", 10, "--sizes", "5,40", "--seed", 0)
    found = measured(run, models[name], *how, "--null", "initial")
    kept = found["source"] != "initial"
    assert kept.tolist() == [True] * (len(kept) - 2) + [False] * 2
    plain = measured(run, models[name], *how)
    for key, values in plain.items():
        if key != "meta":
            np.testing.assert_array_equal(found[key][kept], values)
    words = ("--arch", arch, "--weights", "initial", "--normalize", normalize)
    drawn = measured(run, *words, *[word for word in how if word != "--noise"])
    for key in ("eigenvalues", "bootstrap", "variance", "image_scale"):
        np.testing.assert_array_equal(found[key][~kept], drawn[key])


def test_each_network_leaves_out_its_own_units(run, tmp_path):
    """Units that die in training vary in the untrained network."""
    draws = np.random.default_rng(0)
    weight = draws.normal(size=(12, 64)).astype(np.float32)
    weight[[2, 5, 7]] = 0
    shapes = {"readout.weight": (10, 12), "readout.bias": 10}
    others = {name: np.ones(shape, np.float32) for name, shape in shapes.items()}
    save_file({"hidden.weight": weight, **others}, tmp_path / "dead.safetensors")
    words = (tmp_path / "dead.safetensors", "--arch", "shlp", "--layer", "hidden")
    plain, path = measured(run, *words), tmp_path / "s.npz"
    told = run("spectrum", *words, "--null", "initial", "-o", path).stderr
    found = artifacts.read(str(path)).arrays
    assert rows(found) == [("images", "hidden", 9, 3), ("initial", "hidden", 12, 0)]
    np.testing.assert_array_equal(found["eigenvalues"][0, :9], plain["eigenvalues"][0])
    assert "layer hidden 9 units (3 more never vary), variance images hidden 9" in told
    sized = measured(run, *words, "--null", "initial", "--sizes", "5,20")
    assert [row[:3] for row in rows(sized)] == [
        *[("images", "hidden", 5), ("images", "hidden", 9)],
        *[("initial", "hidden", 5), ("initial", "hidden", 12)],
    ]


def test_its_exponent_stands_beside_that_of_the_trained_network(run, models, tmp_path):
    spectrum, law = tmp_path / "kh.npz", tmp_path / "kh.json"
    run("spectrum", models["kh"], "--null", "initial", "-o", spectrum)
    line = run("fit-alpha", spectrum, "--range", "3:20", "-o", law).stderr
    fits = {fit["source"]: fit["alpha"] for fit in json.loads(law.read_text())["fits"]}
    assert list(fits) == ["images", "initial"]
    for source, alpha in fits.items():
        assert f"alpha {source} hidden 40: {alpha:.4g}" in line
        assert f"alpha {source} hidden 40 " in run("info", law).stdout
    table = json.loads(run("table", law, "--quantity", "alpha", "--format", "json").stdout)
    assert {row["source"]: row["value"] for row in table} == fits
    where = ("--where", "source=initial", "--quantity", "alpha")
    (row,) = json.loads(run("table", law, *where, "--format", "json").stdout)
    assert row["value"] == fits["initial"]
    report = run("report", tmp_path, "-o", tmp_path / "report.md") and tmp_path / "report.md"
    (header,) = (row for row in report.read_text().splitlines() if "| alpha initial |" in row)
    assert header.startswith("| network | alpha images | alpha initial |")
    run("plot", spectrum, law, "-o", tmp_path / "figure.svg")
    assert "initial weights" in (tmp_path / "figure.svg").read_text()


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (("images",), "expected a model, whose weights can be drawn, found the images themselves"),
        (("x.npz",), "expected a model, whose weights can be drawn, found activations; drop it"),
        (
            ("x2.npz", "--cv"),
            "--cv: expected no --layer, --sizes, --noise, --null or",
        ),
        (
            ("--arch", "mlp,hidden=5", "--weights", "initial"),
            "--null: expected trained weights beside it, found initial ones; drop --null",
        ),
    ],
)
def test_what_has_no_other_weights_is_refused(run, tmp_path, monkeypatch, words, message):
    monkeypatch.chdir(tmp_path)
    x = np.random.default_rng(0).normal(size=(2, 20, 5))
    np.savez("x.npz", x=x[0])
    np.savez("x2.npz", x=x)
    told = run("spectrum", *words, "--null", "initial", code=2).stderr
    assert message in told and told.count("\n") == 1


UNDRAWABLE = """
import torch
from torch import nn


class Scale(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = nn.Parameter(torch.ones(64))

    def forward(self, x):
        return self.scale * x


def net():
    return nn.Sequential(nn.Flatten(), Scale(), nn.Linear(64, 10))
"""


def test_a_weight_that_cannot_be_drawn_is_named(run, tmp_path, monkeypatch):
    (tmp_path / "undrawable.py").write_text(UNDRAWABLE)
    monkeypatch.syspath_prepend(tmp_path)
    weights = {"1.scale": 64, "2.weight": (10, 64), "2.bias": 10}
    arrays = {name: np.ones(shape, np.float32) for name, shape in weights.items()}
    save_file(arrays, tmp_path / "net.safetensors")
    words = ("spectrum", tmp_path / "net.safetensors", "--arch", "undrawable:net")
    told = run(*words, "--layer", "1", "--null", "initial", code=1).stderr
    assert "found `1.scale` of a Scale that has no reset_parameters to draw it" in told
