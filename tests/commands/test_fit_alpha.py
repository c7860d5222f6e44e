import json
import re

import numpy as np
import pytest
import scipy.stats
import torch

from specrob.artifacts import Artifact, encode
from specrob.experiments.exponents import fit_spectra
from specrob.measures.image_scales import ImageScales
from specrob.measures.spectrum import LayerSpectrum, gather


def spectrum(*rows, n_images=0):
    longest = max(map(len, rows))
    scales = np.ones((len(rows), n_images or 1))
    values = np.full((len(rows), longest), np.nan)
    for at, row in enumerate(rows):
        values[at, : len(row)] = row
    count = len(rows)
    arrays = {
        "eigenvalues": values,
        "source": np.array(["images", "noise"][:count]),
        "size": np.array([len(row) for row in rows]),
        "layer": np.array(["hidden"] * count),
        "n_images": np.full(count, n_images),
        "image_scale": scales,
        "scale_error": np.zeros(count),
    }
    return encode(Artifact("spectrum", arrays))


def test_exact_power_laws_and_their_ranges(run):
    n = np.arange(1, 1001.0)
    result = run("fit-alpha", input=spectrum(n**-1.5, n**-0.5))
    law = json.loads(result.stdout)
    images, noise = law["fits"]
    assert images["alpha"] == pytest.approx(1.5, abs=1e-10)
    assert noise["alpha"] == pytest.approx(0.5, abs=1e-10)
    assert (images["range"], noise["range"]) == ([10, 500], [10, 100])
    assert images["density_exponent"] == pytest.approx(1 + 1 / 1.5)
    assert result.stdout.count("\n") == 1
    assert "alpha images hidden 1000: 1.5 +- 0 (ranks 10..500)" in result.stderr


def test_a_flat_spectrum_is_its_own_null(run):
    from specrob.measures.power_law import marchenko_pastur_quantiles

    flat = marchenko_pastur_quantiles(5000, 800)
    fit = json.loads(run("fit-alpha", input=spectrum(flat, n_images=5000)).stdout)["fits"][0]
    assert fit["alpha"] == pytest.approx(fit["null_alpha"], rel=1e-9)


def test_too_few_points_give_null_and_a_reason(run):
    n = np.arange(1, 1001.0)
    fits = json.loads(run("fit-alpha", input=spectrum(n**-1, n[:12] ** -1)).stdout)["fits"]
    assert fits[1]["alpha"] is None
    assert "at least 10 ranks" in fits[1]["reason"]


def test_warnings_have_lines_of_their_own(run):
    first, *others = run(
        "fit-alpha", input=spectrum(np.arange(1, 51.0) ** -1, n_images=60)
    ).stderr.splitlines()
    assert "biased" not in first
    assert [line.startswith("specrob fit-alpha: warning: alpha ") for line in others] == [True]
    assert "(too few images)" in others[0]


def test_nothing_to_fit_is_an_error(run):
    result = run("fit-alpha", input=spectrum(np.arange(1, 13.0) ** -1), code=1)
    assert result.stderr.startswith(
        "specrob fit-alpha: expected at least 10 ranks to fit, found 0"
    )


def test_a_range_past_the_rank_is_refused(run):
    result = run("fit-alpha", "--range", "10:60", input=spectrum(np.arange(1, 51.0) ** -1), code=1)
    assert "--range: expected ranks within 1 to 50" in result.stderr


def two_layers():
    """Return a file with the spectra of layers of 50 and of 20 units."""
    values = np.full((2, 50), np.nan)
    values[0], values[1, :20] = np.arange(1, 51.0) ** -1, np.arange(1, 21.0) ** -2
    names = {"source": np.array(["images"] * 2), "layer": np.array(["first", "second"])}
    counts = {"size": np.array([50, 20]), "n_images": np.zeros(2, int)}
    return encode(Artifact("spectrum", {"eigenvalues": values, **names, **counts}))


def test_the_layer_that_is_too_small_for_a_range_is_named(run):
    said = run("fit-alpha", "--range", "3:30", input=two_layers(), code=1).stderr
    assert "expected ranks within 1 to 20, the eigenvalues of second above round-off" in said
    assert "or fit the other layers by --layer" in said
    run("fit-alpha", "--range", "3:30", "--layer", "first", input=two_layers())


