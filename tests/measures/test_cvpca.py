"""The shared spectrum of two repeats, where noise hides it from either."""

import numpy as np
import pytest
import torch

from specrob.errors import MeasureError
from specrob.measures.bias_correction import Sample
from specrob.measures.cvpca import cv_products, noise_variance, resample_products
from specrob.measures.power_law import fit_power_law
from specrob.measures.uncertainty import estimate_uncertainty


def test_the_exponent_of_a_signal_under_noise_of_equal_power():
    """Signal n^-1, 2,800 images, 1,000 units, n = 11..200; both have the same variance."""
    draws = torch.Generator().manual_seed(0)
    truth = torch.arange(1, 1001, dtype=torch.float64) ** -1
    how = {"generator": draws, "dtype": torch.float64}
    signal = torch.randn(2800, 1000, **how) * truth.sqrt()
    level = truth.mean().sqrt()
    first, second = (signal + level * torch.randn(2800, 1000, **how) for _ in range(2))
    shared = cv_products(first, second).mean(0).numpy()
    ordinary = np.linalg.eigvalsh(np.cov(first.numpy().T))[::-1]
    window = {"first": 11, "last": 200}
    assert abs(fit_power_law(shared, **window).alpha - 1) < 0.05
    assert abs(fit_power_law(ordinary, **window).alpha - 1) > 0.3


@pytest.mark.parametrize(("images", "units"), [(50, 12), (12, 50)])
def test_equal_repeats_give_the_ordinary_spectrum(images, units):
    x = torch.randn(images, units, generator=torch.Generator().manual_seed(0))
    expected = np.linalg.eigvalsh(np.cov(x.double().numpy().T))[::-1][: min(images, units)]
    found = (cv_products(x, x + 3).sum(0) / (images - 1)).numpy()
    np.testing.assert_allclose(found, expected, atol=1e-6 * expected[0])


def test_independent_repeats_share_nothing():
    draws = torch.Generator().manual_seed(0)
    first, second = (torch.randn(2000, 30, generator=draws) for _ in range(2))
    assert cv_products(first, second).mean(0).abs().max() < 0.15


@pytest.mark.parametrize("x", [torch.zeros(1, 3), torch.full((5, 3), torch.nan)])
def test_what_has_no_covariance_is_refused(x):
    with pytest.raises(MeasureError):
        cv_products(x, x)


@pytest.mark.parametrize(("level", "given"), [(0.5, True), (20.0, False)])
def test_exponents_of_repeats_are_corrected_for_noise(level, given):
    """As fitted the exponent of a sample is too small; where noise drowns it there is none."""
    draws = torch.Generator().manual_seed(0)
    how = {"generator": draws, "dtype": torch.float64}
    truth = torch.arange(1, 101, dtype=torch.float64) ** -1
    signal = torch.randn(800, 100, **how) * truth.sqrt()
    noise = (level * truth.mean()).sqrt()
    repeats = [signal + noise * torch.randn(800, 100, **how) for _ in range(2)]
    products = cv_products(*repeats)
    drawn = resample_products(products, 60, draws)
    values = (products.sum(0) / 799).numpy()
    assert noise_variance(*repeats) == pytest.approx(float(noise**2), rel=0.05)
    law = fit_power_law(values, first=4, last=13)
    sample = Sample(
        images=800,
        units=100,
        noise=noise_variance(*repeats),
        replicates=drawn.eigenvalues.numpy(),
        scale_moments=drawn.scale_moments.numpy(),
    )
    found = estimate_uncertainty(values, law, sample)
    assert (found.ci is not None) == given
    if given:
        assert abs(found.alpha_corrected - 1) < 3 * found.sampling_stderr
