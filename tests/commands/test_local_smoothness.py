"""What is measured at each image, and how well it ranks distances."""

import json

import numpy as np
import pytest
import torch

from specrob import artifacts
from specrob.data import load_image_set
from specrob.models import from_artifact

NAMES = ("jacobian_norm", "spectral_norm", "margin", "margin_over_jacobian_norm")
NAMES += ("margin_over_spectral_norm", "linear_distance")


@pytest.fixture(scope="module")
def known(run, models, tmp_path_factory):
    """Return distances and bounds of the network `shlp`, and bounds without distances."""
    folder = tmp_path_factory.mktemp("known")
    model, how = models["shlp"], ("--limit", 60)
    attack = ("--method", "minimal", "--bounds", "none")
    run("crit-dist", model, *attack, *how, "-o", folder / "d.npz")
    run("certify", model, "--distances", folder / "d.npz", *how, "-o", folder / "b.npz")
    run("certify", model, *how, "-o", folder / "alone.npz")
    run("crit-dist", model, "--targets", "next", *how, "-o", folder / "targets.npz")
    return folder


def test_numbers_are_those_of_the_exact_jacobian(run, models, tmp_path):
    saved = tmp_path / "local.npz"
    run("smoothness", models["shlp"], "--limit", 20, "--batch-size", 7, "--save", saved)
    found = artifacts.read(str(saved)).arrays
    network = from_artifact(artifacts.read(str(models["shlp"])))
    images = load_image_set("digits", "test", normalize=network.normalize)
    net = network.module.double()
    for row, (x, y) in enumerate(zip(images.pixels[:20].double(), images.labels, strict=False)):
        z = net(x[None])[0].detach()
        matrix = torch.func.jacrev(lambda at: net(at[None])[0])(x).flatten(1).detach()
        others = [c for c in range(10) if c != y]
        margin = float(z[y] - z[others].max())
        largest = float(torch.linalg.svdvals(matrix)[0])
        linear = min(float((z[y] - z[c]) / (matrix[y] - matrix[c]).norm()) for c in others)
        expected = (matrix.norm(), largest, margin, margin / matrix.norm(), margin / largest)
        for name, value in zip(NAMES, (*map(float, expected), linear), strict=True):
            assert found[name][row] == pytest.approx(value, rel=1e-4, abs=1e-6), name


def test_linear_distances_of_a_linear_network_are_its_distances(run, plane, tmp_path):
    words, normal, margins = plane
    distances, saved = tmp_path / "d.npz", tmp_path / "local.npz"
    run("crit-dist", *words, "--method", "minimal", "--bounds", "none", "-o", distances)
    result = run("smoothness", *words, "--distances", distances, "--save", saved)
    found = artifacts.read(str(saved)).arrays
    exact = margins / np.linalg.norm(normal)
    np.testing.assert_allclose(found["linear_distance"], exact, rtol=1e-4)
    rows = {row["name"]: row for row in json.loads(result.stdout)["predictors"]}
    assert rows["linear_distance"]["correlation"] == pytest.approx(1, abs=1e-3)
    assert rows["linear_distance"]["median"] == pytest.approx(np.median(exact), rel=0.1)
    assert rows["margin"]["correlation"] == pytest.approx(1, abs=1e-3)


def test_bounds_bring_the_certified_distance(run, models, known, tmp_path):
    saved = tmp_path / "local.npz"
    words = ("--limit", 60, "--distances", known / "b.npz", "--save", saved)
    result = run("smoothness", models["shlp"], *words)
    found, bounds = artifacts.read(str(saved)), artifacts.read(str(known / "b.npz")).arrays
    np.testing.assert_array_equal(found.arrays["certified_distance"], bounds["lower"])
    np.testing.assert_array_equal(found.arrays["distance"], bounds["upper"])
    rows = {row["name"]: row for row in json.loads(result.stdout)["predictors"]}
    assert list(rows) == [*NAMES, "certified_distance"]
    for name in ("linear_distance", "certified_distance"):
        row = rows[name]
        assert row["correlation_low"] <= row["correlation"] <= row["correlation_high"]
        assert row["correlation"] > 0.9
    assert (
        "rank correlation of certified distance and distance minimal l2 no bounds" in result.stderr
    )
    run("plot", saved, "-o", tmp_path / "figure.png")


def test_without_distances_there_are_medians_alone(run, models, tmp_path):
    result = run("smoothness", models["shlp"], "--limit", 20, "--save", tmp_path / "local.npz")
    rows = json.loads(result.stdout)["predictors"]
    assert [row["name"] for row in rows] == [*NAMES]
    assert all("correlation" not in row or row["correlation"] is None for row in rows)
    assert "predictors" not in json.loads(run("smoothness", models["shlp"], "--limit", 5).stdout)
    run("plot", tmp_path / "local.npz", "-o", tmp_path / "figure.png", code=1)


@pytest.mark.parametrize(
    ("model", "words", "told"),
    [
        ("shlp", ("--limit", 60, "--distances", "alone.npz"), "found bounds alone"),
        ("shlp", ("--limit", 60, "--distances", "targets.npz"), "found targets next"),
        ("shlp", ("--limit", 61, "--distances", "d.npz"), "some of them missing"),
        ("hybrid", ("--limit", 60, "--distances", "d.npz"), "found those of another"),
    ],
)
def test_distances_of_something_else_are_refused(run, models, known, model, words, told):
    *words, name = words
    assert told in run("smoothness", models[model], *words, known / name, code=1).stderr


def test_a_layer_without_a_read_out_is_refused(run, models, tmp_path):
    words = ("--save", tmp_path / "local.npz", "--limit", 3)
    assert "without a read-out" in run("smoothness", models["kh"], *words, code=1).stderr


def test_lengths_of_two_attacked_spaces_are_not_compared(run, models, tmp_path):
    for name in ("hybrid", "shlp"):
        words = ("--limit", 30, "--save", tmp_path / f"{name}.local.npz")
        run("smoothness", models[name], *words, "-o", tmp_path / f"{name}.json")
    files = (tmp_path / "hybrid.json", tmp_path / "shlp.json")
    for quantity in ("linear_distance", "local_jacobian_norm", "spectral_norm"):
        told = run("compare", *files, "--quantity", quantity, code=1).stderr
        assert "space l3 of" in told and "pixels of" in told