def test_every_layer_has_a_line(run):
    said = run("fit-alpha", "--range", "3:18", input=two_layers()).stderr.splitlines()
    lines = [line for line in said if "warning" not in line]
    assert len(lines) == 2
    assert lines[0].startswith("specrob fit-alpha: alpha images first 50")
    assert lines[1].startswith("specrob fit-alpha: alpha images second 20")
    assert "second" not in lines[0]


def test_indented_in_a_file(run, tmp_path):
    path = tmp_path / "alpha.json"
    run("fit-alpha", "-o", path, input=spectrum(np.arange(1, 51.0) ** -1))
    assert path.read_text().count("\n") > 10
    assert json.loads(path.read_text())["kind"] == "power-law"


def fits_of(run, *words, **how):
    return json.loads(run("fit-alpha", *words, **how).stdout)["fits"]


def test_intervals_come_from_the_bootstrap(run, models):
    words = ["--bootstrap", 30, "--split", "train", "-q"]
    made = run("spectrum", models["shlp"], *words).stdout_bytes
    (fit,) = fits_of(run, "--range", "3:25", input=made)
    assert fit["ci_from"] == "bootstrap"
    low, high = fit["ci"]
    assert low < fit["alpha_corrected"] < high
    assert fit["alpha_corrected"] == pytest.approx(fit["alpha"] - fit["bias"])
    error = np.hypot(fit["sampling_stderr"], fit["bias"] / 20)
    error *= scipy.stats.t(30 - 1 - 3).ppf(0.975) / 1.959964
    assert high - low == pytest.approx(2 * 1.959964 * error)


def test_intervals_without_a_bootstrap_come_from_the_model(run, models):
    made = run("spectrum", models["shlp"], "--split", "train", "-q").stdout_bytes
    (fit,) = fits_of(run, "--range", "3:25", input=made)
    assert fit["ci_from"] == "model"
    assert fit["ci"][0] < fit["alpha_corrected"] < fit["ci"][1]


def test_a_range_that_resampled_images_lack_has_the_error_of_the_model(run, models):
    made = run("spectrum", models["shlp"], "--bootstrap", 12, "--limit", 29, "-q").stdout_bytes
    result = run("fit-alpha", "--range", "2:26", input=made)
    (fit,) = json.loads(result.stdout)["fits"]
    assert "resampled images have" in fit["bootstrap_reason"]
    assert "errors from the model (resampled images have" in result.stderr
    assert fit["ci_from"] != "bootstrap"


def test_a_spectrum_of_an_older_specrob_has_no_interval(run):
    """It kept nothing of how images spread."""
    n = np.arange(1, 101.0)
    arrays = {
        "eigenvalues": n[None] ** -1,
        "source": np.array(["images"]),
        "size": np.array([100]),
        "layer": np.array(["hidden"]),
        "n_images": np.array([1000]),
    }
    result = run("fit-alpha", input=encode(Artifact("spectrum", arrays)))
    (fit,) = json.loads(result.stdout)["fits"]
    assert fit["ci"] is None
    assert "no interval (the spectrum does not hold the images' scales" in result.stderr


def test_a_default_range_says_why_it_is_short(run):
    """Of 15 images, of which some are drawn twice, fewer than half of the ranks remain."""
    made = many(n_images=61, left=25)
    result = run("fit-alpha", input=made)
    (fit,) = json.loads(result.stdout)["fits"]
    assert fit["range"] == [10, 25]
    assert "have 25 eigenvalues above round-off" in fit["range_reason"]
    assert "a shorter range (resampled images have 25" in result.stderr
    assert "shorter" not in run("fit-alpha", "--range", "2:12", input=made).stderr


def many(n_images, left, solver="covariance"):
    """Return a spectrum of n^-1 whose replicates have fewer eigenvalues."""
    n = np.arange(1, n_images)
    spread = np.linspace(-0.05, 0.05, 12)[:, None] * np.sin(n + np.arange(12)[:, None])
    arrays = {
        "eigenvalues": n[None] ** -1.0,
        "source": np.array(["images"]),
        "size": np.array([len(n)]),
        "layer": np.array(["hidden"]),
        "n_images": np.array([n_images]),
        "solver": np.array([solver]),
        "image_scale": np.ones((1, n_images)),
        "scale_error": np.zeros(1),
        "noise_variance": np.full(1, 1e-3),
        "bootstrap": np.where(n <= left, np.exp(spread) / n, 0)[None],
        "bootstrap_scale": np.random.default_rng(0).normal(size=(1, 12, 3)),
    }
    return encode(Artifact("spectrum", arrays))


