"""Penalties against closed forms, exact Jacobians, finite differences and numpy."""

import pytest
import torch
from torch import nn
from torch.optim.swa_utils import update_bn

from specrob.errors import UsageError
from specrob.learning.penalties import Batch, parse_penalties, parse_penalty
from specrob.models import Standardized, activations, build
from specrob.models.layers import pointwise_maps
from specrob.registry import PENALTIES

SHAPE = (1, 16, 16)
NETWORKS = {
    "linear": {},
    "mlp": {"hidden": [9, 7], "activation": "tanh"},
    "cnn-d": {"activation": "tanh"},
}


def network(arch, **options):
    generator = torch.Generator().manual_seed(0)
    return build(arch, SHAPE, 5, NETWORKS.get(arch, {}) | options, generator).double().train()


def batch_of(model, images, layers, maps=None):
    images = images.detach().requires_grad_(not maps)
    found = activations(model, images, [*layers, "logits"])
    labels = torch.arange(len(images)) % 5
    losses = nn.functional.cross_entropy(found["logits"], labels, reduction="none")
    generator = torch.Generator().manual_seed(0)
    return Batch(model, images, losses, found, maps or {}, generator)


def images_of(count=4):
    generator = torch.Generator().manual_seed(1)
    return torch.rand(count, *SHAPE, generator=generator, dtype=torch.float64)


def exact_square(model, images, layer):
    def single(x):
        return activations(model, x[None], [layer])[layer][0]

    return torch.stack([torch.func.jacrev(single)(x).square().sum() for x in images]).mean()


@pytest.mark.parametrize("arch", NETWORKS)
def test_exact_jacobian_penalty_equals_jacrev(arch):
    model, images = network(arch), images_of()
    _, penalty = parse_penalty("jacobian=0.3,of=logits,n_proj=all")
    found = penalty(batch_of(model, images, ["logits"]))
    torch.testing.assert_close(found, 0.3 * exact_square(model, images, "logits"))


@pytest.mark.parametrize("arch", NETWORKS)
def test_projected_jacobian_penalty_is_unbiased(arch):
    model, images = network(arch), images_of(2)
    batch = batch_of(model, images.repeat(20, 1, 1, 1), ["logits"])  # 20 draws at once
    penalty = PENALTIES["jacobian"](1.0, of="logits", n_proj=3)
    draws = torch.stack([penalty(batch).detach() for _ in range(100)])
    error = draws.std() / len(draws) ** 0.5
    assert (draws.mean() - exact_square(model, images, "logits")).abs() < 3 * error


@pytest.mark.parametrize("text", ["jacobian=1,of=logits,n_proj=all", "jacobian-sum=1"])
def test_batch_norm_does_not_cancel_the_jacobian(text):
    """In training batch norm couples the images; the penalty still finds each one's own."""
    model = network("mlp", batch_norm=True).train()
    images = images_of(300)
    penalty = parse_penalty(text)[1]
    batch = batch_of(model, images, ["logits"])
    found = torch.stack([penalty(batch).detach() for _ in range(20)]).mean()
    update_bn([images], model)
    expected = penalty(batch_of(model.eval(), images, ["logits"])).detach()
    torch.testing.assert_close(found, expected, rtol=0.05, atol=0)


@pytest.mark.parametrize("text", ["spectral=1,tau=10,layers=latent", "covariance=1,over=batch"])
@pytest.mark.parametrize("count", [1, 7])
def test_remainders_of_a_few_images_do_no_harm(text, count):
    model, images = network("mlp", hidden=[40]), images_of(count)
    batch = batch_of(model, images, ["latent", "penultimate"])
    value = parse_penalty(text)[1](batch)
    value.backward()
    gradients = [w.grad for w in model.parameters() if w.grad is not None]
    assert value.isfinite()
    assert all(g.isfinite().all() and g.abs().max() < 1e3 for g in gradients)


def test_jacobian_of_the_loss_is_its_gradient():
    model, images = network("mlp"), images_of()
    batch = batch_of(model, images, [])
    (gradient,) = torch.autograd.grad(batch.losses.sum(), batch.images, retain_graph=True)
    expected = 0.01 * gradient.flatten(1).square().sum(1).mean()
    torch.testing.assert_close(parse_penalty("jacobian=0.01,of=loss")[1](batch), expected)


