"""Several seeds of one network as one: every kind that has a mean, and what must agree."""

from dataclasses import replace

import numpy as np
import pytest
from made import (
    adversarial,
    distances,
    fitted,
    landscape,
    legends,
    mapped,
    power_law,
    sensitivity,
    smoothness,
    spectrum,
    texts,
)

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError
from specrob.plots import draw
from specrob.plots.figure import Series
from specrob.plots.sensitivity import mean_of
from specrob.settings.plots import PanelSettings


def spectra(*alphas, sizes=(50,)):
    return [spectrum(alpha=alpha, sizes=sizes, sources=("images",)) for alpha in alphas]


def test_spectra_are_averaged_rank_by_rank_in_logarithms():
    (axes,) = draw([spectra(1.0, 2.0)], ["kh"]).axes
    ranks = np.arange(1, 51)
    (line,) = [x for x in axes.lines if len(x.get_xdata()) == 50]
    np.testing.assert_allclose(line.get_ydata(), ranks**-1.5)
    band = axes.collections[0].get_paths()[0].vertices
    deviation = np.std([1.0, 2.0], ddof=1) * np.log(10)
    at_ten = np.log(band[np.isclose(band[:, 0], 10), 1])
    np.testing.assert_allclose(np.ptp(at_ten), 2 * deviation)


def test_spectra_of_seeds_that_lost_units_are_of_one_size():
    """Units that never vary are left out, others in every seed; the curve ends with the fewest."""
    seeds = []
    for lost in (0, 3):
        (one,) = spectra(1.5, sizes=(50 - lost,))
        arrays = {**one.arrays, "dropped": np.array([lost])}
        seeds.append(replace(one, arrays=arrays))
    (axes,) = draw([seeds], ["kh"]).axes
    assert max(len(x.get_xdata()) for x in axes.lines) == 47


@pytest.mark.parametrize(("first", "second"), [((10, 48), (10, 47)), ((10,), (10,))])
def test_fewer_units_have_their_own_number_where_others_never_vary(first, second):
    seeds = []
    for sizes, lost in ((first, 2), (second, 3)):
        (one,) = spectra(1.5, sizes=sizes)
        arrays = {**one.arrays, "dropped": np.full(len(sizes), lost)}
        seeds.append(replace(one, arrays=arrays))
    figure = draw([seeds], ["kh"])
    assert max(len(x.get_xdata()) for x in figure.axes[0].lines) == second[-1]
    shown = {text for text in legends(figure)[-1] if text.endswith(" units")}
    assert shown == ({"most units", "10 units"} if len(first) > 1 else set())


def test_exponents_beside_spectra_are_those_of_the_seeds():
    seeds = spectra(1.0, 2.0)
    laws = [fitted(one, alpha) for one, alpha in zip(seeds, (1.0, 2.0), strict=True)]
    figure = draw([seeds, laws], ["kh", ""])
    assert legends(figure)[0][0] == "kh, 2 seeds, α 1.50 ± 0.71"
    (line,) = [x for x in figure.axes[0].lines if len(x.get_xdata()) == 2]
    slope = np.diff(np.log(line.get_ydata())) / np.diff(np.log(line.get_xdata()))
    np.testing.assert_allclose(slope, -1.5)


def test_exponents_are_a_row_with_the_seeds_as_dots():
    (axes,) = draw([[power_law((2.0,)), power_law((3.0,))]], ["kh"]).axes
    (bar,) = [x.get_xdata() for x in axes.lines if len(x.get_xdata()) == 2 and x.get_zorder() == 3]
    np.testing.assert_allclose(bar, [2.5 - 0.5**0.5, 2.5 + 0.5**0.5])
    (dots,) = [x.get_xdata() for x in axes.lines if x.get_markersize() < 3]
    assert list(dots) == [2.0, 3.0]
    assert "bars: s.d. over seeds" in axes.get_xlabel()


