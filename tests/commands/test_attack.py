import json

import numpy as np
import pytest

from specrob.linalg import NORMS


def measured(run, *words):
    return json.loads(run("attack", *words).stdout)


@pytest.mark.parametrize("method", ["random", "fgsm", "pgd", "noise"])
def test_radius_zero_keeps_all_and_accuracy_falls(run, models, method):
    found = measured(run, models["shlp"], "--method", method, "--eps", "0,8/255,0.2,1,5")
    assert found["relative_accuracy"][0] == 1.0
    assert found["robust_accuracy"][0] == found["clean_accuracy"]
    assert found["relative_accuracy"][-1] < 0.6
    assert found["eps"][1] == pytest.approx(8 / 255)
    assert found["norm"] == ("linf" if method in ("fgsm", "pgd") else "l2")


def test_severity_is_pgd_then_fgsm_then_random(run, models):
    words = ["--norm", "l2", "--eps", "0.3,0.6"]
    kept = {
        method: measured(run, models["shlp"], "--method", method, *words)["relative_accuracy"]
        for method in ("random", "fgsm", "pgd")
    }
    assert all(np.array(kept["pgd"]) <= np.array(kept["fgsm"]))
    assert all(np.array(kept["fgsm"]) < np.array(kept["random"]))


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_the_curve_of_a_plane_is_known(run, plane, norm):
    words, normal, margins = plane
    exact = margins / np.linalg.norm(normal, NORMS[norm].dual)
    for radius in np.quantile(exact, [0.25, 0.75]) * 1.001:
        how = ["--norm", norm, "--bounds", "none", "--eps", f"{radius:.7g}"]
        found = measured(run, *words, *how)
        assert found["relative_accuracy"] == [pytest.approx((exact > radius).mean())]


@pytest.mark.parametrize("method", ["random", "pgd"])
def test_batch_size_does_not_matter(run, models, method):
    words = [models["hybrid"], "--method", method, "--eps", "0.05,0.5", "--random-start"]
    words = words if method == "pgd" else words[:-1]
    found = [measured(run, *words, "--batch-size", size) for size in (1000, 13)]
    assert found[0]["relative_accuracy"] == found[1]["relative_accuracy"]


def test_limit_and_split(run, models):
    assert measured(run, models["shlp"], "--eps", "0", "--limit", 17)["n_images"] == 17
    assert measured(run, models["shlp"], "--eps", "0", "--split", "train")["n_images"] == 1437


def test_summary(run, models):
    result = run("attack", models["shlp"], "--method", "fgsm", "--eps", "0,0.1", "--limit", 50)
    assert result.stderr.startswith("specrob attack: method fgsm, images 50, clean accuracy")