def test_bends_are_said(run):
    n = np.arange(1, 1001.0)
    broken = np.where(n <= 100, n**-1, 10 * n**-1.5)
    result = run("fit-alpha", input=spectrum(broken))
    assert json.loads(result.stdout)["fits"][0]["power_law"] is False
    # an exact spectrum has no error, so that the share of alpha decides
    told = (
        r"1000: no \(local exponent changes by [67][0-9]% of alpha, at most 10% in a power law\)"
    )
    assert re.search(told, result.stderr)
    sampled = run("fit-alpha", "--range", "3:50", input=spectrum(n**-1, n_images=3000)).stderr
    told = r"yes \(local exponent changes by [0-2]\.\d standard errors, at most 3 in a power law"
    assert re.search(told, sampled)
    assert "1000: yes (local exponent" in run("fit-alpha", input=spectrum(n**-1)).stderr


def test_a_range_with_the_end_of_a_small_layer_is_said(run):
    """A spectrum of 80 units whose last third collapses: the default leaves it out."""
    n = np.arange(1, 81.0)
    values = n**-1 * np.where(n > 50, np.exp((50 - n) / 2), 1)
    default = json.loads(run("fit-alpha", input=spectrum(values)).stdout)["fits"][0]
    assert default["range"] == [10, 40]
    whole = run("fit-alpha", "--range", "10:80", input=spectrum(values))
    fit = json.loads(whole.stdout)["fits"][0]
    assert (fit["range"], fit["rank"], fit["reaches_end"]) == ([10, 80], 80, True)
    assert fit["alpha"] > 2
    assert "in the last half of 80 ranks" in whole.stderr
    part = run("fit-alpha", "--range", "10:40", input=spectrum(values))
    assert json.loads(part.stdout)["fits"][0]["alpha"] == pytest.approx(1)
    assert "last half" not in part.stderr


def test_too_few_images_leave_the_verdict_open(run):
    n = np.arange(1, 201.0)
    draws = np.random.default_rng(0).normal(size=(220, 200)) * n**-0.5
    values = np.linalg.eigvalsh(np.cov(draws.T))[::-1]
    result = run("fit-alpha", "--range", "10:180", input=spectrum(values, n_images=220))
    assert json.loads(result.stdout)["fits"][0]["power_law"] is None
    assert "too few images to tell" in result.stderr
    assert run("plot", input=result.stdout_bytes).stdout_bytes.startswith(b"\x89PNG")


def test_the_bound_needs_a_dimension(run):
    n = np.arange(1, 101.0)
    plain, known = (
        fits_of(run, *words, input=spectrum(n**-1, n**-1)) for words in ([], ["--dimension", 8])
    )
    assert "bound" not in plain[0]
    assert known[0]["bound"] == pytest.approx(1.25)
    assert "bound" not in known[1]  # white noise fills all dimensions
    made = run("spectrum", "images", "--transform", "pca:30", "-q").stdout_bytes
    assert fits_of(run, "--range", "5:20", input=made)[0]["dimension"] == 30


def test_the_map_is_asked_for(run):
    n = np.arange(1, 1001.0)
    (fit,) = fits_of(run, "--map", input=spectrum(n**-1.5))
    found = np.array(fit["map"]["alpha"], float)
    np.testing.assert_allclose(found[np.isfinite(found)], 1.5)
    assert len(found) == len(fit["map"]["ranks"])


def test_cross_validated_eigenvalues_end_where_one_is_not_positive(run):
    values = np.arange(1, 61.0) ** -1
    values[50] = -0.001
    (fit,) = fits_of(run, input=spectrum(values))
    assert (fit["range"], fit["rank"]) == ([10, 25], 50)
    assert fit["alpha"] == pytest.approx(1)


def test_cross_validated_exponents_need_resampled_images(run):
    made = many(n_images=61, left=30, solver="cvpca")
    (past,) = fits_of(run, "--range", "2:40", input=made)
    assert "need resampled images" in past["ci_reason"]
    assert "alpha_corrected" not in past
    (within,) = fits_of(run, "--range", "2:30", input=made)
    assert within["ci"]


