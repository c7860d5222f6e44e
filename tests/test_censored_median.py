"""Medians with censoring, against plain medians and simulation."""

import numpy as np
import pytest

from specrob.censored_median import median_distance


def test_without_censoring_it_is_the_median():
    distance = np.random.default_rng(0).lognormal(size=501)
    found = median_distance(distance, distance)
    assert found.value == np.median(distance)
    assert found.low < found.value < found.high
    assert (found.fooled, found.censored) == (501, 0)


def test_dropping_the_censored_would_bias_low():
    distance = np.random.default_rng(1).lognormal(size=501)
    seen = np.where(distance > 2, np.inf, distance)
    eps = np.full(501, 2.0)
    assert median_distance(seen, eps).value == np.median(distance)
    assert np.median(seen[np.isfinite(seen)]) < np.median(distance)


def test_more_than_half_censored_has_no_finite_median():
    distance = np.array([0.1, np.inf, np.inf, np.nan])
    assert median_distance(distance, np.full(4, 1.0)).value == np.inf
    assert np.isinf(median_distance(distance[1:], np.full(3, 1.0)).value)
    assert np.isnan(median_distance(distance[3:], np.full(1, 1.0)).value)


def test_a_budget_that_few_needed_has_no_median():
    """Distances up to the budget, and a hair above it by round-off; most were never fooled."""
    distance = np.array([*np.linspace(0.01, 0.05, 27) * (1 + 1e-6), *[np.inf] * 73], np.float32)
    assert np.isinf(median_distance(distance, np.full(100, 0.05, np.float32)).value)


@pytest.mark.parametrize("images", [1, 2, 3])
def test_of_a_few_images_no_upper_end_is_known(images):
    """The largest of three exceeds the median in 7 of 8 samples only."""
    distance = np.arange(1.0, images + 1)
    found = median_distance(distance, distance)
    assert found.high == np.inf
    assert found.low == 1.0


@pytest.mark.parametrize("censored", [np.inf, 3.0])
def test_intervals_cover_the_truth(censored):
    rng, covered = np.random.default_rng(2), 0
    for _ in range(200):
        distance = rng.lognormal(size=101)
        found = median_distance(
            np.where(distance > censored, np.inf, distance), np.full(101, censored)
        )
        covered += found.low <= 1.0 <= found.high
    assert covered >= 180
