"""Files that say anything: what tests/fuzz found, one by one."""

import json
from dataclasses import replace

import numpy as np

from specrob import artifacts
from specrob.experiments.checkpoint_contents import with_checksum
from specrob.measures.dimension import corrected_participation_ratio, participation_ratio


def test_an_epoch_that_is_no_number_is_left_out(run, tmp_path):
    kept = tmp_path / "kept.st"
    run("train-kh", "--hidden", 4, "--epochs", 1, "--checkpoint", kept, "-o", tmp_path / "kh.st")
    state = artifacts.read(str(kept))
    fields = {**state.fields, "state": {**state.fields["state"], "epoch": ["x"]}}
    artifacts.write(with_checksum(replace(state, fields=fields)), str(kept))
    assert "epochs done" not in run("info", kept).stdout


def test_accuracies_beyond_any_axis_are_drawn(run, workshop, tmp_path, recwarn):
    curve = json.loads((workshop / "robustness.json").read_text())
    huge = [1e308 for _ in curve["eps"]]
    (tmp_path / "a.json").write_text(json.dumps(curve | {"relative_accuracy": huge}))
    run("plot", tmp_path / "a.json", "-o", tmp_path / "a.png")
    assert (tmp_path / "a.png").exists() and not recwarn.list


def test_names_of_layers_move_no_cursor(run, workshop, tmp_path):
    spectrum = artifacts.read(str(workshop / "spectrum.npz"))
    layer = np.array(["\x1b[31mred"] * len(spectrum.arrays["layer"]))
    evil = replace(spectrum, arrays={**spectrum.arrays, "layer": layer})
    artifacts.write(evil, str(tmp_path / "s.npz"))
    said = run(
        "fit-alpha", tmp_path / "s.npz", "--range", "2:12", "-o", tmp_path / "a.json"
    ).stderr
    assert "?[31mred" in said and "\x1b" not in said


def test_images_at_a_path_that_cannot_be_are_a_broken_history(run, workshop, tmp_path):
    model = artifacts.read(str(workshop / "bp.safetensors"))
    nowhere = replace(model.provenance.data, source="a\0b.npz")
    evil = replace(model, provenance=replace(model.provenance, data=nowhere))
    artifacts.write(evil, str(tmp_path / "bp.safetensors"))
    words = [
        "crit-dist",
        tmp_path / "bp.safetensors",
        "--method",
        "fgsm",
        "-o",
        tmp_path / "d.npz",
    ]
    assert "its history is not one" in run(*words, code=1).stderr


def test_eigenvalues_near_the_end_of_float64_have_dimensions():
    values = np.arange(1.0, 51) ** -1.5
    for measure in (participation_ratio, lambda x: corrected_participation_ratio(x, 1000)):
        assert measure(values * 2.0**900) == measure(values) > 1


def test_words_that_no_font_has_are_drawn(run, workshop, tmp_path, caplog):
    curve = json.loads((workshop / "robustness.json").read_text())
    (tmp_path / "a.json").write_text(json.dumps(curve | {"norm": "\0"}))
    run("plot", tmp_path / "a.json", "-o", tmp_path / "a.png")
    assert (tmp_path / "a.png").exists() and not caplog.records