def test_a_bias_that_nobody_knows_is_null(run):
    """Nearly white noise, whose population the search does not settle on."""
    from specrob.measures.expected_spectrum import expected_eigenvalues

    values = expected_eigenvalues(np.arange(1, 401.0) ** -0.1, 400)
    result = run("fit-alpha", "--range", "10:60", input=spectrum(values, n_images=400))
    (fit,) = json.loads(result.stdout)["fits"]
    assert (fit["bias"], fit["alpha_corrected"], fit["power_law"]) == (None, None, None)
    assert "biased by an unknown amount" in result.stderr


def test_only_the_layers_that_are_named_are_fitted(run, models, tmp_path):
    made = tmp_path / "spectrum.npz"
    layers = ("--layer", "hidden", "--layer", "latent", "--layer", "input")
    run("spectrum", models["shlp"], *layers, "-o", made)
    whole = fits_of(run, "--range", "2:12", made)
    one = fits_of(run, "--range", "2:12", "--layer", "latent", made)
    two = fits_of(run, "--range", "2:12", "--layer", "input", "--layer", "hidden", made)
    assert one == [fit for fit in whole if fit["layer"] == "latent"] != []
    assert two == [fit for fit in whole if fit["layer"] != "latent"]
    told = run("fit-alpha", "--layer", "logits", made, code=1).stderr
    assert "--layer: expected a layer of the spectrum, found `logits`; it has hidden, lat" in told


def test_the_exponent_of_one_layer_can_be_related(run, models, tmp_path):
    """A relation needs one layer, which the advice says how to take out of several."""
    made, law = tmp_path / "spectrum.npz", tmp_path / "alpha.json"
    run("spectrum", models["shlp"], "--layer", "hidden", "--layer", "latent", "-o", made)
    words = ("plot", "--relate", "accuracy,alpha", models["shlp"], law, "-o", tmp_path / "x.png")
    run("fit-alpha", "--range", "2:12", made, "-o", law)
    assert "choose by --where, for instance layer=hidden" in run(*words, code=1).stderr
    run("fit-alpha", "--range", "2:12", "--layer", "latent", made, "-o", law)
    run(*words)


def test_spectra_that_are_too_short_are_passed_over_where_that_is_asked_for(run):
    n = np.arange(1, 101.0)
    words = ("fit-alpha", "--range", "10:50", "--noise-range", "10:50")
    result = run(*words, "--skip-short", input=spectrum(n**-1.5, n[:40] ** -1))
    images, noise = json.loads(result.stdout)["fits"]
    assert images["alpha"] == pytest.approx(1.5)
    assert (noise["alpha"], noise["range"]) == (None, [10, 50])
    reason = (
        "expected ranks within 1 to 40, the eigenvalues of hidden above round-off, found 10 to 50"
    )
    assert noise["reason"] == reason
    shares = (n[:40] ** -1).cumsum() / (n[:40] ** -1).sum()
    assert noise["rank_90"] == 1 + np.searchsorted(shares, 0.9)
    none = run(*words, "--skip-short", input=spectrum(n[:40] ** -1.5))
    assert json.loads(none.stdout)["fits"][0]["alpha"] is None
    too_few = ("fit-alpha", "--range", "10:12", "--skip-short")
    assert "at least 10 ranks" in run(*too_few, input=spectrum(n**-1.5), code=1).stderr
    assert "--skip-short" in run(*words, input=spectrum(n**-1.5, n[:40] ** -1), code=1).stderr


def test_layers_of_different_solvers_are_fitted_as_each_alone():
    """Where one is summed up every second image is kept, where another is stored all are."""
    rng, rows = np.random.default_rng(0), []
    for units, kept in ((60, 1050), (200, 2100)):
        values = torch.arange(1.0, units + 1, dtype=torch.float64) ** -1.2
        scales = ImageScales(rng.lognormal(0, 0.2, kept), 0.01)
        rows.append(LayerSpectrum(values, "images", f"{units}", units, 2100, 0, scales=scales))
    both = fit_spectra(gather(rows)).fits
    alone = [fit_spectra(gather([row])).fits[0] for row in rows]
    assert [one.alpha_corrected for one in both] == [one.alpha_corrected for one in alone]
    assert None not in [one.alpha_corrected for one in both]
