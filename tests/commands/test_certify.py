"""specrob certify: what it writes, beside which distances, and what it refuses."""

import numpy as np
import pytest

import specrob
from specrob.artifacts import read
from specrob.norms import NORMS

NETWORK = "train-sup --arch shlp --hidden 30 --epochs 30 -o bp.st"


@pytest.fixture
def folder(run, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    run(*NETWORK.split())
    for norm in NORMS:
        how = f"--method minimal --norm {norm} --bounds none --limit 60 -o {norm}.npz"
        run("crit-dist", "bp.st", *how.split())
    return tmp_path


@pytest.mark.parametrize("norm", NORMS)
def test_bounds_stand_below_the_distances_that_were_found(run, folder, norm):
    words = f"--norm {norm} --limit 60 --distances {norm}.npz -o bounds.npz"
    said = run("certify", "bp.st", *words.split()).stderr
    found, distances = specrob.read("bounds.npz"), specrob.read(f"{norm}.npz")
    correct = distances.status != "misclassified"
    np.testing.assert_array_equal(found.status == "certified", correct)
    assert (found.lower[correct] <= distances.distance[correct]).all()
    np.testing.assert_array_equal(found.upper, distances.distance.astype(float))
    np.testing.assert_array_equal(np.isnan(found.lower), ~correct)
    in_l2 = found.lower / 8 if norm == "l1" else found.lower  # of 64 pixels
    np.testing.assert_array_equal(found.lower_l2, in_l2)
    share = np.median(found.lower[correct] / distances.distance[correct])
    assert 0.5 < share < 1
    assert f"that is certified {norm} {share:.4g}" in said
    assert f"minimal {norm} no bounds" in found.upper_by
    table = run("table", "bounds.npz").stdout.splitlines()
    assert {line.split(",")[2] for line in table[1:]} == {
        *("clean_accuracy", "certified_distance", "certified_share", "certified_within"),
        "uncertified",
    }


def test_python_gives_the_numbers_of_the_command(run, folder):
    run("certify", "bp.st", "--limit", 60, "--rounding", "worst", "-o", "bounds.npz")
    loaded = specrob.load_model("bp.st", limit=60)
    made = specrob.certified_distances(loaded, rounding="worst")
    np.testing.assert_array_equal(made.lower, specrob.read("bounds.npz").lower)
    beside = specrob.certified_distances(loaded, distances=specrob.read("l2.npz"))
    assert (beside.upper >= beside.lower)[beside.status == "certified"].all()


def test_valid_pixels_prove_more(run, folder):
    for bounds in ("none", "valid", "-1:2"):
        run("certify", "bp.st", "--limit", 30, "--bounds", bounds, "-o", f"{bounds}.npz")
    none, valid, wide = (specrob.read(f"{name}.npz").lower for name in ("none", "valid", "-1:2"))
    assert np.nansum(valid) > np.nansum(wide) > np.nansum(none) * 0.998


def test_two_kinds_of_networks_are_compared_by_their_proved_distances(run, folder):
    for seed in (0, 1, 2):
        run(*NETWORK.replace("bp.st", f"bp-{seed}.st").split(), "--seed", seed)
        run(
            *NETWORK.replace("bp.st", f"l2-{seed}.st").split(),
            "--seed",
            seed,
            "--penalty",
            "l2=0.1",
        )
    for name in ("bp", "l2"):
        run("certify", f"{name}-{{seed}}.st", "--limit", 60, "-o", f"{name}-{{seed}}.npz")
    run("compare", "l2-{seed}.npz", "bp-{seed}.npz", "-o", "answers.json")
    (answer,) = [
        one for one in specrob.read("answers.json").answers if one.quantity == "certified_distance"
    ]
    assert answer.scale == "ratio"
    run("plot", "bp-{seed}.npz", "l2-{seed}.npz", "-o", "figure.png")
    run("certify", "l2-{seed}.st", "--limit", 60, "--steps", 0, "-o", "quick-{seed}.npz")
    told = run("compare", "quick-{seed}.npz", "bp-{seed}.npz", "-o", "no.json").stderr
    assert "not compared: certified_distance (settings steps 0 of quick and none of bp)" in told


@pytest.mark.parametrize(
    ("words", "found"),
    [
        ("bp.st --distances linf.npz", "expected critical distances in l2, found linf"),
        (
            "bp.st --distances l2.npz",
            "expected those of 360 images, found 60, and some of them missing",
        ),
        ("other.st --distances l2.npz --limit 60", "found those of another"),
        ("bp.st --bounds 0.2:0.8", "expected a range that holds the images"),
        ("white.st --limit 5", "expected layers with known bounds"),
        ("layer.st --limit 5", "expected a classifier"),
    ],
)
def test_what_is_refused(run, folder, words, found):
    made = {
        "other.st": NETWORK.replace("bp.st", "other.st --seed 1"),
        "white.st": "train-sup --arch mlp,hidden=20 --whiten blocks.0 --epochs 2 -o white.st",
        "layer.st": "train-kh --hidden 5 --epochs 1 -o layer.st",
    }
    if (name := words.split()[0]) in made:
        run(*made[name].split())
    assert found in run("certify", *words.split(), "-o", "x.npz", code=1).stderr
    assert not (folder / "x.npz").exists()


def test_a_distance_below_a_proved_one_stops_the_command(run, folder):
    from dataclasses import replace

    from specrob.artifacts import encode

    found = read("l2.npz")
    arrays = {**found.arrays, "distance": found.arrays["distance"] * np.float32(0.1)}
    (folder / "wrong.npz").write_bytes(encode(replace(found, arrays=arrays)))
    said = run("certify", "bp.st", "--limit", 60, "--distances", "wrong.npz", code=1).stderr
    assert "expected distances above their proved bounds" in said


@pytest.mark.parametrize("part", ["band", "images"])
def test_figures_of_networks_with_and_without_upper_bounds(run, folder, part):
    run("certify", "bp.st", "--limit", 60, "--distances", "l2.npz", "-o", "both.npz")
    run("certify", "bp.st", "--limit", 60, "-o", "lower.npz")
    run("plot", "both.npz", "--part", part, "-o", "figure.pdf")
    run("plot", "both.npz", "lower.npz", "-o", "both.png")
    run("plot", "lower.npz", "--xscale", "linear", "-o", "lower.png")
    assert all((folder / name).stat().st_size > 5000 for name in ("figure.pdf", "both.png"))
    said = run("plot", "lower.npz", "--part", "images", "-o", "none.png", code=1).stderr
    assert "expected distances beside the bounds" in said
    assert not (folder / "none.png").exists()
