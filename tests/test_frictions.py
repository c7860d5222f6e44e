"""What a new user stumbled over (version 0.3), typed again; the numbers are those of that list.

Tests elsewhere already type some of it:

1. the recipe of `--only`: commands/test_only.py
3. robustness in HTML at any number of radii: commands/test_report.py, `test_both_groups_...`
5. `import` without images, and its accuracy: test_bad_input.py, "expected --data or --shape";
   commands/test_import.py, `test_import_computes_the_accuracy...`, `test_an_accuracy_of_chance...`
8. exponents of several layers: commands/test_fit_alpha.py, `test_only_the_layers...`
   and `test_the_exponent_of_one_layer_can_be_related`
10. looks of layers and networks: plots/test_looks.py, `test_colours_are_networks...`
12. the default range: commands/test_fit_alpha.py, `test_a_range_with_the_end_of_a_small_layer...`
13. spans from distances: commands/test_landscape.py, `test_the_span_follows_the_distance...`
14. options of an architecture: commands/test_import.py, `test_options_that_are_not...`
15. the Python interface: commands/test_python_interface.py, and every block of test_docs.py
16. units that never vary: commands/test_spectrum.py, `test_units_that_never_vary_are_told`
17. CSV, and `info` of several files: commands/test_table.py, commands/test_info.py
18. `{seed}` in the name of a model: commands/test_members.py
19. a figure of `smoothness`: commands/test_plot.py, `test_seeds_of_a_measure_are_one_network`
20. messages that name the cure: test_bad_input.py (`train-kh cifar10.npz`) and
    commands/test_import.py (`attack net.pt`, a whole module, `resnet18`, no `--arch`)
22. the README: test_docs.py; numbers for `--normalize`: commands/test_normalize.py

and of what was cosmetic a title, a reversed range, and completion: commands/test_plot.py,
test_bad_input.py and test_help.py.
"""

import contextlib
import csv
import re
import shlex
from html import unescape
from importlib.resources import files
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pytest
from typer.testing import CliRunner

from specrob.artifacts import read
from specrob.cli import app

ROOT = Path(__file__).parents[1]
EPS = ("0", "2/255", "4/255", "8/255", "16/255")
STUDY = """
train-sup --arch mlp,hidden=20 --epochs 3 --seeds 0,1,2 -o net9-{seed}.safetensors
train-sup --arch mlp,hidden=60 --epochs 3 --seeds 0,1,2 -o net10-{seed}.safetensors
""" + "".join(
    f"""
spectrum {net}.safetensors --layer hidden --layer logits --bootstrap 20 -o {net}.spectrum.npz
fit-alpha {net}.spectrum.npz --range 2:13 --layer hidden -o {net}.alpha.json
attack {net}.safetensors --method fgsm --limit 40 --eps {",".join(EPS)} -o {net}.fgsm.json
crit-dist {net}.safetensors --method fgsm --limit 40 -o {net}.dist.npz
smoothness {net}.safetensors --limit 20 -o {net}.smooth.json
"""
    for net in ("net9-{seed}", "net10-{seed}")
)


def run(line, code=0):
    result = CliRunner().invoke(app, shlex.split(line))
    assert result.exit_code == code, result.stderr or result.exception
    return result


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """Stand in a folder of two kinds of networks, three seeds each."""
    folder = tmp_path_factory.mktemp("study")
    with contextlib.chdir(folder):
        for line in filter(None, STUDY.splitlines()):
            run(line)
        yield folder


@pytest.fixture(scope="module")
def reports(study):
    """Write reports of the folder beside it."""
    for form in ("md", "html"):
        run(f"report . -o ../report.{form}")


def words_of(figure):
    """Return the words in an SVG file; those with mathematics stand in its comments."""
    drawn = Path(figure).read_text()
    found = re.findall(r"<text[^>]*>(.*?)</text>", drawn) + re.findall(r"<!-- (.*?) -->", drawn)
    return [unescape(text) for text in found]


def plotted(line):
    """Return the words in the figure that a command draws."""
    run(f"{line} -o figure.svg")
    return words_of("figure.svg")


def fields(file):
    return read(file).fields


