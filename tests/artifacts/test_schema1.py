"""Files of schema 1 stay readable: every command takes the samples that 0.1 and 0.2 wrote.

`schema1/commands.sh` and `schema1/0.1/commands.sh` made the samples; they are not made again.
"""

import io
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from typer.testing import CliRunner

import specrob
from specrob.cli import app

SAMPLES = Path(__file__).parent / "schema1"
KINDS = {  # of the files of a folder, by the end of their names
    **dict.fromkeys((".spectrum.npz",), "spectrum"),
    **dict.fromkeys((".alpha.json",), "power-law"),
    **dict.fromkeys((".fgsm.json", "minimal.json", "adversarial.json", "attack.json"), None),
    **dict.fromkeys((".minimal.npz", "censored.npz", "dist.npz"), "distances"),
    "adversarial.npz": "adversarial",
    "landscape.npz": "landscape",
    "sensitivity.npz": "sensitivity",
    ".smoothness.json": "smoothness",
    **dict.fromkeys(("recordings.npz", "responses.npz"), "arrays"),
    "raw.safetensors": "weights",
    **{f"kept.{run}.safetensors": "checkpoint" for run in ("kh", "sup", "dist", "attack")},
    ".safetensors": "model",
}
FILES = sorted(
    str(path.relative_to(SAMPLES))
    for path in SAMPLES.rglob("*")
    if path.suffix in (".safetensors", ".npz", ".json")
)
# what `info` prints of a sample, among other words
NUMBERS = {
    "layer.safetensors": ["1x8x8", "l3", "never winning"],
    "attempts.safetensors": ["never winning", "0, 0 units"],
    "dropped.safetensors": ["8 (of 16 units)", "0.9"],
    "kh.safetensors": ["0.5588", "0.5222"],
    "kh-norm.safetensors": ["0.7411", "0.6889"],
    "bp.safetensors": ["0.9861", "0.9611"],
    "standard.safetensors": ["0.9812", "0.9583", "standard"],
    "whitened.safetensors": ["0.9812", "0.9694"],
    "resized.safetensors": ["1x6x6", "0.8699", "0.8667"],
    "factory.safetensors": ["0.9235", "0.9111", "networks:small"],
    "kh.spectrum.npz": ["33.25", "0.3144", "112.3", "0.1625"],
    "cv.spectrum.npz": ["2.111", "0.2441"],
    "kh.alpha.json": ["1.808", "0.1243", "0.9506", "1.701", "1.562 to 1.839", "1.203"],
    "bootstrap.alpha.json": ["3.313", "3.223", "3.062 to 3.385"],
    "images.alpha.json": ["1.183", "1.063", "0.9556 to 1.171", "1.1 ("],
    "cv.alpha.json": ["1.063", "0.887"],
    "kh.fgsm.json": ["0.55", "0.06061"],
    "kh.minimal.npz": ["0.0574", "0.03916", "0.07189", "33", "27"],
    "bp.minimal.npz": ["0.2039", "0.1864", "0.246", "58"],
    "censored.npz": ["24", "not reached"],
    "whole.dist.npz": ["0.04108", "0.289"],
    "kh.landscape.npz": ["8x8", "1.21e+05", "6.74e+08"],
    "sensitivity.npz": ["0.02531", "0.02815"],
    "kh.smoothness.json": ["19.6", "49.82", "1.214e+04", "9732"],
    "bp.smoothness.json": ["10.06", "20.44", "19.43", "67.58"],
    "0.1/kh.safetensors": ["0.3375", "0.3333", "0.1.0"],
    "0.1/mlp.alpha.json": ["1.315", "0.1111", "0.9396", "0.5489", "0.1.0"],
    "0.1/kh.fgsm.json": ["0.325", "0.1538"],
}
# spectrum, the options of its fit, and the power law that was fitted with them
FITS = {
    "kh.spectrum.npz": (["--range", "2:14", "--noise-range", "3:14"], "kh.alpha.json"),
    "bootstrap.spectrum.npz": (["--range", "2:14", "--map"], "bootstrap.alpha.json"),
    "images.spectrum.npz": (["--range", "2:18", "--weighting", "1/n"], "images.alpha.json"),
    "cv-bootstrap.spectrum.npz": (["--range", "1:12"], "cv.alpha.json"),
    "0.1/mlp.spectrum.npz": (["--range", "1:11"], "0.1/mlp.alpha.json"),
}
MODELS = {  # and the options that they need
    **dict.fromkeys(("kh", "kh-norm", "bp", "standard", "whitened", "mlp-1", "resized"), []),
    **dict.fromkeys(("whole.sup", "0.1/kh", "0.1/mlp"), []),
    "imported": ["--data", "digits"],
    "factory": ["--arch", "networks:small"],
    "raw": ["--arch", "shlp", "--normalize", "l3"],
}
FIGURES = [
    *("layer.safetensors", "bp.safetensors --part history", "mlp-{seed}.safetensors"),
    *("dropped.safetensors --part variances", "0.1/mlp.safetensors"),
    *("kh.spectrum.npz kh.alpha.json", "cv.spectrum.npz", "0.1/kh.spectrum.npz"),
    *("kh.alpha.json", "bootstrap.alpha.json --part map", "cv.alpha.json", "0.1/mlp.alpha.json"),
    *("kh.fgsm.json bp.fgsm.json", "minimal.json", "0.1/kh.fgsm.json"),
    *(
        "kh.minimal.npz bp.minimal.npz --mixed",
        "whole.dist.npz --part distance_l2",
        "adversarial.npz",
    ),
    *("kh.landscape.npz --part label", "sensitivity.npz"),
    "--relate accuracy,distance kh.safetensors bp.safetensors kh.minimal.npz bp.minimal.npz",
    "--relate spectral_norm,relative_accuracy bp.smoothness.json kh.smoothness.json "
    "kh.fgsm.json bp.fgsm.json",
]
CODE = """
from torch import nn


def small():
    return nn.Sequential(nn.Flatten(), nn.Linear(64, 8), nn.ReLU(), nn.Linear(8, 10))
"""


