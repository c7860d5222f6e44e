"""Inversion of linear layers against its closed form."""

import pytest
import torch

from specrob.errors import MeasureError
from specrob.measures.inversion import invert
from specrob.norms import Bounds, unbounded

GENERATOR = torch.Generator().manual_seed(0)
WEIGHT = torch.randn(5, 40, generator=GENERATOR, dtype=torch.float64)
START, IMAGE = torch.rand(2, 8, 40, generator=GENERATOR, dtype=torch.float64)


def layer(x):
    return x @ WEIGHT.T


def test_the_image_of_a_linear_layer_is_the_start_s_projection():
    """Steps stay in the rows of W: x = start + W^+ W (image - start)."""
    projection = torch.linalg.pinv(WEIGHT) @ WEIGHT
    exact = START + (IMAGE - START) @ projection.T
    how = {"steps": 4000, "step_size": 0.002, "bounds": unbounded(START)}
    found, residual = invert(layer, START, layer(IMAGE), **how)
    moved = (exact - START).norm(dim=1)
    assert ((found - exact).norm(dim=1) < 0.01 * moved).all()
    distances = [(layer(x) - layer(IMAGE)).norm(dim=1) for x in (found, START)]
    torch.testing.assert_close(residual, distances[0] / distances[1])


def test_pixels_stay_within_bounds_that_bind_and_a_perfect_start_stays():
    box = Bounds(torch.full((8,), 0.25), torch.full((8,), 0.75))
    start = START.clamp(0.25, 0.75)
    how = {"steps": 200, "step_size": 0.05, "bounds": box}
    found, residual = invert(layer, start, layer(IMAGE), **how)
    assert found.min() == 0.25
    assert found.max() == 0.75
    assert (residual < 1).all()
    same, none = invert(layer, start, layer(start), **how)
    assert torch.equal(same, start)
    assert (none == 0).all()


def test_activations_that_are_not_finite_are_no_perfect_inversion():
    how = {"steps": 3, "step_size": 0.05, "bounds": unbounded(START)}
    wanted = layer(IMAGE)
    wanted[2] = torch.nan
    with pytest.raises(MeasureError, match="NaN or infinity for 1 of 8 images; check the model"):
        invert(layer, START, wanted, **how)


def test_a_step_to_where_activations_are_nan_does_not_end_the_search():
    """From 1, steps of 0.6 lead to -0.2, where sqrt is NaN; the start is the nearest iterate."""
    how = {"steps": 2, "step_size": 0.6, "bounds": unbounded(torch.ones(1, 1))}
    found, residual = invert(torch.sqrt, torch.ones(1, 1), torch.full((1, 1), 0.1), **how)
    assert residual.isfinite().all()
    assert (found.sqrt() - 0.1).abs() <= 0.9
    assert found > 0
