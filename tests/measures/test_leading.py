"""Layers too large to be held: exact as long as they fit, and leading eigenvalues beyond."""

import pytest
import torch

from specrob.errors import MeasureError
from specrob.measures.covariance import Covariance
from specrob.measures.leading import Leading, accumulator


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def activations(images, units, alpha):
    x = torch.randn(images, units, generator=generator())
    return x * torch.arange(1, units + 1) ** (-alpha / 2) + 3


@pytest.mark.parametrize("alpha", [1.0, 1.5])
def test_leading_eigenvalues_are_within_a_percent(alpha):
    x = activations(900, 700, alpha)
    sums = Leading(len(x), ranks=100, spare=100, generator=generator(1))
    for _ in range(sums.passes):
        for part in x.split(128):
            sums.add_(part)
    exact = Covariance(len(x))
    exact.add_(x)
    error = sums.eigenvalues() / exact.eigenvalues()[:100] - 1
    assert len(error) == 100
    assert error.max() < 1e-10  # they come from below
    assert error.min() > -0.01
    assert error[:50].min() > -1e-3
    assert torch.allclose(sums.variance, exact.variance)


@pytest.mark.parametrize(
    ("count", "units", "keep", "kind"),
    [
        (50_000, 2_000, False, Covariance),
        (50_000, 2_000, True, Covariance),
        (3_000, 65_536, False, Covariance),
        (50_000, 65_536, False, Leading),
        (200_000, 2_000, True, Leading),
    ],
)
def test_what_fits_is_exact(count, units, keep, kind):
    assert type(accumulator(count, units, keep=keep, generator=generator())) is kind


def test_what_does_not_fit_is_not_resampled_or_cut():
    sums = Leading(4, ranks=1, spare=0, generator=generator())
    sums.add_(torch.eye(4))
    with pytest.raises(MeasureError, match="drop --bootstrap"):
        sums.coordinates()
    with pytest.raises(MeasureError, match="drop --sizes"):
        sums.eigenvalues(torch.arange(2))
