"""{seed} in the name of a file: every measure runs for each, as if it were run alone."""

import pytest
from typer.testing import CliRunner

from specrob.artifacts import read
from specrob.cli import app

MEASURES = [
    ["spectrum", "-o", "{seed}.spectrum.npz"],
    ["attack", "--method", "fgsm", "--limit", "20", "-o", "{seed}.attack.json"],
    ["crit-dist", "--method", "fgsm", "--limit", "20", "-o", "{seed}.dist.npz"],
    ["smoothness", "--limit", "20", "-o", "{seed}.smooth.json"],
    ["landscape", "--points", "3", "-o", "{seed}.plane.npz"],
    ["sensitivity", "--ranks", "1", "-o", "{seed}.maps.npz"],
    ["dimension", "--layer", "input", "--limit", "40", "-o", "{seed}.dimension.json"],
]


@pytest.fixture(scope="module")
def networks(tmp_path_factory):
    folder = tmp_path_factory.mktemp("members")
    words = ["train-sup", "--arch", "shlp", "--hidden", "5", "--epochs", "1", "--seeds", "0,2"]
    result = CliRunner().invoke(app, [*words, "-o", str(folder / "n-{seed}.safetensors")])
    assert result.exit_code == 0, result.stderr
    return folder


@pytest.mark.parametrize("words", MEASURES, ids=lambda words: words[0])
def test_a_measure_runs_for_each_as_alone(networks, words, monkeypatch):
    monkeypatch.chdir(networks)
    name, *options = words
    result = CliRunner().invoke(app, [name, "n-{seed}.safetensors", *options])
    assert result.exit_code == 0, result.stderr
    said = [line.split(":")[0] for line in result.stderr.splitlines()]
    assert said == [f"specrob {name} n-{seed}.safetensors" for seed in (0, 2)]
    target = words[-1].replace("{seed}", "2")
    member = read(target)
    alone = [name, "n-2.safetensors", *options[:-1], f"alone.{target}"]
    assert CliRunner().invoke(app, alone).exit_code == 0
    assert member.digest == read(f"alone.{target}").digest
    assert member.provenance.command == ("specrob", *alone[:-1], target)


def test_the_next_step_takes_the_members_too(networks, monkeypatch):
    monkeypatch.chdir(networks)
    steps = (
        ["spectrum", "n-{seed}.safetensors", "-o", "n-{seed}.spectrum.npz", "-q"],
        ["fit-alpha", "n-{seed}.spectrum.npz", "--range", "1:12", "-o", "n-{seed}.json"],
    )
    first, second = (CliRunner().invoke(app, words) for words in steps)
    assert first.exit_code == 0
    assert second.exit_code == 1
    assert second.stderr.startswith("specrob fit-alpha n-0.spectrum.npz: --range: expected")


@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["-o", "x.json"], 2, "--output: expected a file with {seed} in its name"),
        ([], 2, "found stdout"),
        (["--weights", "initial", "-o", "x-{seed}.json"], 2, "in the name of what is read too"),
        (["-o", "x-{seed}.json", "--save", "y.npz"], 2, "--save: expected a file with {seed}"),
        (["-o", "x-{seed}.json"], 1, "expected files such as zz-0.safetensors, found none"),
    ],
)
def test_members_never_share_a_file(networks, monkeypatch, words, code, said):
    monkeypatch.chdir(networks)
    model = "zz-{seed}.safetensors" if code == 1 else "n-{seed}.safetensors"
    model = "n-0.safetensors" if "read too" in said else model
    result = CliRunner().invoke(app, ["attack", model, *words])
    assert result.exit_code == code
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
