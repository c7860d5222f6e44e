"""Resampled spectra, and intervals that hold the truth as often as they say."""

import numpy as np
import pytest
import torch

from specrob.measures.bias_correction import Sample
from specrob.measures.bootstrap import resample
from specrob.measures.covariance import Covariance
from specrob.measures.power_law import fit_power_law
from specrob.measures.randomized_covariance import scales_of
from specrob.measures.uncertainty import estimate_uncertainty


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


@pytest.mark.parametrize(("images", "units"), [(60, 9), (9, 60)])
def test_replicates_are_spectra_of_drawn_images(images, units):
    x = torch.randn(images, units, generator=generator(), dtype=torch.float64)
    sums = Covariance(images, keep=True)
    sums.add_(x)
    (found,) = resample(sums.coordinates(), 1, generator(5)).eigenvalues.numpy()
    drawn = x[torch.randint(images, (images,), generator=generator(5))]
    expected = np.linalg.eigvalsh(np.cov(drawn.numpy().T))[::-1][: min(images, units)]
    known = np.isfinite(found)
    np.testing.assert_allclose(found[known], expected[known], atol=1e-12 * expected[0])
    assert np.abs(expected[~known]).max(initial=0) < 1e-12 * expected[0]


def test_moments_of_scales_are_those_of_the_images_drawn():
    drawn = torch.randint(50, (50,), generator=generator(5))
    times = torch.bincount(drawn, minlength=50).double()
    scales = torch.rand(50, generator=generator(), dtype=torch.float64)
    x = torch.randn(50, 3, generator=generator(1), dtype=torch.float64)
    found = resample(x, 1, generator(5), scales=scales).scale_moments[0]
    q = times * scales
    expected = [(q**r).mean().log() - r * q.mean().log() for r in (2, 3, 0.5)]
    torch.testing.assert_close(found, torch.stack(expected))


def one_sample(draws, images, units, window, replicates, tails):
    """Return what is known of the exponent of n^-1, without and with resampled images."""
    scale = torch.arange(1, units + 1, dtype=torch.float64) ** -0.5
    x = torch.randn(images, units, generator=draws, dtype=torch.float64) * scale
    if tails:  # multivariate t
        squares = torch.randn(images, tails, generator=draws, dtype=torch.float64).square()
        x = x * ((tails - 2) / squares.sum(1, keepdim=True)).sqrt()
    sums = Covariance(images, keep=True)
    sums.add_(x)
    values = sums.eigenvalues().numpy()[: images - 1]
    scales = scales_of(sums)
    law = fit_power_law(values, first=window[0], last=window[1])
    own = torch.from_numpy(scales.values)
    resampled = resample(sums.coordinates(), replicates, draws, scales=own)
    more = {"replicates": resampled.eigenvalues.nan_to_num().numpy()[:, : len(values)]}
    more |= {"scale_moments": resampled.scale_moments.numpy()}
    samples = Sample(images, units, scales=scales), Sample(images, units, scales=scales, **more)
    return [estimate_uncertainty(values, law, sample) for sample in samples]


def coverage(samples, replicates, images=500, units=300, window=(10, 100), tails=None):
    """Return how often both intervals held 1, the mean corrected exponent, and how many gave any.

    Tails of t with six degrees of freedom move the exponent of a sample by 0.08.
    """
    draws, held, alphas = generator(7), [], []
    for _ in range(samples):
        found = one_sample(draws, images, units, window, replicates, tails)
        if all(one.ci for one in found):
            held.append([one.ci[0] <= 1 <= one.ci[1] for one in found])
            alphas.append(found[0].alpha_corrected)
    return np.array(held).mean(0), np.mean(alphas), len(held)


@pytest.mark.slow
@pytest.mark.parametrize("tails", [None, 6])
def test_coverage_of_the_interval(tails):
    """Where the sample moves the exponent; coverage_of_exponents.py has more populations."""
    held, alpha, given = coverage(200, 60, tails=tails)
    assert (held >= 0.9).all()
    assert tails or (held <= 0.99).all()
    assert abs(alpha - 1) < (0.0055 if tails is None else 0.011)  # 0.47 standard deviations
    assert given > 150


def test_coverage_of_the_interval_in_short():
    held, alpha, given = coverage(8, 20)
    assert given >= 6
    assert (held >= 0.6).all()
    assert abs(alpha - 1) < 0.015


def test_resampling_does_not_move_the_correction():
    """Resampled images repeat the bias of the sample, an exponent of 0.94 for 1."""
    plain, resampled = one_sample(generator(3), 500, 700, (10, 100), 20, None)
    assert plain.bias < -0.03
    assert resampled.alpha_corrected == plain.alpha_corrected
    assert abs(plain.alpha_corrected - 1) < 0.05
