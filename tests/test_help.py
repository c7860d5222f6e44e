"""Every command has help and an example that runs, and completes its words."""

import importlib.util
import os
import re
import shlex
import subprocess
import sys
from inspect import signature
from pathlib import Path
from typing import Literal, get_args, get_origin

import pytest
import torch
import typer
from typer.testing import CliRunner

from specrob.cli import PANELS, app, function_of
from specrob.models import build

ROOT = Path(__file__).parents[1]
spec = importlib.util.spec_from_file_location("generate", ROOT / "docs" / "generate.py")
generate = importlib.util.module_from_spec(spec)
spec.loader.exec_module(generate)

FUNCTIONS = {name: function_of(name) for name in PANELS}


@pytest.fixture(scope="module")
def workshop(tmp_path_factory):
    """Return a folder with the files that the examples read."""
    folder = tmp_path_factory.mktemp("workshop")
    runner = CliRunner()
    kh, hybrid = str(folder / "layer.safetensors"), str(folder / "kh.safetensors")
    bp = str(folder / "bp.safetensors")
    lines = [
        ["train-kh", "--hidden", "20", "--epochs", "5", "-o", kh],
        ["train-sup", kh, "--epochs", "5", "-o", hybrid],
        ["spectrum", hybrid, "--noise", "-o", str(folder / "spectrum.npz")],
        ["train-sup", "--arch", "linear", "--epochs", "5", "-o", bp],
        *(
            ["attack", m, "--method", "fgsm", "--eps", "0.1", "--limit", "50"]
            + ["-o", str(folder / f"{n}.json")]
            for n, m in (("kh", hybrid), ("bp", bp))
        ),
    ]
    for line in lines:
        result = runner.invoke(app, line)
        assert result.exit_code == 0, result.stderr
    network = build("mlp", (1, 8, 8), 10, {"activation": "tanh"})
    torch.save(network.state_dict(), folder / "net.pt")
    return folder


def example(function):
    found = re.findall(r"Example: specrob (.*)", function.__doc__)
    assert len(found) == 1
    return shlex.split(found[0])


@pytest.mark.parametrize("name", FUNCTIONS)
def test_the_example_in_the_help_runs(name, workshop, monkeypatch):
    monkeypatch.chdir(workshop)
    words = example(FUNCTIONS[name])
    result = CliRunner().invoke(app, words)
    assert result.exit_code == 0, result.stderr
    assert words[0] == name


@pytest.mark.parametrize("name", FUNCTIONS)
def test_every_option_has_help(name):
    for parameter in typer.main.get_command(app).get_command(None, name).params:
        assert parameter.help, parameter.name


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("specrob train-kh --data ci", {"cifar10", "cifar100"}),
        ("specrob attack --method ", {"random", "fgsm", "pgd", "minimal", "noise"}),
        ("specrob train-sup --penalty ja", {"jacobian=", "jacobian-sum="}),
        ("specrob spectrum --arch sh", {"shlp"}),
        ("specrob crit", {"crit-dist"}),
    ],
)
def test_tab_offers_what_fits(typed, offered):
    at = str(len(typed.split(" ")) - 1)
    found = generate.run(_SPECROB_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=at)
    assert set(found.split()) == offered


def test_words_for_completion_are_those_of_the_tables():
    from specrob.measures.attacks import LOSSES
    from specrob.measures.attacks.pgd import STEPS
    from specrob.measures.power_law import WEIGHTINGS
    from specrob.norm_balls import NORMS

    for name, choices in {
        ("attack", "norm"): NORMS,
        ("attack", "loss"): LOSSES,
        ("attack", "step"): STEPS,
        ("fit-alpha", "weighting"): WEIGHTINGS,
    }.items():
        assert choices_of(*name) == set(choices)


def choices_of(command, option):
    """Return the words that an option's annotation allows."""
    wanted, *_ = get_args(signature(FUNCTIONS[command]).parameters[option].annotation)
    literals = [a for a in (wanted, *get_args(wanted)) if get_origin(a) is Literal]
    return set(get_args(literals[0]))


def test_version_and_module():
    result = subprocess.run(
        [sys.executable, "-m", "specrob", "--version"],
        capture_output=True,
        text=True,
        env={**os.environ, "COLUMNS": "80"},
        check=True,
    )
    from specrob import __version__

    assert result.stdout == f"specrob {__version__}\n"