def test_maps_of_exponents_are_averaged():
    other = mapped()
    other.fields["fits"][0]["map"]["alpha"][0][1] = 2.0  # of 1.0
    figure = draw([[mapped(), other]], ["kh"], PanelSettings(part="map"))
    mesh = next(c for axes in figure.axes for c in axes.collections if c.get_array() is not None)
    assert mesh.get_array()[1, 0] == 1.5


def test_distances_of_seeds_are_pooled():
    seeds = [distances((0.1, 0.4, np.inf, np.nan)), distances((0.2, 0.2, 0.2))]
    figure = draw([seeds], ["kh"])
    above = figure.axes[0]
    (curve,) = [x for x in above.lines if x.get_drawstyle() == "steps-post"]
    np.testing.assert_allclose(curve.get_ydata()[:-1], [0, *(np.arange(1, 6) / 6)])
    assert legends(figure)[0] == [
        *("kh, pooled over 2 seeds", "quartiles"),
        *("range of seeds' medians", "range of seeds' curves"),
    ]
    (ends,) = [x.get_xdata() for x in above.lines if x.get_linewidth() == 2.5]
    assert list(ends) == [0.2, 0.4]  # the medians of the seeds
    (band,) = above.collections
    vertices = band.get_paths()[0].vertices
    at = vertices[np.isclose(vertices[:, 0], 0.2), 1]
    assert (at.min(), at.max()) == (0, 1)  # before and after the step of the second seed


def test_sensitivities_have_a_mean_with_sign():
    one, other = sensitivity(), sensitivity()
    other.arrays["maps"][:] = -3 * one.arrays["maps"]
    mean = mean_of(Series("kh", 0, [one, other])).maps
    np.testing.assert_allclose(mean, -one.arrays["maps"])
    words = texts(draw([[one, other]], ["kh"]))
    assert any("mean of 2 seeds" in text for text in words)


def test_norms_have_a_mean_and_deviation():
    (axes,) = draw([[smoothness(2.0), smoothness(4.0)]], ["kh"]).axes
    row = [t.get_text() for t in axes.get_yticklabels()].index("Jacobian of latent")
    bars = [x for x in axes.lines if len(x.get_xdata()) == 2 and x.get_zorder() == 3]
    (bar,) = [x for x in bars if list(x.get_ydata()) == [row, row]]
    np.testing.assert_allclose(bar.get_xdata(), [3 - 2**0.5, 3 + 2**0.5])


@pytest.mark.parametrize(
    ("seeds", "message"),
    [
        ([landscape()] * 2, "expected one file of the kind landscape as kh, found 2"),
        ([adversarial()] * 2, "expected one file of the kind adversarial as kh, found 2"),
        ([*spectra(1.0), *spectra(1.0, sizes=(40,))], "same layers, sources and sizes in kh"),
        ([power_law((1.0,)), power_law((1.0, 2.0))], "same layers and sources in kh"),
        ([distances(), distances(norm="linf")], "same attack in kh"),
        ([sensitivity(), sensitivity(ranks=(1, 9))], "same ranks, images and layer in kh"),
        ([smoothness(), smoothness(layers=("latent",))], "same layers in kh"),
    ],
)
def test_what_cannot_be_merged_is_one_line(seeds, message):
    with pytest.raises(ArtifactError, match=message) as error:
        draw([seeds], ["kh"])
    assert "\n" not in str(error.value)


def test_a_seed_without_a_fit_leaves_the_mean_to_the_others():
    seeds = [power_law((2.0,)), power_law((None,)), power_law((3.0,))]
    (axes,) = draw([seeds], ["kh"]).axes
    assert 2.5 in [x.get_xdata()[0] for x in axes.lines if x.get_markersize() == 4]
    nothing = Artifact("power-law", {}, power_law((None,)).fields)
    assert "no fit" in texts(draw([[nothing, nothing]], ["kh"]))