@pytest.fixture(autouse=True)
def in_the_folder(monkeypatch, tmp_path):
    """Run in the folder of the samples, with the code of the factory at hand."""
    (tmp_path / "networks.py").write_text(CODE)
    monkeypatch.syspath_prepend(tmp_path)
    monkeypatch.chdir(SAMPLES)


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.stderr
    return result


def info(name):
    return json.loads(run("info", "--json", name).stdout)


def arrays(source):
    """Return the arrays of a file or of bytes, without what stands beside them."""
    whole = source if isinstance(source, bytes) else Path(source).read_bytes()
    if not whole.startswith(b"PK"):
        return safetensors.numpy.load(whole)
    with np.load(io.BytesIO(whole)) as archive:
        return {name: archive[name] for name in archive.files if name != "meta"}


def near(found, expected, rel):
    """Return whether numbers are close, and null where they were null."""
    same = found is None and expected is None
    return same or expected is not None and found == pytest.approx(expected, rel=rel)


@pytest.mark.parametrize("name", FILES)
def test_every_sample_is_of_its_kind(name):
    kind = next(kind for end, kind in KINDS.items() if name.endswith(end))
    assert info(name)["kind"] == (kind or "robustness")


@pytest.mark.parametrize("name", NUMBERS)
def test_info_shows_their_numbers(name):
    text = run("info", name).stdout
    assert [number for number in NUMBERS[name] if number not in text] == []


@pytest.mark.parametrize(
    ("name", "model"),
    [
        *(("kh.spectrum.npz", "kh.safetensors"), ("kh.minimal.npz", "kh.safetensors")),
        *(("bp.fgsm.json", "bp.safetensors"), ("kh.safetensors", "layer.safetensors")),
        *(("kh.alpha.json", "kh.spectrum.npz"), ("dropped.safetensors", "layer.safetensors")),
        *(("cv.spectrum.npz", "recordings.npz"), ("0.1/mlp.spectrum.npz", "0.1/mlp.safetensors")),
    ],
)
def test_results_know_what_they_were_made_from_by_its_digest(name, model):
    (source,) = info(name)["provenance"]["inputs"]
    assert source["digest"] == info(model)["digest"]


def test_what_0_1_made_is_told():
    assert "0.1.0" in info("0.1/kh.spectrum.npz")["outdated"]
    assert info("kh.spectrum.npz")["outdated"] is None


