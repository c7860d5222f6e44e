import base64
import csv
import io
import json
import re
import shutil
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path
from statistics import mean, stdev

import numpy as np
import pytest

from specrob import artifacts
from specrob.quantities.networks import NetworkResults
from specrob.reports.numbers import reported_numbers
from specrob.reports.tables import seeds_cell

ROOT = Path(__file__).parents[2]
PAPER = ROOT / "examples" / "paper_a" / "published.json"


class Page(HTMLParser):
    """What stands in a page: its tags with attributes, its text, and the cells of its tables."""

    def __init__(self, text):
        super().__init__()
        self.tags, self.text, self.tables, self.in_cell = [], "", [], False
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        self.tags.append((tag, dict(attrs)))
        if tag == "table":
            self.tables.append([])
        if tag == "tr":
            self.tables[-1].append([])
        if tag in ("td", "th"):
            self.tables[-1][-1].append("")
            self.in_cell = True
        self.open = tag

    def handle_endtag(self, tag):
        self.in_cell &= tag not in ("td", "th")

    def handle_data(self, data):
        self.text += data
        if self.in_cell and self.open in ("th", "td", "div"):
            self.tables[-1][-1][-1] += data

    def cell(self, network, name):
        for table in self.tables:
            if name in table[0]:
                for row in table[1:]:
                    if row[0] == network and row[table[0].index(name)]:
                        return row[table[0].index(name)]
        raise KeyError((network, name))


@pytest.fixture(scope="session")
def plain(tmp_path_factory, run):
    """Return a plain network in the space of the hybrid's images."""
    path = tmp_path_factory.mktemp("plain") / "bp.safetensors"
    how = ("--hidden", 30, "--normalize", "l3", "--epochs", 20)
    run("train-sup", "--arch", "shlp", *how, "-o", path)
    return path


@pytest.fixture(scope="session")
def results(tmp_path_factory, run, models, plain):
    """Return a folder of results of two networks and of the images themselves."""
    folder = tmp_path_factory.mktemp("results")
    for name in ("networks", "measures", "figures"):
        (folder / name).mkdir()
    few = ("--limit", 60)
    for name, model in (("kh", models["hybrid"]), ("bp", plain)):
        path = folder / "networks" / f"{name}.safetensors"
        path.write_bytes(model.read_bytes())
        at = folder / "measures" / name
        run("spectrum", path, "--noise", "-o", f"{at}.spectrum.npz")
        run(
            "fit-alpha",
            f"{at}.spectrum.npz",
            "--range",
            "3:20",
            "--noise-range",
            "3:20",
            "-o",
            f"{at}.alpha.json",
        )
        run("crit-dist", path, *few, "-o", f"{at}.pgd.npz")
        run(
            "crit-dist",
            path,
            "--method",
            "random",
            "--bounds",
            "none",
            *few,
            "-o",
            f"{at}.random.npz",
        )
        run("attack", path, "--method", "fgsm", "--eps", "0,0.05", "-o", f"{at}.fgsm.json")
        run("landscape", path, "--points", 5, "-o", f"{at}.landscape.npz")
        run("smoothness", path, *few, "-o", f"{at}.smoothness.json")
    at = folder / "measures" / "images"
    run("spectrum", "images", "-o", f"{at}.spectrum.npz")
    run(
        "fit-alpha",
        f"{at}.spectrum.npz",
        "--range",
        "3:20",
        "--noise-range",
        "3:20",
        "-o",
        f"{at}.alpha.json",
    )
    run("plot", f"{at}.spectrum.npz", "-o", folder / "figures" / "own.png")
    return folder


@pytest.fixture(scope="session")
def page(results, run):
    """Return the report of that folder, read."""
    return Page(run("report", results).stdout)


