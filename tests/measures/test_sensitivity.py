"""Derivatives of eigenvalues against finite differences, in float64."""

import pytest
import torch
from torch import nn

from specrob.errors import MeasureError
from specrob.linalg import symmetric_eigenvalues
from specrob.measures.covariance import Covariance
from specrob.measures.sensitivity import eigenvalue_gradient

RANKS = (1, 3, 6)


def network(units):
    draws = torch.Generator().manual_seed(0)
    net = nn.Sequential(nn.Conv2d(2, 3, 2), nn.Tanh(), nn.Flatten(), nn.Linear(27, units)).double()
    for weight in net.parameters():
        weight.data.normal_(generator=draws)
    return net


@pytest.mark.parametrize("units", [7, 40])
def test_maps_are_derivatives(units):
    net = network(units)
    x = torch.rand(20, 2, 4, 4, generator=torch.Generator().manual_seed(1)).double()
    sums = Covariance(len(x))
    sums.add_(net(x).detach())
    maps = eigenvalue_gradient(
        net, x[4:6], mean=sums.mean, directions=sums.eigenvectors(RANKS), n_images=len(x)
    )
    step = 1e-5
    for pixel in [(4, 0, 1, 2), (5, 1, 3, 3), (5, 0, 0, 0)]:
        ends = []
        for sign in (1, -1):
            moved = x.clone()
            moved[pixel] += sign * step
            values = symmetric_eigenvalues(net(moved).detach().T.cov())
            ends.append(values[[rank - 1 for rank in RANKS]])
        expected = (ends[0] - ends[1]) / (2 * step)
        found = maps[(slice(None), pixel[0] - 4, *pixel[1:])]
        torch.testing.assert_close(found, expected, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize(("images", "units"), [(50, 8), (8, 50)])
def test_eigenvectors_are_those_of_the_covariance(images, units):
    x = torch.randn(images, units, generator=torch.Generator().manual_seed(0)).double()
    sums = Covariance(images)
    sums.add_(x)
    vectors = sums.eigenvectors(RANKS)
    values = sums.eigenvalues()[[rank - 1 for rank in RANKS]]
    torch.testing.assert_close(x.T.cov() @ vectors, vectors * values)
    torch.testing.assert_close(vectors.norm(dim=0), torch.ones(3).double())


def test_ranks_without_variance_are_refused():
    sums = Covariance(5)
    sums.add_(torch.randn(5, 9, generator=torch.Generator().manual_seed(0)))
    with pytest.raises(MeasureError, match="ranks up to 4"):
        sums.eigenvectors([5])
