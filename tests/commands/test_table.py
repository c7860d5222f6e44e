"""specrob table: every number once, with its conditions, in three formats."""

import csv
import io
import json

import pytest
import torch
from typer.testing import CliRunner

from specrob.artifacts import read
from specrob.cli import app
from specrob.models import build
from specrob.quantities.rows import COLUMNS
from specrob.quantities.table import quantities_of


def run(*words):
    return CliRunner().invoke(app, ["table", *map(str, words)])


def test_every_number_of_a_folder_stands_in_the_table_once(workshop):
    result = run(workshop)
    assert result.exit_code == 0, result.stderr
    rows = list(csv.DictReader(io.StringIO(result.stdout)))
    assert tuple(rows[0]) == COLUMNS
    for file in workshop.iterdir():
        if file.suffix in (".npz", ".json", ".safetensors"):
            expected = sorted(one.name for one in quantities_of(read(str(file))))
            assert sorted(r["quantity"] for r in rows if r["file"] == file.name) == expected


def test_a_number_has_its_conditions(workshop):
    found = json.loads(
        run(workshop / "robustness.json", "--at", "1/10", "--format", "json").stdout
    )
    curve = read(str(workshop / "robustness.json")).fields
    robust = next(row for row in found if row["quantity"] == "robust_accuracy")
    assert robust["value"] == curve["robust_accuracy"][1]
    assert robust["low"] < robust["value"] < robust["high"]
    expected = {"method": "fgsm", "norm": "linf", "bounds": "valid", "eps": 0.1, "n": 50}
    expected |= {"split": "test", "seed": 0, "network": "robustness", "layer": None}
    assert {name: robust[name] for name in expected} == expected


def test_markdown_leaves_out_empty_columns(workshop, tmp_path):
    assert run(workshop, "--quantity", "alpha", "-o", tmp_path / "t.md").exit_code == 0
    head, _, row = (tmp_path / "t.md").read_text().splitlines()
    assert "range" in head
    assert "method" not in head
    assert row.count("|") == head.count("|")


def test_control_characters_of_a_file_are_not_printed(workshop, tmp_path):
    curve = json.loads((workshop / "robustness.json").read_text())
    (tmp_path / "evil.json").write_text(json.dumps({**curve, "loss": "\x00\x1b[31m"}))
    for form in ("csv", "md"):
        shown = run(tmp_path / "evil.json", "--format", form).stdout
        assert shown
        assert not {"\x00", "\x1b"} & set(shown)


def test_seeds_of_one_recipe_have_one_name(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    words = ["train-sup", "--arch", "linear", "--epochs", "1", "--seeds", "3,4"]
    assert CliRunner().invoke(app, [*words, "-o", "one-{seed}.safetensors"]).exit_code == 0
    measure = ["attack", "one-{seed}.safetensors", "--method", "fgsm", "--limit", "20"]
    assert CliRunner().invoke(app, [*measure, "-o", "one-{seed}.json"]).exit_code == 0
    rows = json.loads(run("one-{seed}.json", "--format", "json").stdout)
    assert {(row["network"], row["seed"]) for row in rows} == {("one", 3), ("one", 4)}


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["--quantity", "alhpa"], "did you mean `alpha`?"),
        (["--where", "layr=x"], "did you mean `layer`?"),
        (["--where", "layer"], "expected NAME=VALUE"),
        (["--where", "layer=nope"], "expected numbers of that description"),
        (["-o", "x.txt"], "expected a name in .csv, .json or .md"),
    ],
)
def test_what_is_wrong_is_said(workshop, words, said):
    result = run(workshop, *words)
    assert result.exit_code in (1, 2)
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1


def test_networks_of_ones_own_are_seeds_by_their_names(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for scale, name in enumerate(("net-1", "net-2", "other"), 1):
        weights = build("linear", (1, 8, 8), 10, {}).state_dict()
        torch.save({key: scale * value for key, value in weights.items()}, f"{name}.pt")
        words = ["import", f"{name}.pt", "--arch", "linear", "--data", "digits"]
        result = CliRunner().invoke(app, [*words, "-o", f"{name}.safetensors"])
        assert result.exit_code == 0, result.stderr
    rows = json.loads(run(".", "--quantity", "test_accuracy", "--format", "json").stdout)
    assert [(row["network"], row["seed"]) for row in rows] == [
        *(("net", 1), ("net", 2), ("other", None)),
    ]
