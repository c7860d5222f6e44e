"""The same networks compared with themselves under other conditions."""

import numpy as np
import pytest
from scipy.stats import ttest_rel

from specrob.comparisons import answer_claims
from specrob.comparisons.sentences import lines_of
from specrob.errors import ArtifactError, UsageError
from specrob.settings.claims import Claim
from synthetic_members import changed, curve, joined

CLAIM = {
    **{"id": "x", "kind": "greater", "quantity": "relative_accuracy", "a": "a"},
    **{"where": {"eps": 0.1}, "where_b": {"eps": 0.2}},
}
IMAGES = 1000


def two_radii(kept):
    """Return networks with the shares of images, (seeds, 2), kept at radii 0.1 and 0.2."""
    return [
        joined(
            *(
                curve(f"a-{seed}", np.arange(IMAGES) < share * IMAGES, eps=eps)
                for share, eps in zip(shares, (0.1, 0.2), strict=True)
            )
        )
        for seed, shares in enumerate(kept)
    ]


def test_the_difference_is_paired_over_seeds():
    kept = np.array([[0.9, 0.88], [0.5, 0.47], [0.3, 0.29], [0.7, 0.68]])  # seeds differ more
    (one,) = answer_claims(two_radii(kept), [Claim(**CLAIM)]).answers
    law = ttest_rel(kept[:, 0], kept[:, 1])
    assert one.verdict == "yes"
    assert one.effect == pytest.approx((kept[:, 0] - kept[:, 1]).mean())
    assert one.p == pytest.approx(law.pvalue)
    assert (one.low, one.high) == pytest.approx(tuple(law.confidence_interval()))
    assert (one.a, one.b) == ("a", "a with eps 0.2")
    (line,) = lines_of(answer_claims(two_radii(kept), [Claim(**CLAIM)]))
    assert "4 seeds, each with itself" in line


def test_two_seeds_say_nothing():
    (one,) = answer_claims(two_radii([[0.9, 0.8], [0.9, 0.7]]), [Claim(**CLAIM)]).answers
    assert one.verdict == "undecided"


def test_a_condition_that_nobody_asked_about_may_not_differ():
    kept = np.ones(IMAGES)
    networks = [
        joined(curve(f"a-{seed}", kept), *changed([curve(f"a-{seed}", kept, eps=0.2)], norm="l2"))
        for seed in range(3)
    ]
    with pytest.raises(ArtifactError, match="in the same way, found norm linf of a and l2 of a"):
        answer_claims(networks, [Claim(**CLAIM)])


@pytest.mark.parametrize(
    ("changes", "found"), [({"b": "b"}, "both"), ({"where_b": {}}, "neither")]
)
def test_either_other_networks_or_other_conditions(changes, found):
    told = f"expected `b` or `where_b` beside greater, found {found}"
    with pytest.raises(UsageError, match=told):
        Claim(**CLAIM | changes)


def test_other_conditions_are_others():
    with pytest.raises(UsageError, match="expected another eps in `where_b` than in `where`"):
        Claim(**CLAIM | {"where_b": {"eps": 0.1}})


def test_other_conditions_are_known_ones():
    with pytest.raises(UsageError, match="expected a condition in `where_b`, found `radius`"):
        Claim(**CLAIM | {"where_b": {"radius": 1}})
