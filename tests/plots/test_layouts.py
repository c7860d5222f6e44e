"""Several panels in one figure, as a layout says."""

from dataclasses import fields
from pathlib import Path

import numpy as np
import pytest
from made import read, robustness
from matplotlib.text import Text

from specrob.errors import ArtifactError
from specrob.plots import draw, render
from specrob.plots.compose import compose
from specrob.plots.layout import parse_layout
from specrob.plots.style import PALETTE
from specrob.settings.plots import PanelSettings

NETWORKS = '[networks]\nkh = "KH"\nbp = "BP"\nl2 = "L2"\n'
PAPER_A = Path(__file__).parents[2] / "examples" / "paper_a" / "figures"


def figure(text):
    return compose(parse_layout(text.encode(), "figure.toml"), read)


def rows(*panels):
    return "\n".join(f"[[rows]]\npanels = [{panel}]" for panel in panels) + "\n"


def titled(canvas):
    return [t.get_text() for t in canvas.findobj(Text) if t.get_text().strip()]


TWO = rows(
    '{artifacts = ["{network}.pgd.json"]}, {artifacts = ["{network}.pgd.npz"]}',
    '{artifacts = ["{network}.fgsm.json"], networks = ["l2", "bp"]}',
)


def test_a_network_looks_the_same_in_every_panel():
    axes = [axes for axes in figure(NETWORKS + TWO).axes if axes.get_ylabel()]
    colours = [{line.get_color() for line in a.lines} & set(PALETTE) for a in axes]
    assert colours == [set(PALETTE[:3]), set(PALETTE[:3]), set(PALETTE[1:3])]


def test_a_panel_is_what_its_kind_draws_alone():
    panel = figure(NETWORKS + TWO).axes[0]
    (alone,) = draw([robustness()] * 3, ["KH", "BP", "L2"]).axes
    for one, other in zip(panel.lines, alone.lines, strict=True):
        np.testing.assert_array_equal(one.get_xydata(), other.get_xydata())
        assert one.get_color() == other.get_color()
    assert panel.get_xlabel() == alone.get_xlabel()


def test_networks_letters_and_images_are_said_once():
    whole = figure(NETWORKS + TWO)
    own = [a.get_legend() for a in whole.axes if a.get_legend()]
    shared = [t.get_text() for legend in whole.legends for t in legend.get_texts()]
    assert shared == ["KH", "BP", "L2", "95% interval over images"]
    assert [t.get_text() for legend in own for t in legend.get_texts()] == [
        *("quartiles", "95% interval of the median"),  # which only the panel of distances has
    ]
    said = titled(whole)
    assert [said.count(letter) for letter in "abcd"] == [1, 1, 1, 0]
    assert sum(text.startswith("Images: CIFAR-10 (JPEG copy)") for text in said) == 1


def test_the_name_of_a_panel_with_one_network_is_its_title():
    one = '{artifacts = ["{network}.spectrum.npz", "{network}.alpha.json"], networks = ["%s"]}'
    whole = figure(NETWORKS + rows(one % "kh", one % "bp"))
    assert [box.get_suptitle() for row in whole.subfigs for box in row.subfigs] == ["KH", "BP"]
    alphas = [a.get_legend().get_texts()[0].get_text() for a in whole.axes if a.get_legend()]
    assert alphas == ["α 1.50, noise 1.50"] * 2


@pytest.mark.parametrize("number", range(1, 7))
def test_the_figures_of_paper_a_are_drawn_with_all_their_text_inside(number):
    whole = figure((PAPER_A / f"figure{number}.toml").read_text())
    whole.draw_without_rendering()
    legends = [a.get_legend() for a in whole.axes if a.get_legend()] + whole.legends
    said = [*whole.texts, *(text for legend in legends for text in legend.get_texts())]
    for axes in whole.axes:
        said += [axes.title, axes.xaxis.label, axes.yaxis.label]
    boxes = [text.get_window_extent() for text in said if text.get_text().strip()]
    assert len(boxes) > 8
    for box in boxes:
        assert -1 <= box.x0 <= box.x1 <= whole.bbox.x1 + 1
        assert -1 <= box.y0 <= box.y1 <= whole.bbox.y1 + 1


def test_the_same_layout_gives_the_same_bytes():
    first, second = (render(figure(NETWORKS + TWO), "svg") for _ in range(2))
    assert first == second


