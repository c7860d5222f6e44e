"""Targeted attacks against exact distances: of planes, and of polyhedra by quadratic programs."""

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from torch.overrides import TorchFunctionMode

from specrob.measures.attacks import AttackBatch, minimal
from specrob.measures.critical_distance import FOOLED, critical_distance
from specrob.norm_balls import NORMS, unbounded
from specrob.random import others
from specrob.registry import ATTACKS


def linear(classes, pixels, images=40):
    """Return weights, biases, images and the linear model, in float64."""
    rng = np.random.default_rng(classes * pixels)
    weight, bias = rng.normal(size=(classes, pixels)), rng.normal(size=classes)
    x = rng.random((images, pixels))
    w, b = torch.tensor(weight), torch.tensor(bias)
    return weight, bias, x, lambda x: x @ w.T + b


@pytest.mark.parametrize("loss", ["ce", "margin"])
@pytest.mark.parametrize("norm", ["l2", "linf"])
@pytest.mark.parametrize("method", ["fgsm", "pgd", "minimal"])
def test_the_distance_to_the_target_of_two_classes_is_that_of_the_plane(method, norm, loss):
    weight, bias, x, model = linear(2, 50)
    images = torch.tensor(x)
    labels = model(images).argmax(1)
    normal = weight[0] - weight[1]
    exact = np.abs(x @ normal + bias[0] - bias[1]) / np.linalg.norm(normal, NORMS[norm].dual)
    index = torch.arange(len(x))
    how = {"norm": norm, "loss": loss, "seed": 0, "index": index, "targets": 1 - labels}
    batch = AttackBatch(model, images, labels, unbounded(images), **how)
    found = critical_distance(batch, ATTACKS[method]().prepare(batch), max_eps=100.0)
    assert (found.status == FOOLED).all()
    assert torch.equal(found.prediction_adversarial, 1 - labels)
    np.testing.assert_allclose(found.distance.numpy(), exact, rtol=0.01)


def distance_to_region(weight, bias, x, target):
    """Return min |d| with logit(target) above all others at x + d, by the dual program.

    For A d + c >= 0, A the differences of weights and c the leads at x, the dual is
    max over m >= 0 of -|A' m|^2 / 2 - m . c, and d = A' m.
    """
    a = np.delete(weight[target] - weight, target, 0)
    c = a @ x + np.delete(bias[target] - bias, target)
    products = a @ a.T
    best = minimize(
        lambda m: m @ products @ m / 2 + m @ c,
        np.maximum(-c, 0) / np.diag(products),
        jac=lambda m: products @ m + c,
        bounds=[(0, None)] * len(c),
        method="L-BFGS-B",
        options={"ftol": 1e-15, "gtol": 1e-10},
    )
    return np.linalg.norm(a.T @ best.x), (best.x > 1e-8).sum()


@pytest.mark.parametrize(("classes", "pixels"), [(3, 20), (4, 50), (10, 50), (10, 300)])
def test_the_nearest_point_of_a_target_s_polyhedron_is_found(classes, pixels):
    weight, bias, x, model = linear(classes, pixels)
    images = torch.tensor(x)
    labels = model(images).argmax(1)
    targets = (labels + 1) % classes
    pairs = [
        distance_to_region(weight, bias, each, int(t)) for each, t in zip(x, targets, strict=True)
    ]
    exact, facets = map(np.array, zip(*pairs, strict=True))
    found = minimal(model, images, labels, targets=targets)
    assert (facets > 1).any()  # else a plane would do
    assert torch.equal(model(found).argmax(1), targets)
    np.testing.assert_allclose((found - images).norm(dim=1).numpy(), exact, rtol=0.01)


def test_a_random_target_is_another_class_and_depends_on_seed_and_index_alone():
    labels, index = torch.arange(300) % 5, torch.arange(300) + 1000
    how = {"seed": 3, "stream": "targets"}
    whole = others(labels, 5, index=index, **how)
    assert (whole != labels).all()
    assert torch.equal(others(labels[7:9], 5, index=index[7:9], **how), whole[7:9])
    assert not torch.equal(others(labels, 5, index=index, seed=4, stream="targets"), whole)
    counts = torch.bincount((whole - labels) % 5, minlength=5)[1:]
    assert (counts - 75).abs().max() < 4 * 75**0.5  # binomial, 300 draws of 4


def test_a_random_target_needs_no_float64_on_the_device():
    class Single(TorchFunctionMode):  # as on MPS
        def __torch_function__(self, func, types, args=(), kwargs=None):
            if func is torch.Tensor.to and args[0].dtype == torch.float64:
                raise TypeError("this device has no float64")
            return func(*args, **(kwargs or {}))

    with Single():
        assert len(others(torch.zeros(3), 5, seed=0, index=torch.arange(3), stream="targets")) == 3
