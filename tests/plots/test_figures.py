"""Every kind of artifact as a figure: what it shows, how it is labelled, what it refuses."""

import io
import subprocess
import sys
import xml.etree.ElementTree as ElementTree
from dataclasses import replace

import numpy as np
import pytest
from made import (
    JPEG,
    adversarial,
    bounds,
    distances,
    history,
    image_file,
    landscape,
    legends,
    local_smoothness,
    mapped,
    model,
    power_law,
    pruning,
    robustness,
    sensitivity,
    smoothness,
    spectrum,
    texts,
)
from matplotlib import rcParams
from PIL import Image

from specrob.artifacts import Artifact, Data, Provenance, Source, expect
from specrob.errors import ArtifactError, UsageError
from specrob.plots import FORMATS, draw, render
from specrob.plots.spectrum_curves import curves
from specrob.plots.style import LONGEST, PALETTE
from specrob.registry import FIGURES, KINDS
from specrob.results import Spectrum

EXAMPLES = {
    "spectrum": spectrum,
    "power-law": power_law,
    "robustness": robustness,
    "distances": distances,
    "bounds": bounds,
    "adversarial": adversarial,
    "images": image_file,
    "landscape": landscape,
    "sensitivity": sensitivity,
    "smoothness": smoothness,
    "local-smoothness": local_smoothness,
    "model": lambda: model(**history(), **pruning()),
}
NAN, INF = np.nan, np.inf
HOSTILE = {
    "spectrum of one": spectrum(sizes=(1,)),
    "spectrum of two": spectrum(sizes=(2,), sources=("noise",)),
    "spectrum of zeros": Artifact(
        "spectrum", {**spectrum().arrays, "eigenvalues": np.zeros((6, 50))}
    ),
    "spectrum of nothing": Artifact(
        "spectrum", {**spectrum().arrays, "eigenvalues": np.empty((6, 0))}
    ),
    "spectrum of many sizes": spectrum(sizes=range(1, 40)),
    "no fits": power_law((None, None)),
    "many fits": power_law((1.0, None, 2.0) * 50),
    "one eps": robustness([0.1], [0.5]),
    "eps 0": robustness([0.0, 0.0], [1.0, 1.0]),
    "tiny eps": robustness([1e-100, 1e100], [1.0, 0.0]),
    "nothing attacked": robustness(accuracy=[None] * 4),
    "one distance": distances([0.5]),
    "zero distances": distances([0.0, 0.0]),
    "equal distances": distances([0.5] * 9),
    "wide distances": distances([1e-100, 1e100, 1.0]),
    "all censored": distances([INF, INF]),
    "all misclassified": distances([NAN, NAN]),
    "one perturbed image": adversarial(1, 1),
    "many radii": adversarial(2, 40),
    "perturbed images of NaN": adversarial(fill=NAN),
    "no image perturbed": adversarial(prediction=1),
    "one image": image_file(1),
    "many images": image_file(300),
    "images of NaN": image_file(fill=NAN),
    "one point": landscape(1),
    "two points": landscape(2),
    "constant map": landscape(low=2.0, high=2.0),
    "zero map": landscape(low=0.0, high=0.0),
    "map of NaN": landscape(low=NAN, high=NAN),
    "map of huge numbers": landscape(low=1e-100, high=1e100),
    "plane of NaN": Artifact("landscape", {**landscape(3).arrays, "u": np.full(3, NAN)}),
    "a hundred classes": landscape(12, label=np.arange(144).reshape(12, 12) % 100),
    "negative class": landscape(2, label=np.array([[-1, 3], [3, 3]])),
    "pruned to nothing": model(units=1),
    "one unit": model(units=2),
    "one pixel": model(shape=(1, 1, 1)),
    "two channels": model(shape=(2, 3, 5)),
    "a flat image": model(shape=(1, 1, 500)),
    "one epoch": model("readout.weight", **history(1)),
    "no cut": model(**pruning(None)),
    "a far cut": model(**pruning(1e-9)),
    "a map of alpha": mapped(),
    "an empty map": Artifact(
        "power-law",
        {},
        {"fits": [mapped().fields["fits"][0] | {"map": {"ranks": [], "alpha": []}}]},
    ),
    "sensitivity of colours": sensitivity(channels=3),
    "sensitivity of one pixel": sensitivity(side=1, images=1, ranks=(1,)),
    "sensitivity of many": sensitivity(images=8, ranks=range(1, 16)),
    "no image fooled": local_smoothness([INF, NAN]),
    "linear distances of 0": local_smoothness([0.0, 0.0]),
    "norms without weights": smoothness(norm=None),
    "zero norms": smoothness(mean=0.0, layers=("x",), norm=0.0),
    "history only": model("conv", shape=(1, 1, 1), **history()),
}


@pytest.fixture(params=EXAMPLES)
def kind(request):
    return request.param


def test_every_kind_with_numbers_has_a_figure_and_an_example():
    # the last has tests of its own
    without = {"weights", "arrays", "dimension", "checkpoint", "comparison"}
    assert set(EXAMPLES) == set(KINDS) - without
    assert set(FIGURES) == {*EXAMPLES, "relation", "comparison"}


