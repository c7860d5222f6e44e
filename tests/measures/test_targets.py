"""Targeted attacks against exact distances: of planes, and of polyhedra by quadratic programs."""

import numpy as np
import pytest
import torch
from scipy.optimize import linprog, minimize
from torch.overrides import TorchFunctionMode

from specrob.errors import MeasureError
from specrob.experiments.perturbed import perturbed_columns
from specrob.measures.attacks import AttackBatch, PreparedAttack, linear_steps, minimal
from specrob.measures.critical_distance import FOOLED, critical_distance
from specrob.norms import NORMS, Bounds, unbounded
from specrob.progress import silent
from specrob.random import others
from specrob.registry import ATTACKS
from specrob.settings.robustness import SaveSettings


def linear(classes, pixels, images=40):
    """Return weights, biases, images and the linear model, in float64."""
    rng = np.random.default_rng(classes * pixels)
    weight, bias = rng.normal(size=(classes, pixels)), rng.normal(size=classes)
    x = rng.random((images, pixels))
    w, b = torch.tensor(weight), torch.tensor(bias)
    return weight, bias, x, lambda x: x @ w.T + b


@pytest.mark.parametrize("loss", ["ce", "margin"])
@pytest.mark.parametrize("norm", ["l2", "linf"])
@pytest.mark.parametrize("method", ["fgsm", "pgd", "minimal", "worst"])
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


def leads(weight, bias, x, target):
    """Return A and c of A d + c, by how much logit(target) is above the others at x + d."""
    a = np.delete(weight[target] - weight, target, 0)
    return a, a @ x + np.delete(bias[target] - bias, target)


def l2_distance(a, c, low=-np.inf, high=np.inf):
    """Return min |d| with A d + c >= 0 and low <= d <= high, and how many rows are needed.

    The dual is max over m >= 0 of |d|^2 / 2 - d . A' m - m . c, with d = clip(A' m).
    """

    def step(m):
        return np.clip(a.T @ m, low, high)

    best = minimize(
        lambda m: step(m) @ (a.T @ m - step(m) / 2) + m @ c,
        np.maximum(-c, 0) / (a * a).sum(1),
        jac=lambda m: a @ step(m) + c,
        bounds=[(0, None)] * len(c),
        method="L-BFGS-B",
        options={"ftol": 1e-15, "gtol": 1e-10},
    )
    return np.linalg.norm(step(best.x)), (best.x > 1e-8).sum()


def linf_distance(a, c, low=-np.inf, high=np.inf):
    """Return min |d|_inf with A d + c >= 0 and low <= d <= high, a linear program in d and t."""
    pixels = a.shape[1]
    eye, ones = np.eye(pixels), np.ones((pixels, 1))
    rows = np.block([[-a, np.zeros((len(a), 1))], [eye, -ones], [-eye, -ones]])
    ends = [np.broadcast_to(end, pixels) for end in (low, high)]
    limits = [*zip(*ends, strict=True), (0, None)]
    objective, most = np.append(np.zeros(pixels), 1), np.append(c, np.zeros(2 * pixels))
    return linprog(objective, rows, most, bounds=limits, method="highs").fun


@pytest.mark.parametrize(("classes", "pixels"), [(3, 20), (4, 50), (10, 50), (10, 300)])
def test_the_nearest_point_of_a_target_s_polyhedron_is_found(classes, pixels):
    weight, bias, x, model = linear(classes, pixels)
    images = torch.tensor(x)
    labels = model(images).argmax(1)
    targets = (labels + 1) % classes
    pairs = [
        l2_distance(*leads(weight, bias, each, int(t))) for each, t in zip(x, targets, strict=True)
    ]
    exact, facets = map(np.array, zip(*pairs, strict=True))
    found = minimal(model, images, labels, targets=targets)
    assert (facets > 1).any()  # else a plane would do
    assert torch.equal(model(found).argmax(1), targets)
    np.testing.assert_allclose((found - images).norm(dim=1).numpy(), exact, rtol=0.01)


@pytest.mark.parametrize(
    ("norm", "is_bounded", "error"),
    [("l2", True, 0.01), ("linf", False, 0.03), ("linf", True, 0.03)],
)
@pytest.mark.parametrize(("classes", "pixels"), [(3, 20), (10, 20), (10, 200)])
def test_so_it_is_within_bounds_and_in_linf(classes, pixels, norm, is_bounded, error):
    weight, bias, x, model = linear(classes, pixels, images=20)
    images = torch.tensor(x)
    targets = (model(images).argmax(1) + 1) % classes
    exact = []
    for each, target in zip(x, targets, strict=True):
        ends = (-each, 1 - each) if is_bounded else ()
        plane = leads(weight, bias, each, int(target))
        exact.append(
            l2_distance(*plane, *ends)[0] if norm == "l2" else linf_distance(*plane, *ends)
        )
    one = torch.ones(20, dtype=torch.float64)
    box = Bounds(0 * one, one) if is_bounded else unbounded(images)
    labels = model(images).argmax(1)
    found = minimal(model, images, labels, norm=norm, bounds=box, targets=targets)
    assert torch.equal(model(found).argmax(1), targets)
    assert torch.equal(box.clip(found), found)
    ratio = NORMS[norm].length(found - images).numpy() / exact
    assert ratio.min() > 1 - 1e-6
    assert ratio.max() < 1 + error


