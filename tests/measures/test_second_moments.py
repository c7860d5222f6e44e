"""Second moments against their definition, and against the covariance where means are 0."""

import numpy as np
import pytest
import torch

from specrob.errors import MeasureError
from specrob.measures import second_moments
from specrob.measures.covariance import Covariance
from specrob.measures.randomized_covariance import RandomizedEigenvalues
from specrob.measures.second_moments import second_moment_eigenvalues


@pytest.mark.parametrize(("images", "keep"), [(40, False), (40, True), (8, True)])
def test_they_are_those_of_the_mean_of_products(images, keep):
    x = torch.randn(images, 12, generator=torch.Generator().manual_seed(0)) + 3
    sums = Covariance(images, keep=keep)
    for part in x.split(5):
        sums.add_(part)
    units = torch.tensor([0, 2, 3, 5, 7, 8, 9, 10, 11])
    chosen = x[:, units].double().numpy()
    expected = np.linalg.eigvalsh(chosen.T @ chosen / images)[::-1][: min(images, len(units))]
    np.testing.assert_allclose(second_moment_eigenvalues(sums, units), expected, rtol=1e-9)


def test_without_a_mean_they_are_the_covariance_but_for_its_divisor():
    x = torch.randn(10, 4, generator=torch.Generator().manual_seed(0))
    sums = Covariance(20)
    sums.add_(torch.cat([x, -x]))
    ratio = second_moment_eigenvalues(sums, torch.arange(4)) / sums.eigenvalues()
    torch.testing.assert_close(ratio, torch.full_like(ratio, 19 / 20))


def test_a_layer_too_large_for_its_covariance_is_refused():
    sums = RandomizedEigenvalues(6, generator=torch.Generator().manual_seed(0))
    for _ in range(sums.passes):
        sums.add_(torch.eye(6))
    with pytest.raises(MeasureError, match="drop `uncentred` or lower `limit`"):
        second_moment_eigenvalues(sums, torch.arange(6))


@pytest.mark.parametrize(("images", "block"), [(40, 60), (8, 5)])
def test_activations_become_float64_some_at_a_time(images, block, monkeypatch):
    """Images where they are many, `block` numbers at a time, units where these are."""
    x = torch.randn(images, 12, generator=torch.Generator().manual_seed(0))
    sums = Covariance(images, keep=True)
    sums.add_(x)
    whole = second_moment_eigenvalues(sums, torch.arange(12))
    monkeypatch.setattr(second_moments, "BLOCK", block)
    monkeypatch.setattr(second_moments, "COLUMNS", block)
    sizes, double = [], torch.Tensor.double
    monkeypatch.setattr(torch.Tensor, "double", lambda x: sizes.append(x.numel()) or double(x))
    torch.testing.assert_close(second_moment_eigenvalues(sums, torch.arange(12)), whole)
    assert len(sizes) > 1
    assert max(sizes) <= 60
