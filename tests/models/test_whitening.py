"""Whitening against the identity, and evaluation that does not see its neighbours."""

import numpy as np
import pytest
import torch
from torch import nn

from specrob.artifacts import decode, encode
from specrob.errors import ModelError
from specrob.models import Network, activations, build, from_artifact, to_artifact
from specrob.models.layers import linear_maps
from specrob.models.whitening import Whitening, fit_whitening_, whiten


def drawn(images, units, seed=0):
    generator = torch.Generator().manual_seed(seed)
    mixing = torch.randn(units, units, generator=generator)
    mixing /= torch.linalg.matrix_norm(mixing, 2)
    mixing += torch.eye(units)
    return torch.randn(images, units, generator=generator) @ mixing + 3


def test_a_batch_of_full_rank_becomes_white():
    units = 40
    x = drawn(60, units)
    found = Whitening(units).train()(x)
    torch.testing.assert_close(torch.cov(found.T), torch.eye(units), rtol=0, atol=1e-3)
    assert found.mean(0).abs().max() < 1e-4


@pytest.mark.parametrize("images", [5, 1])
def test_dead_units_and_small_batches_do_not_break_it(images):
    x = drawn(images, 8)
    x[:, [1, 4]] = 0
    x.requires_grad_()
    found = Whitening(8).train()(x)
    found.square().sum().backward()
    assert found.isfinite().all()
    assert x.grad.isfinite().all()


def test_wide_layers_with_one_dominant_direction_can_be_whitened():
    x = torch.rand(100, 1, generator=torch.Generator().manual_seed(0)) * torch.ones(1, 1500)
    x = x + 1e-4 * drawn(100, 1500)
    found = Whitening(1500).train()(x)
    assert found.isfinite().all()


def test_only_hidden_layers_are_whitened():
    for layer in ("hidden", "logits", "blocks", "readout"):
        with pytest.raises(ModelError, match="expected a hidden layer to whiten"):
            whitened(whiten=layer)


def whitened(**options):
    how = {"hidden": [12, 9], "activation": "tanh", "whiten": "blocks.0"} | options
    return build("mlp", (1, 4, 4), 3, how, torch.Generator().manual_seed(0)), how


def test_evaluation_is_the_same_alone_and_in_any_batch():
    model, _ = whitened()
    images = torch.rand(100, 1, 4, 4, generator=torch.Generator().manual_seed(1))
    fit_whitening_(model, [images])
    with torch.no_grad():
        whole = model(images)
        alone = torch.cat([model(image[None]) for image in images])
        after = activations(model, images, ["blocks.0"])["blocks.0"]
    torch.testing.assert_close(alone, whole, rtol=0, atol=1e-5)
    torch.testing.assert_close(torch.cov(after.T), torch.eye(12), rtol=0, atol=0.02)


def test_files_keep_the_statistics_and_names_go_on_working():
    model, how = whitened()
    images = torch.rand(50, 1, 4, 4, generator=torch.Generator().manual_seed(1))
    fit_whitening_(model, [images])
    written = Network(model.eval(), "mlp", how, (1, 4, 4), 3)
    found = from_artifact(decode(encode(to_artifact(written))))
    with torch.no_grad():
        assert torch.equal(found.module(images), model(images))
        hidden = activations(found.module, images, ["hidden"])["hidden"]
    first = linear_maps(found.module, ["hidden"])["hidden"]
    bias = found.module.blocks[0].layer.map.bias
    np.testing.assert_allclose(hidden, (images.flatten(1) @ first.T + bias).detach(), atol=1e-5)


def test_gradients_pass_through_the_statistics():
    x = drawn(12, 3).double().requires_grad_()
    layer = Whitening(3).double().train()
    assert torch.autograd.gradcheck(layer, x)
    assert isinstance(layer, nn.Module)


def test_the_written_gradient_is_that_of_the_equation_and_can_be_differentiated():
    x = drawn(9, 4).double().requires_grad_()
    layer = Whitening(4).double().train()
    assert torch.autograd.gradcheck(layer, (x,))
    assert torch.autograd.gradgradcheck(layer, (x,))
    wide = drawn(30, 40).double().requires_grad_()  # fewer images than units
    weights = torch.randn(30, 40, generator=torch.Generator().manual_seed(0)).double()
    written = torch.autograd.grad(Whitening(40).double().train()(wide), wide, weights)[0]
    torch.testing.assert_close(written, torch.autograd.grad(whiten(wide)[0], wide, weights)[0])
