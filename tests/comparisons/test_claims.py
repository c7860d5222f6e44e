"""What a claim may say, and for how many of them p is corrected."""

from dataclasses import replace

import numpy as np
import pytest

from specrob.comparisons import answer_claims, compare_groups
from specrob.comparisons.measured_networks import MeasuredNetwork, choose_networks
from specrob.comparisons.sentences import lines_of
from specrob.errors import ArtifactError, UsageError
from specrob.quantities.networks import NetworkResults
from specrob.settings.claims import Claim, ComparisonSettings
from specrob.settings.tables import TableSettings
from synthetic_members import groups, member, models, of_accuracy

PAIR = {"id": "x", "kind": "less", "quantity": "test_accuracy", "a": "a", "b": "b"}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"value": 0.5}, "value"),
        ({"sign": "-"}, "sign"),
        ({"partial": "alpha"}, "partial"),
        ({"all": ("y",)}, "all"),
        ({"kind": "above", "value": 0.5}, "b"),
        ({"kind": "correlated", "quantity": ("alpha", "distance")}, "b"),
        ({"kind": "correlated", "quantity": ("alpha", "r2"), "b": "", "margin": 0.1}, "margin"),
        ({"kind": "all", "all": ("y",), "a": "", "b": ""}, "quantity"),
        ({"kind": "all", "all": ("y",), "a": "", "b": "", "quantity": "", "where": {"eps": 1}},
         "where"),
    ],
)  # fmt: skip
def test_fields_that_a_kind_does_not_use_are_refused(changes, name):
    kind = changes.get("kind", "less")
    with pytest.raises(UsageError, match=f"claim `x`: expected no `{name}` beside {kind}"):
        Claim(**PAIR | changes)


@pytest.mark.parametrize(
    ("quantity", "margin", "said"),
    [
        ("robust_accuracy", "1", "below 1, found 1; write 0.02 or 2%"),
        ("test_accuracy", "200%", "below 1, found 200%; write 0.02 or 2%"),
        ("distance", "1.5", "up to 1, which is a share of them, found 1.5"),
        ("alpha", "-1", "expected a margin above 0 such as 0.02 or 5%, found `-1`"),
    ],
)
def test_absurd_margins_are_refused(quantity, margin, said):
    facts = PAIR | {"kind": "equivalent", "quantity": quantity, "margin": margin}
    with pytest.raises(UsageError, match=f"claim `x`: .*{said}") as found:
        Claim(**facts)
    assert str(found.value).count("expected") == 1
    with pytest.raises(UsageError, match=said):
        ComparisonSettings(quantity=(quantity,), margin=margin)


def test_a_margin_of_one_quantity_is_not_one_of_another():
    a, b = ([*groups(3, 0.0, 0.1, np.random.default_rng(n))][n] for n in range(2))
    found = compare_groups(a, b, ComparisonSettings(kind="equivalent", margin="1"))
    assert [one.quantity for one in found.answers] == ["distance"]
    assert {one.quantity: one.reason for one in found.not_compared} == {
        "clean_accuracy": "expected a margin of accuracies below 1, found 1; write 0.02 or 2%"
    }


def test_margins_are_printed_and_the_end_that_was_missed():
    a, b = models("a", [0.60, 0.62, 0.64]), models("b", [0.59, 0.61, 0.63])
    claim = Claim(**PAIR | {"kind": "not-worse", "margin": 0.01})
    (line,) = lines_of(answer_claims([*a, *b], [claim]), has_ids=True)
    assert ", margin 0.01, " in line
    assert line.endswith("; the 90% interval begins below -0.01")
    assert line.startswith("undecided: x: a not worse than b")
    a, b = groups(3, 0.0, 0.3, np.random.default_rng(1))
    settings = ComparisonSettings(quantity=("distance",), kind="not-worse", margin="10%")
    (line,) = lines_of(compare_groups(a, b, settings))
    assert ", margin 1/1.1 to 1.1, " in line
    assert line.endswith("the 90% interval begins below 1/1.1")


def test_equivalent_is_within_the_margin():
    a, b = models("a", [0.60, 0.61, 0.62]), models("b", [0.59, 0.605, 0.615])
    claim = Claim(**PAIR | {"kind": "equivalent", "margin": 0.1})
    (line,) = lines_of(answer_claims([*a, *b], [claim]))
    assert line.startswith("yes: a equal within the margin to b in test accuracy")


def test_an_id_is_shown_whatever_it_is_and_the_quantity_beside_a_text():
    a, b = models("a", [0.60, 0.61, 0.62]), models("b", [0.70, 0.71, 0.72])
    claims = [Claim(**PAIR | {"id": "test_accuracy", "text": "A is worse."})]
    (line,) = lines_of(answer_claims([*a, *b], claims), has_ids=True)
    assert line.startswith("yes: test_accuracy: A is worse [test accuracy]: difference -0.1 ")


