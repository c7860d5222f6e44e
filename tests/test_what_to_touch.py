"""What a new member of each family takes: one file and one row, as docs/explanation says.

Each test writes the one file into a folder of its own, puts one row into the registry, and runs
the member through the command line. Penalties, attacks and rules come from examples/plugin, whose
tests install it: see test_plugin.py.
"""

import importlib
import subprocess
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from specrob import artifacts, registry
from specrob.cli import Toolbox, app
from specrob.quantities import table
from specrob.quantities.quantity import Quantity
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


MEASURE = {
    "measure": '''
"""How sparse activations are."""


def sparseness(activations):
    """Return the share of activations, (B, N), that are 0."""
    return float((activations == 0).float().mean())
''',
    "record": '''
"""What is asked for."""
from dataclasses import dataclass
from typing import Annotated

from specrob.settings.flag import Flag, Settings


@dataclass(frozen=True)
class SparsenessSettings(Settings):
    layer: Annotated[str, Flag("Layer to measure.")] = "latent"
''',
    "result": '''
"""What is written."""
from dataclasses import dataclass

from specrob.results import Result


@dataclass(frozen=True, kw_only=True)
class Sparseness(Result):
    kind = "sparseness"
    format = "json"
    maker = "sparseness"

    layer: str
    sparseness: float
''',
    "experiment": '''
"""Sparseness of a loaded model."""
from measure import sparseness
from result import Sparseness


def measure_sparseness(loaded, settings, context):
    shown = loaded.activations(slice(None), [settings.layer])[settings.layer]
    return Sparseness(layer=settings.layer, sparseness=sparseness(shown))
''',
    "command_of_mine": '''
"""specrob sparseness."""
from record import SparsenessSettings
from specrob.commands.framework.arguments import Model
from specrob.commands.framework.command import command
from specrob.commands.framework.run import Run
from specrob.settings.images import ImageSettings, WeightSettings


@command
def sparseness(
    settings: SparsenessSettings,
    weights: WeightSettings,
    images: ImageSettings,
    run: Run,
    model: Model = "-",
) -> None:
    """Measure which share of a layer's activations is 0."""
    run.check_outputs("sparseness")
    from experiment import measure_sparseness

    loaded = run.load(model, weights, images)
    run.write(measure_sparseness(loaded, settings, run.context("sparseness")), loaded.data)
''',
}

ARCHITECTURE = '''
"""A network with one hidden layer of tanh units."""
from torch import nn

from specrob.models import LayeredNetwork
from specrob.models.architecture import Architecture


class TanhNet(LayeredNetwork):
    layer_names = {"hidden": "layers.1", "latent": "layers.2"}
    latent_layers = ("latent",)

    def __init__(self, shape, classes, *, units: int = 5):
        super().__init__()
        pixels = shape[0] * shape[1] * shape[2]
        first, last = nn.Linear(pixels, units), nn.Linear(units, classes)
        self.layers = nn.Sequential(nn.Flatten(), first, nn.Tanh(), last)

    def forward(self, x):
        return self.layers(x)


TANH = Architecture(TanhNet, measured="latent", whitens=True)
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


def run(*lines, program=app):
    for line in lines:
        result = CliRunner().invoke(program, line.split())
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


def test_a_measure_with_its_command_is_five_files_and_three_rows(tmp_path, monkeypatch):
    """The rows: of the kind, of the command, and of the quantity."""
    assert len(MEASURE) == 5
    monkeypatch.chdir(tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    for name, text in MEASURE.items():
        (tmp_path / f"{name}.py").write_text(text)
    importlib.invalidate_caches()
    record = importlib.import_module("result").Sparseness
    monkeypatch.setitem(registry.KINDS.rows, "sparseness", Row("result:Sparseness"))
    row = Quantity("sparseness", "sparseness", "share of units", record, lambda r: r.sparseness)
    monkeypatch.setattr(table, "QUANTITIES", (*table.QUANTITIES, row))
    program = typer.Typer(cls=Toolbox)
    program.callback()(lambda: None)
    program.command("sparseness")(importlib.import_module("command_of_mine").sparseness)
    run("train-sup --arch shlp --hidden 5 --epochs 1 -o shlp.safetensors")
    words = "sparseness shlp.safetensors --layer latent --limit 5 -o sparseness.json"
    result = run(words, program=program)
    value = artifacts.read("sparseness.json").fields["sparseness"]
    assert 0 < value < 1
    assert f"{value:.3g}"[:4] in result.stderr
    assert "sparseness" in run("info sparseness.json").stdout
    assert (
        "expected a layer"
        in CliRunner()
        .invoke(program, ["sparseness", "shlp.safetensors", "--layer", "nothing"])
        .stderr
    )


def test_an_architecture_is_one_file_and_one_row(install):
    install(registry.ARCHITECTURES, "tanh-net", ARCHITECTURE, "tanh_net:TANH", ("trainable",))
    run("train-sup --arch tanh-net,units=6 --epochs 1 --penalty spectral=1,tau=2 -o tanh.st")
    run("spectrum tanh.st -o spectrum.npz", "crit-dist tanh.st --method fgsm -o distances.npz")
    assert artifacts.read("spectrum.npz").arrays["eigenvalues"].shape == (1, 6)
    assert "tanh-net" in run("train-sup --help").stdout
    wrong = CliRunner().invoke(app, ["train-sup", "--arch", "tanh-net,units=-1"])
    assert "--arch: expected options that tanh-net takes" in wrong.stderr


def test_the_plugin_touches_nothing_in_src():
    """Its package imports specrob, and nothing in src knows of it."""
    words = ["git", "grep", "-il", "softhebb\\|specrob_softhebb", "--", "src"]
    found = subprocess.run(words, cwd=ROOT, capture_output=True, text=True)
    assert found.stdout == ""
