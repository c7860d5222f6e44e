"""Intervals, groups, pairs and rank correlations against SciPy and closed forms."""

import numpy as np
import pytest
from scipy import stats

from specrob.statistics.correlations import rank_correlation
from specrob.statistics.groups import Estimate, correct_by_holm, mean_against, mean_difference
from specrob.statistics.intervals import wilson_interval
from specrob.statistics.pairs import paired_t_test, resampled_mean, sign_test


@pytest.mark.parametrize(("successes", "trials"), [(0, 10), (3, 10), (10, 10), (1, 10_000)])
def test_wilson_is_that_of_scipy(successes, trials):
    expected = stats.binomtest(successes, trials).proportion_ci(method="wilson")
    found = wilson_interval(successes / trials, trials)
    assert found == pytest.approx((expected.low, expected.high), abs=1e-12)


def test_welch_is_that_of_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.normal(0, 1, 4), rng.normal(1, 3, 6)
    found, expected = mean_difference(a, b), stats.ttest_ind(a, b, equal_var=False)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-10)
    assert found.df == pytest.approx(expected.df, rel=1e-10)
    interval = expected.confidence_interval(0.95)
    assert found.interval() == pytest.approx((interval.low, interval.high), rel=1e-10)
    one = stats.ttest_1samp(a, 0.3)
    assert mean_against(a, 0.3).p == pytest.approx(one.pvalue, rel=1e-10)


def test_the_detectable_difference_is_found_in_four_of_five_studies():
    rng, n, repetitions = np.random.default_rng(1), 8, 2000
    expected = (stats.t.ppf(0.975, 14) + stats.t.ppf(0.8, 14)) * np.sqrt(2 / n)
    assert Estimate(0.0, np.sqrt(2 / n), 14).detectable == pytest.approx(expected)
    a = rng.normal(expected, 1, (repetitions, n))
    b = rng.normal(0, 1, (repetitions, n))
    found = np.mean([mean_difference(*pair).p < 0.05 for pair in zip(a, b, strict=True)])
    assert found == pytest.approx(0.8, abs=0.05)


def test_members_that_do_not_vary_or_are_alone_have_no_p():
    assert np.isnan(mean_difference([1.0, 1.0], [0.0, 0.0]).p)
    assert np.isnan(mean_difference([1.0], [0.0, 0.5]).stderr)
    assert np.isnan(Estimate(0.0, 0.0, np.nan).p)


def test_holm_stops_at_the_first_that_fails():
    # Holm's own example of the procedure: p(i) against alpha / (m - i + 1)
    assert correct_by_holm([0.04, 0.01, 0.02]) == pytest.approx([0.04, 0.03, 0.04])
    assert correct_by_holm([0.5, float("nan"), 0.4]) == [0.8, None, 0.8]


def test_the_paired_t_test_agrees_with_the_resampled_interval():
    rng = np.random.default_rng(2)
    for shift in (0.0, 0.1, 0.2, 0.3):
        differences = rng.normal(shift, 1, 200)
        low, high, *_ = resampled_mean(differences, rng)
        p = paired_t_test(differences)
        assert p == pytest.approx(stats.ttest_rel(differences + 5, np.full(200, 5.0)).pvalue)
        assert (p < 0.05) == (not low < 0 < high)


def test_the_sign_test_counts_only_images_that_differ():
    a, b = np.array([1, 1, 1, 1, 1, 0, 1, 1] * 9, bool), np.array([1] * 72, bool)
    assert sign_test(a, b) == stats.binomtest(0, 9).pvalue
    assert sign_test(b, b) == 1.0


def test_resampled_means_spread_as_the_standard_error():
    values = np.random.default_rng(3).normal(0, 1, 400)
    low, high, inner_low, inner_high = resampled_mean(values, np.random.default_rng(0))
    assert high - low == pytest.approx(2 * 1.96 * values.std() / 20, rel=0.1)
    assert inner_high - inner_low == pytest.approx(2 * 1.645 * values.std() / 20, rel=0.1)


def test_rank_correlations_are_those_of_scipy():
    rng = np.random.default_rng(4)
    x, y = rng.normal(size=(2, 15))
    found = rank_correlation(x, y, np.random.default_rng(0), replicates=200)
    assert found.value == pytest.approx(stats.spearmanr(x, y).statistic, abs=1e-12)
    assert found.low < found.value < found.high


def test_what_a_third_quantity_explains_is_taken_out():
    rng = np.random.default_rng(5)
    z = rng.normal(size=200)
    x, y = z + 0.3 * rng.normal(size=(2, 200))
    plain = rank_correlation(x, y, rng, replicates=50)
    partial = rank_correlation(x, y, rng, given=z, replicates=200)
    r = [stats.spearmanr(*pair).statistic for pair in ((x, y), (x, z), (y, z))]
    formula = (r[0] - r[1] * r[2]) / np.sqrt((1 - r[1] ** 2) * (1 - r[2] ** 2))
    assert plain.value > 0.8
    assert partial.value == pytest.approx(formula, abs=1e-12)
    assert partial.low < 0 < partial.high


def test_few_or_constant_networks_have_no_interval():
    rng = np.random.default_rng(0)
    few = rank_correlation([1, 2, 3, 4], [1, 2, 3, 4], rng)
    assert np.isnan(few.low)
    assert few.p == pytest.approx(2 / 24)  # of all orders two are as strong
    assert np.isnan(rank_correlation([1, 1, 1, 1], [1, 2, 3, 4], rng).value)


def test_a_correlation_is_found_by_chance_as_often_as_p_says():
    rng = np.random.default_rng(6)
    for networks in (6, 9):
        drawn = rng.normal(size=(300, 2, networks))
        p = [rank_correlation(*pair, rng, replicates=200).p for pair in drawn]
        assert np.mean(np.array(p) < 0.05) < 0.09


@pytest.mark.parametrize("networks", [6, 12])
def test_a_partial_correlation_is_found_by_chance_as_often_as_p_says(networks):
    rng = np.random.default_rng(7)
    p = []
    for _ in range(1000):
        z = rng.normal(size=networks)
        x, y = z + rng.normal(size=(2, networks))
        p.append(rank_correlation(x, y, rng, given=z, replicates=2).p)
    assert np.mean(np.array(p) < 0.05) < 0.075  # 5% expected; permuted residuals give 10% of 6
    assert np.mean(np.array(p) < 0.05) > 0.02


def test_p_of_a_partial_correlation_is_that_of_student():
    rng = np.random.default_rng(8)
    x, y, z = rng.normal(size=(3, 9))
    found = rank_correlation(x, y, rng, given=z)
    t = found.value * np.sqrt(6 / (1 - found.value**2))
    assert found.p == pytest.approx(2 * stats.t.sf(abs(t), 6))
    assert np.isnan(rank_correlation(x[:5], y[:5], rng, given=z[:5]).p)


def test_distances_that_are_all_alike_do_not_differ():
    assert paired_t_test(np.zeros(9)) == 1.0
