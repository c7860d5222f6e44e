"""specrob compare: groups by names with {seed}, and claims."""

import json

import numpy as np
import pytest
from typer.testing import CliRunner

from specrob.artifacts import read, write
from specrob.cli import app
from synthetic_members import curve

CLAIMS = """
[[claim]]
id = "robust"
text = "A keeps more labels than B"
paper = "yes"
kind = "greater"
quantity = "relative_accuracy"
where = {eps = 0.1}
a = "a-{seed}"
b = "b-{seed}"

[[claim]]
id = "all"
kind = "all"
all = ["robust"]
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    rng = np.random.default_rng(0)
    for name, share in (("a", 0.7), ("b", 0.3)):
        for seed in range(3):
            one = curve(f"{name}-{seed}", rng.random(300) < share)
            write(one.entries[0].artifact, f"{name}-{seed}.json")
    (tmp_path / "claims.toml").write_text(CLAIMS)
    return tmp_path


def run(*words):
    return CliRunner().invoke(app, ["compare", *words])


def test_two_groups_are_compared_over_seeds(folder):
    result = run(
        "a-{seed}.json", "b-{seed}.json", "--quantity", "relative_accuracy", "-o", "c.json"
    )
    assert result.exit_code == 0, result.stderr
    assert result.stderr.startswith("specrob compare: yes: a and b differ in relative accuracy")
    (one,) = read("c.json").fields["answers"]
    assert one["effect"] == pytest.approx(0.4, abs=0.1)
    assert one["low"] < one["effect"] < one["high"]
    assert one["images"] == 300


def test_without_a_quantity_all_that_both_have_is_compared(folder):
    result = run("a-{seed}.json", "b-{seed}.json")
    found = json.loads(result.stdout)["answers"]
    assert [one["quantity"] for one in found] == [
        *("clean_accuracy", "relative_accuracy", "robust_accuracy"),
    ]
    clean = found[0]  # all images are correct in all networks
    assert (clean["effect"], clean["verdict"]) == (0, "undecided")


def test_what_is_not_compared_is_said_in_one_line_and_kept(folder):
    for seed in range(3):
        one = curve(f"b-{seed}", [True, False, False], eps=0.2)
        write(one.entries[0].artifact, f"b-{seed}.json")
    result = run("a-{seed}.json", "b-{seed}.json", "-o", "c.json")
    assert result.exit_code == 0, result.stderr
    reason = "eps 0.1 of a and 0.2 of b"
    last = result.stderr.splitlines()[-1]
    assert last.endswith(f"not compared: relative_accuracy, robust_accuracy ({reason})")
    assert read("c.json").fields["not_compared"] == [
        {"quantity": name, "reason": reason} for name in ("relative_accuracy", "robust_accuracy")
    ]
    assert [one["quantity"] for one in read("c.json").fields["answers"]] == ["clean_accuracy"]
    report = CliRunner().invoke(app, ["report", ".", "-o", "-"]).stdout
    assert f"Not compared: relative_accuracy, robust_accuracy ({reason})" in report


def test_not_worse_takes_its_margin_from_the_command_line_or_a_claim(folder):
    words = ["--kind", "not-worse", "--margin", "0.05", "--quantity", "robust_accuracy"]
    result = run("a-{seed}.json", "b-{seed}.json", *words)
    assert "yes: a not worse than b in robust accuracy" in result.stderr
    assert "no: b not worse than a" in run("b-{seed}.json", "a-{seed}.json", *words).stderr
    claim = CLAIMS.replace('"greater"', '"not-worse"\nmargin = "5%"')
    (folder / "claims.toml").write_text(claim)
    assert "yes: robust: " in run("--claims", "claims.toml", ".").stderr


def test_claims_are_answered_from_a_folder(folder):
    result = run("--claims", "claims.toml", ".", "-o", "answers.json")
    assert result.exit_code == 0, result.stderr
    answers = read("answers.json").fields["answers"]
    assert [(one["id"], one["verdict"]) for one in answers] == [("robust", "yes"), ("all", "yes")]
    assert (
        "yes: robust: A keeps more labels than B [relative accuracy pgd linf at 0.1]: difference"
        in result.stderr
    )
    assert CliRunner().invoke(app, ["info", "answers.json"]).exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["a-{seed}.json"], "expected results of two groups A B, found 1"),
        (["a-{seed}.json", "z-{seed}.json"], "expected files such as z-0.json, found none"),
        (["a-0.json", "b-0.json", "--kind", "equivalent"], "expected --margin beside equivalent"),
        (["a-0.json", "b-0.json", "--kind", "not-worse"], "expected --margin beside not-worse"),
        (
            [
                *("a-0.json", "b-0.json", "--kind", "not-worse", "--margin", "1"),
                *("--quantity", "r2"),
            ],
            "beside not-worse, found `r2`; ... whether it is equivalent, less or greater",
        ),
        (["a-0.json", "b-0.json", "--margin", "x"], "expected a margin above 0 such as 0.02"),
        (["a-0.json", "b-0.json", "--quantity", "alpha"], "expected alpha of a-0, found none"),
        (["--claims", "claims.toml", ".", "--at", "0.1"], "expected no --at beside it"),
        (["--claims", "claims.toml", ".", "--kind", "less"], "expected no --kind beside it"),
        (["claims.toml", "."], "found a file of claims, claims.toml; write --claims before it"),
        (["a", "b"], "found no such file as a; A and B are files; groups are asked about by name"),
        (["a-{seed}.json", "b-{seed}.json", "--at", "0.03"], "with eps 0.03, ... found eps 0.1;"),
        (["a-0.json", "b-0.json", "--where", "eps=1/0"], "a number such as 0.03 or 8/255"),
        (["a-0.json", "b-0.json", "--where", "eps=1", "--at", "2"], "one value of eps"),
        (["--claims", "nope.toml", "."], "no such file"),
        (
            ["--claims", "a-0.json", "."],
            "a-0.json: Invalid statement (at ... expected TOML",
        ),
    ],
)
def test_what_is_wrong_is_said_in_one_line(folder, words, said):
    result = run(*words)
    assert result.exit_code in (1, 2)
    assert all(part in result.stderr for part in said.split(" ... "))
    assert len(result.stderr.splitlines()) == 1


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("a = ", "aa = "), "claim 1: found aa; did you mean a?"),
        (('kind = "greater"', 'kind = "grater"'), "found grater; did you mean greater?"),
        (('all = ["robust"]', 'all = ["later"]'), "as its parts, found `later`"),
        (('id = "all"', 'id = "robust"'), "found `robust` twice"),
        (('b = "b-{seed}"', ""), "expected b or where_b beside greater"),
        (
            ('b = "b-{seed}"', 'b = "z-{seed}"'),
            "claim `robust`: expected networks called z-{seed}",
        ),
        (('"relative_accuracy"', '["alpha", "x"]'), "expected quantity = [x, y]"),
        (("0.1", "0.2"), "expected relative_accuracy of a-0 with eps 0.2, found eps 0.1; "),
        (('"greater"', '"not-worse"'), "expected margin beside not-worse"),
        (
            (
                '"greater"\nquantity = "relative_accuracy"',
                '"not-worse"\nmargin = 1\nquantity = "alpha"',
            ),
            "expected a quantity of which more is better beside not-worse, found alpha",
        ),
        (('b = "b-{seed}"', 'b = "a-{seed}"'), "expected two groups, found a-{seed} twice"),
        (('id = "robust"', "id = 1"), "claims.toml: claim 1: Expected str, got int - at $.id"),
        (("[[claim]]", "[[claims]]"), "claims.toml: expected claims alone, found claims; write"),
        ((CLAIMS, "claim = []"), "claims.toml: expected claims, found none; write [[claim]]"),
        (("where = {eps = 0.1}", "value = 1"), "claim robust: expected no value beside greater"),
        (("where = {eps = 0.1}", "margin = -1"), "claim robust: expected a margin above 0 such"),
    ],
)
def test_a_claim_that_cannot_be_answered_is_named(folder, change, said):
    (folder / "claims.toml").write_text(CLAIMS.replace(*change))
    result = run("--claims", "claims.toml", ".")
    assert result.exit_code == 1
    assert said in result.stderr
    assert len(result.stderr.splitlines()) == 1
