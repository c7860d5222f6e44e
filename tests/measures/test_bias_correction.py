"""Exponents of the population behind a sample, against populations that are known."""

import itertools

import numpy as np
import pytest

from specrob.measures.bias_correction import Sample, correct_for_sampling
from specrob.measures.expected_spectrum import expected_eigenvalues
from specrob.measures.power_law import WEIGHTINGS, fit_power_law


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_the_population_behind_an_expected_sample_is_found(weighting):
    truth = np.arange(1, 401.0) ** -1.2
    values = expected_eigenvalues(truth, 600)
    law = fit_power_law(values, first=10, last=200, weighting=weighting)
    found = correct_for_sampling(values, law, Sample(600))
    assert abs(found.alpha - 1.2) < 0.005
    assert abs(found.bend) < 0.03
    assert abs(law.alpha - 1.2) > 0.015


def test_a_bent_population_is_found():
    """The bend of a sample is not that of its population."""
    n = np.log(np.arange(1, 301.0))
    truth = np.exp(-0.8 * n - 0.05 * n**2)
    values = expected_eigenvalues(truth, 1000)
    law = fit_power_law(values, first=10, last=100)
    own = fit_power_law(truth, first=10, last=100)
    found = correct_for_sampling(values, law, Sample(1000))
    assert abs(found.alpha - own.alpha) < 0.005
    assert abs(found.bend - 2 * 0.05 * np.log(10)) < 0.03


def test_flat_spectra_are_corrected_or_left_open():
    """Where many populations would give nearly this sample, errors and amplification say so."""
    settled = []
    for aspect, alpha in itertools.product([0.2, 1, 1.5], [0.1, 0.3]):
        values = expected_eigenvalues(np.arange(1, 401.0) ** -alpha, int(400 / aspect))
        law = fit_power_law(values, first=10, last=60)
        found = correct_for_sampling(values, law, Sample(int(400 / aspect), units=400))
        if found is not None:
            settled.append(found)
            assert abs(found.alpha - alpha) < 0.1 * found.alpha_error + 0.002
            assert found.amplified > 20 or abs(found.alpha - alpha) < 0.002
    assert len(settled) >= 2


@pytest.mark.parametrize(
    ("alpha", "images", "units", "last"), [(0.1, 10000, 2000, 100), (0.5, 2000, 1000, 300)]
)
def test_the_search_settles_on_the_population(alpha, images, units, last):
    values = expected_eigenvalues(np.arange(1, units + 1.0) ** -alpha, images)
    law = fit_power_law(values, first=10, last=last)
    found = correct_for_sampling(values, law, Sample(images, units=units))
    assert abs(found.alpha - alpha) < 0.01


def test_a_spectrum_that_ends_within_the_range_is_left_open():
    """Of 50 units of a network with weight decay 17 were alive: the search has no way to go."""
    values = np.array([*np.arange(1.0, 18) ** -1, *np.geomspace(1e-10, 1e-15, 8), *np.zeros(25)])
    law = fit_power_law(values, first=10, last=23)
    assert correct_for_sampling(values, law, Sample(10_000, units=50)) is None


def test_bias_vanishes_with_many_images():
    truth = np.arange(1, 101.0) ** -1
    law = fit_power_law(truth, first=5, last=50)
    few, many = (
        law.alpha - correct_for_sampling(truth, law, Sample(b)).alpha for b in (1000, 100_000)
    )
    assert abs(many) < 1e-3 < abs(few)


@pytest.mark.parametrize("unit", [1e-60, 1e40])
def test_units_do_not_matter(unit):
    values = expected_eigenvalues(np.arange(1, 101.0) ** -1, 300)
    found = []
    for scale in (1.0, unit):
        law = fit_power_law(scale * values, first=3, last=40)
        one = correct_for_sampling(scale * values, law, Sample(300))
        found.append([one.alpha, one.bend, one.alpha_error, one.bend_error])
    np.testing.assert_allclose(*found, rtol=1e-6, atol=1e-6)