ONE = '[[rows]]\npanels = [{artifacts = ["kh.pgd.json"], %s}]'


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("rows = ", "expected the layout of a figure in figure.toml, found: Invalid value"),
        ("\xff", "found: 'utf-8' codec"),
        ("", "found: Object missing required field rows; correct the file"),
        ("rows = []", r"Expected array of length >= 1 - at \$.rows"),
        ("rows = [1]", r"Expected object, got int - at \$.rows\[0\]"),
        ("[[rows]]", r"missing required field panels - at \$.rows\[0\]"),
        ("[[rows]]\npanels = [{}]", r"missing required field artifacts - at .*panels\[0\]"),
        ("colour = 1", "unknown field colour"),
        (ONE % "titel = ''", r"unknown field titel - at \$.rows\[0\].panels\[0\]"),
        (ONE % "title = 1", r"Expected str, got int - at \$.rows\[0\].panels\[0\].title"),
        (ONE % "width = true", r"got bool - at .*panels\[0\].width"),
        (ONE % "width = 0", "Expected float > 0.0 - at .*width"),
        ("width = -1\n" + ONE % "", r"Expected float >= 1.0 - at \$.width"),
        ("height = 0.001\n" + ONE % "", r"Expected float >= 1.0 - at \$.height"),
        ("height = nan\n" + ONE % "", r"at \$.height"),
        ("height = 51\n" + ONE % "", r"Expected float <= 50.0 - at \$.height"),
        (ONE % "networks = ['kh']", r"the table \[networks\] has no kh"),
        (NETWORKS + ONE % "networks = ['kl']", r"the table \[networks\] has no kl"),
        (rows('{artifacts = ["{network}.pgd.json"]}'), r"the table \[networks\] has no {network}"),
        ("[networks]\na = 'x'\nb = 'x'\n" + ONE % "", "two networks have the same label"),
        ("networks = ['a']\n" + ONE % "", r"Expected object, got array - at \$.networks"),
        (ONE % "part = 'maps'", "part of robustness one of relative_accuracy.* found `maps`"),
        (ONE % "relate = ['accuracy']", r"expected two quantities X,Y, .* - at .*panels\[0\]"),
        (ONE % "relate = ['accuracy', 'size']", "figure.toml, found: .* setting, found size; cho"),
        (ONE % "relate = ['accuracy', 'alpha'], where = {zz = 1}", "figure.toml, .* found zz"),
        (ONE % "at = 0.1", "layout of a figure in figure.toml, found: at: expected relate beside"),
        (ONE % "label = ['a']", r"unknown field label - at \$.rows\[0\].panels\[0\];"),
        (ONE % "xscale = 'cubic'", r"'cubic' - at \$.rows\[0\].panels\[0\].xscale;"),
        (rows('{artifacts = ["kh.pgd.json", "kh.pgd.npz"]}'), "one kind, found distances and rob"),
    ],
)
def test_wrong_layouts_are_one_line(text, message):
    with pytest.raises(ArtifactError, match=message) as error:
        compose(parse_layout(text.replace(", }", "}").encode("latin-1"), "figure.toml"), read)
    assert "\n" not in str(error.value)


def test_a_panel_takes_every_setting_of_plot_but_labels():
    text = ONE % "relate = ['accuracy', 'robust_accuracy'], where = {eps = 0.1, method = 'pgd'}, "
    (panel,) = parse_layout(text.replace(", }]", "}]").encode(), "figure.toml").panels
    assert panel.settings == PanelSettings(
        relate=("accuracy", "robust_accuracy"), where=("eps=0.1", "method=pgd")
    )
    for name in {field.name for field in fields(PanelSettings)} - {"label"}:
        with pytest.raises(ArtifactError, match=rf"at \$.rows\[0\].panels\[0\].{name};"):
            parse_layout((ONE % f"{name} = 2020-01-01").encode(), "figure.toml")


def test_a_label_that_artifacts_have_in_common_has_a_place_of_its_own():
    networks = [[f"{name}.{method}.npz" for method in ("pgd", "run")] for name in ("kh", "bp")]
    related = "{{artifacts = {}, relate = ['accuracy', 'accuracy']}}"
    one, both = (related.format(files) for files in (networks[1], sum(networks, [])))
    whole = figure(rows(f"{one}, {both}"))
    looks = [
        [(x.get_color(), x.get_marker()) for x in axes.lines if x.get_marker() not in "|_"]
        for axes in whole.axes
    ]
    assert [len(set(look)) for look in looks] == [1, 2]
    assert looks[0][0] == looks[1][1]  # bp, in both panels


@pytest.mark.parametrize(
    "panel",
    [
        '{artifacts = ["{network}.pgd.json"], part = "alpha"}',
        '{artifacts = ["{network}.spectrum.npz"], xscale = "log"}',
    ],
)
def test_a_message_names_its_panel(panel):
    first = '{artifacts = ["{network}.pgd.json"]}'
    with pytest.raises(ArtifactError, match=r"^panel b: expected .*; (change|leave) it"):
        figure(NETWORKS + rows(first, panel))
