"""Radii: eps 0 on logarithmic axes, levels of pixels, intervals over images, largest budgets."""

import numpy as np
import pytest
from made import distances, legends, robustness, smoothness

from specrob.plots import draw, style
from specrob.plots.radius_axis import set_log_axis
from specrob.radii import format_radius
from specrob.settings.plots import PanelSettings


def ticks(axes):
    axes.figure.draw_without_rendering()
    return [label.get_text() for label in axes.get_xticklabels()]


def test_eps_0_is_drawn_to_the_left_of_a_logarithmic_axis():
    (axes,) = draw([robustness((0, 0.01, 0.1, 1))], ["a"]).axes
    assert axes.lines[0].get_xdata()[0] == 0
    assert ticks(axes) == ["0", "$10^{-2}$", "$10^{-1}$", "$10^{0}$"]
    low, zero, first, last = axes.transAxes.inverted().transform(
        axes.transData.transform([(axes.get_xlim()[0], 0), (0, 0), (0.01, 0), (1, 0)])
    )[:, 0]
    assert low < zero < first < last
    assert 0.1 < first - zero < 0.25


@pytest.mark.parametrize(
    ("scale", "eps", "found"),
    [
        ("linear", (0, 0.01, 0.1, 1), "linear"),
        ("log", (0, 1, 2, 3), "symlog"),
        ("log", (1, 2, 3, 4), "log"),
        ("log", (0, 0, 0, 0), "linear"),  # nothing to take a logarithm of
    ],
)
def test_the_axis_can_be_chosen(scale, eps, found):
    (axes,) = draw([robustness(eps)], ["a"], PanelSettings(xscale=scale)).axes
    assert axes.get_xscale() == found


@pytest.mark.parametrize(
    ("eps", "names"),
    [
        ((0, 2 / 255, 4 / 255, 8 / 255), ["0", "2/255", "4/255", "8/255"]),
        ((0, 2 / 255, 4 / 255, 6 / 255), ["0", "2/255", "4/255", "6/255"]),
        ((1 / 255, 2 / 255, 8 / 255, 0.2), ["1/255", "2/255", "8/255", "0.2"]),
    ],
)
def test_radii_in_levels_of_pixels_are_ticks(eps, names):
    (axes,) = draw([robustness(eps)], ["a"]).axes
    assert ticks(axes) == names


def test_few_radii_of_less_than_two_decades_are_ticks():
    (axes,) = draw([robustness((0, 0.01, 0.02, 0.05, 0.1), (1.0,) * 5)], ["a"]).axes
    assert ticks(axes) == ["0", "0.01", "0.02", "0.05", "0.1"]


def test_many_levels_have_room_for_some_ticks():
    eps = tuple(n / 255 for n in range(65))
    (axes,) = draw([robustness(eps, (1.0,) * 65)], ["a"]).axes
    axes.figure.draw_without_rendering()
    boxes = sorted(t.get_window_extent().extents[[0, 2]].tolist() for t in axes.get_xticklabels())
    assert len(boxes) > 3
    assert all(one[1] < other[0] for one, other in zip(boxes, boxes[1:], strict=False))


def test_an_axis_over_all_that_float64_holds_has_ends():
    axes = style.new_figure(style.SINGLE, 2.0).subplots()
    set_log_axis(axes, np.array([5e-324, 1.0, 1e308]))
    assert np.isfinite(axes.get_xlim()).all()


@pytest.mark.parametrize(
    ("eps", "text"),
    [(255 / 255, "1"), (1 / 255, "1/255"), (51 / 255, "0.2"), (300 / 255, "1.176"), (0.0, "0")],
)
def test_radii_as_text(eps, text):
    assert format_radius(eps) == text


@pytest.mark.parametrize(("part", "images"), [("relative_accuracy", 2), ("robust_accuracy", 4)])
def test_bands_are_wilson_intervals_over_the_images(part, images):
    from scipy.stats import binomtest

    one = robustness((1, 2, 3, 4), (1.0, 0.5, 0.5, 0.0))
    one.fields["robust_accuracy"] = [0.5, 0.25, 0.25, 0.0]
    (axes,) = draw([one], ["a"], PanelSettings(part=part)).axes
    vertices = axes.collections[0].get_paths()[0].vertices
    for x, share in zip((1, 2, 3, 4), one.fields[part], strict=True):
        found = vertices[np.isclose(vertices[:, 0], x), 1]
        exact = binomtest(round(share * images), images).proportion_ci(method="wilson")
        np.testing.assert_allclose([found.min(), found.max()], exact, atol=1e-9)


def test_curves_of_distances_end_at_the_largest_radius_tried():
    one = distances((0.1, 0.4, np.inf))
    one.arrays["eps"][2] = 0.45
    (curve,) = [x for x in draw([one], ["a"]).axes[0].lines if x.get_drawstyle() == "steps-post"]
    assert curve.get_xdata()[-1] == 0.45
    whole = draw([distances((0.1, 0.4))], ["a"]).axes[0]
    (curve,) = [x for x in whole.lines if x.get_drawstyle() == "steps-post"]
    assert curve.get_xdata()[-1] == whole.get_xlim()[1]  # all were fooled: it stays at 1


def test_the_median_has_its_interval():
    one = distances(np.arange(1, 41) / 40)
    figure = draw([one], ["a"])
    (bar,) = [x for x in figure.axes[0].lines if x.get_marker() == "|"]
    from specrob.artifacts import to_result
    from specrob.results import Distances

    median = to_result(one, Distances).median()
    assert list(bar.get_xdata()) == [median.low, median.high]
    assert legends(figure) == [["a", "quartiles", "95% interval of the median"]]
    many = draw([one] * 5, list("abcde"))
    assert not [x for x in many.axes[0].lines if x.get_marker() == "|"]
    assert len([x for x in many.axes[1].lines if x.get_marker() == "|"]) == 5


def test_norms_have_a_row_each_and_networks_side_by_side():
    (axes,) = draw([smoothness(3.0), smoothness(4.0, layers=("logits",))], ["kh", "bp"]).axes
    assert [t.get_text() for t in axes.get_yticklabels()] == [
        *("Frobenius norm of W", "spectral norm of W", "Jacobian of latent", "Jacobian of logits"),
    ]
    points = {(x.get_xdata()[0], x.get_ydata()[0]) for x in axes.lines if x.get_markersize() == 4}
    latent, *logits = sorted((p for p in points if p[1] > 1.6), key=lambda p: p[1])
    assert latent[0] == 3.0
    assert [x for x, _ in logits] == [4.0, 4.0]
    assert logits[0][1] < 3 < logits[1][1]
    bars = [x.get_xdata() for x in axes.lines if len(x.get_xdata()) == 2 and x.get_zorder() == 3]
    np.testing.assert_allclose(bars[0], [3 - 0.196, 3 + 0.196], atol=1e-4)
