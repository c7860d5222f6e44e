"""Looks that no two networks or layers share, names of files, sizes of text, titles."""

import numpy as np
import pytest
from made import legends, robustness, spectrum, texts

from specrob.artifacts import Artifact
from specrob.errors import ArtifactError, UsageError
from specrob.plots import draw, render
from specrob.plots.looks import look_of, of_layer
from specrob.plots.names import names_of
from specrob.settings.plots import FigureSettings, PanelSettings, PlotSettings


def in_grey(look):
    names = ("marker", "linestyle", "markerfacecolor", "fillstyle")
    return tuple(str(look.get(name)) for name in names)


def test_28_networks_look_different_in_grey_too():
    assert len({in_grey(look_of(place)) for place in range(28)}) == 28


def test_layers_of_many_networks_look_different_and_keep_the_colour_of_their_network():
    looks = {(p, layer): look_of(p, layer) for p in range(21) for layer in range(3)}
    assert len({(look["color"], *in_grey(look)) for look in looks.values()}) == 63
    assert all(look["color"] == look_of(p)["color"] for (p, _), look in looks.items())
    for layer in range(3):  # the first seven networks share the marker of a layer
        markers = {(looks[p, layer]["marker"], looks[p, layer]["linestyle"]) for p in range(7)}
        assert markers == {(of_layer(layer)["marker"], of_layer(layer)["linestyle"])}


@pytest.mark.parametrize(
    ("paths", "names"),
    [
        (["run-{seed}-l2.npz"], ["run-l2"]),
        (["kh/{seed}.npz", "{seed}.npz"], ["kh", "seeds"]),
        (["{seed}/kh.npz"], ["kh"]),
        (["kh/{seed}.pgd.npz"], ["kh"]),
        (["rn.0.5.pgd.npz", "rn.0.7.pgd.npz"], ["rn.0.5", "rn.0.7"]),
        (["-", ".hidden.npz"], ["-", "hidden"]),
        (["a.pgd.npz", "a.spectrum.npz", "a.safetensors"], ["a.pgd", "a.spectrum", "a"]),
    ],
)
def test_files_are_called_by_their_networks(paths, names):
    assert names_of(paths) == names


def layered(layers=("one", "two", "three"), alpha=1.5):
    values = 3 * np.arange(1, 31) ** -np.linspace(alpha, alpha + 1, len(layers))[:, None]
    count = len(layers)
    facts = {"source": ["images"] * count, "size": [30] * count, "n_images": [99] * count}
    arrays = {name: np.array(column) for name, column in facts.items()}
    return Artifact("spectrum", {"eigenvalues": values, "layer": np.array(layers), **arrays})


def test_colours_are_networks_and_markers_layers():
    figure = draw([layered(), layered(alpha=2.0)], ["kh", "bp"])
    lines = [x for x in figure.axes[0].lines if len(x.get_xdata()) == 30]
    colours = [x.get_color() for x in lines]
    assert colours == [colours[0]] * 3 + [colours[3]] * 3
    assert colours[0] != colours[3]
    assert [x.get_marker() for x in lines] == [of_layer(n)["marker"] for n in range(3)] * 2
    (names,) = legends(figure)
    assert names[:5] == ["kh", "bp", "one", "two", "three"]


def test_the_layers_of_one_network_have_a_line_each():
    (names,) = legends(draw([layered()], ["kh"]))
    assert names[:4] == ["kh", "one", "two", "three"]


def test_a_figure_may_have_another_title_or_none():
    one = [robustness()]
    assert "Robustness $x$" in texts(draw(one, ["a"], look=FigureSettings(title="Robustness $x$")))
    said = texts(draw(one, ["a"], look=FigureSettings(title="none")))
    assert not any(text.startswith(("Images", "none")) for text in said)


def test_a_figure_has_the_width_and_the_text_that_are_asked_for():
    plain, wide = (draw([spectrum()], ["a"], look=FigureSettings(width=w)) for w in (None, 5.0))
    assert wide.get_figwidth() == 5.0
    large = draw([spectrum()], ["a"], look=FigureSettings(font_size=14.0))
    sizes = [
        [f.axes[0].xaxis.label.get_fontsize(), f.axes[0].get_xticklabels()[0].get_fontsize()]
        for f in (plain, large)
    ]
    render(large, "png")
    assert sizes[1] == [2 * size for size in sizes[0]] == [15.0, 13.0]
    assert large.axes[0].get_xticklabels()[0].get_fontsize() == 13.0


@pytest.mark.parametrize("fields", [{"width": 0.0}, {"width": 51.0}, {"font_size": -1.0}])
def test_sizes_have_a_range(fields):
    with pytest.raises(UsageError, match="expected a number"):
        FigureSettings(**fields)


def test_panels_of_a_layout_choose_their_own_axes():
    with pytest.raises(UsageError, match="expected no `xscale` beside it"):
        PlotSettings(layout="a.toml", xscale="log")
    PlotSettings(layout="a.toml", title="none", width=3.0, font_size=8.0)
    with pytest.raises(ArtifactError, match="robustness, .* found spectrum, whose axis"):
        draw([spectrum()], ["a"], PanelSettings(xscale="linear"))
