"""Critical distances against the exact ones of linear models."""

import math

import numpy as np
import pytest
import torch
from scipy.optimize import linprog

from specrob.measures.attacks import AttackBatch, PreparedAttack
from specrob.measures.critical_distance import (
    CENSORED,
    FOOLED,
    MISCLASSIFIED,
    critical_distance,
)
from specrob.norms import NORMS, Bounds, unbounded
from specrob.registry import ATTACKS

TOLERANCE = 0.01


def plane(pixels, seed=0):
    """Return a linear two-class model with its normal, and images with their labels."""
    generator = torch.Generator().manual_seed(seed)
    weight = torch.randn(2, pixels, generator=generator)
    bias = torch.randn(2, generator=generator)
    images = torch.rand(20, pixels, generator=generator)
    normal, offset = weight[0] - weight[1], bias[0] - bias[1]
    margins = images.double() @ normal.double() + offset.double()

    def model(x):
        return x @ weight.T + bias

    return model, normal, images, model(images).argmax(1), margins.abs()


def problem(model, images, labels, norm, bounds=None, loss="ce"):
    index = torch.arange(len(images))
    return AttackBatch(model, images, labels, bounds or unbounded(images), norm, loss, 0, index)


def distances(posed, method, max_eps, **options):
    prepared = ATTACKS[method](**options).prepare(posed)
    return critical_distance(posed, prepared, max_eps=max_eps, tolerance=TOLERANCE)


@pytest.mark.parametrize("pixels", [2, 50, 3072])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("method", ["fgsm", "pgd", "minimal"])
def test_distance_to_a_plane_is_exact(pixels, norm, method):
    model, normal, images, labels, margins = plane(pixels)
    exact = margins / normal.double().norm(p=NORMS[norm].dual)
    found = distances(problem(model, images, labels, norm), method, 10 * math.sqrt(pixels))
    ratio = found.distance / exact
    assert (found.status == FOOLED).all()
    assert ratio.min() >= 1 - 1e-5
    assert ratio.max() <= 1 + TOLERANCE
    torch.testing.assert_close(found.eps.double() / exact, ratio.double(), rtol=1e-4, atol=0)


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("method", ["fgsm", "pgd", "minimal"])
def test_attacks_fail_below_and_succeed_above_the_exact_distance(norm, method):
    model, normal, images, labels, margins = plane(50)
    exact = (margins / normal.double().norm(p=NORMS[norm].dual)).float()
    perturb = ATTACKS[method]().prepare(problem(model, images, labels, norm)).perturb
    rows = torch.arange(len(images))
    assert (model(perturb(rows, 0.98 * exact)).argmax(1) == labels).all()
    assert (model(perturb(rows, 1.02 * exact)).argmax(1) != labels).all()


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("method", ["random", "fgsm", "pgd", "minimal"])
def test_bounds_that_bind_never_shorten_a_distance(norm, method):
    model, normal, images, labels, margins = plane(50)
    exact = margins / normal.double().norm(p=NORMS[norm].dual)
    box = Bounds(torch.zeros(20), torch.ones(20))
    found = distances(problem(model, images, labels, norm, box), method, 50.0)
    fooled = found.status == FOOLED
    assert (found.distance[fooled] / exact[fooled]).min() >= 1 - 1e-5
    assert (found.distance <= found.eps * (1 + 1e-5)).logical_or(~fooled).all()


def test_images_that_nothing_fools_are_censored_and_wrong_ones_left_alone():
    model, _, images, labels, _ = plane(50)
    labels = labels.clone()
    labels[3] = 1 - labels[3]
    found = distances(problem(model, images, labels, "l2"), "pgd", 1e-6)
    assert found.status[3] == MISCLASSIFIED
    assert found.distance[3].isnan()
    others = torch.arange(20) != 3
    assert (found.status[others] == CENSORED).all()
    assert found.distance[others].isinf().all()
    torch.testing.assert_close(found.eps[others], torch.full((19,), 1e-6))


def test_a_ray_stops_at_its_first_crossing():
    """A band of another class lies between 1 and 1.2 on the way to the far side at 5."""

    def model(x):
        inside = ((x[:, 0] > 1) & (x[:, 0] < 1.2)) | (x[:, 0] > 5)
        return torch.stack([1.0 - inside.float(), inside.float()], 1) + 0 * x[:, :1]

    images, labels = torch.zeros(1, 1), torch.zeros(1, dtype=torch.int64)
    posed = problem(model, images, labels, "l2")

    def ahead(rows, eps):
        return images[rows] + eps[:, None]

    found = critical_distance(posed, PreparedAttack(ahead), max_eps=10.0, tolerance=TOLERANCE)
    assert 1 <= found.distance.item() <= 1.01 * (1 + 1e-6)


@pytest.mark.parametrize("method", ["random", "fgsm", "pgd", "minimal"])
def test_distances_do_not_depend_on_the_batch(method):
    model, _, images, labels, _ = plane(50)
    posed = problem(model, images, labels, "l2")
    whole = distances(posed, method, 100.0)
    for at in (0, 7, 19):
        row = torch.tensor([at])
        single = AttackBatch(
            model, images[row], labels[row], posed.bounds.take(row), "l2", "ce", 0, row
        )
        alone = distances(single, method, 100.0)
        torch.testing.assert_close(alone.distance, whole.distance[row], rtol=TOLERANCE, atol=0)


@pytest.mark.parametrize("max_eps", [1.0, 100.0])
def test_the_first_crossing_is_met_whatever_the_highest_radius(max_eps):
    """Along the ray labels change from 1e-3 to 2e-3, and for good from 0.5 on."""
    images, labels = torch.zeros(1, 1), torch.zeros(1, dtype=torch.long)

    def model(x):
        inside = ((x > 1e-3) & (x < 2e-3)) | (x > 0.5)
        return torch.cat([(~inside).float(), inside.float()], 1)

    posed = problem(model, images, labels, "l2")
    push = PreparedAttack(lambda rows, eps: images[rows] + eps[:, None])
    found = critical_distance(posed, push, max_eps=max_eps, lowest=1e-4)
    assert float(found.distance) == pytest.approx(1e-3, rel=0.011)


def test_distances_in_l1_within_bounds_are_those_of_a_linear_program():
    model, normal, images, labels, margins = plane(30)
    images, steep = images[:8], normal.double().numpy()
    box = Bounds(torch.full((8,), -0.5), torch.full((8,), 0.5))
    clipped = images.clamp(-0.5, 0.5)
    labels = model(clipped).argmax(1)
    logits = model(clipped).double().detach().numpy()
    found = distances(problem(model, clipped, labels, "l1", box), "minimal", 100.0)
    for row, (x, label) in enumerate(zip(clipped.double().numpy(), labels.tolist(), strict=True)):
        margin = abs(logits[row, 0] - logits[row, 1])
        toward = steep if label else -steep
        # steps are up - down, both at least 0; sum of both is least
        sides = [(0, 0.5 - v) for v in x.ravel()] + [(0, v + 0.5) for v in x.ravel()]
        rise = np.concatenate([toward.ravel(), -toward.ravel()])
        solved = linprog(np.ones(len(rise)), A_ub=-rise[None], b_ub=[-margin], bounds=sides)
        assert solved.status in (0, 2)
        if solved.status == 2:  # nothing within the bounds fools
            assert found.status[row] != FOOLED
            continue
        assert found.status[row] == FOOLED
        assert found.distance[row] == pytest.approx(solved.fun, rel=2 * TOLERANCE)
        assert found.distance[row] >= solved.fun * (1 - 1e-5)
