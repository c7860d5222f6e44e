"""Numbers are compared only where they were measured in the same way; what differs is said."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import binomtest, ttest_rel

from specrob.comparisons import answer_claims, compare_groups
from specrob.errors import ArtifactError
from specrob.results import Fit, PowerLaw
from specrob.settings.claims import Claim, ComparisonSettings
from synthetic_members import changed, curve, joined, member, of_distances


def compare(a, b, *quantity, **settings):
    return compare_groups(a, b, ComparisonSettings(quantity=quantity, **settings)).answers


def law(alpha, **facts):
    own = {"source": "images", "layer": "hidden", "size": 9, "range": (1, 9), "stderr": 0.1}
    return PowerLaw(fits=(Fit(alpha=alpha, **own | facts),))


def laws(name, alpha, **facts):
    return [member(f"{name}-{n}", law(alpha + n / 10, **facts)) for n in range(3)]


def lengths(name, *groups, budget=9.0, norm="l2"):
    return [of_distances(f"{name}-{n}", own, budget, norm=norm) for n, own in enumerate(groups)]


def claimed(a, b, quantity, **facts):
    claim = Claim(**{"id": "x", "kind": "greater", "a": "a", "b": "b", **facts}, quantity=quantity)
    return answer_claims([*a, *b], [claim]).answers[0]


def test_exponents_of_other_weights_are_not_compared():
    a, b = laws("a", 1.0), laws("b", 2.0, weighting="1/n")
    with pytest.raises(ArtifactError, match="found weighting none of a and 1/n of b"):
        compare(a, b, "alpha")
    (one,) = compare(laws("a", 1.0, weighting="none"), laws("b", 2.0), "alpha")
    assert one.kind == "different"
    both = [joined(*pair) for pair in zip(b, laws("b", 2.0), strict=True)]
    assert compare(a, both, "alpha")[0].effect == pytest.approx(-1.0)


def test_exponents_over_different_ranks_have_a_note():
    (one,) = compare(laws("a", 1.0), laws("b", 2.0, range=(1, 5)), "alpha")
    assert "exponents are fitted over different ranks: 1..9 of a and 1..5 of b" in one.reason


@pytest.mark.parametrize(
    ("facts", "note"),
    [
        ({"power_law": False}, "no power law in 3 of 6"),
        ({"biased": True}, "biased by an unknown amount (too few images) in 3 of 6"),
        ({"biased": True, "bias": 0.1}, "biased (too few images) in 3 of 6"),
        ({"reaches_end": True}, "which may be the layer's end in 3 of 6"),
    ],
)
def test_warnings_about_numbers_reach_the_answer(facts, note):
    (one,) = compare(laws("a", 2.0, **facts), laws("b", 1.0), "alpha", kind="greater")
    assert one.verdict == "yes"
    assert note in one.reason


def test_warnings_about_attacks_reach_the_answer():
    a, b = ([curve(f"{name}-{n}", [True] * (n + 1) + [False]) for n in range(3)] for name in "ab")
    (one,) = compare(changed(a, warnings=["weak"]), b, "robust_accuracy")
    assert "warnings about the attack (`specrob info` shows them) in 3 of 6" in one.reason


@pytest.mark.parametrize("quantity", ["mean_distance", "distance_deviation", "distance_variance"])
def test_means_of_the_fooled_depend_on_the_largest_radius(quantity):
    full = [[1, 2, 3], [2, 3, 4], [1, 3, 6]]
    a, b = lengths("a", *full), lengths("b", *full, budget=5.0)
    with pytest.raises(ArtifactError, match=r"found 1 of b-2 that were not.*compare distance"):
        compare(a, b, quantity)
    with pytest.raises(ArtifactError, match="compare distance"):
        claimed(a, b, quantity)
    assert compare(a, lengths("b", *full), quantity)[0].effect == 0


@pytest.mark.parametrize("quantity", ["fooled", "censored"])
def test_numbers_of_fooled_images_are_of_one_largest_radius(quantity):
    a = lengths("a", [1, 2, 30], [1, 20, 30], [1, 2, 3])
    with pytest.raises(ArtifactError, match="found largest radius 9 of a-0, a-1 and 5 of"):
        compare(a, lengths("b", [1, 2, 30], [1, 20, 30], [1, 2, 30], budget=5.0), quantity)
    (one,) = compare(a, lengths("b", *[[1, 20, 30]] * 3), quantity)
    assert abs(one.effect) == pytest.approx(1.0)


def test_mean_distance_is_not_one_of_which_more_is_better():
    with pytest.raises(ValueError, match="found `mean_distance`"):
        ComparisonSettings(quantity=("mean_distance",), kind="not-worse", margin="5%")


def test_distances_in_l2_of_another_norm_are_refused_where_some_are_censored():
    a, b = (lengths(name, [1, 2, 30], [1, 3, 4], [1, 2, 5], norm="linf") for name in "ab")
    with pytest.raises(ArtifactError, match="expected a distance in L2 of every image"):
        claimed(a, b, "distance_l2")


@pytest.mark.parametrize(
    ("fact", "said"),
    [({"eps_unit": "std"}, "unit of eps"), ({"curve": "distances"}, "curve")],
)
def test_what_eps_is_and_where_a_curve_is_from_have_to_be_the_same(fact, said):
    a, b = ([curve(f"{name}-{n}", [True] * (n + 1) + [False]) for n in range(3)] for name in "ab")
    other = {"eps_unit": "length", "curve": "attack"}
    with pytest.raises(ArtifactError, match=f"found {said} "):
        compare(changed(a, **fact), changed(b, **{n: other[n] for n in fact}), "robust_accuracy")


def test_p_of_two_networks_is_of_their_images():
    kept = np.arange(60) % 3 > 0
    (one,) = compare([curve("a-0", kept | (np.arange(60) < 30))], [curve("b-0", kept)],
                     "relative_accuracy")  # fmt: skip
    assert one.p == pytest.approx(binomtest(10, 10).pvalue)


def test_p_of_two_networks_is_of_the_logs_of_their_distances_image_by_image():
    a, b = [1.0, 2.0, 30.0, 40.0], [1.5, 2.5, 3.0, 3.5]
    (one,) = compare(lengths("a", a), lengths("b", b), "distance")
    logs = np.log(np.clip(a, 0, 9.0)), np.log(b)  # 9: beyond it nothing was tried
    assert one.p == pytest.approx(ttest_rel(*logs).pvalue)


def test_distances_of_0_are_counted():
    a, b = [[0.0, 2.0, 3.0]] * 3, [[1.0, 2.0, 4.0], [0.5, 2.0, 4.0], [1.0, 0.0, 4.0]]
    (one,) = compare(lengths("a", *a), lengths("b", *b), "distance")
    assert "4 distances of 0 are taken as the smallest of the others" in one.reason


def test_accuracies_without_outcomes_are_of_each_networks_own_images():
    a, b = ([curve(f"{name}-{n}", [True] * (n + 1) + [False]) for n in range(3)] for name in "ab")
    (one,) = compare(changed(a, outcomes=None), b, "relative_accuracy")
    assert "of each network's own correct images, since a file keeps no outcomes" in one.reason


def test_a_distance_above_a_value_is_the_median_of_a_networks_own_images():
    full = [[1, 2, 3], [2, 3, 4], [1, 4, 6]]
    claim = Claim(id="x", kind="above", quantity="distance", a="a", value=1.0)
    (one,) = answer_claims(lengths("a", *full), [claim]).answers
    assert one.values_a == (2.0, 3.0, 4.0)
    assert one.title.startswith("median distance")
    assert "distance is of each network's own correct images" in one.reason
    assert not claimed(lengths("a", *full), lengths("b", *full), "distance").title.startswith(
        "med"
    )


def test_a_size_is_chosen_before_the_largest_is_taken():
    def of_sizes(name):
        one = laws(name, 1.0)
        return [joined(*pair) for pair in zip(one, laws(name, 2.0, size=4), strict=True)]

    a, b = of_sizes("a"), of_sizes("b")
    assert compare(a, b, "alpha")[0].values_a[0] == 1.0
    assert compare(a, b, "alpha", where=("size=4",))[0].values_a[0] == 2.0
    assert claimed(a, b, "alpha", where={"size": 4}).values_b[0] == 2.0


def test_a_clean_accuracy_counts_once_whatever_the_attacks():
    def attacked(name):
        one = [
            curve(f"{name}-{n}", [True] * (n + 1) + [False], [True] * (n + 2)) for n in range(3)
        ]
        return [joined(*pair) for pair in zip(one, changed(one, method="fgsm"), strict=True)]

    found = compare_groups(attacked("a"), attacked("b"), ComparisonSettings()).answers
    names = [one.quantity for one in found]
    assert names.count("clean_accuracy") == 1
    assert names.count("robust_accuracy") == 2
    assert len({one.id for one in found}) == len(found)


def test_all_networks_with_several_numbers_are_named():
    a, b = ([curve(f"{name}-{n}", [True] * (n + 1) + [False]) for n in range(3)] for name in "ab")
    other = changed(b, robust_accuracy=[0.25], n_images=9)
    twice = [joined(*pair) for pair in zip(b[:2], other[:2], strict=True)]
    found = compare_groups(a, [*twice, b[2]], ComparisonSettings()).not_compared
    reason = {one.quantity: one.reason for one in found}["robust_accuracy"]
    assert reason.startswith(
        "2 numbers of b-0, which differ in number of images (2, 9); 2 numbers"
    )


def test_seeds_that_do_not_vary_have_no_interval():
    a, b = (
        [replace(one, network=f"{n}-{i}") for i, one in enumerate([curve(f"{n}-0", [True])] * 3)]
        for n in "ab"
    )
    (one,) = compare(a, b, "robust_accuracy")
    assert (one.low, one.high, one.low_90) == (None, None, None)


def test_a_clean_accuracy_is_that_of_most_images():
    def attacked(name, accuracy):
        for n in range(3):
            few = curve(f"{name}-{n}", [True] * 4)
            many = changed([few], method="fgsm", n_images=9, clean_accuracy=accuracy + n / 100)
            yield joined(few, *many)

    (one,) = compare([*attacked("a", 0.9)], [*attacked("b", 0.7)], "clean_accuracy")
    assert one.effect == pytest.approx(0.2)