def test_numbers_are_those_of_the_artifacts(results, page):
    def fields(name):
        return artifacts.read(str(results / name)).fields

    for network in ("kh", "bp"):
        model = fields(f"networks/{network}.safetensors")
        assert page.cell(network, "test accuracy") == f"{model['test_accuracy']:.4g}"
        fits = {f["source"]: f for f in fields(f"measures/{network}.alpha.json")["fits"]}
        for source in ("images", "noise"):
            fit = fits[source]
            said = f"{fit['alpha']:.4g} ± {fit['sampling_stderr']:.2g}"
            assert page.cell(network, f"alpha {source}") == said
        distance = artifacts.read(str(results / f"measures/{network}.pgd.npz")).arrays
        fooled = np.sort(distance["distance"][np.isfinite(distance["distance"])].astype(float))
        middle = fooled[int(np.ceil(len(fooled) / 2)) - 1]
        table = next(t for t in page.tables if "fooled pgd linf" in t[0])
        row = next(row for row in table if row[0] == network)
        said = dict(zip(table[0], row, strict=True))
        assert said["median distance pgd linf"] == f"{middle:.4g}"
        assert said["mean distance pgd linf"] == f"{fooled.mean():.4g}"
        assert said["variance of distance pgd linf"] == f"{fooled.var(ddof=1):.4g}"
        assert said["fooled pgd linf"] == str(len(fooled))
        smooth = fields(f"measures/{network}.smoothness.json")
        assert page.cell(network, "spectral norm") == f"{smooth['spectral_norm']:.4g}"
        norms = artifacts.read(str(results / f"measures/{network}.landscape.npz")).arrays
        ends = norms["jacobian_norm"].min(), norms["jacobian_norm"].max()
        said = page.cell(network, "Jacobian norm of latent on the plane")
        assert said == "{:.4g} to {:.4g}".format(*map(float, ends))


def test_each_table_has_one_row_a_network_and_the_images_are_one(page):
    for table in page.tables:
        names = [row[0] for row in table[1:]]
        assert len(set(names)) == len(names)
        assert set(names) <= {"bp", "kh", "images"}
    assert page.cell("images", "alpha images")


def test_every_number_leads_to_its_file_command_and_digest(results, page):
    links = [a for tag, a in page.tags if tag == "a"]
    ids = {a["id"] for _, a in page.tags if "id" in a}
    assert len(links) > 40
    assert {link["href"].removeprefix("#") for link in links} <= ids
    named = next(t for a in links if (t := a.get("title", "")).startswith("measures/kh.pgd.npz"))
    command = artifacts.read(str(results / "measures/kh.pgd.npz")).provenance.command
    assert named == "measures/kh.pgd.npz: " + " ".join(command)
    for path in results.glob("*/*.*[nz]"):
        if path.suffix != ".png":
            assert artifacts.read(str(path)).digest in page.text


def test_the_page_is_whole_in_itself(page):
    assert not {tag for tag, _ in page.tags} & {"script", "link", "iframe", "object", "base"}
    sources = [a["src"] for _, a in page.tags if "src" in a]
    assert all(source.startswith("data:image/") for source in sources)
    assert all(a["href"].startswith("#") for _, a in page.tags if "href" in a)
    policy = next(a["content"] for _, a in page.tags if a.get("http-equiv"))
    assert "default-src 'none'" in policy


def test_figures_overlay_networks_and_keep_ready_made_ones(results, page):
    images = {a["alt"]: a["src"].split(",")[1] for tag, a in page.tags if tag == "img"}
    for title in ("Critical distances: PGD, L∞", "Accuracy under attack: FGSM, L∞", "Training"):
        drawn = base64.b64decode(images[f"{title} of bp, kh"]).decode()
        assert ">kh<" in drawn
        assert ">bp<" in drawn
    assert "Eigenspectra of images" in images
    assert "Landscape of bp, kh" in images
    own = base64.b64decode(images["Figure in the folder: figures/own.png"])
    assert own == (results / "figures" / "own.png").read_bytes()


