"""The examples, whole."""

import importlib.util
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import norm
from typer.testing import CliRunner

from specrob.artifacts import read
from specrob.cli import app
from specrob.data import load_image_set
from specrob.models import build
from specrob.random import make_generator

EXAMPLES = Path(__file__).parents[1] / "examples"
DONE = "Finished jobid"  # as Snakemake says of every job
PATH = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"


@pytest.mark.slow
@pytest.mark.parametrize(
    ("script", "ending"),
    [("smoke.sh", "smoke: all commands ran"), ("quickstart.sh", "artifacts and figures are in")],
)
def test_the_script_runs(script, ending, tmp_path):
    result = subprocess.run(
        ["bash", str(EXAMPLES / script), str(tmp_path / "out")],
        capture_output=True,
        text=True,
        env={**os.environ, "PATH": PATH},
    )
    assert result.returncode == 0, result.stderr
    assert ending in result.stdout


@pytest.fixture(scope="module")
def digits(tmp_path_factory):
    """Return the digits as a file, which opens in a fraction of scikit-learn's second."""
    made, path = {}, tmp_path_factory.mktemp("data") / "digits.npz"
    for split in ("train", "test"):
        part = load_image_set("digits", split)
        made |= {f"x_{split}": part.pixels.numpy(), f"y_{split}": part.labels.numpy()}
    np.savez(path, **made)
    return path


def start_workflow(folder, data, *settings, example="paper_a", flags=(), path=PATH):
    """Start a workflow as its smoke.yaml has it, in a process group of its own."""
    words = ["--cores", "2", "--configfile", str(EXAMPLES / example / "smoke.yaml"), *flags]
    words += ["--config", f"data={data}", *settings, "--directory", str(folder)]
    words += ["--snakefile", str(EXAMPLES / example / "Snakefile")]
    return subprocess.Popen(
        [sys.executable, "-m", "snakemake", *words],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        env={**os.environ, "PATH": path, "OMP_NUM_THREADS": "1"},
        start_new_session=True,
    )


def run_workflow(folder, data, *settings, example="paper_a", path=PATH):
    """Run it to its end; return how many jobs were done."""
    workflow = start_workflow(folder, data, *settings, example=example, path=path)
    told, _ = workflow.communicate()
    assert workflow.returncode == 0, told
    return told.count(DONE)


def would_run(folder, data, *settings):
    """Return what a dry run says."""
    return start_workflow(folder, data, *settings, flags=["--dry-run"]).communicate()[0]


def made_in(folder):
    """Return the files of a run folder that hold results."""
    parts, forms = ("layers", "networks", "measures", "resampled"), ("safetensors", "npz", "json")
    return [f for part in parts for form in forms for f in folder.glob(f"{part}/*.{form}")]


def numbers_of(folder):
    """Return what the files of a run folder hold but where it comes from."""
    read_all = {str(f.relative_to(folder)): read(str(f)) for f in made_in(folder)}
    return {
        name: (found.fields, {k: (v.dtype, v.tobytes()) for k, v in found.arrays.items()})
        for name, found in read_all.items()
    }


CHANGED = {
    **{"hidden": 50, "local_epochs": 90, "readout_epochs": 9, "epochs": 4, "threshold": 1e-9},
    **{"precision": "bfloat16", "images": 50, "few": 30, "sizes": "10,30", "bootstrap": 4},
    **{"points": 9, "attempts": 2, "eps": "0.1,1", "seeds": 2},
}
FIVE = ("controls=", "seeds=0")  # A's networks alone


@pytest.fixture(scope="module")
def whole(tmp_path_factory, digits):
    """Return the run folder of a workflow that nothing stopped, and how many jobs it took."""
    folder = tmp_path_factory.mktemp("whole")
    return folder, run_workflow(folder, digits, *FIVE)


