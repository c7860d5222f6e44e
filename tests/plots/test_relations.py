"""Two quantities of networks against each other."""

from dataclasses import replace

import numpy as np
import pytest
from made import distances, fitted, measured, read, run, spectrum

from specrob.artifacts import Artifact, Provenance, Source
from specrob.errors import ArtifactError, UsageError
from specrob.plots import draw
from specrob.plots.compose import PanelContent, arrange
from specrob.plots.figure import Series
from specrob.quantities.relate import Relation, check_axes, relate
from specrob.settings.plots import FigureSettings, PanelSettings, parse_relation


def related(names, artifacts, labels):
    groups = [a if isinstance(a, list) else [a] for a in artifacts]
    return {one.label: one for one in relate(names.split(","), groups, labels)}


def test_artifacts_of_one_model_are_one_point():
    files = ["networks/kh.safetensors", "kh.pgd.npz", "networks/bp.safetensors", "bp.pgd.npz"]
    found = related("accuracy,distance", read(files), ["kh", "kh.pgd", "bp", "bp.pgd"])
    assert list(found) == ["kh", "bp"]
    ((accuracy, distance),) = found["kh"].points
    assert accuracy == (0.5, 0.5, 0.5)
    assert distance[0] == 0.2
    axes = draw(read(files[:2]), ["kh"] * 2, PanelSettings(relate=("accuracy", "distance"))).axes
    assert axes[0].get_xlabel() == "test accuracy"
    assert axes[0].get_ylabel() == "median critical distance (PGD, L∞)"


def test_the_accuracy_of_the_model_file_goes_before_that_of_few_images():
    (alone,) = related("accuracy,distance", read(["kh.pgd.npz"]), ["kh"]).values()
    assert alone.points[0][0][0] == 4 / 5  # of five images one was misclassified


def test_attacks_of_other_settings_do_not_share_an_axis():
    one, other = measured("kh.random.npz"), measured("bp.random.npz")
    free = replace(other, fields={**other.fields, "bounds": "none"})
    with pytest.raises(ArtifactError, match="one quantity for all networks, .* no bounds"):
        related("accuracy,distance", [one, free], ["kh", "bp"])


def test_members_of_one_network_are_points_of_one_colour():
    seeds = [measured(f"{name}.pgd.json") for name in ("a", "b")]
    whole = draw([seeds], ["kh"], PanelSettings(relate=("accuracy", "robust_accuracy")))
    members, mean = [x for x in whole.axes[0].lines if x.get_marker() == "o"]
    assert len(members.get_xdata()) == 2
    assert members.get_color() == mean.get_color()
    np.testing.assert_allclose(mean.get_xydata()[0], members.get_xydata().mean(0))
    across, upright = (c.get_segments()[0] for c in whole.axes[0].collections)
    spread = members.get_xydata().std(0, ddof=1)
    np.testing.assert_allclose(np.ptp(across, axis=0)[0], 2 * spread[0])
    np.testing.assert_allclose(np.ptp(upright, axis=0)[1], 2 * spread[1])


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
    whole = draw([known(**facts)], ["kh"], PanelSettings(relate=("alpha", "alpha_noise")))
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
    (found,) = relate(["spectral_norm", "jacobian_norm"], [[smooth("latent")]], ["kh"])
    (((norm, *_), (mean, low, high)),) = found.points
    assert (norm, mean) == (7.0, 4.0)
    assert (low, high) == pytest.approx((4 - 1.96 * 0.5, 4 + 1.96 * 0.5), abs=1e-4)
    assert found.y == "mean Jacobian norm of latent"
    with pytest.raises(ArtifactError, match="one quantity for all networks, .*of hidden"):
        both = [smooth("latent"), smooth("hidden")]
        related("spectral_norm,jacobian_norm", both, ["kh", "bp"])


def test_an_interval_is_drawn_where_it_is_also_beside_its_point_and_open_without_an_end():
    points = (((1.0, 1.1, 1.2), (2.0, 1.0, np.inf)),)
    one = Series("kh", 0, relation=Relation("kh", "a", "b", points, Provenance()))
    whole = arrange([[PanelContent("relation", [one])]])
    across, upright = (c.get_segments()[0] for c in whole.axes[0].collections)
    np.testing.assert_allclose(across, [(1.1, 2), (1.2, 2)])
    np.testing.assert_allclose(upright, [(1, 1), (1, 2)])
    (arrow,) = [x for x in whole.axes[0].texts if x.arrow_patch is not None]
    assert (arrow.xy, arrow.xycoords) == ((1.0, 1), ("data", "axes fraction"))  # the upper edge
    assert (arrow.xyann, arrow.anncoords) == ((1.0, 2.0), "data")