@pytest.mark.parametrize("name", FITS)
def test_spectra_give_the_exponents_that_they_gave(name):
    words, law = FITS[name]
    found = json.loads(run("fit-alpha", name, *words).stdout)["fits"]
    known = json.loads(Path(law).read_text())["fits"]
    assert len(found) == len(known)
    for one, other in zip(found, known, strict=True):
        for field in ("alpha", "r2", "stderr", "null_alpha", "participation_ratio"):
            assert near(one[field], other[field], 1e-9), field
        if not law.startswith("0.1"):
            for field in ("alpha_corrected", "ci", "bias", "bend", "power_law"):
                assert near(one.get(field), other.get(field), 1e-6), field


@pytest.mark.parametrize("name", ["cv", "initial", "responses", "0.1/kh"])
def test_other_spectra_are_fitted(name):
    words = ["--range", "1:10", "--noise-range", "1:10"]
    for fit in json.loads(run("fit-alpha", f"{name}.spectrum.npz", *words).stdout)["fits"]:
        assert fit["alpha"] is not None


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("kh", ["--noise", "--limit", "100"]),
        ("bp", ["--noise", "--layer", "hidden", "--layer", "latent", "--limit", "60"]),
    ],
)
def test_models_give_the_spectra_that_they_gave(name, words):
    sizes = ["--sizes", "12,16"] if name == "bp" else []
    found = arrays(run("spectrum", f"{name}.safetensors", *words, *sizes).stdout_bytes)
    known = arrays(f"{'layers' if name == 'bp' else name}.spectrum.npz")
    largest = np.nanmax(known["eigenvalues"])
    for key in ("source", "size", "layer", "n_images"):
        np.testing.assert_array_equal(found[key], known[key])
    np.testing.assert_allclose(
        found["eigenvalues"], known["eigenvalues"], rtol=1e-4, atol=1e-6 * largest
    )


@pytest.mark.parametrize("name", MODELS)
def test_models_are_measured(name):
    path, words = f"{name}.safetensors", [*MODELS[name], "--limit", 40]
    assert arrays(run("spectrum", path, *words).stdout_bytes)["eigenvalues"][0, 0] > 0
    attack = ["--method", "fgsm", "--eps", "0,0.05", *words]
    found = json.loads(run("attack", path, *attack).stdout)
    assert found["relative_accuracy"][0] == 1


@pytest.mark.parametrize("name", ["kh", "kh-norm", "bp", "standard", "whitened", "0.1/kh"])
def test_models_answer_as_they_did(name):
    shown = json.loads(run("attack", f"{name}.safetensors", "--eps", "0").stdout)
    known = info(f"{name}.safetensors")["summary"]["test accuracy"]
    assert shown["clean_accuracy"] == pytest.approx(known, abs=1e-6)


def test_distances_are_those_that_they_were():
    words = ["--method", "minimal", "--steps", 20, "--limit", 60]
    found = arrays(run("crit-dist", "bp.safetensors", *words).stdout_bytes)
    known = arrays("bp.minimal.npz")
    np.testing.assert_array_equal(found["status"], known["status"])
    np.testing.assert_allclose(found["distance"], known["distance"], rtol=0.02)


def test_smoothness_is_what_it_was():
    words = ["--limit", 30, "--layer", "latent", "--layer", "logits"]
    found = json.loads(run("smoothness", "bp.safetensors", *words).stdout)
    known = json.loads(Path("bp.smoothness.json").read_text())
    assert found["spectral_norm"] == pytest.approx(known["spectral_norm"], rel=1e-5)
    for one, other in zip(found["jacobian"], known["jacobian"], strict=True):
        assert one["median"] == pytest.approx(other["median"], rel=1e-4)


