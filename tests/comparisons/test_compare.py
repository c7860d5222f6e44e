"""Comparisons of synthetic groups whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import ttest_ind

from specrob.artifacts import Data, Provenance, Source
from specrob.comparisons import answer_claims, compare_groups
from specrob.errors import ArtifactError, UsageError
from specrob.results import Fit, PowerLaw, Robustness
from specrob.settings.claims import Claim, ComparisonSettings
from specrob.statistics.groups import correct_by_holm, mean_against, mean_difference
from synthetic_members import (
    BOTH,
    changed,
    curve,
    groups,
    member,
    models,
    of_accuracy,
    of_distances,
)


def compare(a, b, *quantity, **settings):
    return compare_groups(a, b, ComparisonSettings(quantity=quantity, **settings)).answers


def test_a_ratio_of_distances_is_that_of_geometric_means_over_common_images():
    a, b = groups(3, np.log(1.5), 0.02, np.random.default_rng(0))
    (one,) = compare(a, b, "distance")
    assert one.verdict == "yes"
    assert one.scale == "ratio"
    assert one.low < 1.5 < one.high
    right = [m.entries[0].artifact.arrays["status"] != "misclassified" for m in (*a, *b)]
    common = np.all(right, axis=0)
    logs = [np.log(m.entries[0].artifact.arrays["eps"][common]).mean() for m in (*a, *b)]
    assert one.images == common.sum() < 200
    assert one.effect == pytest.approx(np.exp(np.mean(logs[:3]) - np.mean(logs[3:])))
    assert one.values_a == pytest.approx(np.exp(logs[:3]))


def test_censored_images_count_at_their_budget():
    a = of_distances("a-0", [1.0, 2.0, 9.0, 5.0], budget=4.0, correct=[True, True, True, False])
    b = of_distances("b-0", [1.0, 1.0, 1.0, 1.0], budget=4.0)
    (found,) = compare([a], [b], "distance")
    assert found.effect == pytest.approx((1 * 2 * 4) ** (1 / 3))
    assert found.censored == (1, 0)


def test_two_single_networks_are_compared_by_image_and_get_no_verdict():
    a, b = groups(1, np.log(2), 0.0, np.random.default_rng(1))
    (one,) = compare(a, b, "distance", kind="greater")
    assert (one.basis, one.verdict) == ("images", "undecided")
    assert "these two networks alone" in one.reason
    width = np.log(one.high / one.low) / (2 * 1.96)
    assert width == pytest.approx(np.sqrt(2) * BOTH / np.sqrt(one.images), rel=0.2)
    assert one.p < 1e-6


def test_accuracy_of_attacked_images_is_over_those_that_all_classify_correctly():
    kept = np.zeros(100, bool)
    kept[:50] = True
    correct = np.ones(100, bool)
    correct[:20] = False  # of one member alone
    a = [curve("a-0", kept, correct), curve("a-1", kept), curve("a-2", ~kept)]
    b = [curve(f"b-{n}", np.roll(kept, 10 * n)) for n in range(3)]
    (one,) = compare(a, b, "relative_accuracy")
    assert one.images == 80
    assert one.values_a == (30 / 80, 30 / 80, 50 / 80)


def test_fewer_than_three_seeds_give_a_caution():
    (one,) = compare(models("a", [0.9, 0.91]), models("b", [0.1, 0.11, 0.12]), "test_accuracy")
    assert one.p < 0.05
    assert one.verdict == "undecided"
    assert "fewer than 3 seeds" in one.reason


@pytest.mark.parametrize(
    ("kind", "margin", "verdict"),
    [
        ("greater", None, "yes"),
        ("less", None, "no"),
        ("different", None, "yes"),
        ("different", "0.2", "no"),
        ("equivalent", "0.2", "yes"),
        ("equivalent", "0.01", "no"),
        ("equivalent", "0.1", "undecided"),
        ("equivalent", "25%", "yes"),
        ("not-worse", "0.01", "yes"),
    ],
)
def test_verdicts_of_a_difference_of_a_tenth(kind, margin, verdict):
    a, b = models("a", [0.69, 0.70, 0.71]), models("b", [0.59, 0.60, 0.61])
    (one,) = compare(a, b, "test_accuracy", kind=kind, margin=margin)
    assert one.effect == pytest.approx(0.1)
    assert one.verdict == verdict


@pytest.mark.parametrize(
    ("margin", "verdict"), [("0.12", "yes"), ("0.11", "undecided"), ("0.05", "no"), ("20%", "yes")]
)
def test_a_network_may_be_worse_by_less_than_a_margin(margin, verdict):
    a, b = models("a", [0.59, 0.60, 0.61]), models("b", [0.69, 0.70, 0.71])
    (one,) = compare(a, b, "test_accuracy", kind="not-worse", margin=margin)
    assert one.low_90 == pytest.approx(-0.1174, abs=1e-4)  # -0.1 - 2.132 * 0.01 * sqrt(2 / 3)
    assert one.verdict == verdict


def test_not_worse_is_a_one_sided_test_at_5_percent():
    rng, verdicts, p = np.random.default_rng(4), [], []
    for _ in range(40):
        a, b = rng.normal(0.7, 0.01, 4), rng.normal(0.71, 0.02, 3)
        (one,) = compare(
            models("a", a.tolist()),
            models("b", b.tolist()),
            "test_accuracy",
            kind="not-worse",
            margin="0.02",
        )
        test = ttest_ind(a + 0.02, b, equal_var=False, alternative="greater")
        verdicts.append(one.verdict == "yes")
        p.append(test.pvalue)
    assert verdicts == [value < 0.05 for value in p]
    assert 5 < sum(verdicts) < 35


def test_not_worse_is_said_where_more_is_better():
    a = [member(f"a-{n}", law(1.0 + n / 9), of_accuracy(0.7 + n / 9)) for n in range(3)]
    b = [member(f"b-{n}", law(2.0 + n / 9), of_accuracy(0.8 + n / 9)) for n in range(3)]
    settings = ComparisonSettings(kind="not-worse", margin="0.9")
    found = compare_groups(a, b, settings)
    assert [one.quantity for one in found.answers] == ["test_accuracy"]
    assert [one.quantity for one in found.not_compared] == ["alpha"]
    with pytest.raises(
        UsageError, match="of which more is better beside not-worse, found `alpha`"
    ):
        replace(settings, quantity=("alpha",))


def test_seeds_that_do_not_vary_leave_it_open():
    (one,) = compare(models("a", [0.7] * 3), models("b", [0.6] * 3), "test_accuracy")
    assert one.p is None
    assert (one.verdict, "do not vary" in one.reason) == ("undecided", True)


def test_measured_differently_is_refused_and_missing_is_said():
    a, b = groups(3, 0.0, 0.1, np.random.default_rng(0))
    with pytest.raises(ArtifactError, match="expected alpha of a-0, found none"):
        compare(a, b, "alpha")
    entries = [replace(e, artifact=replace(e.artifact, fields={"method": "fgsm", "norm": "l2"}))
               for e in b[2].entries]  # fmt: skip
    b[2] = replace(b[2], entries=entries)
    claim = Claim(id="x", kind="less", quantity="distance", a="a", b="b")
    with pytest.raises(
        ArtifactError,
        match="same way, found method pgd of a, b-0, b-1 and fgsm of b-2",
    ):
        answer_claims([*a, *b], [claim])


def test_several_radii_are_to_be_chosen_from():
    wide = {"eps": (0.1, 0.2), "relative_accuracy": (0.5, 0.25), "robust_accuracy": (0.5, 0.25)}
    facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 1.0, "n_images": 4, "n_attacked": 4}
    members = [member(f"{name}-0", Robustness(**facts, **wide)) for name in "ab"]
    claim = Claim(id="x", kind="less", quantity="robust_accuracy", a="a", b="b")
    with pytest.raises(ArtifactError, match=r"in eps \(0.1, 0.2\); .* where = { eps = 0.1 }"):
        answer_claims(members, [claim])
    found = answer_claims(members, [replace(claim, where={"eps": "1/10"})])
    assert found.answers[0].values_a == (0.5,)


def law(alpha, corrected=None):
    errors = {"sampling_stderr": 0.1, "alpha_corrected": corrected, "bias": 0.0, "bend": 0.0}
    errors |= {"power_law": True, "ci": (0.0, 9.0), "biased": False}
    facts = {"source": "images", "size": 9, "layer": "hidden", "range": (1, 9), "stderr": 0.1}
    return PowerLaw(fits=(Fit(alpha=alpha, **facts, **(errors if corrected else {})),))


def test_alpha_is_the_corrected_one_where_there_is_one():
    a = [member(f"a-{n}", law(1.0, 2.0 + n / 9)) for n in range(3)]
    b = [member(f"b-{n}", law(1.0, 1.0 + n / 9)) for n in range(3)]
    (one,) = compare(a, b, "alpha", kind="greater")
    assert one.effect == pytest.approx(1.0)
    mixed = answer_claims(
        [*a, *(member(f"b-{n}", law(1.0 + n)) for n in range(3))],
        [Claim(id="x", kind="less", quantity="alpha", a="a", b="b")],
    )
    assert "some are not" in mixed.answers[0].reason


def claims():
    yield Claim(id="more", kind="greater", quantity="test_accuracy", a="a-{seed}", b="b-{seed}")
    yield Claim(id="high", kind="above", quantity="test_accuracy", a="a-{seed}", value=0.65)
    yield Claim(id="both", kind="all", all=("more", "high"))
    yield Claim(id="rho", kind="correlated", quantity=("test_accuracy", "train_accuracy"))
    yield Claim(id="low", kind="below", quantity="test_accuracy", a="b-{seed}", value=0.65)


def test_claims_are_answered_and_their_p_corrected_for_their_number():
    members = [*models("a", [0.69, 0.70, 0.72]), *models("b", [0.59, 0.60, 0.61])]
    answers = {one.id: one for one in answer_claims(members, [*claims()]).answers}
    verdicts = {"more": "yes", "high": "yes", "both": "yes", "rho": "undecided", "low": "yes"}
    assert {name: one.verdict for name, one in answers.items()} == verdicts
    assert "too few kinds of networks" in answers["rho"].reason
    assert answers["rho"].p_corrected is None
    p_of_both = max(answers["more"].p, answers["high"].p)
    corrected = correct_by_holm([p_of_both, answers["low"].p])
    assert [answers["high"].p_corrected, answers["low"].p_corrected] == corrected
    assert answers["high"].p == p_of_both


def test_a_correlation_of_the_other_sign_is_no():
    members = models("a", [0.69, 0.70, 0.72, 0.8, 0.9, 0.95])
    (one,) = answer_claims(members, [replace([*claims()][3], sign="-")]).answers
    assert one.verdict == "no"


def test_intervals_and_p_of_a_ratio_are_those_of_welch_on_the_means_of_logs():
    """As tests/benchmarks/comparison_levels.py finds in 1,000 repetitions of six cases."""
    a, b = groups(3, np.log(1.2), 0.2, np.random.default_rng(0))
    (one,) = compare(a, b, "distance")
    expected = ttest_ind(np.log(one.values_a), np.log(one.values_b), equal_var=False)
    assert one.p == pytest.approx(expected.pvalue)
    for found, confidence in (((one.low, one.high), 0.95), ((one.low_90, one.high_90), 0.90)):
        interval = expected.confidence_interval(confidence)
        assert np.log(found) == pytest.approx((interval.low, interval.high))


def shown(members, digest):
    """Return networks that were shown other images."""
    run = Provenance(data=Data("x", "x", "", {"test": digest}))
    return [
        replace(m, entries=[replace(e, artifact=replace(e.artifact, provenance=run))
                            for e in m.entries])
        for m in members
    ]  # fmt: skip


def test_other_attacked_spaces_and_other_images_are_refused():
    a, b = groups(3, 0.3, 0.1, np.random.default_rng(0))
    with pytest.raises(ArtifactError, match="found space l3 of a and pixels of b"):
        compare(changed(a, normalize="l3"), b, "distance")
    assert compare(changed(a, normalize="standard"), b, "distance")  # attacked in pixels as well
    with pytest.raises(ArtifactError, match=r"found images x \(aa\) of a and x \(bb\) of b"):
        compare(shown(a, "aa"), shown(b, "bb"), "distance")


def test_the_smallest_budget_is_that_of_all():
    """Two groups of one kind, of which one was searched farther."""

    def searched(members, budget):
        for m in members:
            arrays = dict(m.entries[0].artifact.arrays)
            far = arrays["eps"] > budget
            arrays["status"] = np.where(far, "censored", "fooled").astype("U13")
            arrays["distance"] = np.where(far, np.inf, arrays["eps"])
            arrays["eps"] = np.minimum(arrays["eps"], budget)
            entry = replace(m.entries[0], artifact=replace(m.entries[0].artifact, arrays=arrays))
            yield replace(m, entries=[entry])

    a, b = groups(3, 0.0, 0.05, np.random.default_rng(3))
    (one,) = compare([*searched(a, 0.8)], [*searched(b, 25.0)], "distance")
    assert one.low < 1.0 < one.high
    assert all(number > 100 for number in one.censored)


def test_distances_of_zero_have_a_floor_that_all_share():
    a, b = groups(3, 0.0, 0.1, np.random.default_rng(1))
    zero = changed(a)
    for m in zero:
        arrays = m.entries[0].artifact.arrays
        for name in ("distance", "eps"):
            arrays[name][:] = np.where(np.isnan(arrays[name]), np.nan, 0.0)
    (one,) = compare(zero, b, "distance", kind="less")
    assert one.verdict == "yes"


def test_networks_in_both_groups_are_refused_and_mixed_groups_said():
    def of(network, digest, group):
        run = Provenance(inputs=(Source("m", "model", digest, Provenance()),))
        one = curve(network, [True, False, True])
        entry = replace(one.entries[0], artifact=replace(one.entries[0].artifact, provenance=run))
        return replace(one, group=group, entries=[entry])

    a = [of(f"a-{n}", f"a{n}", "a" if n else "other") for n in range(3)]
    b = [of(f"b-{n}", f"b{n}", "b") for n in range(3)]
    with pytest.raises(ArtifactError, match="1 in both"):
        compare(a, [*b, of("c-0", "a0", "c")], "robust_accuracy")
    (one,) = compare(a, b, "robust_accuracy")
    assert "networks of several kinds: other, a" in one.reason


def test_correlations_take_conditions_where_they_apply_and_only_networks():
    facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 1.0, "n_images": 9, "n_attacked": 9}
    rng, members = np.random.default_rng(0), []
    for n in range(8):
        run = Provenance(inputs=(Source("m", "model", f"{n}", Provenance()),))
        share = (n / 10, n / 20)
        curves = Robustness(
            eps=(0.1, 0.2), relative_accuracy=share, robust_accuracy=share, **facts
        )
        one = member(f"n-{n}", law(1.0 + n + rng.normal()), curves)
        entries = [replace(e, artifact=replace(e.artifact, provenance=run)) for e in one.entries]
        members.append(replace(one, entries=entries))
    members += [member("images-0", law(9.0))]  # of no network
    claim = Claim(id="x", kind="correlated", quantity=("alpha", "relative_accuracy"))
    (one,) = answer_claims(members, [replace(claim, where={"eps": 0.1})]).answers
    assert (one.verdict, len(one.values_a)) == ("yes", 8)
    odd = changed(members[:2], method="fgsm") + members[2:]
    with pytest.raises(ArtifactError, match="measured in the same way, found method"):
        answer_claims(odd, [replace(claim, where={"eps": 0.1})])


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"where": {"epsilon": 1}}, "expected a condition in `where`, found `epsilon`"),
        ({"kind": "above", "b": "", "value": float("nan")}, "expected a finite value"),
        ({"kind": "equivalent", "margin": "x%"}, "expected a margin above 0"),
    ],
)
def test_claims_that_cannot_be_meant_are_refused(changes, said):
    facts = {"id": "x", "kind": "less", "quantity": "alpha", "a": "a", "b": "b"}
    with pytest.raises(UsageError, match=said):
        Claim(**facts | changes)


def test_unknown_quantities_and_empty_groups_are_said():
    a, b = models("a", [0.1, 0.2, 0.3]), models("b", [0.4, 0.5, 0.6])
    with pytest.raises(ArtifactError, match="found `alhpa`; did you mean `alpha`"):
        compare(a, b, "alhpa")
    with pytest.raises(ArtifactError, match="found none in one"):
        compare(a, [])


def lengthened(members, factors):
    """Return networks whose distances are those of others times a factor each."""
    for one, factor in zip(members, factors, strict=True):
        artifact = one.entries[0].artifact
        arrays = {**artifact.arrays}
        arrays |= {name: arrays[name] * factor for name in ("distance", "distance_l2", "eps")}
        entry = replace(one.entries[0], artifact=replace(artifact, arrays=arrays))
        yield replace(one, entries=[entry])


def test_absurd_distances_are_compared_or_refused_in_words():
    a, b = groups(3, 0.0, 0.1, np.random.default_rng(2))
    (one,) = compare([*lengthened(a, [1e300] * 3)], b, "distance")
    assert np.log10(one.effect) == pytest.approx(300, abs=0.2)
    far = [*lengthened(a, [1e300] * 3)], [*lengthened(b, [1e-300] * 3)]
    with pytest.raises(ArtifactError, match="expected distances whose ratio.* is below 1e308"):
        compare(*far, "distance")
    with pytest.raises(ArtifactError, match="distances whose ratio"):
        compare([*lengthened(a, [1, 1e150, 1e300])], b, "distance")


def test_a_mean_of_huge_numbers_has_an_error():
    found = mean_difference([1e300, 2e300, 3e300], [1e300, 2e300, 6e300])
    small = mean_difference([1.0, 2.0, 3.0], [1.0, 2.0, 6.0])
    assert (found.value, found.stderr) == pytest.approx(
        (small.value * 1e300, small.stderr * 1e300)
    )
    assert found.p == pytest.approx(small.p)
    assert mean_against([1e300, 2e300, 3e300], 0.0).stderr == pytest.approx(1e300 / np.sqrt(3))