def cell(table, row, column):
    """Return a cell of the Markdown report, without the numbers of its sources."""
    lines = Path("../report.md").read_text().split(f"## {table}\n")[1].split("\n## ")[0]
    head, _, *rows = [line.strip("| ").split(" | ") for line in lines.splitlines() if line]
    (found,) = [cells for cells in rows if cells[0].startswith(row)]
    return re.sub(r"( \\\[\d+\\\])+$", "", found[head.index(column)])


def test_02_seeds_have_alpha_also_where_their_biases_differ(reports):
    fits = [fields(f"net9-{seed}.alpha.json")["fits"][0] for seed in range(3)]
    assert len({f"{fit['bias']:+.3f}" for fit in fits}) > 1
    for name, title in (("alpha", "alpha"), ("alpha_corrected", "alpha corrected")):
        alphas = [fit[name] for fit in fits]
        said = cell("Exponents: images hidden", "net9 (mean", f"{title} images hidden")
        assert said.split(" (")[0] == f"{mean(alphas):.4g} ± {stdev(alphas):.2g}"


@pytest.mark.parametrize(("place", "radius"), list(enumerate(EPS)))
def test_03_a_report_has_accuracies_at_five_radii_and_0(reports, place, radius):
    found = [fields(f"net10-{n}.fgsm.json")["robust_accuracy"][place] for n in range(3)]
    said = cell("Accuracy under attack: fgsm linf, robust accuracy", radius, "net10 (3 seeds)")
    assert said == f"{mean(found):.4g} ± {stdev(found):.2g}"


@pytest.mark.parametrize(
    ("ending", "said"),
    [
        ("spectrum.npz", "net9, 3 seeds"),
        ("alpha.json", "net9, 3 seeds"),
        ("dist.npz", "net9, pooled over 3 seeds"),
        ("fgsm.json", "net9, mean ± s.d. of 3"),
    ],
)
def test_04_seeds_of_every_kind_are_one_network(study, ending, said):
    mixed = " --mixed" * (ending == "dist.npz")  # each network has its own correct images
    words = plotted(f"plot net9-{{seed}}.{ending} net10-{{seed}}.{ending}{mixed}")
    for name in (said, said.replace("net9", "net10")):
        assert any(text.startswith(name) for text in words)


def test_04_relations_have_the_mean_of_seeds(study):
    files = " ".join(
        f"net{n}-{{seed}}.{end}" for n in (9, 10) for end in ("alpha.json", "dist.npz")
    )
    assert "large: mean of seeds, bars ± s.d." in plotted(f"plot --relate alpha,distance {files}")


@pytest.mark.parametrize("scale", ["auto", "linear", "log"])
def test_06_curves_begin_at_0(study, scale):
    words = plotted(f"plot net9-0.fgsm.json net10-0.fgsm.json --xscale {scale}")
    assert set(EPS) <= set(words)


PAIR = "net9-0.alpha.json net9-0.fgsm.json net10-0.alpha.json net10-0.fgsm.json"


def test_07_relations_choose_the_radius_and_have_bars(study):
    words = plotted(f"plot --relate alpha,robust_accuracy --at 2/255 {PAIR}")
    assert "robust accuracy at $ε$ = 2/255 (FGSM, L∞)" in words
    bars = Path("figure.svg").read_text().count('id="LineCollection')
    assert bars == 4  # an interval of alpha and of the accuracy, for two networks


def test_09_labels_of_relations_are_those_of_networks(study):
    labels = "--label narrow --label wide"
    words = plotted(f"plot --relate alpha,robust_accuracy {labels} {PAIR}")
    assert {"narrow", "wide"} <= set(words)


def test_10_legends_name_networks_and_layers_apart(study):
    words = plotted("plot net9-0.spectrum.npz net10-0.spectrum.npz")
    assert {"net9-0", "net10-0", "hidden", "logits"} <= set(words)


def test_11_a_network_has_one_exponent(study):
    (fit,) = fields("net9-0.alpha.json")["fits"]
    assert f"{fit['alpha']:.2f}" != f"{fit['alpha_corrected']:.2f}"
    verdict = "" if fit["power_law"] else ", no power law"
    overlaid = plotted("plot net9-0.spectrum.npz net9-0.alpha.json")
    assert f"hidden, α {fit['alpha_corrected']:.2f}{verdict}" in overlaid
    assert "α bias-corrected" in overlaid
    assert any("corrected" in text for text in plotted("plot net9-0.alpha.json"))
    related = plotted(f"plot --relate alpha,robust_accuracy {PAIR}")
    assert "exponent $α$ of hidden, bias-corrected" in related


