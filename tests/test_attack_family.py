"""An attack of another package is as good as a built-in one."""

import json
import sys
import types
from dataclasses import dataclass
from typing import Annotated

import numpy as np
import pytest
import torch
from typer.testing import CliRunner

from specrob import artifacts
from specrob.cli import app
from specrob.measures.attacks import PreparedAttack, step_along
from specrob.registry import ATTACKS, Row
from specrob.settings.attack import Attack
from specrob.settings.flag import Flag


@dataclass(frozen=True)
class Darken(Attack):
    """Subtract the same number from every pixel, a share of eps."""

    name = "darken"
    default_norm = "linf"
    norms = ("linf",)
    weaker = "random"

    share: Annotated[float, Flag("Share of eps.", above=0)] = 1.0

    def prepare(self, batch):
        def perturb(rows, eps):
            images = batch.images[rows]
            down = -self.share * torch.ones_like(images)
            return step_along(images, down, eps=eps, bounds=batch.bounds.take(rows))

        return PreparedAttack(perturb)


@pytest.fixture
def model(monkeypatch, tmp_path):
    """Install the attack as an entry point would, and return a small network."""
    module = types.ModuleType("darkening")
    module.Darken = Darken
    monkeypatch.setitem(sys.modules, "darkening", module)
    monkeypatch.setitem(vars(ATTACKS), "installed", {"darken": Row("darkening:Darken")})
    path = tmp_path / "bp.safetensors"
    run("train-sup", "--arch", "shlp", "--hidden", 20, "--epochs", 5, "-o", path)
    return path


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.stderr
    return result


def test_it_is_listed_in_help(model):
    assert "darken" in run("attack", "--help").stdout


def test_it_makes_curves_with_its_facts(model):
    words = ("attack", model, "--eps", "0,0.1,1", "--limit", 60, "--method")
    whole = json.loads(run(*words, "darken").stdout)
    assert (whole["method"], whole["norm"], whole["options"]) == ("darken", "linf", {})
    assert whole["relative_accuracy"][0] == 1 > whole["relative_accuracy"][2]
    half = json.loads(run(*words, "darken,share=0.5").stdout)
    assert half["options"] == {"share": 0.5}
    assert half["relative_accuracy"][2] > whole["relative_accuracy"][2]
    for refused in (("--norm", "l2"), ("--steps", 3)):
        assert f"{refused[0]}: expected" in run(*words, "darken", *refused, code=2).stderr


def test_it_has_distances_and_levels(model, tmp_path):
    run("crit-dist", model, "--method", "darken", "--limit", 60, "-o", tmp_path / "d.npz")
    found = artifacts.read(str(tmp_path / "d.npz"))
    assert found.fields["method"] == "darken"
    fooled = found.arrays["status"] == "fooled"
    assert 0 < fooled.sum() <= (found.arrays["prediction"] == found.arrays["label"]).sum()
    words = ("--eps", "0.3", "--levels", 17, "--limit", 20, "--save", tmp_path / "x.npz")
    run("attack", model, "--method", "darken", *words)
    steps = 16 * artifacts.read(str(tmp_path / "x.npz")).arrays["x"]
    np.testing.assert_allclose(steps, steps.round(), atol=1e-5)


def test_it_trains_against_itself(model):
    words = ("train-sup", "--arch", "shlp", "--hidden", 20, "--epochs", 5)
    plain = artifacts.read(str(model)).arrays
    made = CliRunner().invoke(app, [*map(str, words), "--adversarial", "darken,eps=0.3"])
    assert made.exit_code == 0, made.stderr
    trained = artifacts.decode(made.stdout_bytes).arrays
    assert any((trained[name] != plain[name]).any() for name in plain)