@pytest.mark.parametrize(
    ("words", "kind"),
    [
        ("prune layer.safetensors", "model"),
        ("prune 0.1/layer.safetensors --threshold 0.9 --drop", "model"),
        ("train-sup layer.safetensors --epochs 1", "model"),
        ("train-sup 0.1/pruned.safetensors --epochs 1 --batch-norm", "model"),
        ("train-sup whitened.safetensors --epochs 1 --limit 100", "model"),
        ("train-sup raw.safetensors --arch shlp --epochs 1 --limit 100", "model"),
        ("spectrum responses.npz", "spectrum"),
        ("spectrum recordings.npz --cv", "spectrum"),
        ("landscape standard.safetensors --points 3 --of logits", "landscape"),
        ("landscape bp.safetensors --points 3 --only kh.minimal.npz", "landscape"),
        ("sensitivity kh-norm.safetensors --ranks 1 --limit 40 --index 0", "sensitivity"),
        ("attack bp.safetensors --eps 0,0.1 --limit 20 --only kh.minimal.npz", "robustness"),
        ("crit-dist kh.safetensors --only adversarial.npz --method fgsm --limit 20", "distances"),
    ],
)
def test_commands_take_them(words, kind, tmp_path):
    run(*words.split(), "-o", tmp_path / "made")
    assert info(tmp_path / "made")["kind"] == kind


RESUMED = {
    "kh": "train-kh --hidden 8 --epochs 3 --limit 200 --attempts 2",
    "sup": "train-sup --arch mlp --hidden 8 --batch-norm --epochs 2 --limit 200 "
    "--penalty spectral=0.1,tau=2,refresh=3",
    "dist": "crit-dist bp.safetensors --method fgsm --limit 30 --batch-size 10",
    "attack": "attack bp.safetensors --method fgsm --eps 0,0.05 --limit 30 --batch-size 10",
}


@pytest.mark.parametrize("name", RESUMED)
def test_checkpoints_are_resumed_or_refused_in_one_line(name, tmp_path):
    """Only the specrob that wrote one may go on from it."""
    words = [*RESUMED[name].split(), "--resume", f"kept.{name}.safetensors"]
    result = CliRunner().invoke(app, [*words, "-o", str(tmp_path / "made")])
    if result.exit_code:
        assert result.exit_code == 1
        assert result.stderr.count("\n") == 1
        assert "expected specrob '0.2.0' as in the checkpoint" in result.stderr
        assert specrob.__version__ != "0.2.0"
        return
    if name == "attack":
        found, known = (
            json.loads(path.read_text()) for path in (tmp_path / "made", Path("whole.attack.json"))
        )
        assert found["relative_accuracy"] == known["relative_accuracy"]
        return
    suffix = "npz" if name == "dist" else "safetensors"
    found, known = arrays(tmp_path / "made"), arrays(f"whole.{name}.{suffix}")
    for key, values in known.items():
        np.testing.assert_array_equal(found[key], values, err_msg=key)


@pytest.mark.parametrize("words", FIGURES)
def test_they_are_drawn(words, tmp_path):
    figure = tmp_path / "figure.svg"
    run("plot", *words.split(), "-o", figure)
    assert figure.read_bytes().startswith(b"<?xml")


def test_a_layout_draws_them(tmp_path):
    (tmp_path / "figure.toml").write_text(
        '[networks]\nkh = "local"\nbp = "plain"\n[[rows]]\npanels = ['
        '{ artifacts = ["{network}.minimal.npz"], mixed = true }, '
        '{ artifacts = ["kh.landscape.npz"] }, '
        '{ artifacts = ["kh.spectrum.npz", "kh.alpha.json"] }]\n'
    )
    figure = tmp_path / "figure.svg"
    run("plot", "--layout", tmp_path / "figure.toml", "--root", ".", "-o", figure)
    assert figure.read_bytes().startswith(b"<?xml")


def test_a_report_holds_their_numbers(tmp_path):
    chosen = ("safetensors", "minimal.npz", "landscape.npz", "alpha.json", "fgsm.json")
    for path in (*SAMPLES.glob("kh.*"), *SAMPLES.glob("bp.*"), *SAMPLES.glob("mlp-*")):
        if path.name.endswith((*chosen, "smoothness.json")):
            shutil.copy(path, tmp_path)
    shutil.copytree("0.1", tmp_path / "old")
    run("report", tmp_path, "-o", tmp_path / "page.md")
    text = (tmp_path / "page.md").read_text()
    for number in ("0.5222", "0.9611", "0.0574", "0.2039", "1.808", "49.82", "19.43", "0.3333"):
        assert number in text, number
    shutil.copytree("0.1", tmp_path / "alone")
    assert "0.3333" in run("report", tmp_path / "alone").stdout  # a page with figures
