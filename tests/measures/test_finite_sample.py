"""Expected eigenvalues of samples, and their covariance, against simulated samples and laws."""

import numpy as np
import pytest
import torch

from specrob.measures.bias_correction import Sample, correct_for_sampling
from specrob.measures.covariance import Covariance
from specrob.measures.expected_spectrum import expected_eigenvalues, expected_shared_eigenvalues
from specrob.measures.finite_sample import EQUAL_SCALES, Equation, Scales
from specrob.measures.finite_sample_error import covariance_of_sums
from specrob.measures.power_law import fit_power_law, marchenko_pastur_quantiles
from specrob.measures.randomized_covariance import scales_of
from specrob.measures.uncertainty import contrasts


def samples(truth, images, count, scales=None):
    """Return eigenvalues of covariances of samples, (count, min(images - 1, units))."""
    draws, found = np.random.default_rng(0), []
    for _ in range(count):
        x = draws.normal(size=(images, len(truth))) * truth**0.5
        x = x if scales is None else x * np.sqrt(scales)[:, None]
        values = np.linalg.svd(x - x.mean(0), compute_uv=False) ** 2 / (images - 1)
        found.append(values[: min(images - 1, len(truth))])
    return np.array(found)


@pytest.mark.parametrize(
    ("alpha", "images", "units"), [(1, 2000, 100), (1, 500, 100), (1.6, 300, 700), (0.5, 200, 300)]
)
def test_expected_eigenvalues_are_the_mean_of_samples(alpha, images, units):
    """With gaps between eigenvalues and without, with fewer images than units and with more."""
    truth = np.arange(1, units + 1.0) ** -alpha
    found, logs = expected_eigenvalues(truth, images), np.log(samples(truth, images, 20))
    error = np.sqrt(2 / images / len(logs))
    inner = slice(0, int(0.95 * len(found)))
    off = np.log(found) - logs.mean(0)
    assert np.abs(off[inner]).max() < 4.5 * error + 0.01
    assert abs(off[inner].mean()) < 0.005


@pytest.mark.parametrize(("images", "units"), [(400, 100), (800, 600)])
def test_scales_of_images_move_eigenvalues(images, units):
    """Two kinds of images, one in four with five times the variance of the others."""
    truth = np.arange(1, units + 1.0) ** -1
    scales = np.where(np.arange(images) % 4 == 0, 5.0, 1.0)
    scales /= scales.mean()
    groups = Scales(np.unique(scales)[::-1], np.array([0.25, 0.75]))
    weights, window = contrasts(5, 60)[0], slice(4, 60)
    sampled = np.log(samples(truth, images, 40, scales)[:, window]) @ weights
    expected = weights @ np.log(expected_eigenvalues(truth, images, scales=groups)[window])
    gaussian = weights @ np.log(expected_eigenvalues(truth, images)[window])
    error = sampled.std(ddof=1) / np.sqrt(len(sampled))
    assert abs(sampled.mean() - expected) < 3 * error + 0.003
    assert abs(sampled.mean() - gaussian) > 5 * error


@pytest.mark.parametrize(("images", "units"), [(2000, 400), (300, 900)])
def test_flat_populations_give_marchenko_and_pasturs_law(images, units):
    expected = marchenko_pastur_quantiles(images, units)
    found = expected_eigenvalues(np.ones(units), images)
    np.testing.assert_allclose(found, expected, rtol=0.02)
    grouped = expected_eigenvalues(np.ones(3), images, times=np.full(3, units / 3))
    np.testing.assert_allclose(grouped, expected, rtol=0.02)


