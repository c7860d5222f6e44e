"""Thresholds between modes that are known."""

import numpy as np
import pytest

from specrob.learning.pruning import automatic_threshold


@pytest.mark.parametrize("seed", range(3))
def test_the_cut_lies_between_two_modes(seed):
    rng = np.random.default_rng(seed)
    quiet, noisy = rng.lognormal(np.log(8e-4), 0.1, 900), rng.lognormal(np.log(2e-3), 0.1, 60)
    cut = automatic_threshold(np.concatenate([quiet, noisy, np.zeros(5)]))
    assert np.isclose(np.log(cut), np.log(8e-4 * 2e-3) / 2, atol=0.05)


@pytest.mark.parametrize("variances", [np.full(20, 1e-3), np.array([1e-3]), np.zeros(4)])
def test_one_mode_has_no_cut(variances):
    assert automatic_threshold(variances) is None
