"""The spectral penalty against its equation, finite differences and numpy."""

import numpy as np
import pytest
import torch
from torch import nn

from specrob.errors import UsageError
from specrob.experiments.default_range import shaped_alpha
from specrob.experiments.layer_covariance import whole_covariances
from specrob.experiments.monitoring import TrainingMonitor
from specrob.learning.penalties import Batch, parse_penalty
from specrob.learning.penalties.penalty import SpectrumEstimate
from specrob.learning.penalties.spectral import deviation
from specrob.models import activations, build
from specrob.registry import PENALTIES

SHAPE = (1, 16, 16)
ORDERS = ("sorted", "vectors")


def images_of(count):
    return torch.rand(count, *SHAPE, generator=torch.Generator().manual_seed(1))


def hand_deviation(values, tau, alpha):
    """Eq. (2) of arXiv:2012.04729, term by term."""
    total = 0.0
    for n in range(tau, len(values) + 1):
        excess = values[n - 1] / (values[tau - 1] * (n / tau) ** -alpha) - 1
        total += excess**2 + max(0.0, excess)
    return total / len(values)


@pytest.mark.parametrize(("tau", "alpha"), [(1, 1.0), (3, 1.0), (3, 1.7)])
def test_spectral_penalty_equals_its_equation(tau, alpha):
    h = torch.randn(40, 12, generator=torch.Generator().manual_seed(2), dtype=torch.float64)
    h = h * torch.arange(1.0, 13.0) + 5
    values = np.linalg.eigvalsh(np.cov(h.numpy().T))[::-1]
    penalty = PENALTIES["spectral"](2.0, tau=tau, alpha=alpha, layers=("latent",))
    batch = Batch(nn.Identity(), h, torch.zeros(40), {"latent": h}, {}, torch.Generator())
    expected = 2 * hand_deviation(values, tau, alpha)
    assert float(penalty(batch)) == pytest.approx(expected, rel=1e-9)


@pytest.mark.parametrize("images", [12, 13, 40])
def test_spectral_penalty_by_step_is_that_of_the_batch_covariance(images):
    """Fewer images than units, as many, and more: one value and one gradient."""
    generator = torch.Generator().manual_seed(5)
    h = torch.randn(images, 13, generator=generator, dtype=torch.float64)
    h = h * torch.arange(1.0, 14.0) + 5
    found = []
    for penalty in (
        PENALTIES["spectral"](2.0, tau=3, layers=("x",)),
        PENALTIES["spectral"](2.0, tau=3, layers=("x",), refresh="epoch"),
    ):
        if penalty.refresh == "epoch":
            penalty.refresh_({"x": torch.cov(h.T)})
        x = h.clone().requires_grad_()
        value = penalty(Batch(nn.Identity(), x, x[:, 0], {"x": x}, {}, generator))
        value.backward()
        found.append((value.detach(), x.grad, penalty.spectra["x"].eigenvalues))
    torch.testing.assert_close(*found)


@pytest.mark.parametrize("refresh", ["step", "epoch"])
def test_units_that_never_vary_have_no_rank(refresh):
    """Their eigenvalues are round-off, which would bend the estimated exponent."""
    h = torch.randn(90, 40, generator=torch.Generator().manual_seed(6))
    h = h * torch.arange(1.0, 41.0) ** -0.5
    h[:, 7], h[:, 9] = 0.0, 0.3
    penalty = PENALTIES["spectral"](1.0, tau=1, layers=("x",), refresh=refresh)
    penalty.refresh_({"x": torch.cov(h.T)})
    penalty(Batch(nn.Identity(), h, h[:, 0], {"x": h}, {}, torch.Generator()))
    estimate = penalty.estimates()["x"]
    assert estimate.rank == 38
    true = torch.linalg.eigvalsh(torch.cov(h.double().T))
    estimated = estimate.eigenvalues.double().sort(descending=True).values
    found = shaped_alpha(estimated.numpy(), estimate.rank)
    assert found == pytest.approx(shaped_alpha(true.flip(0).numpy(), 38), rel=1e-4)


def test_a_power_law_anchored_at_tau_costs_nothing():
    values = 7.3 * torch.arange(1, 30, dtype=torch.float64) ** -1.2
    assert float(deviation(values, tau=5, alpha=1.2)) < 1e-14


def test_the_anchor_is_not_pulled_down():
    """With any version of PyTorch: its derivative of `clamp` at the bound was 1 before 2.14."""
    values = torch.arange(1, 30, dtype=torch.float64) ** -0.5
    values.requires_grad_()
    deviation(values, tau=5, alpha=1.2).backward()
    assert float(values.grad[4]) == 0
    assert (values.grad[5:] > 0).all()


