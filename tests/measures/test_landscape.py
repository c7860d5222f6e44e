"""Landscapes against models whose answer is known everywhere."""

import numpy as np
import pytest
import torch
from torch import nn

from specrob.measures.jacobian import jacobian_norm
from specrob.measures.landscape import landscape, random_plane
from specrob.models import ShallowNet
from specrob.models.layers import layer_function


def net(power, batch_norm, seed=0):
    generator = torch.Generator().manual_seed(seed)
    hidden = nn.Linear(20, 50, bias=False)
    nn.init.normal_(hidden.weight, generator=generator)
    built = ShallowNet(hidden, 4, power=power, batch_norm=batch_norm)
    if batch_norm:
        built.latent.running_var.uniform_(0.5, 2, generator=generator)
        nn.init.uniform_(built.latent.weight, 0.5, 2, generator=generator)
    return built.eval()


@pytest.mark.parametrize("power", [1.0, 4.5])
@pytest.mark.parametrize("batch_norm", [False, True])
def test_closed_form_equals_the_exact_jacobian(power, batch_norm):
    built = net(power, batch_norm)
    images = torch.randn(100, 20, generator=torch.Generator().manual_seed(1))
    active = (built.hidden(images) > 0).double().mean()
    assert 0.4 < active < 0.6
    exact = [torch.func.jacrev(lambda x: built.represent(x[None])[0])(x).norm() for x in images]
    found = built.latent_jacobian_norm(images)
    torch.testing.assert_close(found, torch.stack(exact), rtol=1e-4, atol=0)


@pytest.mark.parametrize("layer", ["hidden", "latent", "logits"])
@pytest.mark.parametrize("numbers", [4 * 50 * 20, 160])  # 4 images, or 1 unit, at a time
def test_vectorized_jacobian_equals_one_at_a_time(layer, numbers):
    built, images = net(2.0, False), torch.randn(9, 20, generator=torch.Generator().manual_seed(2))
    function = layer_function(built, layer)
    exact = [torch.func.jacrev(lambda x: function(x[None])[0])(x).norm() for x in images]
    found = jacobian_norm(function, images, numbers=numbers)
    torch.testing.assert_close(found, torch.stack(exact), rtol=1e-5, atol=0)


def test_inactive_units_do_not_count_at_power_one():
    built = net(1.0, False)
    assert built.latent_jacobian_norm(torch.zeros(1, 20)).item() == 0


def test_points_of_a_plane_lie_where_they_should():
    """A linear model of two pixels shows the coordinates themselves."""
    directions = torch.eye(2)
    image = torch.tensor([0.5, -0.25]).reshape(1, 1, 2)
    seen = []

    def model(x):
        seen.append(x.flatten(1))
        return torch.stack([x.flatten(1)[:, 0], x.flatten(1)[:, 1]], 1)

    how = {"directions": directions, "span": 2.0, "points": 5, "batch_size": 7, "index": 3}
    found = landscape(model, image, jacobian_norm=lambda x: x.flatten(1)[:, 0], **how)
    plane, image_alone = torch.cat(seen).split([25, 1])
    at = plane.reshape(5, 5, 2)
    torch.testing.assert_close(image_alone[0], torch.tensor([0.5, -0.25]))
    assert (found.image_label, found.image_prediction) == (None, 0)
    torch.testing.assert_close(at[1, 4], torch.tensor([0.5 + 2.0, -0.25 - 1.0]))
    torch.testing.assert_close(torch.from_numpy(found.jacobian_norm), at[..., 0])
    assert np.array_equal(found.label, at[..., 1] > at[..., 0])
    assert found.index.item() == 3
    assert found.confidence.min() >= 0.5


def test_planes_depend_on_seed_index_and_size_only():
    one = random_plane(64, seed=0, index=5)
    assert torch.equal(one, random_plane(64, seed=0, index=5))
    torch.testing.assert_close(one @ one.T, torch.eye(2), rtol=0, atol=1e-6)
    for other in (random_plane(64, seed=1, index=5), random_plane(64, seed=0, index=6)):
        assert not torch.allclose(one, other)