def test_exponents_fitted_over_different_ranges_are_noted_above_the_axes():
    def law(name, last):
        return replace(known(range=[3, last], n_images=100), provenance=run(name))

    def title(*lasts):
        laws = [law(name, last) for name, last in zip(("kh", "bp"), lasts, strict=True)]
        settings = PanelSettings(relate=("alpha", "alpha_noise"))
        return draw(laws, ["kh", "bp"], settings).axes[0].get_title(loc="left")

    assert title(100, 100) == ""
    assert title(100, 50).replace("\n", " ") == (
        "exponents fitted over different ranks: 3..100 and 3..50"
    )


def test_the_line_above_the_axes_has_no_lone_word():
    rng = np.random.default_rng(0)
    points = [(((x, x, x), (y, y, y)),) for x, y in rng.random((12, 2))]
    every = [
        Series(f"{n}", n, relation=Relation(f"{n}", "a", "b", point, Provenance()))
        for n, point in enumerate(points)
    ]
    whole = arrange([[PanelContent("relation", every)]])
    lines = whole.axes[0].get_title(loc="left").split("\n")
    assert len(lines) == 2
    assert min(map(len, lines)) > 0.6 * max(map(len, lines))


def test_corrected_and_plain_exponents_do_not_share_an_axis():
    """They are all as fitted then."""
    one, other = known(**CORRECTED), replace(known(), provenance=run("bp"))
    (alone,) = relate(["alpha", "alpha_noise"], [[one]], ["kh"])
    assert "bias-corrected" in alone.x
    both = relate(["alpha", "alpha_noise"], [[one], [other]], ["kh", "bp"])
    assert not any("bias-corrected" in point.x for point in both)
    assert both[0].points[0][0][0] != alone.points[0][0][0]


def test_exponents_of_several_layers_do_not_share_an_axis():
    (found,) = related("alpha,alpha_noise", [known()], ["kh"]).values()
    assert found.y == "exponent $α$ of hidden, noise"
    other = replace(known(layer="latent"), provenance=run("bp"))
    with pytest.raises(ArtifactError, match="one quantity for all networks, .*of latent"):
        related("alpha,alpha_noise", [known(), other], ["kh", "bp"])


def test_the_source_of_an_exponent_can_be_chosen():
    law = known()
    initial = [fit | {"source": "initial", "alpha": 0.5} for fit in law.fields["fits"][:1]]
    both = replace(law, fields={"fits": [*law.fields["fits"], *initial]})
    (trained,) = relate(["alpha", "alpha"], [[both]], ["kh"])
    (untrained,) = relate(["alpha", "alpha"], [[both]], ["kh"], where={"source": "initial"})
    assert (trained.points[0][0][0], trained.x) == (1.5, "exponent $α$ of hidden")
    assert (untrained.points[0][0][0], untrained.x) == (0.5, "exponent $α$ of hidden, initial")


def test_accuracy_on_chosen_images_is_no_test_accuracy():
    named = Source("bp.pgd.npz", "distances", "77", Provenance())
    for path in ("kh.pgd.npz", "kh.pgd.json"):
        made = measured(path)
        inputs = (*made.provenance.inputs, named)
        chosen = replace(made, provenance=Provenance(inputs=inputs))
        with pytest.raises(ArtifactError, match="one number as accuracy of kh, .* found 0"):
            related("accuracy,accuracy", [chosen], ["kh"])