@pytest.mark.parametrize(
    ("refresh", "order"), [("step", "sorted"), ("epoch", "sorted"), ("epoch", "vectors")]
)
def test_spectral_gradient_is_that_of_fixed_vectors_and_target(refresh, order):
    """Finite differences with V, its order and gamma held where they are."""
    generator = torch.Generator().manual_seed(3)
    h = torch.randn(30, 6, generator=generator, dtype=torch.float64)
    h = h * torch.tensor([5.0, 3, 2, 1, 0.5, 0.2], dtype=torch.float64)
    other = torch.randn(200, 6, generator=generator, dtype=torch.float64)
    penalty = PENALTIES["spectral"](1.0, tau=2, layers=("x",), refresh=refresh, order=order)
    penalty.refresh_({"x": torch.cov((h if refresh == "step" else other).T)})
    vectors = penalty.vectors["x"]
    if order == "sorted":
        lengths = ((h - h.mean(0)) @ vectors).square().sum(0)
        vectors = vectors[:, lengths.argsort(descending=True)]
    x = h.clone().requires_grad_()
    batch = Batch(nn.Identity(), x, torch.zeros(30), {"x": x}, {}, torch.Generator())
    (gradient,) = torch.autograd.grad(penalty(batch), x)

    def value(x, gamma=None):
        centred = x - x.mean(0)
        values = (centred @ vectors).square().sum(0) / (len(x) - 1)
        n = torch.arange(2, 7, dtype=torch.float64)
        gamma = values[1] * (n / 2) ** -1.0 if gamma is None else gamma
        excess = values[1:] / gamma - 1
        return (excess**2 + excess.clamp(min=0)).sum() / 6, gamma

    _, gamma = value(h)
    step = torch.randn(30, 6, generator=generator, dtype=torch.float64)
    ahead, behind = (value(h + s * 1e-6 * step, gamma)[0] for s in (1, -1))
    numeric = (ahead - behind) / 2e-6
    # the term at tau itself sits at ratio 1, the kink of max(0, r - 1); autograd takes 0 there
    kink = (step - step.mean(0)) @ vectors[:, 1]
    projected = ((h - h.mean(0)) @ vectors[:, 1]) @ kink * 2 / 29 / gamma[0] / 6
    slack = abs(float(projected))
    assert abs(float((gradient * step).sum()) - float(numeric)) <= slack + 1e-6


@pytest.mark.parametrize(("layer", "feels"), [("hidden", False), ("latent", True)])
def test_statistics_are_renewed_where_a_layer_feels_them(layer, feels):
    model = build("shlp", SHAPE, 5, {"hidden": 6, "batch_norm": True}, torch.Generator())
    images = images_of(50)
    kept = model.latent.running_mean.clone()
    found = whole_covariances(images, 25, model, [layer])[layer]
    assert torch.equal(kept, model.latent.running_mean) != feels
    assert not model.training
    with torch.no_grad():
        h = activations(model, images, [layer])[layer]
    torch.testing.assert_close(found, torch.cov(h.T))


def test_vectors_by_epoch_are_those_of_the_whole_set():
    model = build("mlp", SHAPE, 5, {"hidden": [6], "batch_norm": True}, torch.Generator())
    images = images_of(50)
    penalty = PENALTIES["spectral"](1.0, tau=1, layers=("latent",), refresh="epoch")
    assert [penalty.is_due(step, 4) for step in range(5)] == [True, False, False, False, True]
    penalty.refresh_(whole_covariances(images, 50, model, penalty.layers))
    with torch.no_grad():
        h = activations(model.eval(), images, ["latent"])["latent"].double().numpy()
    covariance = np.cov(h.T)
    vectors = penalty.vectors["latent"].double().numpy()
    rotated = vectors.T @ covariance @ vectors
    values = np.linalg.eigvalsh(covariance)[::-1]
    np.testing.assert_allclose(np.diag(rotated), values, rtol=1e-4)


def test_networks_that_cannot_be_copied_have_covariances():
    model = nn.Sequential(nn.Flatten(), nn.utils.parametrizations.weight_norm(nn.Linear(256, 6)))
    model[1].kept = model[1].weight * 2  # which deepcopy refuses
    images = images_of(40)
    found = whole_covariances(images, 20, model, ["1"])["1"]
    torch.testing.assert_close(found, torch.cov(model(images).detach().T))


def text_penalty(h, vectors, coefficient, tau, alpha, order):
    """Eq. (2) to (5) of arXiv:2012.04729: anchored at tau, summed from tau; sorted if asked."""
    count, units = h.shape
    centred = h - h.mean(0)
    covariance = centred.T @ centred / (count - 1)
    values = torch.stack([v @ covariance @ v for v in vectors.T])
    if order == "sorted":
        values = values[torch.argsort(values, descending=True)]
    anchor, total = values[tau - 1].item(), 0.0
    for n in range(tau, units + 1):
        excess = values[n - 1] / (anchor * (n / tau) ** -alpha) - 1
        total = total + excess**2 + torch.relu(excess)
    return coefficient * total / units


