"""--only: two networks on the images that both classify correctly, as the documentation does."""

import contextlib
import re
import shlex
import shutil
from pathlib import Path

import numpy as np
import pytest

from specrob import artifacts

PAGE = (Path(__file__).parents[2] / "docs" / "howto" / "attacks.md").read_text()


def block(start):
    """Return the block of the page about attacks that begins with some words."""
    blocks = re.findall(r"```bash\n(.*?)```", PAGE, re.DOTALL)
    return next(text for text in blocks if text.startswith(start))


DISTANCES = block("specrob crit-dist bp.safetensors --method minimal -o bp.npz")
SAVED = """
attack bp.safetensors --eps 0,0.1 --save bp.npz -o bp.json
attack kh.safetensors --eps 0,0.1 --only bp.npz --save kh.npz -o kh.json
attack bp.safetensors --eps 0,0.1 --only kh.npz --save bp.npz -o bp.json
"""


def run_lines(run, lines):
    for line in filter(None, lines.splitlines()):
        run(*shlex.split(line.removeprefix("specrob ")))


@pytest.fixture(scope="module")
def folder(run, models, tmp_path_factory):
    """Return a folder with two networks that err on different images."""
    folder = tmp_path_factory.mktemp("only")
    shutil.copy(models["hybrid"], folder / "kh.safetensors")
    how = ("--arch", "shlp", "--hidden", 30, "--normalize", "l3", "--epochs", 20)
    run("train-sup", *how, "-o", folder / "bp.safetensors")
    with contextlib.chdir(folder):
        yield folder


def test_three_distances_can_be_drawn_together(run, folder):
    run_lines(run, DISTANCES)
    kh, bp = (artifacts.read(f"{name}.npz") for name in ("kh", "bp"))
    known = [found.arrays["index"][found.arrays["status"] == "fooled"] for found in (kh, bp)]
    np.testing.assert_array_equal(*known)
    assert len(kh.arrays["index"]) > len(bp.arrays["index"]) > 0  # shown are not the same
    assert kh.fields["selection"] != bp.fields["selection"]
    assert kh.fields["attacked"] == bp.fields["attacked"]
    run("plot", "kh.npz", "bp.npz", "-o", "distances.svg")
    models = ("kh.safetensors", "bp.safetensors")
    relation = ("plot", "--relate", "accuracy,distance")
    run(*relation, "kh.npz", "bp.npz", *models, "-o", "tradeoff.svg")
    refused = run(*relation, "kh.npz", "bp.npz", "-o", "tradeoff.svg", code=1).stderr
    assert "as accuracy of kh" in refused
    assert "add its model file, since images chosen by `only` do not show it" in refused
    layout = '[networks]\nkh = "local"\nbp = "plain"\n[[rows]]\npanels = '
    layout += '[{ artifacts = ["{network}.npz"] }, { artifacts = ["{network}.npz", '
    layout += '"{network}.safetensors"], relate = ["accuracy", "distance"] }]'
    (folder / "figure.toml").write_text(layout)
    run("plot", "--layout", "figure.toml", "-o", "figure.svg")


def test_they_share_a_figure_of_the_report(run, folder):
    run_lines(run, DISTANCES)
    (folder / "results").mkdir()
    for name in ("kh.npz", "bp.npz"):
        shutil.copy(name, "results")
    run("report", "results", "-o", "page.html")
    assert "Critical distances: minimal, L2 of bp, kh" in (folder / "page.html").read_text()


def test_saved_images_choose_too(run, folder):
    run_lines(run, SAVED)
    run("plot", "kh.json", "bp.json", "-o", "curves.svg")
    refused = run("plot", "kh.json", "bp.json", "--part", "robust_accuracy", "-o", "r.svg", code=1)
    assert "expected attacks on the same images" in refused.stderr  # a share of those shown


def test_other_images_are_still_refused(run, folder):
    run("crit-dist", "bp.safetensors", "--method", "fgsm", "--limit", 50, "-o", "50.npz")
    run("crit-dist", "kh.safetensors", "--method", "fgsm", "--limit", 60, "-o", "60.npz")
    refused = run("plot", "50.npz", "60.npz", "-o", "figure.svg", code=1).stderr
    assert "expected attacks on the same images, found different ones" in refused


def test_bounds_choose_the_images_as_distances_do(run, models, tmp_path):
    bounds, distances = tmp_path / "bounds.npz", tmp_path / "distances.npz"
    run("certify", models["shlp"], "--limit", 40, "--steps", 0, "-o", bounds)
    run("crit-dist", models["hybrid"], "--limit", 40, "--only", bounds, "-o", distances)
    both = artifacts.read(str(distances))
    there = artifacts.read(str(bounds)).arrays
    correct = there["index"][there["status"] != "misclassified"]
    np.testing.assert_array_equal(both.arrays["index"], correct)
    assert both.provenance.chosen
