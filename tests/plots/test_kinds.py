"""What the figure of each kind shows, and how it is labelled."""

import numpy as np
import pytest
from made import (
    distances,
    fitted,
    history,
    image_file,
    landscape,
    legends,
    mapped,
    model,
    power_law,
    pruning,
    robustness,
    sensitivity,
    spectrum,
    texts,
)
from matplotlib.colors import LogNorm, to_rgb

from specrob.artifacts import Artifact, to_result
from specrob.errors import ArtifactError
from specrob.plots import draw
from specrob.plots.style import PALETTE
from specrob.results import PowerLaw, Robustness, Spectrum
from specrob.settings.plots import PanelSettings


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
    assert names == ["0 units, as fitted", "10 units", "20 units, corrected"]


def test_bars_are_the_interval_or_the_standard_error():
    (axes,) = draw([power_law()], ["kh"]).axes
    bars = [line.get_xdata() for line in axes.lines if len(line.get_xdata()) == 2]
    np.testing.assert_allclose(bars, [[2.4, 2.6], [0.8, 1.3]])


@pytest.mark.parametrize(
    ("eps", "scale", "points"),
    [
        ((0, 0.01, 0.1, 1), "symlog", 4),
        ((0, 1, 2, 3), "linear", 4),
        ((0, 0, 0, 0), "linear", 4),
        ((1, 0.1, 0.01, 0), "symlog", 4),
        ((0.001, 0.01, 0.1, 1), "log", 4),
    ],
)
def test_radii_choose_the_axis(eps, scale, points):
    (axes,) = draw([robustness(eps)], ["a"]).axes
    assert (axes.get_xscale(), axes.get_ylim()) == (scale, (0, 1))
    assert len(axes.lines[0].get_xdata()) == points


def test_attacks_are_named_on_the_axis_or_where_they_differ_in_the_legend():
    (axes,) = draw([robustness()], ["a"]).axes
    assert axes.get_xlabel() == "PGD: $ε$, L∞ norm in the attacked space"
    mixed = draw([robustness(), robustness(method="random", norm="l2")], ["a", "b"])
    assert legends(mixed) == [["a (PGD, L∞)", "b (random, L2)", "95% interval over images"]]


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
    u = "$u$ (attacked space)\n+ is image 3"  # which is said once
    assert {"kh", "bp", u, "$v$ (attacked space)"} <= set(texts(figure))


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


def test_parts_of_a_kind_are_drawn_alone():
    both = draw([landscape()], ["kh"])
    above, below = (
        draw([landscape()], ["kh"], PanelSettings(part=part))
        for part in ("jacobian_norm", "label")
    )
    assert len(both.axes) == 3  # with the colour bar
    assert [len(above.axes), len(below.axes)] == [2, 1]
    assert not above.legends
    assert below.legends


def test_distances_in_l2_are_another_part():
    (line, *_) = (
        x
        for x in draw([distances(norm="linf")], ["a"], PanelSettings(part="distance_l2"))
        .axes[0]
        .lines
        if x.get_drawstyle() == "steps-post"
    )
    np.testing.assert_allclose(line.get_xdata()[1:-1], [0.2, 0.4, 0.8])


def test_exponents_take_no_colour():
    first, second = spectrum(alpha=1.0, sizes=(50,)), spectrum(alpha=2.0, sizes=(50,))
    figure = draw([first, fitted(first), second, fitted(second)], ["a", "a", "b", "b"])
    found = [line.get_color() for line in figure.axes[0].get_legend().get_lines()]
    assert found[:2] == list(PALETTE[:2])


def test_the_most_units_of_every_network_are_strong():
    panel = draw([spectrum(sizes=(20, 40)), spectrum(sizes=(20, 50))], ["a", "b"]).axes[0]
    strong = [
        len(line.get_xdata())
        for line in panel.lines
        if any(np.allclose(line.get_color(), to_rgb(colour)) for colour in PALETTE[:2])
    ]
    assert strong == [40, 50]