@pytest.mark.parametrize(
    ("count", "form"), [(1, "png"), (1, "svg"), (2, "pdf"), (2, "png"), (9, "svg")]
)
def test_kinds_draw_singly_and_together_in_every_format(kind, count, form):
    artifact = EXAMPLES[kind]()
    assert expect(artifact, kind) is artifact
    figure = draw([artifact] * count, [f"model {n}" for n in range(count)])
    start = {"png": b"\x89PNG", "pdf": b"%PDF", "svg": b"<?xml"}[form]
    assert render(figure, form).startswith(start)


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_artifacts_draw_without_a_warning(name):
    assert render(draw([HOSTILE[name]], ["a"]), "svg").startswith(b"<?xml")
    if HOSTILE[name].kind != "model":
        assert render(draw([HOSTILE[name]] * 2, ["a", "b"]), "svg").startswith(b"<?xml")


@pytest.mark.parametrize(
    "label", ["", "_", "-", "$x", "a$b$c", "\\alpha", "x" * 900, "图", "a\nb"]
)
def test_labels_are_only_text(kind, label):
    figure = draw([EXAMPLES[kind]()] * 2, [label, label + "2"])
    for form in FORMATS if kind == "robustness" else ["svg"]:
        assert len(render(figure, form)) > 1000


def test_the_same_figure_gives_the_same_bytes(kind):
    for form in FORMATS:
        first, second = (render(draw([EXAMPLES[kind]()], ["a"]), form) for _ in range(2))
        assert first == second


def test_the_name_of_the_data_is_on_the_figure(kind):
    svg = render(draw([EXAMPLES[kind]()], ["a"]), "svg").decode()
    assert "Images: CIFAR-10 (JPEG copy)" in svg


def test_different_data_are_named_with_their_labels():
    digits = Provenance(inputs=(Source("m", "model", "", JPEG),))
    other = Provenance(data=Data("digits", "digits", "", {}))
    one = Artifact("model", fields=model(**history()).fields, provenance=digits)
    figure = draw([one, model(prov=other, **history())], ["kh", "bp"])
    assert "Images: CIFAR-10 (JPEG copy) (kh), digits (bp)" in texts(figure)


def test_text_stays_text():
    figure = draw([spectrum()], ["a label"])
    svg = ElementTree.fromstring(render(figure, "svg"))
    assert "a label" in {
        "".join(t.itertext()) for t in svg.iter("{http://www.w3.org/2000/svg}text")
    }
    assert b"/Type3" not in render(figure, "pdf")


def test_png_has_300_dots_per_inch():
    figure = draw([robustness()], ["a"])
    image = Image.open(io.BytesIO(render(figure, "png")))
    assert image.size == tuple((300 * figure.get_size_inches()).round())


@pytest.mark.parametrize("kind", ["spectrum", "robustness", "distances", "model"])
def test_the_legend_names_the_labels(kind):
    labels = ["kh", "_bp"]
    (entries, *_) = legends(draw([EXAMPLES[kind]()] * 2, labels))
    assert entries[:2] == labels


def test_a_long_label_is_cut_in_the_middle():
    found, _ = legends(draw([robustness()], ["start" + "x" * 99 + "end"]))[0]
    assert len(found) == LONGEST
    assert found.startswith("start")
    assert found.endswith("end")


def test_kinds_do_not_mix():
    with pytest.raises(ArtifactError, match="of one kind, found robustness and spectrum; plot"):
        draw([spectrum(), robustness()], ["a", "b"])


def test_nothing_and_kinds_without_a_figure_are_refused():
    with pytest.raises(ArtifactError, match="found none"):
        draw([], [])
    with pytest.raises(ArtifactError, match="found arrays, which has no figure"):
        draw([Artifact("arrays")], ["a"])


def test_other_formats_are_refused():
    with pytest.raises(UsageError, match="expected png, pdf, svg, found `bmp`"):
        render(draw([spectrum()], ["a"]), "bmp")


def test_drawing_sets_nothing_global(kind):
    before = dict(rcParams)
    render(draw([EXAMPLES[kind]()], ["a"]), "png")
    assert dict(rcParams) == before


def test_neighbours_in_the_palette_differ_in_grey():
    rgb = np.array([[int(c[i : i + 2], 16) for i in (1, 3, 5)] for c in PALETTE]) / 255
    lightness = np.cbrt(rgb**2.2 @ [0.2126, 0.7152, 0.0722])
    assert np.diff(np.sort(lightness)).min() > 0.04
    assert np.abs(np.diff(lightness)).min() > 0.08


def test_importing_loads_nothing_heavy():
    code = "import sys, specrob.plots; print({'torch', 'matplotlib', 'numpy'} & set(sys.modules))"
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"
    code = (
        "import sys\nfrom specrob.registry import FIGURES\nlist(FIGURES.values())\n"
        "print({'torch', 'scipy', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"


def test_many_names_of_images_stay_inside():
    whole = [
        replace(robustness(), provenance=Provenance(data=Data("x", "digits " + "x" * n, "", {})))
        for n in range(9)
    ]
    figure = draw(whole, list("abcdefghi"))
    figure.draw_without_rendering()
    extent = figure._suptitle.get_window_extent()
    assert 0 <= extent.x0 < extent.x1 <= figure.bbox.x1
    assert extent.y1 <= figure.bbox.y1


def test_a_negative_cross_validated_eigenvalue_ends_the_curve():
    """Ranks after it would otherwise be those of other eigenvalues."""
    one = {"size": np.array([5]), "n_images": np.array([9]), "layer": np.array(["x"])}
    values = np.array([[4.0, 2.0, 1.0, -0.1, 0.5]])
    spectrum = Spectrum(eigenvalues=values, source=np.array(["images"]), **one)
    (curve,) = curves(spectrum, normalized=False)
    assert curve.values.tolist() == [4.0, 2.0, 1.0]