def test_a_fit_with_an_interval_stands_for_the_same_fit_without(results, run, tmp_path):
    network, spectrum = results / "networks/kh.safetensors", tmp_path / "resampled.npz"
    run("spectrum", network, "--bootstrap", 10, "-o", spectrum)
    run("fit-alpha", spectrum, "--range", "3:20", "-o", tmp_path / "kh.interval.json")
    (tmp_path / "kh.alpha.json").write_bytes((results / "measures/kh.alpha.json").read_bytes())
    page = Page(run("report", tmp_path).stdout)
    (fit,) = artifacts.read(str(tmp_path / "kh.interval.json")).fields["fits"]
    table = next(t for t in page.tables if "alpha corrected images" in t[0])
    said = dict(zip(*table, strict=True))
    assert said["alpha images"].startswith(f"{fit['alpha']:.4g} ± {fit['sampling_stderr']:.2g}")
    assert said["alpha images"].count("±") == 1
    assert (f"biased by {fit['bias']:+.3f}" in page.text) == fit["biased"]
    assert page.text.count("local exponent changes by") == 2  # images and noise
    low, high = fit["ci"]
    assert said["alpha corrected images"].startswith(f"{fit['alpha_corrected']:.4g}")
    assert f"95% {low:.4g} to {high:.4g}" in page.text


def test_other_spaces_and_images_are_not_overlaid(results, run, models, tmp_path):
    (tmp_path / "kh.pgd.npz").write_bytes((results / "measures/kh.pgd.npz").read_bytes())
    run("crit-dist", models["shlp"], "--limit", 60, "-o", tmp_path / "pixels.pgd.npz")
    few = ("--limit", 50, "-o", tmp_path / "few.pgd.npz")
    run("crit-dist", results / "networks/bp.safetensors", *few)
    alts = [a["alt"] for tag, a in Page(run("report", tmp_path).stdout).tags if tag == "img"]
    names = ("few", "kh", "pixels")
    assert alts == [f"Critical distances: PGD, L∞ of {name}" for name in names]


def test_the_same_folder_gives_the_same_bytes(results, run, tmp_path):
    for name in ("a.html", "b.html"):
        run("report", results, "-o", tmp_path / name)
    assert (tmp_path / "a.html").read_bytes() == (tmp_path / "b.html").read_bytes()


def test_published_numbers_stand_beside_with_the_difference(results, run):
    result = run("report", results, "--compare", PAPER)
    page = Page(result.stdout)
    table = next(t for t in page.tables if t[0][-1] == "difference")
    rows = {(row[0], row[1]): row[2:] for row in table[1:]}
    assert {network for network, _ in rows} == {"kh", "bp", "images"}
    published = json.loads(PAPER.read_text())["networks"]
    ours, theirs, apart = rows["kh", "test accuracy"]
    exact = artifacts.read(str(results / "networks/kh.safetensors")).fields["test_accuracy"]
    assert theirs == "0.472"
    assert apart == f"{exact - published['kh']['test accuracy']:+.3g}"
    assert rows["kh", "Jacobian norm of latent on the plane"][1] == "15 to 28"
    assert rows["images", "alpha noise"] == ["none", "0.05", ""]
    lines = result.stderr.splitlines()
    assert lines[0].endswith(
        "no network or quantity of the folder is called `l2`, `jreg`, `specreg`, `init`; choose "
        "one of kh, bp, images"
    )
    assert not any("alpha" in line for line in lines)  # all quantities of the paper are known


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "expected JSON {"),
        ("[1]", "Expected object, got array"),
        ('{"networks": {"kh": 3}}', "Expected object, got int - at $.networks"),
        ('{"networks": {"kh": {"a": "x"}}}', "expected a number or [low, high] as `a` of `kh`"),
        ('{"networks": {"kh": {"a": NaN}}}', "NaN is no number"),
        ('{"networks": {"kh": {"a": [1, 2, 3]}}}', "found `[1, 2, 3]`"),
        ('{"networks": {"kh": {"a": [2, 1]}}}', "swap them"),
        ('{"title": 1, "networks": {}}', "Expected str, got int - at $.title"),
    ],
)
def test_broken_published_numbers_are_one_line(results, run, tmp_path, text, said):
    (tmp_path / "p.json").write_text(text)
    words = ("--compare", tmp_path / "p.json", "-o", tmp_path / "r.html")
    lines = run("report", results, *words, code=1).stderr.splitlines()
    assert len(lines) == 1
    assert said in lines[0]
    assert not (tmp_path / "r.html").exists()


