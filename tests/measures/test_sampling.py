"""Expected eigenvalues of samples against simulated samples and against the closed law."""

import itertools

import numpy as np
import pytest

from specrob.measures.power_law import fit_power_law, marchenko_pastur_quantiles
from specrob.measures.sampling import expected_eigenvalues, sampling_bias


@pytest.mark.parametrize(
    ("alpha", "images", "units"), [(1, 2000, 100), (1, 500, 100), (1.6, 300, 700), (0.5, 200, 300)]
)
def test_expected_eigenvalues_are_the_mean_of_samples(alpha, images, units):
    """With gaps between eigenvalues and without, with fewer images than units and with more."""
    truth, draws = np.arange(1, units + 1.0) ** -alpha, np.random.default_rng(0)
    found = expected_eigenvalues(truth, images)
    logs = np.zeros((20, len(found)))
    for one in logs:
        x = draws.normal(size=(images, units)) * truth**0.5
        values = np.linalg.svd(x - x.mean(0), compute_uv=False) ** 2 / (images - 1)
        one[:] = np.log(values[: len(found)])
    error = np.sqrt(2 / images / len(logs))
    inner = slice(0, int(0.95 * len(found)))
    off = np.log(found) - logs.mean(0)
    assert np.abs(off[inner]).max() < 4.5 * error + 0.01
    assert abs(off[inner].mean()) < 0.005


@pytest.mark.parametrize(("images", "units"), [(2000, 400), (300, 900)])
def test_flat_populations_give_marchenko_and_pasturs_law(images, units):
    expected = marchenko_pastur_quantiles(images, units)
    found = expected_eigenvalues(np.ones(units), images)
    np.testing.assert_allclose(found, expected, rtol=0.02)
    grouped = expected_eigenvalues(np.ones(3), images, times=np.full(3, units / 3))
    np.testing.assert_allclose(grouped, expected, rtol=0.02)


def test_bias_is_that_of_the_population_behind_the_sample():
    """From the expected sample of a power law, its population is found again."""
    truth = np.arange(1, 401.0) ** -1.2
    values = expected_eigenvalues(truth, 600)
    law = fit_power_law(values, first=10, last=200)
    found = sampling_bias(values, law, 600)
    np.testing.assert_allclose(found, np.log(values / truth)[9:200], atol=0.02)
    assert abs(law.alpha - 1.2) > 0.05


def test_flat_spectra_are_corrected_or_left_open():
    """Never a search that was cut short: 40 half-steps of one were off by up to 0.1."""
    errors = []
    for aspect, alpha in itertools.product([0.2, 1, 1.5], [0.1, 0.3]):
        values = expected_eigenvalues(np.arange(1, 401.0) ** -alpha, int(400 / aspect))
        law = fit_power_law(values, first=10, last=60)
        bias = sampling_bias(values, law, int(400 / aspect), units=400)
        errors.append(law.alpha - fitted(bias, 10) - alpha)
    settled = np.isfinite(errors)
    assert settled.sum() >= 2
    assert np.abs(np.array(errors)[settled]).max() < 0.015


@pytest.mark.parametrize(
    ("alpha", "images", "units", "last"),
    [(0.3, 200, 300, 100), (0.1, 10000, 2000, 100), (0.5, 1000, 2000, 500)],
)
def test_the_search_settles_on_the_population(alpha, images, units, last):
    values = expected_eigenvalues(np.arange(1, units + 1.0) ** -alpha, images)
    law = fit_power_law(values, first=10, last=last)
    found = law.alpha - fitted(sampling_bias(values, law, images, units=units), 10)
    assert abs(found - alpha) < 0.01


def fitted(bias, first):
    return -np.polyfit(np.log(np.arange(first, first + len(bias))), bias, 1)[0]


def test_a_spectrum_that_ends_within_the_range_is_left_open():
    """Of 50 units of a network with weight decay 17 were alive: the search has no way to go."""
    values = np.array([*np.arange(1.0, 18) ** -1, *np.geomspace(1e-10, 1e-15, 8), *np.zeros(25)])
    law = fit_power_law(values, first=10, last=23)
    assert np.isnan(sampling_bias(values, law, 10_000, units=50)).all()
