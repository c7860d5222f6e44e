"""specrob dimension: images, layers and activations, and its result beside an exponent."""

import json

import numpy as np
import pytest

import specrob
from specrob.artifacts import Provenance
from specrob.errors import MeasureError


def measured(run, *words):
    return json.loads(run("dimension", *words).stdout)


def test_of_activations_in_a_file(run, tmp_path):
    x = np.zeros((900, 8))
    x[:, 1:4] = np.random.default_rng(0).random((900, 3))
    x[-50:] = x[:50]
    np.savez(tmp_path / "x.npz", x=x)
    found = measured(run, tmp_path / "x.npz")
    (row,) = found["estimates"]
    facts = {name: row[name] for name in ("source", "layer", "size", "n_images", "duplicates")}
    assert facts == {
        **{"source": "images", "layer": "input", "size": 3},
        **{"n_images": 900, "duplicates": 50},
    }
    assert found["discard"] == 0.1
    assert row["low"] < 3 < row["high"]
    assert row["bound"] == 1 + 2 / row["dimension"]
    assert (row["bound_low"], row["bound_high"]) == (1 + 2 / row["high"], 1 + 2 / row["low"])
    (same,) = specrob.intrinsic_dimension(x).estimates
    assert same.dimension == row["dimension"]


def test_of_layers_noise_and_the_untrained_network(run, models):
    words = ["--layer", "input", "--layer", "hidden", "--noise", "--null", "initial"]
    found = measured(run, models["shlp"], *words, "--batch-size", 100)["estimates"]
    sources = ["images", "noise", "initial"]
    assert [(row["layer"], row["source"]) for row in found] == [
        (layer, source) for layer in ("input", "hidden") for source in sources
    ]
    images, noise, initial, *_ = found
    assert {**initial, "source": "images"} == images  # both networks see the same pixels
    assert noise["dimension"] > 1.5 * images["dimension"]
    (alone,) = measured(run, "images")["estimates"]
    assert alone == images
    default = measured(run, models["shlp"], "--noise", "--null", "initial")["estimates"]
    assert default == found[3:]


def test_a_projection_limits_it(run):
    (row,) = measured(run, "images", "--transform", "pca:2", "--split", "train")["estimates"]
    assert row["dimension"] == pytest.approx(2, rel=0.1)
    assert measured(run, "images", "--transform", "pca:2")["transform"] == ["pca:2"]


def test_a_layer_without_distances_has_a_reason(run, tmp_path, models):
    network = specrob.load_model(str(models["shlp"]))
    network.network.module.hidden.weight.zero_()
    images = network.images.pixels[:50]
    found = specrob.intrinsic_dimension(network.network.module, images, layer=["input", "hidden"])
    pixels, hidden = found.estimates
    assert pixels.dimension is not None
    assert hidden.dimension is None
    assert hidden.reason == "expected more than 2 points, found 1"
    assert hidden.duplicates == 49


def test_an_exponent_stands_beside_the_bound_and_its_interval(run, tmp_path):
    run("dimension", "images", "-o", tmp_path / "d.json")
    run("spectrum", "images", "-o", tmp_path / "s.npz")
    (row,) = json.loads((tmp_path / "d.json").read_text())["estimates"]
    words = ["fit-alpha", tmp_path / "s.npz", "--dimension"]
    result = run(*words, tmp_path / "d.json", "-o", tmp_path / "a.json")
    (fit,) = json.loads((tmp_path / "a.json").read_text())["fits"]
    assert (fit["dimension"], fit["bound"]) == (row["dimension"], row["bound"])
    assert fit["bound_ci"] == [row["bound_low"], row["bound_high"]]
    assert fit["dimension_ci"] == [row["low"], row["high"]]
    low, high = fit["bound_ci"]
    assert f"1.265 (95% interval {low:.4g} to {high:.4g}" in result.stderr
    (plain,) = json.loads(run(*words, "8").stdout)["fits"]
    assert (plain["dimension"], plain["bound"]) == (8, 1.25)
    assert "bound_ci" not in plain
    ours = specrob.fit_power_law(
        specrob.read(tmp_path / "s.npz"), dimension=specrob.read(tmp_path / "d.json")
    )
    assert ours.fits[0].bound_ci == (low, high)