def test_broken_and_other_files_are_named_and_do_not_stop_it(results, run, tmp_path):
    (tmp_path / "kh.pgd.npz").write_bytes((results / "measures/kh.pgd.npz").read_bytes())
    (tmp_path / "cut.npz").write_bytes((results / "measures/kh.pgd.npz").read_bytes()[:300])
    (tmp_path / "cut.png").write_bytes((results / "figures/own.png").read_bytes()[:-9])
    (tmp_path / "cut.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><path")
    (tmp_path / "a.log").write_text("hello")
    (tmp_path / "old.json").write_text('{"kind": "power-law"}')
    output = tmp_path / "report.html"
    for _ in range(2):  # the page itself is not among them
        result = run("report", tmp_path, "-o", output)
    lines = result.stderr.splitlines()
    assert "left out cut.npz: expected whole npz" in lines[0]
    assert "left out cut.png: expected a picture" in lines[1]
    assert "left out cut.svg: expected a picture" in lines[2]
    assert "left out old.json: expected JSON that specrob wrote" in lines[3]
    assert lines[4].endswith("left out, not results: a.log")
    text = Page(output.read_text()).text
    assert "left out cut.npz" in text
    assert "not results: a.log" in text
    assert "report.html" not in text


def test_many_other_files_are_counted(results, run, tmp_path):
    (tmp_path / "kh.pgd.npz").write_bytes((results / "measures/kh.pgd.npz").read_bytes())
    for number in range(8):
        (tmp_path / f"{number}.log").write_text("hello")
    said = run("report", tmp_path, "-o", tmp_path / "report.html").stderr
    assert "left out, not results: 8 files, .log\n" in said


def test_many_files_without_a_figure_are_counted(run, models, tmp_path):
    saved = tmp_path / "n0.local.npz"
    run("smoothness", models["shlp"], "--limit", 20, "--save", saved, "-o", tmp_path / "n.json")
    for number in range(1, 7):
        (tmp_path / f"n{number}.local.npz").write_bytes(saved.read_bytes())
    said = run("report", tmp_path, "-o", tmp_path / "report.html").stderr
    assert "n3.local.npz and 3 more: expected distances beside the measures" in said


def test_nothing_at_all_is_an_error(run, tmp_path):
    (tmp_path / "a.log").write_text("hello")
    for folder, said in ((tmp_path, "found none in 1 files"), (tmp_path / "no", "found none: ")):
        result = run("report", folder, "-o", tmp_path / "r.html", code=1)
        assert said in result.stderr
        assert len(result.stderr.splitlines()) == 1
    assert (
        "expected a name in .html, .htm or .md"
        in run("report", tmp_path, "-o", "r.txt", code=2).stderr
    )


HOSTILE = "<img src=x onerror=alert(1)>\"'&|`"


def test_hostile_names_stay_text(results, run, tmp_path):
    whole = artifacts.read(str(results / "measures/kh.pgd.npz"))
    law = artifacts.read(str(results / "measures/images.alpha.json"))
    fits = [{**law.fields["fits"][0], "source": "</table><script>alert(2)</script>"}]
    artifacts.write(whole, str(tmp_path / f"{HOSTILE}.npz"))
    bad = artifacts.Artifact("power-law", {}, {"fits": fits}, law.provenance)
    artifacts.write(bad, str(tmp_path / "law.json"))
    (tmp_path / "evil.svg").write_text("<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>")
    (tmp_path / "a\nb.log").write_text("")
    result = run("report", tmp_path)
    page = Page(result.stdout)
    assert not [tag for tag, _ in page.tags if tag == "script"]
    assert all(a["src"].startswith("data:") for tag, a in page.tags if tag == "img")
    assert not [a for _, a in page.tags if any(name.startswith("on") for name in a)]
    assert HOSTILE in page.text
    assert "alpha </table><script>alert(2)</script>" in page.text
    assert "a?b.log" in result.stderr
    markdown = tmp_path / "r.md"
    run("report", tmp_path, "-o", markdown)
    assert "<script>" not in markdown.read_text()
    tables = re.findall(r"(?m)(?:^\|.*\n?)+", markdown.read_text())
    for table in tables:
        assert len({len(re.findall(r"(?<!\\)\|", row)) for row in table.splitlines()}) == 1
    assert any("onerror" in table for table in tables)


