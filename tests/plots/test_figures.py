"""Every kind of artifact as a figure: what it shows, how it is labelled, what it refuses."""

import io
import subprocess
import sys
import xml.etree.ElementTree as ElementTree

import numpy as np
import pytest
from made import (
    JPEG,
    adversarial,
    distances,
    fitted,
    history,
    landscape,
    mapped,
    model,
    power_law,
    pruning,
    robustness,
    sensitivity,
    spectrum,
)
from matplotlib import rcParams
from matplotlib.colors import LogNorm
from PIL import Image

from specrob.artifacts import Artifact, Data, Provenance, Source, expect
from specrob.errors import ArtifactError, UsageError
from specrob.plots import FIGURES, FORMATS, draw, render
from specrob.plots.style import LONGEST, PALETTE
from specrob.registry import KINDS

EXAMPLES = {
    "spectrum": spectrum,
    "power-law": power_law,
    "robustness": robustness,
    "distances": distances,
    "adversarial": adversarial,
    "landscape": landscape,
    "sensitivity": sensitivity,
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
    "history only": model("conv", shape=(1, 1, 1), **history()),
}


@pytest.fixture(params=EXAMPLES)
def kind(request):
    return request.param


def texts(figure):
    return [t.get_text() for t in figure.findobj(lambda artist: hasattr(artist, "get_text"))]


def legends(figure):
    found = [axes.get_legend() for axes in figure.axes] + figure.legends
    return [[t.get_text() for t in legend.get_texts()] for legend in found if legend]


def test_every_kind_with_numbers_has_a_figure_and_an_example():
    without = {"weights", "arrays", "checkpoint", "smoothness"}  # a few numbers, for a report
    assert set(EXAMPLES) == set(KINDS) - without
    assert set(FIGURES) == {*EXAMPLES, "relation"}


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
    assert labels in legends(draw([EXAMPLES[kind]()] * 2, labels))


def test_a_long_label_is_cut_in_the_middle():
    (found,) = legends(draw([robustness()], ["start" + "x" * 99 + "end"]))[0]
    assert len(found) == LONGEST
    assert found.startswith("start")
    assert found.endswith("end")


def test_spectra_are_normalized_and_each_source_has_its_dash():
    images, noise = draw([spectrum()], ["a"]).axes
    longest = max(images.lines, key=lambda line: len(line.get_xdata()))
    np.testing.assert_array_equal(longest.get_xdata(), np.arange(1, 51))
    np.testing.assert_allclose(longest.get_ydata(), np.arange(1, 51) ** -2.0)
    assert {line.get_linestyle() for line in images.lines} == {"-"}
    assert len({str(line._unscaled_dash_pattern) for line in noise.lines}) == 2
    assert images.get_xscale() == images.get_yscale() == noise.get_yscale() == "log"


def test_round_off_does_not_stretch_the_axis():
    artifact = spectrum(sizes=(50,), sources=("images",))
    artifact.arrays["eigenvalues"][0, 40:] = 1e-19
    (axes,) = draw([artifact], ["a"]).axes
    assert len(axes.lines[0].get_xdata()) == 40
    assert axes.get_ylim()[0] > 1e-5


def test_fewer_units_are_paler():
    images = draw([spectrum()], ["a"]).axes[0]
    short, long = sorted(images.lines, key=lambda line: len(line.get_xdata()))
    assert sum(short.get_color()) > sum(long.get_color())


def test_rows_without_a_fit_say_so():
    figure = draw([power_law()], ["kh"])
    assert texts(figure).count("no fit") == 1
    names = [t.get_text() for t in figure.axes[0].get_yticklabels()]
    assert names == ["0 units", "10 units", "20 units"]


def test_bars_are_the_interval_or_the_standard_error():
    (axes,) = draw([power_law()], ["kh"]).axes
    bars = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
    np.testing.assert_allclose(bars, [[2.4, 2.6], [0.8, 1.3]])


@pytest.mark.parametrize(
    ("eps", "scale", "points"),
    [
        ((0, 0.01, 0.1, 1), "log", 3),
        ((0, 1, 2, 3), "linear", 4),
        ((0, 0, 0, 0), "linear", 4),
        ((1, 0.1, 0.01, 0), "log", 3),
    ],
)
def test_radii_choose_the_axis(eps, scale, points):
    (axes,) = draw([robustness(eps)], ["a"]).axes
    assert (axes.get_xscale(), axes.get_ylim()) == (scale, (0, 1))
    assert len(axes.lines[0].get_xdata()) == points


def test_attacks_are_named_on_the_axis_or_where_they_differ_in_the_legend():
    (axes,) = draw([robustness()], ["a"]).axes
    assert axes.get_xlabel() == "PGD: $ε$, L∞ length in the attacked space"
    mixed = draw([robustness(), robustness(method="random", norm="l2")], ["a", "b"])
    assert legends(mixed) == [["a (PGD, L∞)", "b (random, L2)"]]


def test_the_curve_of_distances_ends_at_the_share_fooled():
    above, below = draw([distances()], ["a"]).axes
    (curve,) = [line for line in above.lines if line.get_drawstyle() == "steps-post"]
    assert curve.get_ydata()[0] == 0
    assert curve.get_ydata()[-1] == 3 / 4  # of five images one was never attacked
    (median,) = [line for line in above.lines if list(line.get_ydata()) == [0.5]]
    assert median.get_xdata() == [0.2]
    assert below.get_xlabel() == "critical distance (PGD, L2, attacked space)"


