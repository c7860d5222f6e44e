"""Exponents of exact power laws, and the Marchenko-Pastur null against published numbers."""

import numpy as np
import pytest
import torch
from scipy.stats import linregress

from specrob.errors import MeasureError
from specrob.measures.dimension import (
    corrected_participation_ratio,
    participation_ratio,
    rank_at,
    rankme,
)
from specrob.measures.power_law import (
    WEIGHTINGS,
    fit_power_law,
    marchenko_pastur_quantiles,
    null_alpha,
    numerical_rank,
)


@pytest.mark.parametrize("alpha", [0.5, 1, 1.5, 3])
@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_exact_power_laws_are_recovered(alpha, weighting):
    law = fit_power_law(np.arange(1, 1001.0) ** -alpha, first=10, last=500, weighting=weighting)
    assert abs(law.alpha - alpha) < 1e-10
    assert law.stderr < 1e-10
    assert law.r2 > 1 - 1e-12
    assert law.n_points == 491


def test_slope_and_error_are_those_of_ordinary_regression():
    rng = np.random.default_rng(0)
    values = np.sort(np.arange(1, 301.0) ** -1.2 * rng.lognormal(0, 0.1, 300))[::-1]
    law = fit_power_law(values, first=5, last=250)
    n = np.arange(5, 251)
    expected = linregress(np.log(n), np.log(values[4:250]))
    assert np.isclose(law.alpha, -expected.slope, rtol=1e-12)
    assert np.isclose(law.stderr, expected.stderr, rtol=1e-10)
    assert np.isclose(law.r2, expected.rvalue**2, rtol=1e-12)


def test_published_value_of_another_package():
    """Alpha of torch.manual_seed(0), torch.randn(1000, 1024), 11..100, 1/n weights: 0.14894."""
    x = torch.randn(1000, 1024, generator=torch.Generator().manual_seed(0)).double()
    values = np.linalg.eigvalsh(np.cov(x.numpy().T))[::-1]
    how = {"first": 11, "last": 100, "weighting": "1/n"}
    assert abs(fit_power_law(values, **how).alpha - 0.14894) < 2e-4
    assert abs(null_alpha(1000, 1024, **how) - 0.145) < 0.002


@pytest.mark.parametrize(("weighting", "expected"), [("none", 0.135), ("1/n", 0.096)])
def test_null_of_many_images(weighting, expected):
    found = null_alpha(10_000, 2_000, first=11, last=500, weighting=weighting)
    assert abs(found - expected) < 0.003


@pytest.mark.parametrize(("images", "units"), [(2000, 400), (300, 900), (401, 400)])
def test_quantiles_have_the_moments_of_the_law(images, units):
    """Mean of the N eigenvalues is 1 and their second moment 1 + N / (images - 1)."""
    values = marchenko_pastur_quantiles(images, units)
    assert len(values) == min(images - 1, units)
    assert np.all(np.diff(values) <= 0)
    assert np.isclose(values.sum() / units, 1, rtol=0.01)
    assert np.isclose((values**2).sum() / units, 1 + units / (images - 1), rtol=0.01)


def test_ranges_that_cannot_be_fitted_are_refused():
    values = np.arange(1, 101.0) ** -1
    with pytest.raises(MeasureError, match="within 1..100"):
        fit_power_law(values, first=10, last=101)
    with pytest.raises(MeasureError, match="at least 10 ranks"):
        fit_power_law(values, first=10, last=18)


def test_round_off_is_no_eigenvalue():
    values = np.concatenate([np.arange(1, 51.0) ** -1, np.full(50, 1e-17), [np.nan]])
    assert numerical_rank(values) == 50


def test_dimensions_of_known_spectra():
    flat, geometric = np.ones(12), 0.5 ** np.arange(40)
    assert participation_ratio(flat) == pytest.approx(12)
    assert participation_ratio(geometric) == pytest.approx(3)  # (1/(1-q))^2 (1-q^2), q = 1/2
    assert rank_at(flat, 0.9) == 11
    assert rank_at(geometric, 0.9) == 4
    assert rankme(flat) == pytest.approx(12)
    assert rankme(np.array([4.0, 4.0, 0.0])) == pytest.approx(2)


SPECTRA = {
    "flat": np.ones(200),
    "n^-0.5": np.arange(1, 201.0) ** -0.5,
    "n^-1": np.arange(1, 201.0) ** -1,
    "n^-2": np.arange(1, 201.0) ** -2,
    "two steps": np.repeat([5.0, 0.1], [10, 190]),
}


@pytest.mark.parametrize("name", SPECTRA)
@pytest.mark.parametrize(("images", "within"), [(50, 0.08), (100, 0.04)])
def test_the_participation_ratio_of_few_images(name, images, within):
    """Mean of 200 samples of 200 Gaussian units."""
    truth, draws = SPECTRA[name], np.random.default_rng(0)
    found = []
    for _ in range(200):
        x = draws.normal(size=(images, 200)) * truth**0.5
        x -= x.mean(0)
        values = np.linalg.eigvalsh(x @ x.T / (images - 1)).clip(0)
        found.append(corrected_participation_ratio(values, images))
    assert np.mean(found) == pytest.approx(participation_ratio(truth), rel=within)