def test_attacks_of_other_settings_are_other_numbers(results, run, tmp_path):
    model = results / "networks/bp.safetensors"
    for name, words in (
        ("free", ["--bounds", "none"]),
        ("bounded", []),
        ("long", ["--steps", 40]),
    ):
        how = ["--method", "pgd" if name == "long" else "random", *words]
        run("crit-dist", model, *how, "--limit", 20, "-o", tmp_path / f"bp.{name}.npz")
    page = Page(run("report", tmp_path).stdout)
    for name in ("random l2", "random l2 no bounds", "pgd linf steps 40"):
        assert page.cell("bp", f"median distance {name}")
    assert "Critical distances: random, L2, no bounds of bp" in page.text


def test_a_bias_that_nobody_knows_is_not_called_zero(run, tmp_path):
    fit = {"source": "images", "size": 400, "layer": "hidden", "n_images": 400, "range": [10, 60]}
    fit |= {"alpha": 0.1, "stderr": 0.01, "null_alpha": 0.2, "bias": None, "biased": True}
    law = artifacts.Artifact("power-law", {}, {"fits": [fit]})
    artifacts.write(law, str(tmp_path / "kh.alpha.json"))
    text = Page(run("report", tmp_path).stdout).text
    assert "biased by an unknown amount" in text
    assert "+0.000" not in text


def test_spectra_of_changed_images_do_not_stand_for_one_another(run, models, tmp_path):
    for name, words in (("plain", ["--bootstrap", 9]), ("changed", ["--transform", "pca:8"])):
        path = tmp_path / f"kh.{name}.npz"
        run("spectrum", models["shlp"], "--split", "train", *words, "-o", path)
        run("fit-alpha", path, "--range", "2:12", "-o", tmp_path / f"kh.{name}.json")
    both = [artifacts.read(str(tmp_path / f"kh.{name}.json")) for name in ("plain", "changed")]
    text = Page(run("report", tmp_path).stdout).text
    alphas = [law.fields["fits"][0]["alpha"] for law in both]
    for alpha in alphas:
        assert f"{alpha:.4g}" in text
    assert re.search(r"ranks 2\.\.12[^;]*, pca:8", text.split("files with their digests")[0])
    named = dict(zip(["alpha images", "alpha images, pca:8"], alphas, strict=True))
    paper = tmp_path / "paper.json"
    paper.write_text(json.dumps({"networks": {"kh": dict.fromkeys(named, 1)}}))
    page = Page(run("report", tmp_path, "--compare", paper).stdout)
    table = next(t for t in page.tables if t[0][-1] == "difference")
    assert [row[-1] for row in table[1:]] == [f"{alpha - 1:+.3g}" for alpha in named.values()]


def test_published_numbers_of_a_name_are_those_of_its_only_seed(run, tmp_path):
    words = ["--arch", "linear", "--epochs", 1, "--seed", 2, "-o", tmp_path / "flat-2.safetensors"]
    run("train-sup", *words)
    paper = tmp_path / "paper.json"
    paper.write_text('{"networks": {"flat": {"test accuracy": 0.5}}}')
    page = run("report", tmp_path, "--compare", paper)
    assert "no network" not in page.stderr
    table = next(t for t in Page(page.stdout).tables if t[0][-1] == "difference")
    accuracy = artifacts.read(str(tmp_path / "flat-2.safetensors")).fields["test_accuracy"]
    assert table[1] == ["flat", "test accuracy", *table[1][2:4], f"{accuracy - 0.5:+.3g}"]
    run("train-sup", *words[:3], 2, "--seed", 3, "-o", tmp_path / "flat-3.safetensors")
    assert "is called `flat`" in run("report", tmp_path, "--compare", paper).stderr