def test_a_file_of_layers_alone_gives_no_bound(run, models, tmp_path):
    layers = ["--layer", "hidden"]
    run("dimension", models["shlp"], *layers, "-o", tmp_path / "d.json")
    run("spectrum", "images", "-o", tmp_path / "s.npz")
    result = run("fit-alpha", tmp_path / "s.npz", "--dimension", tmp_path / "d.json", code=1)
    assert "--dimension: expected a file with the dimension of the layer input" in result.stderr


@pytest.mark.parametrize(
    ("other", "told"),
    [
        (("--transform", "pca:4"), "pca:4, found that of digits (scikit-learn); make one"),
        (("--resize", 10), "(resized to 10), found that of digits (scikit-learn); make one"),
        (("--split", "train", "--data", "other.npz"), "other, found that of digits"),
    ],
)
def test_a_dimension_of_other_images_gives_no_bound(run, tmp_path, monkeypatch, other, told):
    monkeypatch.chdir(tmp_path)
    x, y = np.random.default_rng(0).random((200, 8, 8)), np.arange(200) % 10
    np.savez("other.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    run("dimension", "images", "-o", "d.json")
    run("spectrum", "images", *other, "-o", "s.npz")
    said = run("fit-alpha", "s.npz", "--dimension", "d.json", code=1).stderr
    assert "--dimension: expected that of the images of the spectrum, " in said
    assert told in said


def test_table_info_compare_and_report_read_it(run, models, tmp_path):
    for seed in (0, 1):
        for name, words in {"kh": [], "noise": ["--transform", "noise:0.3"]}.items():
            target = tmp_path / f"{name}-{seed}.dimension.json"
            run("dimension", models["shlp"], *words, "--layer", "input", "--seed", seed,
                "--limit", 100 + seed, "-o", target)  # fmt: skip
    table = run("table", tmp_path, "--quantity", "intrinsic_dimension").stdout
    assert table.count("intrinsic_dimension") == 4
    assert "intrinsic dimension images input" in run("info", target).stdout
    run("report", tmp_path, "-o", tmp_path / "report.md")
    assert "Intrinsic dimension" in (tmp_path / "report.md").read_text()


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (
            np.nan,
            "expected finite activations, found NaN or infinity; check the weights, or the "
            "numbers that were recorded",
        ),
        (0, "expected more than 2 points, found 1; use more images, or another layer"),
    ],
)
def test_where_nothing_has_a_dimension_the_reason_s_own_advice_is_given(value, message):
    with pytest.raises(MeasureError, match=f"^{message}$"):
        specrob.intrinsic_dimension(np.full((30, 4), value, np.float64))


@pytest.mark.parametrize(
    ("wrong", "told"),
    [
        ({"low": 0}, "with interval 0"),
        ({"dimension": -4.0, "low": -5.0, "high": -3.0}, "a dimension of -4.0"),
        ({"high": 1.0}, "to 1.0"),
        ({"bound_low": 0}, "a bound of"),
        ({"high": None}, "without an interval"),
    ],
)
def test_estimates_that_cannot_be_are_refused(run, tmp_path, wrong, told):
    facts = {"source": "images", "layer": "input", "size": 9, "n_images": 50, "duplicates": 0}
    facts |= {"dimension": 4.0, "low": 3.5, "high": 5.0}
    facts |= {"bound": 1.5, "bound_low": 1.4, "bound_high": 1.6} | wrong
    meta = {"schema": 1, "provenance": Provenance().to_json()}
    whole = {"kind": "dimension", "estimates": [facts], "discard": 0.1, "meta": meta}
    (tmp_path / "d.json").write_text(json.dumps(whole))
    run("spectrum", "images", "--limit", 50, "-o", tmp_path / "s.npz")
    words = ("fit-alpha", tmp_path / "s.npz", "--dimension", tmp_path / "d.json")
    said = run(*words, code=1).stderr
    assert told in said
    assert "d.json" in said
