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
        *(
            ["crit-dist", hybrid, "--method", "fgsm", "--limit", "20", "--shard", f"{number}/2"]
            + ["-o", str(folder / f"shard-{number}.safetensors")]
            for number in (1, 2)
        ),
    ]
    for line in lines:
        result = runner.invoke(app, line)
        assert result.exit_code == 0, result.stderr
    network = build("mlp", (1, 8, 8), 10, {"activation": "tanh"})
    torch.save(network.state_dict(), folder / "net.pt")
    words = ["--arch", "mlp,activation=tanh", "--data", "digits", "-q", "-o"]
    made = ["import", str(folder / "net.pt"), *words, str(folder / "net.safetensors")]
    assert runner.invoke(app, made).exit_code == 0
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
        ("specrob attack --method ", {"random", "fgsm", "pgd", "minimal", "worst", "noise"}),
        ("specrob train-sup --penalty ja", {"jacobian=", "jacobian-sum="}),
        ("specrob spectrum --arch sh", {"shlp"}),
        ("specrob crit", {"crit-dist"}),
        ("specrob plot --part ja", {"jacobian_norm"}),
        ("specrob plot --relate alpha,ac", {"alpha,accuracy"}),
        ("specrob spectrum --normalize ", {"none", "l2", "l3", "standard", "half", "mean="}),
        ("specrob sensitivity --layer la", {"latent"}),
        ("specrob crit-dist --method mi", {"minimal"}),
    ],
)
def test_tab_offers_what_fits(typed, offered):
    at = str(len(typed.split(" ")) - 1)
    found = generate.run(_SPECROB_COMPLETE="complete_bash", COMP_WORDS=typed, COMP_CWORD=at)
    assert set(found.split()) == offered


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        (
            "spectrum kh.safetensors --layer ",
            {"input", "hidden", "latent", "penultimate", "logits", "readout"},
        ),
        ("spectrum net.safetensors --layer blocks.1", {"blocks.1", "blocks.1.map"}),
        ("landscape net.safetensors --layer rea", {"readout"}),
        ("fit-alpha spectrum.npz --layer ", {"hidden"}),
        ("fit-alpha net.pt --layer ", set()),
    ],
)
def test_tab_offers_the_layers_of_the_file(workshop, monkeypatch, typed, offered):
    monkeypatch.chdir(workshop)
    words = f"specrob {typed}"
    at = str(len(words.split(" ")) - 1)
    found = generate.run(_SPECROB_COMPLETE="complete_bash", COMP_WORDS=words, COMP_CWORD=at)
    assert set(found.split()) == offered


@pytest.mark.parametrize("typed", ["spectrum net.safetensors --layer ", "plot --relate a"])
def test_tab_loads_nothing_heavy(workshop, monkeypatch, typed):
    monkeypatch.chdir(workshop)
    code = """
import atexit, sys
heavy = {"torch", "numpy", "scipy", "matplotlib", "safetensors"}
atexit.register(lambda: print("loaded:", *sorted(heavy & set(sys.modules))))
from specrob.cli import app
app(prog_name="specrob")
"""
    words = f"specrob {typed}"
    complete = {"_SPECROB_COMPLETE": "complete_bash", "COMP_WORDS": words}
    complete["COMP_CWORD"] = str(len(words.split(" ")) - 1)
    found = subprocess.run(
        [sys.executable, "-c", code],
        env={**os.environ, **complete},
        capture_output=True,
        text=True,
    )
    lines = found.stdout.splitlines()
    assert len(lines) > 2 and lines[-1] == "loaded:"


def test_words_for_completion_are_those_of_the_tables():
    from specrob.quantities.local_smoothness import MEASURES
    from specrob.quantities.names import RELATED
    from specrob.registry import FIGURES, LOCAL_MEASURES
    from specrob.settings.tables import RELATED_NAMES

    assert sorted(RELATED_NAMES) == sorted(RELATED)
    for name, row in FIGURES.rows.items():
        assert row.tags == tuple(FIGURES[name].parts)
    from specrob.measures.attacks import LOSSES
    from specrob.measures.attacks.pgd import STEPS
    from specrob.measures.local_smoothness import PREDICTORS
    from specrob.measures.power_law import WEIGHTINGS
    from specrob.norms import NORMS

    assert tuple(MEASURES) == LOCAL_MEASURES == (*PREDICTORS, "certified_distance")
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
