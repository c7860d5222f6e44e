"""TwoNN on manifolds of known dimension, its interval's coverage, and another package's value."""

import numpy as np
import pytest
import torch
from scipy.spatial import cKDTree

from specrob.errors import MeasureError
from specrob.measures import nearest_neighbours as search
from specrob.measures.intrinsic_dimension import two_nn
from specrob.measures.nearest_neighbours import (
    Neighbours,
    distinct_rows,
    nearest_neighbours,
)


def normal(*shape, seed=0):
    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))


def dimension(x, discard=0.1):
    return two_nn(nearest_neighbours(x, 2), discard).dimension


def torus(points, d, rng):
    """Return the neighbours of points of uniform density without an edge."""
    distances, positions = cKDTree(x := rng.random((points, d)), boxsize=1.0).query(x, k=3)
    return Neighbours(torch.tensor(distances[:, 1:]), torch.tensor(positions[:, 1:]))


@pytest.mark.parametrize("d", [2, 5, 10])
@pytest.mark.parametrize("manifold", ["gaussian", "sphere"])
def test_the_dimension_of_a_known_manifold(manifold, d):
    x = normal(5000, d) if manifold == "gaussian" else normal(5000, d + 1)
    x = x if manifold == "gaussian" else x / x.norm(dim=1, keepdim=True)
    assert dimension(x) == pytest.approx(d, rel=0.1)


@pytest.mark.parametrize("discard", [0, 0.1, 0.5])
def test_it_does_not_depend_on_what_is_discarded_where_density_is_uniform(discard):
    rng = np.random.default_rng(0)
    found = [two_nn(torus(2000, 3, rng), discard).dimension for _ in range(20)]
    assert np.mean(found) == pytest.approx(3, rel=0.02)


@pytest.mark.parametrize("d", [1, 4])
def test_intervals_hold_the_dimension_19_times_in_20(d):
    rng, hits, independent = np.random.default_rng(0), 0, 0
    for _ in range(300):
        neighbours = torus(500, d, rng)
        found = two_nn(neighbours)
        hits += found.low <= d <= found.high
        # far-away neighbours that no other point has: the interval of independent ratios
        alone = torch.arange(1000).reshape(500, 2) % 500
        other = two_nn(Neighbours(neighbours.distances, alone))
        independent += other.low <= d <= other.high
    assert 0.92 <= hits / 300 <= 0.98
    assert independent < hits


def test_a_plane_in_many_dimensions_rotated_moved_and_scaled():
    plane = normal(1000, 2).double()
    basis = torch.linalg.qr(normal(300, 300, seed=1).double()).Q[:2]
    moved = 1e3 * (plane @ basis) + 1e6
    assert dimension(moved) == pytest.approx(dimension(plane), rel=1e-6)
    assert dimension(plane) == pytest.approx(2, rel=0.1)


def test_noise_adds_dimensions_at_small_distances():
    plane = torch.cat([normal(2000, 2), torch.zeros(2000, 30)], 1)
    noise = normal(2000, 32, seed=1)
    found = [dimension(plane + std * noise) for std in (0, 1e-4, 1e-2, 1)]
    assert found[1] == pytest.approx(found[0], rel=0.01)
    assert found[0] < 0.5 * found[2] < found[3]


@pytest.mark.parametrize("block", [None, 70])
def test_neighbours_are_those_of_all_differences(block, monkeypatch):
    """Also where the products cancel: points 1e-9 apart at a distance of 1 to 1000."""
    if block:
        monkeypatch.setattr(search, "BLOCK", block)
    x = normal(150, 7).double()
    x[50:] = 1e-9 * x[50:] + 1
    x[140:] = 1e-12 * x[140:] + 1000
    apart = torch.cdist(x, x, compute_mode="donot_use_mm_for_euclid_dist")
    exact = apart.fill_diagonal_(torch.inf).topk(3, largest=False)
    found = nearest_neighbours(x, 3)
    torch.testing.assert_close(found.distances, exact.values, rtol=1e-13, atol=0)
    assert torch.equal(found.positions, exact.indices)


def test_equal_points_are_found_also_where_zero_has_a_sign():
    x = normal(40, 3)
    x[30:] = x[:10]
    x[0, 0], x[30, 0] = 0.0, -0.0
    assert distinct_rows(x).tolist() == [*range(30)]


def test_what_has_no_dimension_is_refused():
    with pytest.raises(MeasureError, match="at least 20 distinct points, found 19"):
        dimension(normal(19, 2))
    with pytest.raises(MeasureError, match="more than 2 points, found 2"):
        dimension(normal(2, 2))
    with pytest.raises(MeasureError, match="finite"):
        dimension(normal(30, 2).log())
    with pytest.raises(MeasureError, match="found equal ones"):
        dimension(torch.cartesian_prod(torch.arange(5.0), torch.arange(8.0)))


@pytest.mark.parametrize("d", [2, 5, 10])
def test_another_package_finds_the_same(d):
    """scikit-dimension fits a line to the distribution function, as the paper does."""
    public = pytest.importorskip("skdim")
    x = normal(2000, d)
    theirs = public.id.TwoNN(discard_fraction=0.1).fit(x.numpy()).dimension_
    assert dimension(x) == pytest.approx(theirs, rel=0.03)


@pytest.mark.parametrize(("points", "discard", "kept"), [(100, 0.9, 10), (45, 0.1, 40)])
def test_the_number_of_ratios_that_are_kept_has_no_round_off(points, discard, kept):
    """The dimension is the number of ratios over a sum that is known: log 2 for all of them."""
    distances = torch.tensor([1.0, 2.0], dtype=torch.float64).repeat(points, 1)
    far = torch.arange(2 * points).reshape(points, 2) % points
    found = two_nn(Neighbours(distances, far), discard).dimension
    assert found == pytest.approx(kept / points / np.log(2))


def test_points_at_distance_0_are_refused():
    x = normal(40, 3)
    x[30:] = x[:10]
    with pytest.raises(MeasureError, match="two at distance 0"):
        two_nn(nearest_neighbours(x, 2))


def test_positions_of_no_rows_can_index():
    x = torch.zeros(0, 3)
    assert x[distinct_rows(x)].shape == (0, 3)
    with pytest.raises(MeasureError, match="more than 2 points, found 0"):
        nearest_neighbours(x, 2)
