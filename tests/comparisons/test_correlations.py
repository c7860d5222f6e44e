"""Correlations over kinds of networks: seeds of one kind are not independent of each other."""

import numpy as np
import pytest

from specrob.comparisons import answer_claims
from specrob.comparisons.sentences import lines_of
from specrob.errors import ArtifactError, UsageError
from specrob.results import Fit, PowerLaw
from specrob.settings.claims import Claim
from synthetic_members import joined, member, of_accuracy, of_distances

CLAIM = {"id": "x", "kind": "correlated", "quantity": ("test_accuracy", "train_accuracy")}


def kinds(rng, n_kinds, seeds, offset=0.0):
    """Return networks whose two accuracies differ among kinds, without a relation of the two."""
    for kind in range(n_kinds):
        x, y = (rng.uniform(0.2, 0.8, 2) + offset * kind).tolist()
        for seed in range(seeds):
            noise = rng.normal(0, 0.01, 2).tolist()
            yield member(f"k{kind}-{seed}", of_accuracy(x + noise[0], y + noise[1]))


def answer(networks, **changes):
    (one,) = answer_claims(networks, [Claim(**CLAIM | changes)]).answers
    return one


def test_seeds_do_not_make_a_relation_of_kinds():
    rng = np.random.default_rng(0)
    p = [answer([*kinds(rng, 6, 4)]).p for _ in range(100)]
    assert np.mean(np.array(p) < 0.05) <= 0.1  # 5% expected; with seeds as networks 40%


def test_the_values_are_the_means_of_kinds_and_their_number_is_printed():
    networks = [*kinds(np.random.default_rng(1), 7, 3, offset=0.02)]
    comparison = answer_claims(networks, [Claim(**CLAIM)])
    (one,) = comparison.answers
    first = [net.entries[0].artifact.fields["test_accuracy"] for net in networks[:3]]
    assert len(one.values_a) == len(one.values_b) == 7
    assert one.values_a[0] == pytest.approx(np.mean(first))
    assert one.basis == "kinds"
    assert "over 7 kinds of networks, means over seeds" in lines_of(comparison)[0]


def test_seeds_of_one_kind_are_independent_of_each_other():
    networks = [member(f"a-{n}", of_accuracy(n / 10, n / 20)) for n in range(7)]
    one = answer(networks)
    assert (one.basis, len(one.values_a), one.verdict) == ("networks", 7, "yes")


def law(alpha):
    fit = {"source": "images", "layer": "hidden", "size": 9, "range": (1, 9), "stderr": 0.1}
    return PowerLaw(fits=(Fit(alpha=alpha, **fit),))


def test_what_a_third_quantity_explains_is_no_correlation():
    rng = np.random.default_rng(2)
    networks = []
    for n in range(40):
        x, y = (0.3 + n / 100 + rng.normal(0, 0.03, 2)).tolist()
        networks.append(member(f"n{n}-0", of_accuracy(x, y), law(n / 40)))
    plain, partial = answer(networks), answer(networks, partial="alpha")
    assert plain.verdict == "yes"
    assert partial.verdict == "undecided"
    assert abs(partial.effect) < 0.4 < 0.8 < plain.effect
    assert partial.title.endswith(", given alpha")


def test_networks_left_out_are_named():
    networks = [*kinds(np.random.default_rng(0), 6, 1), member("odd-0", law(1.0))]
    assert "left out odd-0, without one of these quantities" in answer(networks).reason


def test_a_quantity_that_does_not_vary_is_the_reason():
    one = answer([member(f"k{n}-0", of_accuracy(0.5, n / 10)) for n in range(7)])
    assert one.verdict == "undecided"
    assert "test_accuracy does not vary" in one.reason


@pytest.mark.parametrize(
    "changes",
    [{"quantity": ("alpha", "alpha")}, {"partial": "test_accuracy"}],
)
def test_a_quantity_is_not_correlated_with_itself(changes):
    with pytest.raises(UsageError, match="expected different quantities"):
        Claim(**CLAIM | changes)


def test_two_names_of_one_quantity_are_refused():
    networks = [*kinds(np.random.default_rng(0), 6, 1)]
    with pytest.raises(ArtifactError, match="found test_accuracy, test_accuracy; name others"):
        answer(networks, quantity=("accuracy", "test_accuracy"))


def test_distances_are_medians_of_each_networks_own_images():
    networks = [
        joined(
            member(f"k{n}-0", of_accuracy(n / 10)), of_distances(f"k{n}-0", [n + 1.0] * 9, 30.0)
        )
        for n in range(7)
    ]
    one = answer(networks, quantity=("test_accuracy", "distance"))
    assert one.title == "rank correlation of test_accuracy and median distance"
    assert "distance is of each network's own correct images" in one.reason
    assert one.values_b == tuple(range(1, 8))
