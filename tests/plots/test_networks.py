"""One colour a network: in figures of several attacks, and once in the legend of a layout."""

from dataclasses import replace

import numpy as np
import pytest
from made import (
    distances,
    fitted,
    history,
    landscape,
    legends,
    measured,
    model,
    read,
    run,
    smoothness,
    spectrum,
)
from made import sensitivity as sensitivities
from matplotlib.colors import to_hex
from matplotlib.figure import Figure

from specrob.artifacts import Artifact, Provenance
from specrob.errors import ArtifactError
from specrob.plots import draw, labels_of
from specrob.plots.compose import PanelContent, arrange, compose
from specrob.plots.figure import Series
from specrob.plots.fitting import fit_text
from specrob.plots.layout import parse_layout
from specrob.plots.style import PALETTE
from specrob.quantities.relate import Relation
from specrob.results import Answer, Comparison
from specrob.settings.plots import FigureSettings, PanelSettings

ATTACKS = [f"{network}.{attack}.json" for network in ("kh", "bp") for attack in ("pgd", "fgsm")]


def curves(axes):
    return [x for x in axes.lines if len(x.get_xdata()) > 2]


def test_attacks_on_one_network_share_its_colour_and_have_markers_of_their_own():
    (axes,) = draw(read(ATTACKS), ATTACKS).axes
    found = [(x.get_color(), x.get_marker(), x.get_linestyle()) for x in curves(axes)]
    assert [color for color, *_ in found] == [PALETTE[0]] * 2 + [PALETTE[1]] * 2
    assert found[0][1:] == found[2][1:] != found[1][1:] == found[3][1:]
    assert len(set(found)) == 4


def test_networks_that_are_not_known_have_colours_of_their_own():
    same = Artifact("robustness", {}, measured("kh.pgd.json").fields)
    (axes,) = draw([same, same], ["kh", "bp"]).axes
    assert [x.get_color() for x in curves(axes)] == list(PALETTE[:2])


def layer(name, network):
    made = replace(spectrum(sources=("images",), sizes=(50,)), provenance=run(network))
    return replace(made, arrays={**made.arrays, "layer": np.array([name])})


def look(line):
    return to_hex(line.get_color()), line.get_marker(), line.get_linestyle()


@pytest.mark.parametrize("second", ["two", "one"])
def test_spectra_of_one_network_share_its_colour_and_look_different(second):
    three = [layer("one", "kh"), layer(second, "kh"), layer("one", "bp")]
    found = [look(x) for x in curves(draw(three, ["a", "b", "c"]).axes[0])]
    assert [color for color, *_ in found] == [PALETTE[0], PALETTE[0], PALETTE[1]]
    assert found[0][1] != found[1][1]


def test_spectra_that_share_layers_are_told_apart_by_colour():
    """Markers are layers then, so that two spectra of one layer need two colours."""
    three = [layer("one", "kh"), layer("one", "kh"), layer("two", "kh")]
    found = [look(x) for x in curves(draw(three, ["a", "b", "c"]).axes[0])]
    assert len(set(found)) == 3


NETWORKS = '[networks]\nkh = "KH"\nbp = "BP"\n'
SPECTRA = '{artifacts = ["{network}.spectrum.npz", "{network}.alpha.json"], part = "images"}'
CURVES = '{artifacts = ["{network}.pgd.json", "{network}.fgsm.json"]}'


def layout(*panels, reader=read):
    text = f"{NETWORKS}[[rows]]\npanels = [{', '.join(panels)}]"
    return compose(parse_layout(text.encode(), "figure.toml"), reader)


def test_a_network_stands_once_in_the_legend_with_its_exponent():
    whole = layout(SPECTRA, '{artifacts = ["{network}.pgd.json"]}')
    names = [name for texts in legends(whole) for name in texts]
    assert [name for name in names if name.startswith(("KH", "BP"))] == [
        *("KH, α 1.50", "BP, α 1.50"),
    ]


