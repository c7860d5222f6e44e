"""What a comparison leaves out: it is named, with the networks or conditions that differ."""

import pytest

from specrob.comparisons import compare_groups
from specrob.errors import ArtifactError
from specrob.results import Fit, PowerLaw, Robustness
from specrob.settings.claims import ComparisonSettings
from synthetic_members import changed, joined, member, models


def compare(a, b, *quantity, **settings):
    return compare_groups(a, b, ComparisonSettings(quantity=quantity, **settings)).answers


def curves(name, *eps, method="pgd", seeds=3):
    """Return networks with accuracies at some radii."""
    facts = {"method": method, "norm": "l2", "clean_accuracy": 1.0, "n_images": 4}
    for seed in range(seeds):
        share = tuple((9 - seed) / (10 + at) for at in range(len(eps)))
        rates = {"eps": eps, "relative_accuracy": share, "robust_accuracy": share}
        yield member(f"{name}-{seed}", Robustness(n_attacked=4, **facts, **rates))


def left_out(a, b, **settings):
    found = compare_groups(a, b, ComparisonSettings(**settings)).not_compared
    return {one.quantity: one.reason for one in found}


def test_what_a_network_lacks_is_named():
    a, b = list(curves("a", 0.1)), list(curves("b", 0.1))
    a = [joined(one, model) for one, model in zip(a, models("a", [0.1, 0.2, 0.3]), strict=True)]
    b[0] = joined(b[0], models("b", [0.5])[0])
    assert left_out(a, b) == {"test_accuracy": "not measured on b-1, b-2"}
    assert left_out(a, list(curves("b", 0.1))) == {"test_accuracy": "not measured on b"}


def test_radii_that_some_lack_are_named():
    a, b = list(curves("a", 0, 0.1, 0.2, 0.3)), list(curves("b", 0, 0.1))
    reason = "eps 0.2, 0.3 not measured on b"
    assert left_out(a, b) == {"relative_accuracy": reason, "robust_accuracy": reason}
    assert left_out(b, a) == left_out(a, b)
    assert not left_out(a, b, at=0.1)


@pytest.mark.parametrize(
    ("eps", "methods", "said"),
    [
        ((0.2, 0.3), ["pgd"] * 3, "eps 0.1 of a and 0.2, 0.3 of b"),
        ((0.1,), ["fgsm"] * 3, "method pgd of a and fgsm of b"),
        ((0.1,), ["pgd", "pgd", "fgsm"], "method pgd of a, b-0, b-1 and fgsm of b-2"),
    ],
)
def test_the_condition_that_differs_is_named(eps, methods, said):
    a = list(curves("a", 0.1))
    b = [[*curves("b", *eps, method=method)][seed] for seed, method in enumerate(methods)]
    with pytest.raises(ArtifactError, match=f"robust_accuracy .* same way, found {said}; "):
        compare(a, b, "robust_accuracy")
    a, b = (
        [joined(*pair) for pair in zip(group, models(name, accuracies), strict=True)]
        for name, group, accuracies in (("a", a, (0.1, 0.2, 0.3)), ("b", b, (0.4, 0.5, 0.6)))
    )
    assert left_out(a, b)["robust_accuracy"] == said


def test_several_numbers_under_one_condition_are_named():
    a, b = list(curves("a", 0.1)), list(curves("b", 0.1))
    other = changed([next(iter(curves("b", 0.1, seeds=1)))], robust_accuracy=[0.25])
    b[0] = joined(b[0], *changed(other, n_images=8))
    reason = left_out(a, b)["robust_accuracy"]
    assert reason == "2 numbers of b-0, which differ in number of images (4, 8)"


def test_nothing_in_common_says_what_there_is():
    with pytest.raises(
        ArtifactError, match=r"found test_accuracy \(not measured on b\); clean_.* on a"
    ):
        compare(models("a", [0.1, 0.2, 0.3]), [*curves("b", 0.1)])
    with pytest.raises(ArtifactError, match="with eps 0.2, found eps 0.1; measure it"):
        compare([*curves("a", 0.1)], [*curves("b", 0.1)], "robust_accuracy", at=0.2)


def test_what_cannot_be_asked_has_its_own_advice():
    law = PowerLaw(
        fits=(Fit(alpha=1.0, stderr=0.1, source="images", layer="x", size=9, range=(1, 9)),)
    )
    a, b = ([member(f"{name}-{n}", law) for n in range(3)] for name in "ab")
    with pytest.raises(ArtifactError, match=r"ask for equivalent, less or greater\)$"):
        compare(a, b, kind="not-worse", margin="5%")


def test_accuracies_at_radius_0_are_compared_where_they_are_asked_for():
    a, b = list(curves("a", 0.0)), list(curves("b", 0.0))
    with pytest.raises(ArtifactError, match="measured in the same way, found eps 0 alone"):
        compare(a, b, "robust_accuracy")
    (one,) = compare(a, b, "robust_accuracy", where=("eps=0",))
    assert one.effect == 0


def test_groups_of_one_name_are_told_apart():
    (one,) = compare(models("a", [0.1, 0.2, 0.3]), models("a", [0.4, 0.5, 0.7])[:2] + models(
        "a", [0.6, 0.8, 0.9])[2:], "test_accuracy")  # fmt: skip
    assert (one.a, one.b) == ("a (A)", "a (B)")
