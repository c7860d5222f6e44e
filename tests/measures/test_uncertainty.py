"""Bias, bends and maps of exponents, against laws and simulated samples."""

import numpy as np
import pytest

from specrob.measures.bias_correction import Sample
from specrob.measures.expected_spectrum import expected_eigenvalues
from specrob.measures.image_scales import ImageScales
from specrob.measures.power_law import WEIGHTINGS, alpha_map, fit_power_law
from specrob.measures.uncertainty import contrasts, estimate_uncertainty


def pure(n, alpha=1.0):
    return n**-alpha


def broken(n):
    return np.where(n <= 100, n**-1, 10 * n**-1.5)


def sample(truth, images, seed):
    """Return eigenvalues of a covariance of so many Gaussian images."""
    draws = np.random.default_rng(seed)
    x = draws.normal(size=(images, len(truth))) * np.sqrt(truth)
    return np.linalg.eigvalsh(np.cov(x.T))[::-1]


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_contrasts_give_the_fitted_exponent(weighting):
    values = np.sort(np.random.default_rng(0).lognormal(size=200))[::-1]
    law = fit_power_law(values, first=7, last=150, weighting=weighting)
    alpha, _ = contrasts(7, 150, weighting) @ np.log(values[6:150])
    assert np.isclose(alpha, law.alpha, rtol=1e-12)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
@pytest.mark.parametrize("alpha", [0.5, 1.0, 1.5, 3.0])
def test_an_exact_power_law_is_one(alpha, weighting):
    values = pure(np.arange(1, 1001.0), alpha)
    found = estimate_uncertainty(values, fit_power_law(values, weighting=weighting), Sample(0))
    assert found.power_law
    assert abs(found.bend) < 1e-9
    assert (found.bias, found.biased, found.ci) == (0, False, None)
    assert "exact" in found.ci_reason


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_an_exact_broken_spectrum_is_none(weighting):
    values = broken(np.arange(1, 1001.0))
    found = estimate_uncertainty(values, fit_power_law(values, weighting=weighting), Sample(0))
    assert not found.power_law
    assert 0.5 < found.bend < 1


@pytest.mark.parametrize("images", [2000, 5000])
def test_a_sampled_broken_spectrum_is_none(images):
    values = sample(broken(np.arange(1, 301.0)), images, seed=0)
    law = fit_power_law(values, last=250)
    assert not estimate_uncertainty(values, law, Sample(images)).power_law


def false_alarms(samples):
    """Return how many pure power laws are called none: ranges with and without bias."""
    settings = [(1.0, 2000, 100, 5, 30), (1.0, 1000, 100, 10, 80), (2.0, 1000, 100, 5, 50)]
    alarms = 0
    for alpha, images, units, first, last in settings:
        for seed in range(samples):
            values = sample(pure(np.arange(1, units + 1.0), alpha), images, seed)
            law = fit_power_law(values, first=first, last=last)
            alarms += estimate_uncertainty(values, law, Sample(images)).power_law is False
    return alarms


@pytest.mark.slow
def test_false_alarms_are_rare():
    """Of 300 pure power laws, at most 3."""
    assert false_alarms(100) <= 3


def test_false_alarms_are_rare_in_short():
    """At a true rate of 0.3% two of 18 have a chance of 0.0014."""
    assert false_alarms(6) <= 1


@pytest.mark.parametrize(
    ("alpha", "images", "units", "first", "last"),
    [
        (1, 4000, 100, 5, 80),
        (1, 1000, 100, 5, 80),
        (1.6, 300, 800, 10, 100),
    ],
)
def test_bias_and_error_are_those_of_samples(alpha, images, units, first, last):
    """With many images and few, and past their number."""
    truth, found, alphas = pure(np.arange(1, units + 1.0), alpha), [], []
    for seed in range(12):
        values = sample(truth, images, seed)[: min(images - 1, units)]
        law = fit_power_law(values, first=first, last=last)
        found.append(estimate_uncertainty(values, law, Sample(images, units=units)))
        alphas.append(law.alpha)
    bias = np.mean(alphas) - alpha
    error = np.std(alphas) / np.sqrt(len(alphas))
    corrected = np.mean([one.alpha_corrected for one in found])
    assert abs(corrected - alpha) < 3 * error + 0.03 * abs(bias)
    spread = np.std([one.alpha_corrected for one in found], ddof=1)
    errors = np.mean([one.sampling_stderr for one in found])
    assert 0.5 < spread / errors < 1.8  # 12 draws
    assert not any(one.power_law is False for one in found)


@pytest.mark.parametrize("weighting", WEIGHTINGS)
def test_the_map_holds_every_fit(weighting):
    values = np.sort(np.random.default_rng(0).lognormal(size=300))[::-1]
    ranks, alpha = alpha_map(values, weighting=weighting, points=12)
    assert (ranks[0], ranks[-1], alpha.shape) == (1, 300, (len(ranks), len(ranks)))
    for i, first in enumerate(ranks):
        for j, last in enumerate(ranks):
            if last - first + 1 < 10:
                assert np.isnan(alpha[i, j])
            else:
                law = fit_power_law(values, first=first, last=last, weighting=weighting)
                assert np.isclose(alpha[i, j], law.alpha, rtol=1e-8)


def test_a_spectrum_of_nothing_has_an_empty_map():
    ranks, alpha = alpha_map(np.zeros(5))
    assert (ranks.shape, alpha.shape) == ((0,), (0, 0))


@pytest.mark.parametrize(("images", "units", "last"), [(1000, 800, 700), (400, 300, 99)])
def test_white_noise_is_all_bias_or_left_open(images, units, last):
    """The exponent that a flat spectrum shows comes from the sample."""
    values = sample(np.ones(units), images, seed=0)
    law = fit_power_law(values, last=last)
    found = estimate_uncertainty(values, law, Sample(images))
    assert found.biased
    assert found.power_law is None
    if not np.isnan(found.bias):
        assert abs(found.alpha_corrected) < 0.1 * found.bias


def test_what_does_not_settle_is_left_open():
    """Ranks 10..100 of nearly white noise with as many images as units: many populations do."""
    values = expected_eigenvalues(np.arange(1, 2001.0) ** -0.1, 2000)
    found = estimate_uncertainty(values, fit_power_law(values, last=100), Sample(2000))
    assert np.isnan([found.alpha_corrected, found.bias, found.bend]).all()
    assert found.power_law is None
    assert found.biased


def test_heavy_tails_of_few_images_need_resampling():
    """Without it their error is not known well enough: no interval, and a reason."""
    draws, values = np.random.default_rng(0), pure(np.arange(1, 101.0))
    scales = 4 / draws.chisquare(6, size=400)
    heavy = ImageScales(scales / scales.mean(), 0.1)
    law = fit_power_law(values, first=3, last=20)
    assert estimate_uncertainty(values, law, Sample(400, scales=heavy)).ci
    found = estimate_uncertainty(values, law, Sample(400, units=500, variance=6.8, scales=heavy))
    assert found.ci is None
    assert "heavy tails" in found.ci_reason
    assert np.isfinite(found.alpha_corrected)
    drawn = np.exp(draws.normal(size=(20, 100), scale=0.02)) * values
    how = {"units": 500, "variance": 6.8, "replicates": drawn}
    assert estimate_uncertainty(values, law, Sample(400, scales=heavy, **how)).ci
