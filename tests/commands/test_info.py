import json
from dataclasses import replace

import pytest

from specrob import __version__, artifacts


def test_it_shows_the_chain_and_the_commands(run, tmp_path):
    kh, hybrid, spectrum = (str(tmp_path / n) for n in ("kh.st", "hybrid.st", "s.npz"))
    lines = [
        ["train-kh", "--hidden", "5", "--epochs", "1", "-o", kh],
        ["train-sup", kh, "--epochs", "1", "-o", hybrid],
        ["spectrum", hybrid, "-o", spectrum],
    ]
    for line in lines:
        run(*line)
    text = run("info", spectrum).stdout
    for line in lines:
        assert "specrob " + " ".join(line) in text
    assert "digits (scikit-learn)" in text
    assert artifacts.read(spectrum).digest in text


def test_pipes_are_shown_as_pipes_and_the_commands_give_the_same(run):
    kh = run("train-kh", "--hidden", 5, "--epochs", 1).stdout_bytes
    made = run("train-sup", "--epochs", 1, input=kh).stdout_bytes
    found = json.loads(run("info", "--json", input=made).stdout)
    assert found["script"] == [
        "specrob train-kh --hidden 5 --epochs 1 | specrob train-sup --epochs 1"
    ]
    again = b""
    for command in found["script"][0].split(" | "):
        again = run(*command.split()[1:], input=again).stdout_bytes
    assert artifacts.decode(again).digest == found["digest"]


def test_redirected_outputs_are_shown_as_such(run, tmp_path):
    path = tmp_path / "kh.st"
    path.write_bytes(run("train-kh", "--hidden", 5, "--epochs", 1).stdout_bytes)
    made = run("prune", path).stdout_bytes
    script = json.loads(run("info", "--json", input=made).stdout)["script"]
    assert script == [f"specrob train-kh --hidden 5 --epochs 1 > {path}", f"specrob prune {path}"]


def test_json_has_null_for_what_is_not_finite(run, models):
    made = run("crit-dist", models["shlp"], "--max-eps", "1e-9", "--limit", 20).stdout_bytes
    found = json.loads(run("info", "--json", input=made).stdout)
    assert found["summary"]["median distance"] is None
    assert found["summary"]["censored"] > 10


def test_raw_arrays_are_listed(run, tmp_path):
    import numpy as np

    np.savez(tmp_path / "x.npz", x=np.zeros((3, 2)))
    assert "float64 (3, 2)" in run("info", tmp_path / "x.npz").stdout


@pytest.mark.parametrize(
    ("own", "before", "told"),
    [
        ("0.1.0", "0.1.0", "made by specrob 0.1.0: its commands give other numbers since 0.2.0"),
        ("0.2.0", "0.1.3", "made from results of specrob 0.1.3: its commands give other numbers"),
        ("0.1.0", "0.1.3", "made by specrob 0.1.0 and 0.1.3: its"),
        (__version__, __version__, None),
        ("0.10.0", "1.1.0", None),
    ],
)
def test_what_an_older_version_made_is_told(run, models, tmp_path, own, before, told):
    found = artifacts.read(str(models["hybrid"]))
    (layer,) = found.provenance.inputs
    layer = replace(layer, provenance=replace(layer.provenance, version=before))
    history = replace(found.provenance, version=own, inputs=(layer,))
    path = str(tmp_path / "old.safetensors")
    artifacts.write(replace(found, provenance=history), path)
    lines = [line for line in run("info", path).stdout.splitlines() if "other numbers" in line]
    assert len(lines) == (1 if told else 0)
    assert not told or lines[0].startswith(told)
    assert json.loads(run("info", "--json", path).stdout)["outdated"] == (
        lines[0] if told else None
    )


def test_several_files_are_a_block_each(run, models):
    files = [str(models["kh"]), str(models["shlp"])]
    alone = [run("info", file).stdout for file in files]
    blocks = run("info", *files).stdout
    for file, text in zip(files, alone, strict=True):
        digest = artifacts.read(file).digest
        block = blocks[blocks.index(file) :]
        assert digest in block and text.splitlines()[-1] in block
    assert [line.split()[1] for line in blocks.splitlines() if line.startswith("file ")] == files
    assert "\n\nfile " in blocks and "\n\n\n" not in blocks


def test_several_files_are_an_array_and_one_is_an_object(run, models):
    files = [models["kh"], models["shlp"]]
    found = json.loads(run("info", "--json", *files).stdout)
    alone = [json.loads(run("info", "--json", file).stdout) for file in files]
    assert found == [{"file": str(f), **one} for f, one in zip(files, alone, strict=True)]


def test_seeds_are_several_files(run, models, tmp_path):
    for seed in (0, 1):
        (tmp_path / f"kh-{seed}").write_bytes(models["kh"].read_bytes())
    found = json.loads(run("info", "--json", tmp_path / "kh-{seed}").stdout)
    assert [one["file"] for one in found] == [str(tmp_path / f"kh-{seed}") for seed in (0, 1)]