def test_shared_eigenvalues_are_the_mean_of_repeats():
    images, units = 400, 80
    truth, noise, draws = np.arange(1, units + 1.0) ** -1, 0.04, np.random.default_rng(0)
    found = np.zeros(units)
    for _ in range(20):
        signal = draws.normal(size=(images, units)) * truth**0.5
        x, y = (signal + noise**0.5 * draws.normal(size=signal.shape) for _ in range(2))
        x, y = x - x.mean(0), y - y.mean(0)
        axes = np.linalg.eigh(x.T @ x)[1][:, ::-1]
        found += ((x @ axes) * (y @ axes)).sum(0) / (images - 1) / 20
    expected = expected_shared_eigenvalues(truth, noise, images)
    np.testing.assert_allclose(expected[:40], found[:40], rtol=0.07)
    assert abs(np.log(expected[:60] / found[:60]).mean()) < 0.01
    plain = expected_shared_eigenvalues(truth, 0.0, images)
    np.testing.assert_allclose(plain, expected_eigenvalues(truth, images), rtol=1e-6)


@pytest.mark.parametrize(
    ("alpha", "images", "units", "first", "last"),
    [(1, 2000, 60, 3, 12), (1, 200, 400, 5, 60), (0.5, 300, 150, 5, 60)],
)
def test_errors_of_exponents_are_those_of_samples(alpha, images, units, first, last):
    """Where eigenvalues are apart, and where a sample mixes them and they vary less."""
    truth, weights = np.arange(1, units + 1.0) ** -alpha, contrasts(first, last)
    found = np.log(samples(truth, images, 150)[:, first - 1 : last]) @ weights.T
    expected = expected_eigenvalues(truth, images)
    sums = np.zeros((2, len(expected)))
    sums[:, first - 1 : last] = weights
    equation = Equation.of(truth, np.ones(units), images, EQUAL_SCALES)
    errors = np.sqrt(np.diag(covariance_of_sums(sums, expected, equation)))
    # four standard errors of 150 draws: one in 16,000
    assert np.abs(np.log(errors / found.std(0, ddof=1))).max() < 4 / np.sqrt(2 * 149)
    alone = np.sqrt(2 / (images - 1) * (weights**2).sum(1))
    assert (errors <= alone * (1 + 1e-9)).all()


def found_scales(x):
    sums = Covariance(len(x))
    sums.add_(torch.from_numpy(x))
    return scales_of(sums)


@pytest.mark.parametrize("alpha", [0.5, 1, 2])
def test_gaussian_images_have_one_scale(alpha):
    x = np.random.default_rng(0).normal(size=(2000, 100)) * np.arange(1, 101.0) ** (-alpha / 2)
    found = found_scales(x)
    assert abs(found.grouped().second_moment - 1) < 3 * found.error


def test_scales_of_heavy_tails_are_found():
    draws = np.random.default_rng(0)
    scales = 4 / draws.chisquare(6, size=2000)
    x = draws.normal(size=(2000, 200)) * np.arange(1, 201.0) ** -0.5 * scales[:, None] ** 0.5
    found = found_scales(x)
    assert np.corrcoef(found.values, scales)[0, 1] > 0.9
    own = (scales**2).mean() / scales.mean() ** 2
    assert abs(found.grouped().second_moment - own) < 3 * found.error + 0.02 * own


@pytest.mark.parametrize(("kind", "spread"), [("gaussian", 1), ("t", 1), ("laplace", 2.5)])
def test_the_spread_along_directions_is_told_from_that_of_images(kind, spread):
    """A Laplace variable has the variance of its square 5, a Gaussian one 2."""
    draws = np.random.default_rng(0)
    x = draws.normal(size=(1500, 120)) if kind != "laplace" else draws.laplace(size=(1500, 120))
    if kind == "t":
        x *= np.sqrt(4 / draws.chisquare(6, size=(1500, 1)))
    found = found_scales(x * np.arange(1, 121.0) ** -0.5)
    assert found.own_spread == pytest.approx(spread, rel=0.15)


def test_a_range_up_to_the_last_unit_has_an_error():
    values = samples(np.arange(1, 41.0) ** -1, 5000, 1)[0]
    found = correct_for_sampling(values, fit_power_law(values, first=5, last=40), Sample(5000))
    assert abs(found.alpha - 1) < 3 * found.alpha_error < 0.1
