"""Spectra whose means are not subtracted, through the command line."""

import numpy as np

from specrob.artifacts import read


def test_they_stand_beside_those_of_the_covariance(models, run, tmp_path):
    run("spectrum", models["shlp"], "--uncentred", "-o", tmp_path / "s.npz")
    arrays = read(str(tmp_path / "s.npz")).arrays
    assert list(arrays["source"]) == ["images", "uncentred"]
    centred, uncentred = arrays["eigenvalues"]
    # a mean adds one direction: eigenvalues interlace (Weyl), but for the divisor
    n = int(arrays["n_images"][0])
    assert np.all(uncentred >= centred * (n - 1) / n - 1e-9 * uncentred[0])
    assert np.all(uncentred[1:] <= centred[:-1] * (n - 1) / n + 1e-9 * uncentred[0])
    assert uncentred[0] > 1.5 * centred[0]
    run("fit-alpha", tmp_path / "s.npz", "--range", "2:12", "-o", tmp_path / "a.json")
    run("plot", tmp_path / "s.npz", "-o", tmp_path / "s.png")
    where = ["--where", "source=uncentred", "--quantity", "alpha"]
    assert "uncentred" in run("table", tmp_path / "a.json", *where).stdout