@pytest.mark.slow
def test_a_changed_setting_makes_results_anew(whole, digits):
    folder, _ = whole
    assert "Nothing to be done" in would_run(folder, digits, *FIVE)
    assert "Nothing to be done" in would_run(folder, digits, *FIVE, "device=auto")
    for name, value in CHANGED.items():
        told = would_run(folder, digits, *FIVE, f"{name}={value}")
        assert re.search(r"^total +\d+$", told, re.MULTILINE), name


@pytest.mark.parametrize(
    ("setting", "said"),
    [
        ("epoch=7", "expected settings out of data, networks, controls"),
        ("networks=kh,raw,bp,l2,jreg", "expected specreg in networks"),
    ],
)
def test_what_the_workflow_cannot_do_is_said_before_any_work(tmp_path, digits, setting, said):
    assert said in would_run(tmp_path, digits, setting)


@pytest.mark.slow
@pytest.mark.parametrize(("files", "stop"), [(3, signal.SIGINT), (14, signal.SIGTERM)])
def test_a_stopped_workflow_continues_to_the_same_numbers(tmp_path, whole, digits, files, stop):
    workflow = start_workflow(tmp_path, digits, *FIVE)
    while workflow.poll() is None and len(made_in(tmp_path)) < files:
        time.sleep(0.05)
    os.killpg(workflow.pid, stop)
    done = workflow.communicate()[0].count(DONE)
    folder, jobs = whole
    assert 0 < done < jobs - 1
    assert done + run_workflow(tmp_path, digits, *FIVE) == jobs  # none was done twice
    assert numbers_of(tmp_path) == numbers_of(folder)


def test_the_workflow_of_paper_a_runs_on_the_digits(tmp_path, digits, warm):
    run_workflow(tmp_path, digits, *FIVE, path=f"{warm}{os.pathsep}{PATH}")
    figures = [*range(1, 7), "certified"]
    assert all((tmp_path / "figures" / f"figure{n}.pdf").stat().st_size for n in figures)
    page = (tmp_path / "report.html").read_text()
    for name in ("kh-0", "specreg-0"):
        accuracy = read(str(tmp_path / "networks" / f"{name}.safetensors")).fields["test_accuracy"]
        assert f"<td><div>{accuracy:.4g}" in page
    assert ">Compared with paper A" in page


def test_the_first_experiment_of_paper_b_runs_on_the_digits(tmp_path, digits, warm):
    path = f"{warm}{os.pathsep}{PATH}"
    run_workflow(tmp_path, digits, "parts=one", "resize=0", example="paper_b", path=path)
    assert (tmp_path / "figures" / "figure2.pdf").stat().st_size
    sorted_, plain = (
        read(str(tmp_path / "networks" / f"one-{name}-bn-0.safetensors")).fields["history"]
        for name in ("spec", "van")
    )
    assert len(sorted_["drift latent"]) == 8
    assert "drift latent" not in plain


@pytest.mark.slow
@pytest.mark.parametrize(
    ("example", "file", "claims"),
    [
        ("paper_a", "answers.json", 54),
        ("paper_b", "answers.json", 31),
        ("paper_a/specreg", "answers.json", 11),
        ("paper_d", "answers/measures.json", 39),
    ],
)
def test_whole_workflows_answer_their_claims(tmp_path, warm, example, file, claims):
    path = f"{warm}{os.pathsep}{PATH}"
    images = "digits --resize 20" if example == "paper_d" else "digits"
    run_workflow(tmp_path, images, example=example, path=path)
    answers = read(str(tmp_path / file)).fields["answers"]
    assert len(answers) == claims
    page = (tmp_path / "report.html").read_text()
    assert page.index(answers[0]["text"]) < page.index("At a glance")


