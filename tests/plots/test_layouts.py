"""Several panels in one figure, and relations of networks."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np
import pytest
from made import JPEG, distances, fitted, history, landscape, model, pruning, robustness, spectrum
from matplotlib.colors import to_rgb
from matplotlib.text import Text

from specrob.artifacts import Artifact, Data, Provenance, Source
from specrob.errors import ArtifactError, UsageError
from specrob.plots import draw, render
from specrob.plots.compose import compose
from specrob.plots.layout import parse
from specrob.plots.style import PALETTE
from specrob.quantities.relate import relate
from specrob.quantities.table import quantities

NETWORKS = '[networks]\nkh = "KH"\nbp = "BP"\nl2 = "L2"\n'
PAPER_A = Path(__file__).parents[2] / "examples" / "paper_a" / "figures"


def run(name):
    return Provenance(inputs=(Source(name, "model", f"digest of {name}", JPEG),))


def measured(path):
    """Return an artifact of the kind that a path speaks of, measured on the network it names."""
    name = Path(path).name.split(".")[0]
    method = Path(path).name.split(".")[1]
    if path.endswith(".safetensors"):
        made = model(prov=JPEG, test_accuracy=0.5, train_accuracy=0.6, **pruning())
        return replace(
            made, arrays={**made.arrays, "readout.bias": np.full(1, sum(name.encode()))}
        )
    if method == "landscape":
        return replace(landscape(), provenance=run(name))
    if path.endswith(".json") and method != "alpha":
        return replace(robustness(method=method), provenance=run(name))
    if method in ("spectrum", "alpha"):
        made = replace(spectrum(alpha=1 + len(name) / 10), provenance=run(name))
        return made if method == "spectrum" else fitted(made)
    on = model_digest(name)
    found = distances(method=method, norm="l2" if method == "random" else "linf")
    return replace(found, provenance=Provenance(inputs=(Source(name, "model", on, JPEG),)))


def model_digest(name):
    return measured(f"networks/{name}.safetensors").digest


def read(paths):
    return [[measured(path)] for path in paths]


def figure(text):
    return compose(parse(text.encode(), "figure.toml"), read, relate)


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
    assert [a for a in whole.axes if a.get_legend()] == []
    (legend,) = whole.legends
    assert [t.get_text() for t in legend.get_texts()] == ["KH", "BP", "L2"]
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
        ("rows = ", "expected TOML, found .* in figure.toml; mend it"),
        ("\xff", "expected TOML, found"),
        ("", "expected `rows` in figure.toml, found none; add it"),
        ("rows = []", "expected `rows`"),
        ("rows = [1]", "expected a table as row 1 of figure.toml, found `1`"),
        ("[[rows]]", "expected `panels` in row 1 of figure.toml, found none"),
        ("[[rows]]\npanels = [{}]", "expected `artifacts` in panel 1 of row 1 of figure.toml"),
        ("colour = 1", "expected rows, networks, width, height in figure.toml, found `colour`"),
        (ONE % "titel = ''", "expected artifacts, title, .* found `titel`; take it out"),
        (ONE % "title = 1", "expected a text as `title` of panel 1 .*, found `1`; change it"),
        (ONE % "width = true", "expected a number as `width`"),
        (ONE % "width = 0", "expected inches up to 50 as `width` of panel 1 of row 1"),
        ("width = -1\n" + ONE % "", "expected inches up to 50 as `width` of figure.toml"),
        ("height = nan\n" + ONE % "", "`height`"),
        (ONE % "networks = ['kh']", "the table .networks. .*, found `kh`"),
        (NETWORKS + ONE % "networks = ['kl']", "out of kh, bp, l2 .* found `kl`; add it"),
        (rows('{artifacts = ["{network}.pgd.json"]}'), "found `{network}`; add it"),
        ("[networks]\na = 'x'\nb = 'x'\n" + ONE % "", "a label of its own for each network"),
        ("networks = ['a']\n" + ONE % "", "expected a table of labels as `networks`"),
        (ONE % "part = 'maps'", "part of a robustness one of relative_accuracy.* found `maps`"),
        (ONE % "relate = ['accuracy']", "expected two of accuracy, .* found accuracy"),
        (rows('{artifacts = ["kh.pgd.json", "kh.pgd.npz"]}'), "one kind, found distances and rob"),
    ],
)
def test_wrong_layouts_are_told_in_one_line(text, message):
    with pytest.raises(ArtifactError, match=message) as error:
        compose(parse(text.replace(", }", "}").encode("latin-1"), "figure.toml"), read, relate)
    assert "\n" not in str(error.value)


def test_parts_of_a_kind_are_drawn_alone():
    both = draw([landscape()], ["kh"])
    above, below = (draw([landscape()], ["kh"], part=part) for part in ("jacobian_norm", "label"))
    assert len(both.axes) == 3  # with the colour bar
    assert [len(above.axes), len(below.axes)] == [2, 1]
    assert not above.legends
    assert below.legends


def test_distances_in_l2_are_another_part():
    (line, *_) = (
        x
        for x in draw([distances(norm="linf")], ["a"], part="distance_l2").axes[0].lines
        if x.get_drawstyle() == "steps-post"
    )
    np.testing.assert_allclose(line.get_xdata()[1:-1], [0.2, 0.4, 0.8])


def test_exponents_take_no_colour():
    first, second = spectrum(alpha=1.0, sizes=(50,)), spectrum(alpha=2.0, sizes=(50,))
    figure = draw([first, fitted(first), second, fitted(second)], ["a", "a", "b", "b"])
    found = [line.get_color() for line in figure.axes[0].get_legend().get_lines()]
    assert found == list(PALETTE[:2])


def test_the_most_units_of_every_network_are_strong():
    panel = draw([spectrum(sizes=(20, 40)), spectrum(sizes=(20, 50))], ["a", "b"]).axes[0]
    strong = [
        len(line.get_xdata())
        for line in panel.lines
        if any(np.allclose(line.get_color(), to_rgb(colour)) for colour in PALETTE[:2])
    ]
    assert strong == [40, 50]


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


def test_eigenvalues_are_drawn_as_they_are():
    axes = draw([spectrum(sizes=(50,))], ["a"], part="eigenvalues").axes[0]
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
        "the penalty's estimate",
    ]


def test_members_have_a_mean_exponent():
    members = [model(**observed(true)) for true in ((2.0, 1.0, 1.0), (3.0, 2.0, 1.0))]
    axes = draw([members], ["a"]).axes[-1]
    np.testing.assert_allclose(axes.lines[0].get_ydata(), [2.5, 1.5, 1.0])


def related(names, artifacts, labels):
    return dict(relate(names.split(","), artifacts, labels))


def test_artifacts_of_one_model_are_one_point():
    files = ["networks/kh.safetensors", "kh.pgd.npz", "networks/bp.safetensors", "bp.pgd.npz"]
    found = related("accuracy,distance", read(files), ["kh", "kh.pgd", "bp", "bp.pgd"])
    assert list(found) == ["kh", "bp"]
    ((accuracy, distance),) = found["kh"].fields["points"]
    assert accuracy == (0.5, 0.5, 0.5)
    assert distance[0] == 0.2
    axes = draw(read(files[:2]), ["kh"] * 2, relate=partial(relate, ["accuracy", "distance"])).axes
    assert axes[0].get_xlabel() == "test accuracy"
    assert axes[0].get_ylabel() == "median critical distance (PGD, L∞)"


def test_the_accuracy_of_the_model_file_goes_before_that_of_few_images():
    (alone,) = related("accuracy,distance", read(["kh.pgd.npz"]), ["kh"]).values()
    assert alone.fields["points"][0][0][0] == 4 / 5  # of five images one was misclassified


def test_attacks_of_other_settings_do_not_share_an_axis():
    one, other = measured("kh.random.npz"), measured("bp.random.npz")
    free = replace(other, fields={**other.fields, "bounds": "none"})
    with pytest.raises(ArtifactError, match="one quantity for all networks, .* none"):
        related("accuracy,distance", [one, free], ["kh", "bp"])


def test_members_of_one_network_are_points_of_one_colour():
    seeds = [measured(f"{name}.pgd.json") for name in ("a", "b")]
    whole = draw([seeds], ["kh"], relate=partial(relate, ["accuracy", "robust_accuracy"]))
    (points,) = [x for x in whole.axes[0].lines if x.get_marker() == "o"]
    assert len(points.get_xdata()) == 2


def known(**facts):
    """Return the power law of a spectrum with more facts of each fit; alpha is 1.5."""
    law = fitted(spectrum())
    fits = [fit | facts for fit in law.fields["fits"]]
    return Artifact("power-law", {}, {"fits": fits}, law.provenance)


CORRECTED = {"alpha_corrected": 1.75, "ci": [1.7, 1.8], "sampling_stderr": 0.02}


@pytest.mark.parametrize(
    ("facts", "value", "ends"),
    [
        (CORRECTED, 1.75, (1.7, 1.8)),
        ({**CORRECTED, "ci": None}, 1.5, (1.5 - 1.96 * 0.02, 1.5 + 1.96 * 0.02)),
        ({"biased": True, "bias": 0.2, "sampling_stderr": 0.02}, 1.5, (1.5, 1.5)),
        ({}, 1.5, (1.5, 1.5)),  # how straight the line is says nothing
    ],
)
def test_bars_are_what_is_known_of_alpha_over_images(facts, value, ends):
    whole = draw([known(**facts)], ["kh"], relate=partial(relate, ["alpha", "alpha_noise"]))
    across, upright = (c.get_segments()[0] for c in whole.axes[0].collections)
    np.testing.assert_allclose(across, [(end, value) for end in ends], atol=1e-4)
    np.testing.assert_allclose(upright, [(value, end) for end in ends], atol=1e-4)
    (point,) = [x for x in whole.axes[0].lines if x.get_marker() == "o"]
    np.testing.assert_allclose(point.get_xydata(), [[value, value]])
    assert ("bias-corrected" in whole.axes[0].get_xlabel()) == (value == 1.75)


def smooth(layer):
    norms = {"layer": layer, "mean": 4.0, "stderr": 0.5, "median": 3.0, "min": 1.0, "max": 8.0}
    facts = {"spectral_norm": 7.0, "frobenius_norm": 9.0, "n_images": 5, "jacobian": [norms]}
    return Artifact("smoothness", fields=facts)


def test_smoothness_can_be_related_of_one_layer():
    ((_, found),) = relate(["spectral_norm", "jacobian_norm"], [smooth("latent")], ["kh"])
    (((norm, *_), (mean, low, high)),) = found.fields["points"]
    assert (norm, mean) == (7.0, 4.0)
    assert (low, high) == pytest.approx((4 - 1.96 * 0.5, 4 + 1.96 * 0.5), abs=1e-4)
    assert found.fields["y"]["name"] == "mean Jacobian norm of latent"
    with pytest.raises(ArtifactError, match="one quantity for all networks, .*of hidden"):
        both = [smooth("latent"), smooth("hidden")]
        related("spectral_norm,jacobian_norm", both, ["kh", "bp"])


def test_an_interval_is_drawn_where_it_is_also_beside_its_point():
    axis = {"name": "a"}
    points = [((1.0, 1.1, 1.2), (2.0, 1.0, np.inf))]
    one = Artifact("relation", {}, {"x": axis, "y": axis, "points": points})
    whole = draw([one], ["kh"], relate=lambda groups, labels: [("kh", one)])
    across, upright = (c.get_segments()[0] for c in whole.axes[0].collections)
    np.testing.assert_allclose(across, [(1.1, 2), (1.2, 2)])
    np.testing.assert_allclose(upright, [(1, 1), (1, 2)])


def test_corrected_and_plain_exponents_do_not_share_an_axis():
    one, other = known(**CORRECTED), replace(known(), provenance=run("bp"))
    with pytest.raises(ArtifactError, match="one quantity for all networks, .*bias-corrected"):
        related("alpha,alpha_noise", [one, other], ["kh", "bp"])


def test_exponents_of_several_layers_do_not_share_an_axis():
    (found,) = related("alpha,alpha_noise", [known()], ["kh"]).values()
    assert found.fields["y"]["name"] == "exponent $α$ of hidden, noise"
    other = replace(known(layer="latent"), provenance=run("bp"))
    with pytest.raises(ArtifactError, match="one quantity for all networks, .*of latent"):
        related("alpha,alpha_noise", [known(), other], ["kh", "bp"])


def test_accuracy_on_chosen_images_is_no_test_accuracy():
    named = Source("bp.pgd.npz", "distances", "77", Provenance())
    for path in ("kh.pgd.npz", "kh.pgd.json"):
        made = measured(path)
        inputs = (*made.provenance.inputs, named)
        chosen = replace(made, provenance=Provenance(inputs=inputs))
        with pytest.raises(ArtifactError, match="one number as accuracy of kh, .* found 0"):
            related("accuracy,accuracy", [chosen], ["kh"])


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
    ("names", "files", "message"),
    [
        ("alpha,distance", ["kh.pgd.npz"], "alpha of kh, out of a power-law, found 0"),
        ("accuracy,distance", ["kh.pgd.npz", "bp.random.npz"], "for all networks, found .* and"),
    ],
)
def test_what_cannot_be_related_is_refused(names, files, message):
    with pytest.raises(ArtifactError, match=message):
        related(names, read(files), [file.split(".")[0] for file in files])


def test_a_quantity_that_two_artifacts_give_differently_is_refused():
    both = [measured("kh.pgd.npz"), replace(distances([0.7]), provenance=run("x"))]
    both[1] = replace(both[1], provenance=both[0].provenance)
    with pytest.raises(ArtifactError, match="one number as distance of kh, .* found 2"):
        related("distance,accuracy", both, ["kh", "kh"])


def test_a_median_that_was_not_reached_is_no_point():
    far = replace(distances([np.inf, np.inf]), provenance=run("kh"))
    with pytest.raises(ArtifactError, match="one number as distance of kh, .* found 0"):
        related("distance,accuracy", [far], ["kh"])


@pytest.mark.parametrize("text", ["", "accuracy", "accuracy,size", "a,b,c"])
def test_unknown_quantities_are_a_matter_of_the_command_line(text):
    with pytest.raises(UsageError, match="expected X,Y out of accuracy"):
        quantities(text)


def test_kinds_of_no_relation_are_refused():
    with pytest.raises(ArtifactError, match="expected one number"):
        related("accuracy,alpha", [Artifact("arrays", {"x": np.zeros(2)})], ["kh"])