def test_seeds_have_a_row_with_their_spread(run, tmp_path):
    words = ["--arch", "linear", "--epochs", 1, "--seeds", "0,1,2"]
    run("train-sup", *words, "-o", tmp_path / "flat-{seed}.safetensors")
    page = Page(run("report", tmp_path).stdout)
    files = [str(tmp_path / f"flat-{seed}.safetensors") for seed in range(3)]
    values = [artifacts.read(file).fields["test_accuracy"] for file in files]
    assert f"{mean(values):.4g} ± {stdev(values):.2g}" in page.text
    assert "flat-0, flat-1, flat-2" in page.text
    paper = tmp_path / "paper.json"
    paper.write_text('{"networks": {"flat": {"test accuracy": 0.5}}}')
    page = Page(run("report", tmp_path, "--compare", paper).stdout)
    table = next(t for t in page.tables if t[0][-1] == "difference")
    assert table[1][0] == "flat"
    assert table[1][-1] == f"{mean(values) - 0.5:+.3g}"
    for seed, width in ((1, 3), (2, 4)):  # other networks, whatever their names
        words = ["--arch", "shlp", "--hidden", width, "--epochs", 1, "--seed", seed]
        run("train-sup", *words, "-o", tmp_path / f"flat-{seed}.safetensors")
    assert "mean ± s.d." not in run("report", tmp_path).stdout


def test_markdown_has_the_tables_and_links_to_figures(results, run, tmp_path):
    run("report", results, "--compare", PAPER, "-o", tmp_path / "results.md")
    text = (tmp_path / "results.md").read_text()
    exact = artifacts.read(str(results / "networks/kh.safetensors")).fields["test_accuracy"]
    assert re.search(rf"\| kh \| test accuracy \| {exact:.4g} \\\[\d+\\\] \| 0.472 \| ", text)
    assert "data:" not in text
    links = re.findall(r"!\[.*?\]\((.*?)\)", text)
    assert len(links) > 5
    assert all((tmp_path / link).read_bytes() for link in links)
    assert "measures/kh.pgd.npz: kind distances, SHA-256 " in text


def test_measures_of_other_weights_are_a_network_of_their_own(results, run, models, tmp_path):
    (tmp_path / "kh.safetensors").write_bytes(models["shlp"].read_bytes())
    (tmp_path / "kh.pgd.npz").write_bytes((results / "measures/kh.pgd.npz").read_bytes())
    result = run("report", tmp_path)
    digest = artifacts.read(str(models["hybrid"])).digest
    name = f"kh ({digest[:8]})"
    assert f"{name} was measured on another network than that in kh's file" in result.stderr
    page = Page(result.stdout)
    assert page.cell(name, "clean accuracy")
    assert page.cell("kh", "test accuracy")


def test_accuracy_on_chosen_images_is_not_the_clean_one(results, run, tmp_path):
    model, known = results / "networks/kh.safetensors", results / "measures/bp.pgd.npz"
    run("crit-dist", model, "--only", known, "-o", tmp_path / "kh.pgd.npz")
    assert "clean accuracy" not in run("report", tmp_path).stdout.split("<pre>")[0]