def with_stale_vectors(order, refresh="epoch"):
    """Return penalty, activations, and the vectors of others with about opposite variances."""
    generator = torch.Generator().manual_seed(8)
    how = {"generator": generator, "dtype": torch.float64}
    h = torch.randn(60, 9, **how) * torch.arange(9.0, 0.0, -1.0) + 2
    other = torch.randn(80, 9, **how) * torch.arange(1.0, 10.0)
    how = {"tau": 3, "alpha": 1.3, "layers": ("x",), "refresh": refresh, "order": order}
    penalty = PENALTIES["spectral"](2.0, **how)
    penalty.refresh_({"x": torch.cov(other.T)})
    return penalty, h, penalty.vectors["x"]


def value_and_gradient(function, h):
    x = h.clone().requires_grad_()
    value = function(x)
    (gradient,) = torch.autograd.grad(value, x)
    return value.detach(), gradient


def of_batch(penalty):
    return lambda x: penalty(Batch(nn.Identity(), x, x[:, 0], {"x": x}, {}, torch.Generator()))


@pytest.mark.parametrize("order", ["sorted", "vectors"])
def test_stale_vectors_are_met_in_the_order_asked_for(order):
    penalty, h, vectors = with_stale_vectors(order)
    expected = value_and_gradient(lambda x: text_penalty(x, vectors, 2.0, 3, 1.3, order), h)
    torch.testing.assert_close(value_and_gradient(of_batch(penalty), h), expected)
    estimate = penalty.spectra["x"].eigenvalues
    assert torch.equal(estimate, estimate.sort(descending=True).values) == (order == "sorted")


def test_stale_vectors_cost_another_sum_in_another_order():
    found = [of_batch(penalty)(h) for penalty, h, _ in map(with_stale_vectors, ORDERS)]
    assert found[0] != pytest.approx(float(found[1]), rel=0.1)


def test_by_step_both_orders_are_one():
    found = []
    for order in ORDERS:
        penalty, h, _ = with_stale_vectors(order, "step")
        found.append(value_and_gradient(of_batch(penalty), h))
    assert all(torch.equal(one, other) for one, other in zip(*found, strict=True))


def test_sorted_is_the_default_and_another_word_is_refused():
    assert PENALTIES["spectral"](1.0).order == "sorted"
    with pytest.raises(UsageError, match="`order`: expected sorted or vectors, found `rank`"):
        parse_penalty("spectral=1,refresh=epoch,order=rank")


def test_the_estimated_exponent_is_of_a_descending_spectrum():
    n = torch.arange(1.0, 201.0, dtype=torch.float64)
    shuffled = (n**-1.4)[torch.randperm(200, generator=torch.Generator().manual_seed(9))]
    penalty = PENALTIES["spectral"](1.0, layers=("hidden",))
    penalty.spectra["hidden"] = SpectrumEstimate(shuffled, 200)
    images, model = (
        torch.rand(12, *SHAPE),
        build("shlp", SHAPE, 5, {"hidden": 6}, torch.Generator()),
    )
    monitor = TrainingMonitor(images, torch.zeros(12), {"": penalty}, training_images=images)
    assert monitor(model)["estimated alpha hidden"] == pytest.approx(1.4, rel=1e-9)


def test_each_layer_has_a_target_of_its_own():
    generator = torch.Generator().manual_seed(3)
    layers = {name: torch.randn(40, 12, generator=generator) for name in ("a", "b")}
    batch = Batch(nn.Identity(), layers["a"], torch.zeros(40), layers, {}, torch.Generator())
    penalty = PENALTIES["spectral"]
    both = penalty(1.0, tau=2, alpha=(2.0, 0.5), layers=("a", "b"))
    alone = [penalty(1.0, tau=2, alpha=x, layers=(n,)) for n, x in (("a", 2.0), ("b", 0.5))]
    expected = sum(float(one(batch)) for one in alone)
    assert float(both(batch)) == pytest.approx(expected, rel=1e-6)
    with pytest.raises(UsageError, match="one for each of a and b, found 3"):
        penalty(1.0, alpha=(1.0, 1.0, 1.0), layers=("a", "b")).for_network(("a", "b"))


def test_drift_is_how_far_eigenvectors_turned():
    """Two of four directions turned by an angle: the mean squared cosine is (1 + cos^2) / 2."""
    angle = 0.3
    values = torch.diag(torch.tensor([4.0, 3.0, 2.0, 1.0]))
    turn = torch.eye(4)
    turn[:2, :2] = torch.tensor([[np.cos(angle), -np.sin(angle)], [np.sin(angle), np.cos(angle)]])
    penalty = PENALTIES["spectral"](1.0, tau=1, layers=("x",), refresh="epoch")
    penalty.refresh_({"x": values})
    assert penalty.estimates()["x"].drift is None
    penalty.refresh_({"x": turn @ values @ turn.T})
    expected = 1 - (1 + np.cos(angle) ** 2) / 2
    assert penalty.estimates()["x"].drift == pytest.approx(expected, abs=1e-5)
    again = PENALTIES["spectral"](1.0, tau=1, layers=("x",), refresh="epoch")
    again.restore_(penalty.state())
    assert again.drift.keys() == {"x"}
    assert again.vectors.keys() == {"x"}
