"""Starting must be quick: every Tab press runs the program."""

import subprocess
import sys

import pytest

from specrob.cli import PANELS

HEAVY = ("torch", "torchvision", "numpy", "scipy", "matplotlib", "sklearn", "safetensors")
HEAVY += ("torch._dynamo",)  # torch's compiler
NAMES = list(PANELS)


def loaded_by(code):
    script = f"import sys\n{code}\nprint(*sorted(set(sys.modules) & {set(HEAVY)!r}))"
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout.split()


def test_the_command_line_loads_nothing_heavy():
    assert loaded_by("import specrob.cli") == []


@pytest.mark.parametrize("name", NAMES)
def test_help_of_a_command_loads_nothing_heavy(name):
    code = f"""
import contextlib, io
from specrob.cli import app
with contextlib.suppress(SystemExit), contextlib.redirect_stdout(io.StringIO()) as text:
    app(["{name}", "--help"])
assert "Example" in text.getvalue()
"""
    assert loaded_by(code) == []


@pytest.mark.parametrize(
    "words",
    [
        ["--penalty", "l3=1"],
        ["--adversarial", "fgms"],
        ["--arch", "sklp"],
        ["--device", "gpu"],
        ["--seeds", "0,1", "--arch", "shlp"],
    ],
)
def test_a_wrong_word_does_not_load_torch(words):
    code = f"""
import contextlib, io
from specrob.cli import app
with contextlib.suppress(SystemExit), contextlib.redirect_stderr(io.StringIO()) as text:
    app(["train-sup", *{words!r}])
assert "expected" in text.getvalue() or "Invalid" in text.getvalue()
"""
    assert "torch" not in loaded_by(code)


def test_fitting_does_not_load_torch():
    code = "import specrob.experiments.exponents, specrob.artifacts, specrob.quantities.describe"
    assert {"torch", "matplotlib", "torchvision"}.isdisjoint(loaded_by(code))


def test_plotting_and_reporting_do_not_load_torch():
    code = "import specrob.plots.spectrum, specrob.reports"
    assert {"torch", "torchvision"}.isdisjoint(loaded_by(code))


def test_reading_a_network_does_not_load_the_compiler(tmp_path):
    code = f"""
from typer.testing import CliRunner
from specrob.cli import app
words = ["train-kh", "--data", "digits", "--hidden", "8", "--epochs", "0"]
assert CliRunner().invoke(app, [*words, "-o", {str(tmp_path / "x.safetensors")!r}]).exit_code == 0
words = ["spectrum", {str(tmp_path / "x.safetensors")!r}, "--limit", "50"]
assert CliRunner().invoke(app, [*words, "-o", {str(tmp_path / "x.npz")!r}]).exit_code == 0
"""
    loaded = loaded_by(code)
    assert "torch" in loaded and "torch._dynamo" not in loaded