def test_distances_of_different_norms_are_compared_in_l2():
    figure = draw([distances(), distances(norm="linf")], ["a", "b"])
    curve = [line for line in figure.axes[0].lines if line.get_drawstyle() == "steps-post"][0]
    np.testing.assert_allclose(curve.get_xdata()[1:-1], [0.2, 0.4, 0.8])
    assert figure.axes[1].get_xlabel() == "critical distance (L2, attacked space)"


def test_landscapes_share_one_scale_and_name_their_classes():
    figure = draw([landscape(), landscape(low=70, high=90)], ["kh", "bp"])
    (first, second) = (axes.images[0] for axes in figure.axes[:2])
    assert first.norm is second.norm
    assert isinstance(first.norm, LogNorm)
    assert first.get_clim() == (15, 90)
    assert legends(figure) == [["0", "3"]]
    assert {axes.get_aspect() for axes in figure.axes[:4]} == {1.0}
    assert {"kh", "bp", "$u$ (attacked space)", "$v$ (attacked space)"} <= set(texts(figure))


def test_less_confidence_is_paler():
    sure, unsure = landscape(), landscape()
    unsure.arrays["confidence"][:] = 0.2
    strong, weak = (draw([a], ["a"]).axes[1].images[0].get_array() for a in (sure, unsure))
    assert (weak > strong).all()


def test_weights_leave_out_units_that_are_zero():
    figure = draw([model(**pruning())], ["kh"])
    assert "29 of 29 units" in figure.axes[0].get_xlabel()
    (cut,) = [line for line in figure.axes[1].lines if line.get_label() == "cut 1"]
    assert set(cut.get_xdata()) == {1.0}


@pytest.mark.parametrize(
    ("name", "facts", "panels"),
    [
        ("hidden.synapses", {}, 2),
        ("net.hidden.synapses", {}, 2),
        ("hidden.weight", {}, 1),
        ("hidden.weight", history(), 3),
        ("readout.weight", {"arch": "linear"}, 1),
    ],
)
def test_models_show_what_they_hold(name, facts, panels):
    assert len(draw([model(name, **facts)], ["a"]).axes) == panels


def test_models_without_a_history_are_not_compared():
    with pytest.raises(ArtifactError, match="expected models with a history .* found none in b"):
        draw([model(**history()), model()], ["a", "b"])


def test_a_model_with_nothing_to_show_is_refused():
    with pytest.raises(ArtifactError, match="expected weights of the images' shape or a history"):
        draw([Artifact("model", {}, model().fields)], ["a"])


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
        "import sys, specrob.plots as p, importlib\n"
        "[importlib.import_module(f'specrob.plots.{m}') for m in p.FIGURES.values()]\n"
        "print({'torch', 'scipy', 'matplotlib.pyplot'} & set(sys.modules))"
    )
    assert subprocess.check_output([sys.executable, "-c", code], text=True) == "set()\n"


def test_fits_are_drawn_above_their_spectra_and_named():
    one = spectrum(alpha=1.5, sizes=(50,))
    figure = draw([one, fitted(one)], ["kh", "alpha"])
    (line,) = [x for x in figure.axes[0].lines if len(x.get_xdata()) == 2]
    np.testing.assert_allclose(line.get_ydata(), 2 * np.array([2.0, 10.0]) ** -1.5)
    assert ["kh, α 1.50, noise 1.50"] in legends(figure)


def test_exponents_of_other_spectra_are_refused():
    with pytest.raises(ArtifactError, match="found those of others"):
        draw([spectrum(), fitted(spectrum(alpha=3.0))], ["a", "b"])


def test_networks_whose_spectra_are_the_same_have_the_same_exponents():
    """As where pruning found nothing to prune."""
    one = spectrum(alpha=1.5, sizes=(50,))
    figure = draw([one, one, fitted(one), fitted(one)], ["raw", "pruned", "a", "b"])
    assert [len(x.get_xdata()) for x in figure.axes[0].lines].count(2) == 2
    with pytest.raises(ArtifactError, match="found several of one"):
        draw([one, fitted(one), fitted(one, alpha=2.0)], ["kh", "a", "b"])


def test_a_star_marks_ninety_percent_of_the_variance():
    images = draw([spectrum(alpha=1.0, sizes=(50,))], ["a"]).axes[0]
    held = np.cumsum(1 / np.arange(1, 51)) / np.sum(1 / np.arange(1, 51))
    (star,) = [c.get_offsets()[0][0] for c in images.collections]
    assert star == np.argmax(held >= 0.9) + 1


def test_maps_share_one_scale_and_mark_the_range():
    figure = draw([mapped()], ["kh"])
    meshes = [c for axes in figure.axes for c in axes.collections if c.get_array() is not None]
    assert len({(m.norm.vmin, m.norm.vmax) for m in meshes[:2]}) == 1
    circles = [x for axes in figure.axes for x in axes.lines if x.get_color() == "white"]
    assert [(x.get_xdata()[0], x.get_ydata()[0]) for x in circles] == [(10, 50)] * 2


def test_a_map_that_is_not_square_is_refused():
    table = {"ranks": [1, 10], "alpha": [[1.0]]}
    fits = [mapped().fields["fits"][0] | {"map": table}]
    with pytest.raises(ArtifactError, match="rising ranks"):
        draw([Artifact("power-law", {}, {"fits": fits})], ["a"])


def test_sensitivity_has_a_column_a_rank_beside_the_images():
    figure = draw([sensitivity()], ["kh"])
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == ["images", "n = 1", "n = 10"]
    assert sum(bool(axes.images) for axes in figure.axes) >= 6