def test_13_landscapes_name_the_true_class_and_the_answer(study):
    run("landscape net9-0.safetensors --points 3 -o plane.npz")
    facts = fields("plane.npz")
    words = " ".join(plotted("plot plane.npz"))
    assert f"image 0, true class {facts['image_label']}" in words
    right = facts["image_label"] == facts["image_prediction"]
    answer = "correctly" if right else facts["image_prediction"]
    assert f"classified {answer}" in words


def test_15_the_package_has_types():
    assert (files("specrob") / "py.typed").is_file()


@pytest.mark.parametrize(
    "ending", ["safetensors", "spectrum.npz", "alpha.json", "fgsm.json", "dist.npz"]
)
def test_16_everything_in_a_file_is_on_the_page_of_artifacts(study, ending):
    one = read(f"net9-0.{ending}")
    page = (ROOT / "docs" / "reference" / "artifacts.md").read_text()
    section = page.split(f"\n## {one.kind}\n")[1].split("\n## ")[0]
    arrays = set() if one.kind == "model" else set(one.arrays)
    assert arrays | set(one.fields) <= set(re.findall(r"^\| `(\w+)`", section, re.MULTILINE))
    for fit in one.fields.get("fits", ()):
        part = page.split("\n### Fit\n")[1].split("\n### ")[0]
        assert set(fit) <= set(re.findall(r"^\| `(\w+)`", part, re.MULTILINE))


def test_17_all_numbers_are_one_csv(study):
    run("table . -o ../numbers.csv")
    with Path("../numbers.csv").open() as lines:
        rows = list(csv.DictReader(lines))
    medians = {
        row["seed"]: float(row["value"])
        for row in rows
        if (row["network"], row["quantity"]) == ("net9", "distance")
    }
    found = read("net9-1.dist.npz").arrays
    attacked = np.sort(found["distance"][found["status"] != "misclassified"])
    assert medians["1"] in attacked
    assert set(medians) == {"0", "1", "2"}


def test_20_an_attack_in_capitals_is_understood(study):
    told = run("attack net9-0.safetensors --method PGD", code=2).stderr
    assert told == "specrob attack: expected an attack, found `PGD`; did you mean `pgd`?\n"


def test_21_the_page_is_in_order(reports):
    page = Path("../report.html").read_text()
    assert "<div>net9<small>mean ± s.d. of 3 seeds: net9-0, net9-1, net9-2</small>" in page
    assert page.index("<div>net9<") < page.index("<div>net10<")  # numbers in order
    assert 'sup::before { content: "["; }' in page  # no power
    assert '<nav aria-label="Contents">' in page
    assert page.index("<caption>At a glance") < page.index("<caption>Accuracy")
    assert re.findall(r'alt="Eigenspectra[^"]*"', page) == ['alt="Eigenspectra of net9, net10"']


def test_21_no_digest_is_repeated(reports):
    for name in ("../report.md", "../report.html"):
        digests = re.findall(r"\b[0-9a-f]{64}\b", Path(name).read_text())
        assert len(digests) == len(set(digests)) > 30, name


def test_21_a_report_does_not_show_its_own_figures(study, tmp_path):
    Path(tmp_path / "net9-0.fgsm.json").write_bytes(Path("net9-0.fgsm.json").read_bytes())
    links = []
    for name in ("a.md", "a.md", "b.md"):
        run(f"report {tmp_path} -o {tmp_path / name}")
        links.append((tmp_path / name).read_text().count("!["))
    assert links == [1, 1, 1]


ODD = ("of a pixel.", "gradients climb", "fit, raised", "linf length", "for want of", "bent by")
ODD += ("made again by", "the prototype", "second check")


@pytest.mark.parametrize("words", ODD)
def test_22_odd_words_are_gone(study, words):
    pages = [ROOT / "README.md", *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")]
    assert len(pages) > 20
    for page in pages:
        assert words not in page.read_text().lower(), page
    for file in ("net9-0.fgsm.json", "net9-0.alpha.json", "net9-0.spectrum.npz"):
        assert words not in run(f"info {file}").stdout


def test_22_papers_are_named_before_they_have_letters():
    assert "paper A" not in (ROOT / "README.md").read_text()