@pytest.fixture(scope="module")
def random_distances():
    """Return the example as a module."""
    path = EXAMPLES / "paper_a" / "random_distances.py"
    spec = importlib.util.spec_from_file_location("random_distances", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_random_distances_of_both_kinds_on_the_digits(tmp_path, digits):
    models = [str(tmp_path / f"{name}.safetensors") for name in ("kh", "bp")]
    how = ["--data", str(digits), "--hidden", "40", "--epochs", "20"]
    for words in (
        ["train-kh", *how, "-o", str(tmp_path / "layer.safetensors")],
        ["train-sup", str(tmp_path / "layer.safetensors"), "--epochs", "40", "-o", models[0]],
        ["train-sup", "--arch", "shlp", *how, "--normalize", "l3", "-o", models[1]],
    ):
        assert CliRunner().invoke(app, words).exit_code == 0
    command = [sys.executable, str(EXAMPLES / "paper_a" / "random_distances.py"), str(digits)]
    told = subprocess.check_output([*command, *models, "--images", "80"], text=True)
    _, _, *rows = told.splitlines()
    assert len(rows) == 2
    for row in rows:
        one, first, ratio, calculated = map(float, row.split(" | ")[2:6])
        assert first < one / 1.3
        assert ratio == pytest.approx(one / first, rel=0.01)
        assert calculated == pytest.approx(first, rel=0.15)


def test_where_draws_of_every_size_fool_alike_the_first_is_geometric(random_distances):
    sizes, share = np.geomspace(0.1, 10, 400), 0.02
    median, there = random_distances.median_of_first(np.full((3, 2), share), sizes[[0, -1]], sizes)
    draws = np.log(2) / -np.log(1 - share)
    assert median == pytest.approx(sizes[0] * 100 ** ((draws - 1) / 399), rel=0.01)
    assert there == pytest.approx(share)


def test_draws_fool_a_plane_as_often_as_the_normal_distribution_says(random_distances, digits):
    """A draw of length r passes a distance d with the probability P(z > sqrt(pixels) d / r)."""
    images = load_image_set(str(digits), "test", limit=40)
    plane = build("linear", (1, 8, 8), 2, {}, make_generator(0, "weights")).requires_grad_(False)
    margins = plane(images.pixels).diff(dim=1)[:, 0]
    images = replace(images, labels=(margins > 0).long())
    distance = (margins.abs() / plane.readout.weight.diff(dim=0).norm()).numpy()
    found = random_distances.fooling_shares(plane, images, [2.0])[:, 0]
    expected = norm.sf(8 * distance / 2.0)
    error = np.sqrt((expected * (1 - expected)).sum() / random_distances.DRAWS)
    assert abs((found - expected).sum()) < 4 * error
    assert 0.05 < expected.mean() < 0.45
    first = random_distances.first_of_fresh_draws(plane, images, np.geomspace(1e-3, 30, 400))
    assert (first > distance).all()
    assert np.isfinite(first).all()


def test_the_exponent_of_images_taken_apart(tmp_path, capsys, monkeypatch):
    path = EXAMPLES / "paper_a" / "alpha_of_images.py"
    spec = importlib.util.spec_from_file_location("alpha_of_images", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "IMAGES", 60)
    monkeypatch.setattr(module, "RANGES", ((2, 12), (2, 15), (2, 50)))
    data, layer = tmp_path / "fields.npz", tmp_path / "layer.safetensors"
    module.save(data, module.fields(60))
    words = ["train-kh", "--data", str(data), "--hidden", "30", "--epochs", "0", "-o", str(layer)]
    assert CliRunner().invoke(app, words).exit_code == 0
    module.main(str(layer), str(data), str(tmp_path / "out"))
    _, _, *rows = capsys.readouterr().out.splitlines()
    cells = {row.split(" | ")[0].strip("| "): row.split(" | ")[1:4] for row in rows}
    assert len(cells) == 12
    assert cells["data, as it is: layer"] == cells["layer, float64"]
    assert cells["layer, float64"][2] == "none: round-off"  # of 30 units
    assert "(bend " in cells["pixels, float64"][2]