def test_eigenvalues_are_drawn_as_they_are():
    axes = draw([spectrum(sizes=(50,))], ["a"], PanelSettings(part="eigenvalues")).axes[0]
    assert axes.lines[0].get_ydata()[0] == 3
    assert axes.get_ylabel() == "eigenvalue $λ_n$"


def observed(true=(2.0, 1.5, 1.1), estimated=(1.2, 1.0, None)):
    own = history(3)["history"] | {"alpha latent": list(true)}
    return {"history": own | {"estimated alpha latent": list(estimated)}}


def test_true_exponents_stand_beside_the_estimates_of_the_penalty():
    axes = draw([model(**observed())] * 2, ["a", "b"]).axes[-1]
    assert axes.get_ylabel() == "exponent $α$\nof latent"
    true, estimated = axes.lines[:2]
    np.testing.assert_array_equal(true.get_ydata(), [2.0, 1.5, 1.1])
    np.testing.assert_array_equal(estimated.get_ydata(), [1.2, 1.0, np.nan])
    assert [t.get_text() for t in axes.get_legend().get_texts()] == [
        "test images",
        "estimate",
    ]


def test_seeds_have_a_mean_exponent():
    members = [model(**observed(true)) for true in ((2.0, 1.0, 1.0), (3.0, 2.0, 1.0))]
    axes = draw([members], ["a"]).axes[-1]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [2.5, 1.5, 1.0])


def test_seeds_are_drawn_as_mean_and_spread():
    seeds = [robustness(accuracy=(1.0, a, 0.5, 0.0)) for a in (0.8, 1.0)]
    figure = draw([seeds, robustness()], ["bp", "kh"])
    (axes,) = figure.axes
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [1.0, 0.9, 0.5, 0.0])
    band, _ = axes.collections
    heights = band.get_paths()[0].vertices[:, 1]
    np.testing.assert_allclose(heights.max() - 0.9, np.std([0.8, 1.0], ddof=1))
    assert legends(figure) == [["bp, mean ± s.d. of 2", "kh", "95% interval over images"]]


def test_seeds_that_differ_in_radii_or_have_no_mean_are_refused():
    with pytest.raises(ArtifactError, match="expected seeds with the same eps in bp"):
        draw([[robustness(), robustness((0.0, 0.1, 0.2, 0.3))]], ["bp"])
    with pytest.raises(ArtifactError, match="expected seeds with curves of one length in bp"):
        draw([[model(**history(3)), model(**history(4))]], ["bp"])
    with pytest.raises(ArtifactError, match="one file of the kind landscape as bp, found 2, whi"):
        draw([[landscape(), landscape()]], ["bp"])


def test_records_are_drawn_as_their_artifacts():
    one = spectrum(alpha=1.5, sizes=(50,))
    records = to_result(one, Spectrum), to_result(fitted(one), PowerLaw)
    panels = (draw(both, ["kh", "alpha"]).axes[0] for both in (records, [one, fitted(one)]))
    for first, second in zip(*(axes.lines for axes in panels), strict=True):
        np.testing.assert_array_equal(first.get_xydata(), second.get_xydata())
    ((name, _),) = legends(draw([to_result(robustness(), Robustness)]))
    assert name == "result 1"
    (axes,) = draw(records, ["kh", ""], PanelSettings(part="noise")).axes
    assert "kh, α 1.50" in legends(axes.figure)[0]


def test_images_to_learn_from_have_their_labels():
    figure = draw([image_file(), image_file(40)], ["a", "b"])
    below = [axes.texts[0].get_text() for axes in figure.axes if axes.texts]
    assert below[:3] == ["0 → 1", "1 → 0", "2 → 1"]
    assert len(below) == 3 + 16
    assert "b: non-robust features, test" in texts(figure)
    with pytest.raises(ArtifactError, match="expected images in a, found none"):
        empty = image_file()
        for name in ("x_test", "y_test", "y_true_test"):
            del empty.arrays[name]
        draw([empty], ["a"])