@pytest.mark.parametrize(
    ("names", "files", "message"),
    [
        (
            "alpha,distance",
            ["kh.pgd.npz"],
            "alpha of kh, from a file of the kind power-law, .* 0",
        ),
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
    told = "as distance of kh, found one that was not reached; measure up to larger radii"
    with pytest.raises(ArtifactError, match=told):
        related("distance,accuracy", [far], ["kh"])


@pytest.mark.parametrize("text", ["", "accuracy"])
def test_one_quantity_is_no_relation(text):
    with pytest.raises(UsageError, match="expected .*X,Y"):
        parse_relation(text)


@pytest.mark.parametrize(
    ("name", "advice"),
    [
        ("acuracy", "did you mean `accuracy`?"),
        ("widht", "did you mean `arch.width`?"),
        ("coeficient", "did you mean `penalty.jacobian.coefficient`?"),
        ("zzz", "choose for instance accuracy, "),
    ],
)
def test_an_unknown_quantity_is_named_with_the_nearest_quantity_or_setting(name, advice):
    words = "specrob train-sup --arch cnn-b,width=8 --penalty jacobian=2"
    with pytest.raises(UsageError) as refused:
        check_axes(("alpha", name), [Provenance(tuple(words.split()))])
    said = str(refused.value)
    assert said.startswith(f"`relate`: expected a quantity or a setting, found `{name}`; {advice}")
    assert len(said) < 250


def test_kinds_of_no_relation_are_refused():
    with pytest.raises(ArtifactError, match="expected one number"):
        related("accuracy,alpha", [Artifact("arrays", {"x": np.zeros(2)})], ["kh"])


def trained(name, words, seed=0, **facts):
    """Return a model that a command line made."""
    command = ("specrob", "train-sup", *words.split())
    given = {"arch": "mlp", "shape": [1, 2, 2], "classes": 2, "normalize": "none"}
    given |= {"test_accuracy": 0.5, "train_accuracy": 0.6} | facts
    weights = {"w": np.frombuffer(f"{name} {words} {seed}".encode(), np.uint8)}
    return Artifact("model", weights, given, Provenance(command, seed=seed))


GRID = [
    trained(f"n{a}{b}", f"--penalty l2={a} --arch mlp,hidden={b}", test_accuracy=0.1 * a + b / 100)
    for a in (0, 1, 2)
    for b in (10, 20)
]
NAMES = [f"n{n}" for n in range(6)]


def test_settings_of_the_history_are_axes():
    found = related("penalty.l2.coefficient,test_accuracy", GRID, NAMES)
    assert [one.points[0][0][0] for one in found.values()] == [0, 0, 1, 1, 2, 2]
    assert found["n0"].x == "penalty.l2.coefficient"
    without = related("penalty.jacobian.coefficient,epochs", GRID[:1], ["n"])["n"]
    assert [axis[0] for axis in without.points[0]] == [0, 200]  # none, and the default
    with pytest.raises(ArtifactError, match="penalty.l2.tau of n, found none; did you mean"):
        related("penalty.l2.tau,epochs", GRID[:1], ["n"])


def test_networks_of_one_value_of_a_setting_are_joined():
    settings = PanelSettings(relate=("penalty.l2.coefficient", "accuracy"), by="arch.hidden")
    axes = draw(GRID, NAMES, settings).axes[0]
    lines = [x for x in axes.lines if x.get_marker() in ("", "None", None)]
    assert [line.get_xdata().tolist() for line in lines] == [[0, 1, 2], [0, 1, 2]]
    assert [text.get_text() for text in axes.texts] == ["10", "20"]


def test_a_third_quantity_is_drawn_as_colours():
    names = ("penalty.l2.coefficient", "arch.hidden", "test_accuracy")
    axes, bar = draw(GRID, NAMES, PanelSettings(relate=names)).axes
    np.testing.assert_allclose(axes.images[0].get_array(), [[0.1, 0.2, 0.3], [0.2, 0.3, 0.4]])
    assert [tick.get_text() for tick in axes.get_xticklabels()] == ["0", "1", "2"]
    assert bar.get_ylabel() == "test accuracy\n(one network a cell)"
    others = [trained(f"m{b}", f"--penalty l2=0 --arch mlp,hidden={b}", 1) for b in (10, 20)]
    bar = draw([*GRID, *others], [*NAMES, "a", "b"], PanelSettings(relate=names)).axes[1]
    assert bar.get_ylabel().endswith("(mean of 1 to 2 networks a cell)")


def test_the_rank_correlation_stands_above():
    settings = PanelSettings(relate=("penalty.l2.coefficient", "accuracy"))
    (axes,) = draw(GRID, NAMES, settings).axes
    title = " ".join(axes.get_title("left").split())
    assert title.startswith("Spearman's ρ 0.86 (95%")
    assert title.endswith("6 kinds of networks)")
    seeds = [replace(one, arrays={"w": one.arrays["w"][::-1].copy()}) for one in GRID]
    (twice,) = draw([*GRID, *seeds], NAMES * 2, settings).axes
    assert " ".join(twice.get_title("left").split()) == title  # each kind counts once
    (apart,) = draw([*GRID, *seeds], [*NAMES, *(f"m{n}" for n in range(6))], settings).axes
    assert " ".join(apart.get_title("left").split()) == title  # however its seeds are named
    (few,) = draw(GRID[:3], NAMES[:3], settings).axes
    assert not few.get_title("left")


def test_imported_networks_are_kinds_of_their_own():
    """How they were trained is not known, so that one command need not mean one kind."""
    command = ("specrob", "import", "a.pt", "--arch", "mynets:net")
    facts = [{"test_accuracy": 0.1 * n, "train_accuracy": 0.1 * n} for n in range(1, 7)]
    found = [trained(f"n{n}", "", **one) for n, one in enumerate(facts)]
    found = [replace(one, provenance=Provenance(command, seed=0)) for one in found]
    settings = PanelSettings(relate=("test_accuracy", "train_accuracy"))
    (axes,) = draw(found, NAMES, settings).axes
    assert " ".join(axes.get_title("left").split()).endswith("6 kinds of networks)")


def test_text_in_relations_has_the_size_that_is_asked_for():
    settings = PanelSettings(relate=("penalty.l2.coefficient", "accuracy"), by="arch.hidden")
    sizes = []
    for look in (FigureSettings(), FigureSettings(font_size=14.0)):
        (axes,) = draw(GRID, NAMES, settings, look).axes
        sizes.append([*(text.get_fontsize() for text in axes.texts), heading(axes).get_fontsize()])
    assert sizes[1] == [2 * size for size in sizes[0]] == [12.0, 12.0, 13.0]


def heading(axes):
    (text,) = axes.findobj(lambda x: getattr(x, "get_text", str)().startswith("Spearman"))
    return text


def test_the_radius_and_the_layer_can_be_chosen():
    curve = measured("kh.pgd.json")
    eps = curve.fields["eps"][1]
    groups = [[curve]]
    (largest,) = relate(["accuracy", "relative_accuracy"], groups, ["kh"])
    (chosen,) = relate(["accuracy", "relative_accuracy"], groups, ["kh"], where={"eps": str(eps)})
    at = dict(zip(curve.fields["eps"], curve.fields["relative_accuracy"], strict=True))
    assert chosen.points[0][1][0] == at[eps]
    assert largest.points[0][1][0] == at[max(at)]


def test_labels_are_of_networks():
    settings = PanelSettings(relate=("epochs", "accuracy"), label=("one", "two"))
    figure = draw(GRID[:2], NAMES[:2], settings)
    assert [t.get_text() for t in figure.axes[0].get_legend().get_texts()] == ["one", "two"]
    with pytest.raises(UsageError, match="one for each of 3 networks"):
        draw(GRID[:3], NAMES[:3], settings)


def test_lines_join_the_means_of_seeds_and_a_misspelt_setting_is_refused():
    seeds = [trained(f"s{n}", "--epochs 3 --hidden 5", n, test_accuracy=0.2 * n) for n in (1, 2)]
    later = trained("t", "--epochs 9 --hidden 5", 0, test_accuracy=0.9)
    settings = PanelSettings(relate=("epochs", "accuracy"), by="hidden")
    axes = draw([*seeds, later], ["s1", "s2", "t"], settings).axes[0]
    (line,) = [x for x in axes.lines if x.get_marker() in ("", "None", None)]
    np.testing.assert_allclose(line.get_xydata(), [[3, 0.3], [9, 0.9]])
    with pytest.raises(ArtifactError, match="setting hiden of s1, found none; did you mean"):
        draw(seeds, ["s1", "s2"], PanelSettings(relate=("epochs", "accuracy"), by="hiden"))
    with pytest.raises(ArtifactError, match="expected the setting seed of kh, found none"):
        draw(read(["kh.pgd.json"]), ["kh"], replace(settings, relate=("accuracy",) * 2, by="seed"))
    with pytest.raises(UsageError, match="`by`: expected `relate` beside it"):
        PanelSettings(by="hidden")