@pytest.mark.parametrize("targets", [None, torch.tensor([1, 2, 0])])
def test_bounds_of_pixels_that_are_all_alike_are_bounds_of_images(targets):
    rng = torch.Generator().manual_seed(0)
    weight = torch.randn(3, 12, generator=rng)
    images = torch.rand(3, 1, 3, 4, generator=rng)

    def model(x):
        return x.flatten(1) @ weight.T

    low, high = torch.zeros(3), torch.ones(3)
    alike = Bounds(*(end[:, None, None, None].expand_as(images) for end in (low, high)))
    labels = torch.tensor([0, 1, 2]) if targets is not None else model(images).argmax(1)
    one, other = (
        minimal(model, images, labels, bounds=box, targets=targets)
        for box in (Bounds(low, high), alike)
    )
    assert torch.equal(one, other)


def test_multipliers_that_no_longer_change_end_the_sweeps(monkeypatch):
    """Of orthogonal gradients one sweep finds them, and a second changes none."""
    sweeps, clone = [], torch.Tensor.clone
    monkeypatch.setattr(torch.Tensor, "clone", lambda x: sweeps.append(1) or clone(x))
    rises = torch.tensor([[1.0, 2.0, -3.0]])
    m = linear_steps.multipliers(torch.eye(3)[None], rises, torch.zeros(1, 3))
    assert torch.equal(m, rises.clamp(min=0))
    assert len(sweeps) == 1 + 2


def test_a_random_target_is_another_class_and_depends_on_seed_and_index_alone():
    labels, index = torch.arange(300) % 5, torch.arange(300) + 1000
    how = {"seed": 3, "stream": "targets"}
    whole = others(labels, 5, index=index, **how)
    assert (whole != labels).all()
    assert torch.equal(others(labels[7:9], 5, index=index[7:9], **how), whole[7:9])
    assert not torch.equal(others(labels, 5, index=index, seed=4, stream="targets"), whole)
    counts = torch.bincount((whole - labels) % 5, minlength=5)[1:]
    assert (counts - 75).abs().max() < 4 * 75**0.5  # binomial, 300 draws of 4


class Counting:
    """The identity as a model, whose predictions change at its n-th call."""

    def __init__(self, changes=0):
        self.calls, self.changes = 0, changes

    def __call__(self, x):
        self.calls += 1
        return -x if self.calls == self.changes else x


def columns_saved(model, *, save, eps):
    x = torch.eye(3)
    how = {"norm": "l2", "loss": "ce", "seed": 0, "index": torch.arange(3)}
    batch = AttackBatch(model, x, x.argmax(1), unbounded(x), **how)
    calls = []

    def perturb(rows, radius):
        calls.append(len(rows))
        return x[rows] * (1 - 2 * radius[:, None])

    saved = SaveSettings(save=save, save_data="data.npz")
    return perturbed_columns(batch, PreparedAttack(perturb), [eps], saved, silent), calls


def test_images_to_learn_from_must_not_change_labels_at_eps_0():
    columns, _ = columns_saved(Counting(), save=None, eps=0.0)
    assert not columns["fooled"].any()
    with pytest.raises(MeasureError, match="no change of label at eps 0"):
        columns_saved(Counting(changes=2), save=None, eps=0.0)


def test_images_that_are_saved_twice_are_perturbed_once():
    columns, calls = columns_saved(Counting(), save="x.npz", eps=1.0)
    assert calls == [3]
    assert torch.equal(columns["x"][:, 0], columns["data"])
    assert columns["fooled"].all()


def test_a_random_target_needs_no_float64_on_the_device():
    class Single(TorchFunctionMode):  # as on MPS
        def __torch_function__(self, func, types, args=(), kwargs=None):
            if func is torch.Tensor.to and args[0].dtype == torch.float64:
                raise TypeError("this device has no float64")
            return func(*args, **(kwargs or {}))

    with Single():
        assert len(others(torch.zeros(3), 5, seed=0, index=torch.arange(3), stream="targets")) == 3