def test_exponents_that_differ_between_panels_stand_in_their_panels():
    alphas = iter((1.25, 1.25, 1.75, 1.75))

    def reader(paths):
        found = read(paths)
        return [
            [fitted(spectra[0], next(alphas))] if path.endswith(".alpha.json") else own
            for path, own, spectra in zip(paths, found, found[:2] * 2, strict=True)
        ]

    whole = layout(SPECTRA, SPECTRA, reader=reader)
    own = [a.get_legend().get_texts() for a in whole.axes if a.get_legend()]
    assert [[t.get_text() for t in texts][:2] for texts in own] == [["α 1.25"] * 2, ["α 1.75"] * 2]
    (shared,) = whole.legends
    assert [t.get_text() for t in shared.get_texts()][:2] == ["KH", "BP"]


def test_attacks_are_named_once_for_all_networks_of_a_layout():
    names = [name for texts in legends(layout(CURVES, CURVES)) for name in texts]
    assert names[:4] == ["KH", "BP", "PGD, L∞", "FGSM, L∞"]


def test_merged_layers_name_their_network():
    seeds = [spectrum(alpha=alpha) for alpha in (1.0, 1.1)]
    layers = np.array(["one", "two"]).repeat(3)
    seeds = [replace(s, arrays={**s.arrays, "layer": layers}) for s in seeds]
    assert legends(draw([seeds], ["kh"]))[0][0] == "kh, 2 seeds"


@pytest.mark.parametrize("scale", ["linear", "log"])
@pytest.mark.parametrize("kind", [distances, smoothness])
def test_the_scale_of_distances_and_norms_can_be_chosen(kind, scale):
    figure = draw([kind(), kind()], ["a", "b"], PanelSettings(xscale=scale))
    assert {axes.get_xscale() for axes in figure.axes} == {scale}


def test_curves_of_distances_are_the_same_on_a_linear_axis():
    log, linear = (
        draw([distances()], ["a"], PanelSettings(xscale=scale)).axes[0]
        for scale in ("log", "linear")
    )
    (steps, same) = (
        next(x for x in axes.lines if x.get_drawstyle() == "steps-post") for axes in (log, linear)
    )
    np.testing.assert_array_equal(steps.get_xydata()[1:-1], same.get_xydata()[1:-1])
    assert linear.get_xlim()[0] == 0


@pytest.mark.parametrize(("x", "scale"), [((0.0, 0.1, 1.0), "symlog"), ((0.1, 1.0), "log")])
def test_relations_on_a_logarithmic_axis_have_0_to_the_left(x, scale):
    assert related(x).axes[0].get_xscale() == scale


def test_a_logarithmic_axis_has_no_negative_numbers():
    with pytest.raises(ArtifactError, match="for a logarithmic axis, found -1; set `xscale`"):
        related((-1.0, 1.0))


def related(x):
    points = [(((at, at, at), (0.5, 0.4, 0.6)),) for at in x]
    series = [
        Series(str(n), n, relation=Relation(str(n), "a", "b", one, Provenance()))
        for n, one in enumerate(points)
    ]
    return arrange([[PanelContent("relation", series, xscale="log")]])


def test_names_break_and_ticks_are_left_out_where_there_is_no_room():
    figure = Figure(figsize=(2.0, 2.0), layout="constrained")
    for axes in figure.subplots(1, 2):
        title = axes.set_title("a title of several words")
        axes.set(xlim=(0, 1), xticks=np.linspace(0, 1, 6))
    fit_text(figure)
    assert "\n" in title.get_text()
    boxes = [t.get_window_extent() for t in axes.get_xticklabels() if t.get_text()]
    assert 2 <= len(boxes) < 6
    assert all(one.x1 < other.x0 for one, other in zip(boxes, boxes[1:], strict=False))


