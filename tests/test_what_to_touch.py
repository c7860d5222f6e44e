"""What a new member of each family takes: one file and one row, as docs/explanation says.

Each test writes the one file into a folder of its own, puts one row into the registry, and runs
the member through the command line. Penalties, attacks and rules come from examples/plugin, whose
tests install it: see test_plugin.py.
"""

import importlib
import subprocess
from pathlib import Path

import pytest
from typer.testing import CliRunner

from specrob import artifacts, registry
from specrob.cli import app
from specrob.registry import Row

ROOT = Path(__file__).parents[1]

SOURCE = '''
"""Stripes of random orientation."""
import numpy as np

from specrob.data.raw_split import RawSplit


def read_stripes(split, root, download):
    """Return horizontal and vertical stripes."""
    labels = np.arange(40 if split == "train" else 20) % 2
    rows, columns = np.mgrid[:8, :8] // 2 % 2
    images = np.where(labels[:, None, None], rows, columns)[:, None].astype(np.float32)
    return RawSplit(images, labels, "stripes")
'''

FIGURE = '''
"""Norms of Jacobians as bars."""
from specrob.plots.figure import Entry, FigureKind, Panel
from specrob.results import Smoothness


def draw(canvas, series, part):
    """Draw a bar for each network."""
    axes = canvas.subplots()
    for one in series:
        axes.bar(one.label, one.result(Smoothness).jacobian[0].mean)
    axes.set_ylabel("mean norm of the Jacobian")
    return Panel([axes], [Entry(one.label, one.look) for one in series])


FIGURE = FigureKind("Norms of Jacobians", draw, lambda series, part: (3.0, 2.5))
'''


@pytest.fixture
def install(tmp_path, monkeypatch):
    """Return a function that writes the one file of a member, and puts its row in a family."""

    def install(family, name, text, target, tags=()):
        monkeypatch.chdir(tmp_path)
        monkeypatch.syspath_prepend(str(tmp_path))
        (tmp_path / f"{target.partition(':')[0]}.py").write_text(text)
        importlib.invalidate_caches()
        monkeypatch.setitem(family.rows, name, Row(target, tags))

    return install


def run(*lines):
    for line in lines:
        result = CliRunner().invoke(app, line.split())
        assert result.exit_code == 0, f"{line}: {result.stderr}"
    return result


def test_a_source_is_one_file_and_one_row(install):
    install(registry.SOURCES, "stripes", SOURCE, "stripes:read_stripes")
    run("train-sup --arch linear --data stripes --epochs 30 -o linear.safetensors")
    assert "stripes" in run("info linear.safetensors").stdout
    run("crit-dist linear.safetensors --method fgsm -o distances.npz")
    assert len(artifacts.read("distances.npz").arrays["index"]) == 20


def test_a_figure_is_one_file_and_one_row(install, tmp_path):
    install(registry.FIGURES, "smoothness", FIGURE, "bars:FIGURE")
    run(
        "train-sup --arch linear --epochs 1 -o linear.safetensors",
        "smoothness linear.safetensors --limit 5 -o linear.json",
        "plot linear.json -o bars.png",
        "report . -o report.html",
    )
    assert (tmp_path / "bars.png").read_bytes().startswith(b"\x89PNG")
    assert "Norms of Jacobians" in (tmp_path / "report.html").read_text()


def test_the_plugin_touches_nothing_in_src():
    """Its package imports specrob, and nothing in src knows of it."""
    words = ["git", "grep", "-il", "softhebb\\|specrob_softhebb", "--", "src"]
    found = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert found.stdout == ""