def test_half_and_closed_form():
    model, images = network("linear"), images_of()
    maps = pointwise_maps(model, ["logits"])
    closed = parse_penalty("jacobian=1,of=logits")[1]
    assert not closed.needs_image_gradient(maps)
    assert closed.needs_image_gradient({})
    found = closed(batch_of(model, images, ["logits"], maps))
    torch.testing.assert_close(found, model.readout.weight.square().sum())
    half = parse_penalty("jacobian=1,of=logits,half=true")[1]
    torch.testing.assert_close(half(batch_of(model, images, ["logits"], maps)), found / 2)


@pytest.mark.parametrize("power", [1.0, 2.5])
def test_closed_form_of_the_latent_equals_all_projections(power):
    """Values and gradients, also through standardized channels."""
    net = network("shlp", hidden=12, power=power)
    model = Standardized(net, torch.tensor([0.3]), torch.tensor([0.2])).double()
    maps = pointwise_maps(model, ["latent"])
    found = []
    for text, known in (("jacobian=1,of=latent", maps), ("jacobian=1,of=latent,n_proj=all", {})):
        model.zero_grad()
        penalty = parse_penalty(text)[1]
        assert penalty.needs_image_gradient(known) == (known == {})
        value = penalty(batch_of(model, images_of(), ["latent", "hidden"], known))
        value.backward()
        found.append((value.detach(), net.hidden.weight.grad))
    torch.testing.assert_close(*found)


def test_batch_norm_has_no_closed_form():
    assert pointwise_maps(network("shlp", hidden=12, batch_norm=True), ["latent"]) == {}


def test_jacobian_sum_cancels_opposite_columns():
    model, images = network("linear"), images_of()
    found = parse_penalty("jacobian-sum=2")[1](batch_of(model, images, ["logits"]))
    torch.testing.assert_close(found, 2 * model.readout.weight.sum(0).norm())
    with torch.no_grad():
        model.readout.weight[0] -= model.readout.weight.sum(0)
    assert parse_penalty("jacobian-sum=2")[1](batch_of(model, images, ["logits"])) < 1e-10


def test_covariance_penalty_equals_the_outer_products():
    model, images = network("mlp"), images_of()
    batch = batch_of(model, images, ["penultimate"])
    h = batch.layers["penultimate"].detach()
    outer = h[:, :, None] * h[:, None, :]
    off = outer * (1 - torch.eye(h.shape[1]))
    expected = 0.05 * off.flatten(1).norm(dim=1).mean()
    torch.testing.assert_close(parse_penalty("covariance=0.05")[1](batch).detach(), expected)
    whole = torch.cov(h.T)
    expected = 0.05 * (whole - whole.diagonal().diag()).norm()
    found = parse_penalty("covariance=0.05,over=batch")[1](batch).detach()
    torch.testing.assert_close(found, expected)


@pytest.mark.parametrize("name", ["jacobian", "covariance", "jacobian-sum"])
def test_gradients_pass_gradcheck(name):
    images = images_of(2)[:, :, :4, :4].contiguous()
    first = torch.randn(16, 5, dtype=torch.float64, generator=torch.Generator().manual_seed(4))

    def value(weight):
        x = images.detach().requires_grad_()
        logits = (x.flatten(1) @ weight).tanh()
        layers = {"logits": logits, "penultimate": logits, "hidden": logits}
        generator = torch.Generator().manual_seed(0)
        batch = Batch(nn.Identity(), x, logits.sum(1), layers, {}, generator)
        return PENALTIES[name](0.5)(batch)

    assert torch.autograd.gradcheck(value, first.requires_grad_())


@pytest.mark.parametrize(
    ("text", "parameter"),
    [
        ("jacobian=1,n_proj=0", "n_proj"),
        ("jacobian=1,n_proj=few", "n_proj"),
        ("jacobian=1,half=no", "half"),
        ("jacobian-sum=inf", "coefficient"),
        ("spectral=-1", "coefficient"),
        ("spectral=1,tau=0", "tau"),
        ("spectral=1,alpha=0", "alpha"),
        ("spectral=1,refresh=often", "refresh"),
        ("covariance=1,over=time", "over"),
    ],
)
def test_options_out_of_range_are_named(text, parameter):
    with pytest.raises(UsageError, match=f"`penalty` {text}: `{parameter}`: expected"):
        parse_penalty(text)


@pytest.mark.parametrize(
    "text",
    ["l3=1", "l2", "l2=x", "l2=1,beta=2", "l2=nan", "jacobian=1,of", "spectral=1,tau=2,tau=3"],
)
def test_what_is_no_penalty_is_refused(text):
    with pytest.raises(UsageError, match=f"`penalty` {text}: .*expected"):
        parse_penalty(text)


def test_a_penalty_stands_once():
    with pytest.raises(UsageError, match="found l2 twice"):
        parse_penalties(["l2=1", "l2=2"])