def corrected(networks, claims):
    answers = answer_claims(networks, claims).answers
    return {one.id: (one.p, one.p_corrected) for one in answers}


def test_p_is_corrected_for_the_answers_that_a_p_decides():
    networks = [
        *models("a", [0.60, 0.61, 0.62]),
        *models("b", [0.70, 0.71, 0.73]),
        *models("c", [0.60, 0.61]),  # two seeds
    ]
    less = Claim(**PAIR)
    others = [
        replace(less, id="equal", kind="equivalent", margin=0.02),
        replace(less, id="worse", kind="not-worse", margin=0.02),
        replace(less, id="few", a="c"),
    ]
    found = corrected(networks, [less, *others])
    assert found.pop("x")[1] == found["equal"][0]  # not multiplied by anything
    assert [own for _, own in found.values()] == [None] * 3


def test_the_parts_of_an_all_count_like_other_claims():
    networks = [*models("a", [0.60, 0.61, 0.62]), *models("b", [0.70, 0.71, 0.73])]
    high = Claim(id="high", kind="above", quantity="test_accuracy", a="b", value=0.69)
    whole = Claim(id="both", kind="all", all=("x", "high"))
    alone = corrected(networks, [Claim(**PAIR), high])
    assert corrected(networks, [Claim(**PAIR), high, whole]) == alone | {"both": (None, None)}
    assert alone["x"][1] == 2 * alone["x"][0]


def test_claims_of_one_kind_of_network_may_have_a_margin_in_its_units():
    networks = [member(f"a-{n}", of_accuracy(0.8 + n / 100)) for n in range(3)]
    claim = Claim(id="x", kind="above", quantity="test_accuracy", a="a", value=0.8, margin=0.05)
    (one,) = answer_claims(networks, [claim]).answers
    assert (one.verdict, one.reason) == ("no", "equivalent within the margin")


@pytest.mark.parametrize(
    ("where", "at", "said"),
    [
        (("eps=0.05",), 0.1, "expected one value of eps, found 0.05 and 0.1"),
        (("eps=0.05", "eps=0.1"), None, "expected one value of eps, found 0.05 and 0.1"),
        (("eps=1/0",), None, "expected a number such as 0.03 or 8/255, found `1/0`"),
        (("size=big",), None, "expected a number"),
    ],
)
def test_conditions_that_cannot_be_meant_are_refused(where, at, said):
    with pytest.raises(UsageError, match=said):
        TableSettings(where=where, at=at)


def named(*names):
    """Return networks of these names, each with the seed that its name ends in."""
    seeds = [name.rpartition("-")[2] for name in names]
    found = [int(seed) if seed.isdecimal() else None for seed in seeds]
    results = [NetworkResults(n, n, s, ()) for n, s in zip(names, found, strict=True)]
    return [MeasuredNetwork(one) for one in results]


def test_a_seed_may_be_left_out_where_there_is_one():
    chosen = choose_networks(named("kh-4", "bp-4", "bp10"), "kh")
    assert [one.name for one in chosen] == ["kh-4"]


@pytest.mark.parametrize(
    ("names", "pattern"),
    [
        (("kh-0", "kh-2"), "kh"),  # of two settings, not two seeds of one
        (("bp10",), "bp1"),
        (("kh-None",), "kh"),
    ],
)
def test_a_name_without_its_seed_means_no_two_networks_and_no_other(names, pattern):
    with pytest.raises(ArtifactError, match=f"expected networks called {pattern}, found"):
        choose_networks(named(*names), pattern)


def test_a_claim_about_what_is_not_there_is_undecided_and_stops_no_other():
    networks = [member(f"a-{n}", of_accuracy(0.8 + n / 100)) for n in range(3)]
    there = Claim(id="there", kind="above", quantity="test_accuracy", a="a", value=0.7)
    lacking = [
        replace(there, id="number", quantity="alpha"),
        replace(there, id="network", a="b"),
        Claim(id="two", kind="correlated", quantity=("alpha", "distance")),
    ]
    found = answer_claims(networks, [*lacking, there]).answers
    assert [one.verdict for one in found] == ["undecided"] * 3 + ["yes"]
    assert found[-1].p_corrected == found[-1].p
    reasons = ("alpha of a-0, found none", "called b, found a", "alpha and distance, found none")
    for one, words in zip(found, reasons, strict=False):
        assert one.reason.startswith("not compared: expected ")
        assert words in one.reason
    with pytest.raises(ArtifactError, match="claim `number`: expected alpha of a-0, found none"):
        answer_claims(networks, lacking)


def test_a_misspelt_quantity_is_refused():
    with pytest.raises(UsageError, match="claim `x`: expected a quantity, found `alhpa`; did"):
        Claim(**PAIR | {"quantity": "alhpa"})