def test_it_does_without_torch(results):
    code = (
        "import sys\nfrom specrob.reports import WRITERS, build_report\n"
        f"page = build_report({str(results)!r})\n"
        "print(len(WRITERS['.html'](page)) > 10000, 'torch' in sys.modules)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "True False\n"


@pytest.fixture(scope="module")
def two_groups(tmp_path_factory, run):
    """Return a folder of two groups of three seeds: networks and their exponents."""
    folder = tmp_path_factory.mktemp("groups")
    for name, words in (("plain", []), ("decay", ["--penalty", "l2=0.1"])):
        how = ["--arch", "mlp", "--hidden", 30, "--epochs", 4, "--seeds", "0,1,2", *words]
        run("train-sup", *how, "-o", folder / f"{name}-{{seed}}.safetensors")
        files = folder / f"{name}-{{seed}}"
        run("spectrum", f"{files}.safetensors", "-o", f"{files}.spectrum.npz")
        run("fit-alpha", f"{files}.spectrum.npz", "--range", "2:13", "-o", f"{files}.alpha.json")
    return folder


@pytest.mark.parametrize("radii", [2, 5, 16])
def test_both_groups_have_alpha_and_robustness_at_any_number_of_radii(
    two_groups, run, radii, tmp_path
):
    eps = ",".join(f"{n}/255" for n in range(1, radii + 1))
    shutil.copytree(two_groups, tmp_path / "runs")
    for name in ("plain", "decay"):
        files = tmp_path / "runs" / f"{name}-{{seed}}"
        how = ["--method", "fgsm", "--limit", 40, "--eps", eps]
        run("attack", f"{files}.safetensors", *how, "-o", f"{files}.json")
    page = Page(run("report", tmp_path / "runs").stdout)
    curves = [artifacts.read(str(tmp_path / f"runs/plain-{s}.json")).fields for s in range(3)]
    last = [curve["robust_accuracy"][-1] for curve in curves]
    said = f"{mean(last):.4g} ± {stdev(last):.2g}"
    if radii == 2:
        assert page.cell("plain", "robust accuracy fgsm linf at 2/255") == said
    else:
        table = next(t for t in page.tables if t[0] == ["radius", *HEADS])
        tables = [t for t in page.tables if t[0] == ["radius", *HEADS]]
        assert len(tables) == 2  # relative and robust accuracy
        assert [row[0] for row in table[1:]] == [f"{n}/255" for n in range(1, radii + 1)]
        assert tables[1][-1][HEADS.index("plain (3 seeds)") + 1] == said
    fits = [artifacts.read(str(two_groups / f"plain-{s}.alpha.json")).fields for s in range(3)]
    alphas = [fit["fits"][0]["alpha"] for fit in fits]
    assert page.cell("plain", "alpha images") == f"{mean(alphas):.4g} ± {stdev(alphas):.2g}"
    first = next(t for t in page.tables if t[0][0] == "network")
    assert [row[0] for row in first[1:]] == ["decay", "plain"]
    assert len(first[0]) <= 7
    assert f"robust accuracy fgsm linf at {radii}/255" in first[0]  # the largest


HEADS = ["decay (3 seeds)", "plain (3 seeds)"]


def test_no_quantity_is_missing_without_being_named(results, run, page):
    table = csv.DictReader(io.StringIO(run("table", results).stdout))
    named = page.text.split("but in `specrob table`: ")[1].split("\n")[0].split(", ")
    shown = " ".join(head for t in page.tables for head in t[0])
    for row in table:
        words = row["quantity"].removesuffix("_l2").split("_")
        is_shown = all(word in shown.lower() for word in SAID.get(row["quantity"], words))
        assert is_shown or row["quantity"] in named, row["quantity"]


SAID = {  # where the title has other words than the name
    "null_alpha": ["null alpha"],
    "distance": ["median distance"],
    "distance_l2": ["in l2"],
    "distance_deviation": ["standard deviation of distance"],
    "distance_variance": ["variance of distance"],
    "norm_on_plane": ["on the plane"],
}


def test_seeds_that_lack_a_number_and_other_ranges_are_said():
    def law(alpha, last):
        fit = {"source": "images", "size": 9, "layer": "h", "alpha": alpha, "stderr": 0.1}
        return artifacts.Artifact("power-law", {}, {"fits": [{**fit, "range": [1, last]}]})

    members = [NetworkResults(f"a-{n}", "a", n, ()) for n in range(3)]
    laws = [law(1.0, 5), law(2.0, 6)]
    numbers = [
        number
        for n, one in enumerate(laws)
        for number in reported_numbers(one, members[n], n)
    ]  # fmt: skip
    networks = [one.network for one in members]
    (item,) = seeds_cell(numbers, "alpha images", networks)
    assert item.text == "1.5 ± 0.71"
    assert item.note == "h of 9 units, 2 of 3 seeds, fitted over different ranks: 1..5, 1..6"


def test_answers_stand_first(two_groups, run, tmp_path):
    files = [str(two_groups / f"{name}-{{seed}}.safetensors") for name in ("plain", "decay")]
    for file in two_groups.glob("*.safetensors"):
        shutil.copy(file, tmp_path)
    run("compare", *files, "-o", tmp_path / "answers.json")
    page = Page(run("report", tmp_path).stdout)
    assert page.tables[0][0][:3] == ["statement", "answer", "effect"]
    assert page.tables[0][1][0] == "plain and decay differ in test accuracy"
    assert "Statements: 1 " in page.text
    assert "Networks: decay (3 seeds), plain (3 seeds)." in page.text