def test_names_of_answers_that_have_no_room_say_so():
    long = "A larger margin over the norm of the Jacobian goes with larger distances. " * 3
    one = Answer(id="x", kind="less", effect=0.5, verdict="yes", text=long)
    (axes,) = draw([Artifact.of(Comparison(answers=(one,)))], ["answers"]).axes
    (name,) = [text.get_text() for text in axes.get_yticklabels()]
    assert name.count("\n") == 2
    assert name.endswith(" …")


def test_bars_of_answers_have_a_key():
    facts = {"kind": "different", "title": "alpha", "a": "kh", "b": "bp", "effect": 0.5}
    one = Answer(id="1", verdict="yes", low=0.1, high=0.9, **facts)
    other = replace(one, low_90=0.2, high_90=0.8, margin=0.3)
    assert legends(draw([Comparison(answers=(one,))], ["a"])) == [["95% interval"]]
    keys = ["95% interval", "90% interval", "margin"]
    figure = draw([Comparison(answers=(one, other))], ["a"])
    assert legends(figure) == [keys]
    larger = draw([Comparison(answers=(one, other))], ["a"], look=FigureSettings(font_size=14.0))
    assert larger.get_figheight() >= 2 * figure.get_figheight()


@pytest.mark.parametrize(
    ("kind", "scale", "ends"),
    [
        ("not-worse", "difference", (-0.3, 0)),
        ("equivalent", "difference", (-0.3, 0.3)),
        ("not-worse", "ratio", (1 / 1.2, 1)),
        ("equivalent", "ratio", (1 / 1.2, 1.2)),
    ],
)
def test_of_not_worse_the_lower_side_of_the_margin_alone_is_drawn(kind, scale, ends):
    facts = {"title": "alpha", "a": "kh", "b": "bp", "effect": 1.0, "low": 0.9, "high": 1.1}
    margin = 0.3 if scale == "difference" else 1.2
    one = Answer(id="1", verdict="yes", kind=kind, scale=scale, margin=margin, **facts)
    axes = draw([Comparison(answers=(one,))], ["a"]).axes[0]
    (box,) = axes.collections
    x = box.get_paths()[0].vertices[:, 0]
    np.testing.assert_allclose((x.min(), x.max()), ends)
    (name,) = [text.get_text() for text in axes.get_yticklabels()]
    assert name.replace("\n", " ").endswith(f": alpha ({kind.replace('-', ' ')})")


def test_attacks_on_one_network_share_its_name_in_legends():
    files = ["wide.pgd.json", "wide.fgsm.json", "bp.pgd.json"]
    groups = [[measured(file)] for file in files]
    labels = labels_of(files, (), groups)
    assert labels == ["wide", "wide", "bp"]
    said = legends(draw(groups, labels))[0]
    assert said == ["wide", "bp", "PGD, L∞", "FGSM, L∞", "95% interval over images"]
    same = [[measured("wide.pgd.json")] for _ in range(2)]
    assert labels_of(["wide.a.json", "wide.b.json"], (), same) == ["wide.a", "wide.b"]


def test_models_without_a_history_are_named_without_what_the_legend_says_of_seeds():
    with pytest.raises(ArtifactError) as refused:
        draw([[model(**history())] * 2, [model()] * 3], ["kh", "wide"])
    assert "none in wide; plot each of its files alone to see the weights" in str(refused.value)


def test_landscapes_that_would_be_too_small_are_refused():
    with pytest.raises(ArtifactError, match="at most 3 landscapes on 3.4 inches, found 9"):
        draw([landscape()] * 9, list("abcdefghi"), look=FigureSettings(width=3.4))


def test_images_of_several_networks_are_shown_once():
    figure = draw([sensitivities(), sensitivities()], ["kh", "bp"])
    titles = [axes.get_title() for axes in figure.axes if axes.get_title()]
    assert titles == ["images", *(f"{n}\nn = {rank}" for n in ("kh", "bp") for rank in (1, 10))]
