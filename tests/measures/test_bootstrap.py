"""Resampled spectra, and intervals that hold the truth as often as they say."""

import numpy as np
import pytest
import torch

from specrob.measures.bootstrap import resample
from specrob.measures.covariance import Covariance
from specrob.measures.power_law import fit_power_law
from specrob.measures.power_law_errors import trust


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("images", "units"), [(60, 9), (9, 60)])
def test_replicates_are_spectra_of_drawn_images(images, units):
    x = torch.randn(images, units, generator=generator(), dtype=torch.float64)
    sums = Covariance(images, keep=True)
    sums.add_(x)
    (found,) = resample(sums.coordinates(), 1, generator(5)).numpy()
    drawn = x[torch.randint(images, (images,), generator=generator(5))]
    expected = np.linalg.eigvalsh(np.cov(drawn.numpy().T))[::-1][: min(images, units)]
    known = np.isfinite(found)
    np.testing.assert_allclose(found[known], expected[known], atol=1e-12 * expected[0])
    assert np.abs(expected[~known]).max(initial=0) < 1e-12 * expected[0]


def coverage(sets, replicates, alpha=1.0, images=2000, units=100, window=(5, 30)):
    """Return over data sets how often the interval held alpha, and how often bias was flagged."""
    draws, held, biased = generator(7), 0, 0
    scale = torch.arange(1, units + 1, dtype=torch.float64) ** (-alpha / 2)
    for _ in range(sets):
        sums = Covariance(images, keep=True)
        sums.add_(torch.randn(images, units, generator=draws, dtype=torch.float64) * scale)
        values = sums.eigenvalues().numpy()
        law = fit_power_law(values, first=window[0], last=window[1])
        resampled = resample(sums.coordinates(), replicates, draws).numpy()
        found = trust(values, law, images=images, replicates=resampled)
        held += found.ci[0] <= alpha <= found.ci[1]
        biased += found.biased
    return held / sets, biased / sets


@pytest.mark.slow
def test_coverage_of_the_interval():
    """Over 200 data sets, where the finite sample has next to no bias."""
    held, biased = coverage(200, 100)
    assert 0.90 <= held <= 0.99
    assert biased < 0.1


def test_coverage_of_the_interval_in_short():
    held, biased = coverage(15, 30)
    assert held >= 11 / 15  # below with a chance of 0.006 at 95%
    assert biased < 0.5


def test_too_few_images_for_the_range_are_said_to_bias():
    _, biased = coverage(2, 20, images=500, units=200, window=(10, 100))
    assert biased == 1
