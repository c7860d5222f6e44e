import numpy as np
import pytest

from specrob import artifacts
from specrob.norms import NORMS


def measured(run, *words):
    return artifacts.decode(run("crit-dist", *words).stdout_bytes)


@pytest.mark.parametrize(
    ("method", "norm"),
    [*(("fgsm", norm) for norm in ("l2", "linf")), *(("pgd", norm) for norm in NORMS)],
)
def test_distance_to_a_plane_is_exact(run, plane, method, norm):
    words, normal, margins = plane
    exact = margins / np.linalg.norm(normal, NORMS[norm].dual)
    how = ["--method", method, "--norm", norm, "--bounds", "none", "--tolerance", 0.01]
    ratio = measured(run, *words, *how).arrays["distance"] / exact
    assert ratio.min() >= 1 - 1e-5
    assert ratio.max() <= 1.01


def test_bounds_that_bind_never_shorten_a_distance(run, plane):
    words, normal, margins = plane
    found = measured(run, *words, "--norm", "l2").arrays
    exact = margins / np.linalg.norm(normal)
    fooled = found["status"] == "fooled"
    assert fooled.any()
    assert (found["distance"][fooled] >= exact[fooled] * (1 - 1e-5)).all()


@pytest.mark.parametrize("method", ["random", "fgsm", "pgd"])
def test_every_image_is_accounted_for(run, models, method):
    made = measured(run, models["hybrid"], "--method", method)
    found, fields = made.arrays, made.fields
    assert found["index"].tolist() == list(range(360))
    wrong = found["status"] == "misclassified"
    assert (wrong == (found["label"] != found["prediction"])).all()
    assert np.isnan(found["distance"][wrong]).all()
    fooled = found["status"] == "fooled"
    assert (found["prediction_adversarial"][fooled] != found["label"][fooled]).all()
    assert (found["distance"][fooled] <= found["eps"][fooled] * 1.0001 + 1e-6).all()
    assert fields["norm"] == ("l2" if method == "random" else "linf")
    assert fooled.sum() > 100


@pytest.mark.parametrize("method", ["random", "fgsm", "pgd"])
def test_batches_and_repetition_do_not_matter(run, models, method):
    words = [models["shlp"], "--method", method, "--limit", 60]
    whole, again, parts = (measured(run, *words, "--batch-size", size) for size in (1000, 1000, 7))
    assert whole.digest == again.digest
    close = np.isclose(whole.arrays["distance"], parts.arrays["distance"], rtol=1e-4)
    both = np.isnan(whole.arrays["distance"]) | np.isinf(whole.arrays["distance"])
    assert (close | both).mean() > 0.98
    np.testing.assert_allclose(
        parts.arrays["distance"][~both], whole.arrays["distance"][~both], rtol=0.0101
    )


def test_summary_says_median_interval_mean_and_variance(run, models, tmp_path):
    path = tmp_path / "d.npz"
    result = run("crit-dist", models["shlp"], "--limit", 40, "-o", path)
    distance = artifacts.read(str(path)).arrays["distance"]
    fooled = distance[np.isfinite(distance)].astype(float)
    assert not np.isinf(distance).any()
    assert "median distance" in result.stderr
    assert "95% interval" in result.stderr
    variance = fooled.var(ddof=1)
    said = f", mean distance {fooled.mean():.4g}, variance of distance {variance:.4g}, fooled"
    assert said in result.stderr


def test_summary_says_of_which_images_the_mean_is(run, models, tmp_path):
    path = tmp_path / "d.npz"
    run("crit-dist", models["shlp"], "--limit", 40, "-o", path)
    middle = float(np.nanmedian(artifacts.read(str(path)).arrays["distance"]))
    result = run("crit-dist", models["shlp"], "--limit", 40, "--max-eps", middle, "-o", path)
    distance = artifacts.read(str(path)).arrays["distance"]
    assert np.isinf(distance).any()
    mean = distance[np.isfinite(distance)].astype(float).mean()
    assert f"mean distance {mean:.4g} (of the fooled only), variance of" in result.stderr
    nobody = run("crit-dist", models["shlp"], "--limit", 40, "--max-eps", "1e-9", "-o", path)
    assert "mean distance none" in nobody.stderr


@pytest.mark.parametrize("method", ["random", "fgsm"])
def test_the_radii_of_a_curve_do_not_move_the_distances(run, models, tmp_path, method):
    words = ["crit-dist", models["shlp"], "--method", method, "--limit", 40, "--bounds", "none"]
    run(*words, "-o", tmp_path / "a.npz")
    far = ("--eps", "0,1e3,1e5", "--curve", tmp_path / "c.json")
    run(*words, *far, "-o", tmp_path / "b.npz")
    near, wide = (artifacts.read(str(tmp_path / n)).arrays for n in ("a.npz", "b.npz"))
    found = near["status"] == "fooled"
    found &= near["eps"] < np.nanmax(near["eps"]) / 1.1  # the last step ends at the farthest
    assert found.any()
    np.testing.assert_array_equal(near["distance"][found], wide["distance"][found])


def test_the_curve_follows_from_the_distances(run, models, tmp_path):
    words = [models["shlp"], "--method", "pgd", "--limit", 60]
    radii = ["--eps", "0,0.01,0.03,0.1"]
    run("crit-dist", *words, *radii, "--save-curve", tmp_path / "c.json", "-o", tmp_path / "d.npz")
    run("attack", *words, *radii, "--curve", "monotone", "-o", tmp_path / "a.json")
    curve, attack = (artifacts.read(str(tmp_path / n)).fields for n in ("c.json", "a.json"))
    assert curve["relative_accuracy"] == attack["relative_accuracy"]
    assert 0 < curve["relative_accuracy"][2] < 1
    assert curve["curve"] == "monotone"
    beyond = ("--max-eps", 0.05, *radii, "--save-curve", tmp_path / "c.json")
    assert run("crit-dist", *words, *beyond, "-o", tmp_path / "d.npz", code=2).stderr.endswith(
        "expected at least 0.1, the largest --eps, found 0.05\n"
    )
    assert "with --save-curve" in run("crit-dist", *words, *radii, code=2).stderr
