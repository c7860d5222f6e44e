"""Attacks against what linear models and geometry demand."""

import math
from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import linprog
from scipy.stats import kstest

from specrob.linalg import steepest_first
from specrob.measures.attacks import (
    LOSSES,
    AttackBatch,
    PreparedAttack,
    StepSize,
    fgsm,
    minimal,
    pgd,
    random_direction,
)
from specrob.measures.attacks.adaptive import adaptive_pgd
from specrob.measures.classification import predict
from specrob.measures.critical_distance import FOOLED, critical_distance
from specrob.measures.robustness import robustness, survivors
from specrob.models import build
from specrob.norms import NORMS, Bounds, unbounded
from specrob.random import normals
from specrob.registry import ATTACKS
from specrob.settings.attacks import FGSM, PGD, Noise, Random


def network(seed=0, pixels=12, classes=4):
    generator = torch.Generator().manual_seed(seed)
    first = torch.randn(pixels, 30, generator=generator)
    second = torch.randn(30, classes, generator=generator)
    return lambda x: (x.flatten(1) @ first).relu() @ second


def images_of(count=40, seed=1):
    return torch.rand(count, 1, 3, 4, generator=torch.Generator().manual_seed(seed))


def posed(norm="linf", **how):
    model, images = network(), images_of()
    labels = predict(model, images)
    index = torch.arange(len(images))
    fields = {"bounds": unbounded(images), "loss": "ce", "seed": 0} | how
    return AttackBatch(model, images, labels, norm=norm, index=index, **fields)


@pytest.mark.parametrize("norm", NORMS)
def test_random_directions_have_length_one(norm):
    found = random_direction(torch.zeros(200, 3, 8, 8), norm=norm, seed=3, index=torch.arange(200))
    lengths = NORMS[norm].length(found)
    torch.testing.assert_close(lengths, torch.ones(200), rtol=0, atol=1e-6)
    assert abs(found.mean()) < 0.05


def test_random_numbers_depend_on_seed_index_stream_and_draw_only():
    def draw(**how):
        return normals([5], **({"seed": 1, "index": [2], "stream": "starts"} | how))

    assert torch.equal(draw(), draw(index=[9, 2])[1:])
    for other in ({"seed": 2}, {"index": [3]}, {"stream": "plane"}, {"draw": 1}):
        assert not torch.equal(draw(), draw(**other))


@pytest.mark.parametrize("norm", NORMS)
def test_random_starts_are_uniform_in_the_ball(norm):
    """The share of the volume within radius r is r^D; so radius^D is uniform in 0..1."""
    pixels = 6
    drawn = normals([pixels + 2], seed=0, index=range(4000), stream="starts")
    radius = NORMS[norm].length(NORMS[norm].fill(drawn)).double().numpy()
    assert kstest(radius**pixels, "uniform").pvalue > 0.01


@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("options", [{}, {"random_start": True, "restarts": 3}, {"step": "raw"}])
def test_pgd_stays_in_ball_and_bounds(norm, options):
    images, model = images_of(), network()
    labels = predict(model, images)
    box = Bounds(torch.zeros(40), torch.full((40,), 0.9))
    clipped = images.clamp(max=0.9)
    found = pgd(model, clipped, labels, eps=0.2, norm=norm, bounds=box, options=PGD(**options))
    assert NORMS[norm].length(found - clipped).max() <= 0.2 * (1 + 1e-5)
    assert found.min() >= 0
    assert found.max() <= 0.9


@pytest.mark.parametrize("norm", NORMS)
def test_one_full_step_of_pgd_is_fgsm(norm):
    case = posed(norm)
    arguments = (case.model, case.images, case.labels)
    one = PGD(steps=1, step_size=StepSize(1.0))
    once = pgd(*arguments, eps=0.1, norm=norm, options=one, keep="last")
    torch.testing.assert_close(once, fgsm(*arguments, eps=0.1, norm=norm), rtol=0, atol=1e-6)


@pytest.mark.parametrize("norm", NORMS)
def test_pgd_finds_a_higher_loss_than_fgsm_and_fgsm_than_random(norm):
    case, rows = posed(norm), torch.arange(40)
    loss = {}
    found = {
        attack.name: attack.prepare(case).perturb(rows, torch.full((40,), 0.15))
        for attack in (Random(), FGSM())
    }
    found["pgd"] = pgd(case.model, case.images, case.labels, eps=0.15, norm=norm)
    for method, perturbed in found.items():
        loss[method] = LOSSES["ce"](case.model(perturbed), case.labels).mean()
    assert loss["random"] < loss["fgsm"] <= loss["pgd"] * (1 + 1e-6)


def test_targets_are_approached():
    case = posed()
    targets = (case.labels + 1) % 4
    how = {"options": PGD(steps=30), "targets": targets}
    found = pgd(case.model, case.images, case.labels, eps=0.5, **how)
    before = LOSSES["ce"](case.model(case.images), targets)
    assert (LOSSES["ce"](case.model(found), targets) < before).all()
    reached = predict(case.model, found) == targets
    assert reached.double().mean() > (predict(case.model, case.images) == targets).double().mean()


def test_not_projecting_leaves_the_ball():
    case = posed("l2")
    options = PGD(steps=5, step_size=StepSize(1.0), project=False)
    how = {"eps": 0.1, "norm": "l2", "options": options, "keep": "last"}
    found = pgd(case.model, case.images, case.labels, **how)
    assert NORMS["l2"].length(found - case.images).max() > 0.2


def test_cross_entropy_keeps_its_direction_at_large_margins():
    """At a margin of 55 the textbook form in float32 forgets the label's own logit."""
    weight = torch.tensor([[55.0, 0.0], [0.0, 1.0]])
    images, labels = torch.tensor([[1.0, 0.0]]), torch.tensor([0])
    found = fgsm(lambda x: x @ weight.T, images, labels, eps=1.0, norm="l2") - images
    expected = torch.tensor([[-55.0, 1.0]])
    torch.testing.assert_close(found, expected / expected.norm())
    logits = torch.randn(30, 4, generator=torch.Generator().manual_seed(0))
    torch.testing.assert_close(
        LOSSES["ce"](logits, labels.expand(30)),
        torch.nn.functional.cross_entropy(logits, labels.expand(30), reduction="none"),
    )


def test_margin_loss_still_climbs_where_cross_entropy_is_flat():
    """Logits so far apart that cross entropy and its gradient underflow to 0."""

    def model(x):
        return 1e4 * torch.stack([x[:, 0], -x[:, 0]], 1)

    images, labels = torch.tensor([[1.0]]), torch.tensor([0])
    flat = fgsm(model, images, labels, eps=1.5, loss="ce")
    climbed = fgsm(model, images, labels, eps=1.5, loss="margin")
    assert torch.equal(flat, images)
    assert predict(model, climbed).item() == 1


@pytest.mark.parametrize("method", ATTACKS)
def test_radius_zero_keeps_every_label(method):
    attack = ATTACKS[method]()
    case = posed(attack.default_norm)
    kept = survivors(case, attack.prepare(case), [0.0, 1e9])
    correct = torch.ones(40, dtype=torch.bool)
    found = robustness(kept, correct, [0.0, 1e9], case.index, method=method, norm=case.norm)
    assert found.relative_accuracy[0] == 1.0
    assert found.relative_accuracy[1] < 1.0


def test_misclassified_images_are_not_attacked():
    case = posed()
    wrong = case.labels.clone()
    wrong[:10] = (wrong[:10] + 1) % 4
    other = AttackBatch(case.model, case.images, wrong, case.bounds, "linf", "ce", 0, case.index)
    kept = survivors(other, FGSM().prepare(other), [0.0])
    correct = predict(case.model, case.images) == wrong
    found = robustness(kept, correct, [0.0], case.index, method="fgsm", norm="linf")
    assert found.n_attacked == 30
    outcomes = found.of_images()
    assert np.array_equal(outcomes.index, case.index.numpy())
    assert np.array_equal(outcomes.correct, correct.numpy())
    assert np.array_equal(outcomes.kept[0], correct.numpy())
    assert found.clean_accuracy == 0.75
    assert found.relative_accuracy == (1.0,)
    assert found.robust_accuracy == (0.75,)


def test_noise_is_longer_than_a_random_direction_by_the_root_of_the_pixels():
    images = torch.zeros(300, 3, 32, 32)
    index = torch.arange(300)
    fields = {"bounds": unbounded(images), "norm": "l2", "loss": "ce", "seed": 0, "index": index}
    case = AttackBatch(lambda x: x.flatten(1)[:, :2], images, torch.zeros(300).long(), **fields)
    rows, eps = index, torch.ones(300)
    lengths = [
        attack.prepare(case).perturb(rows, eps).flatten(1).norm(dim=1)
        for attack in (Random(), Noise())
    ]
    np.testing.assert_allclose(lengths[0], 1, atol=1e-5)
    np.testing.assert_allclose(lengths[1].mean(), math.sqrt(3072), rtol=0.01)


def test_restarts_go_on_where_nothing_stands():
    case = posed()
    options = PGD(random_start=True, restarts=3)
    how = {"eps": 5.0, "bounds": unbounded(case.images), "stop": True, "options": options}

    def flat(x):
        return case.model(x.reshape(x.shape[0], -1))

    found = pgd(flat, case.images, case.labels, **how)
    assert (flat(found).argmax(1) != case.labels).float().mean() > 0.9


def test_an_image_that_fools_does_not_depend_on_its_neighbours():
    case = posed()
    how = {"eps": 0.2, "stop": True}
    together = pgd(case.model, case.images, case.labels, **how)
    for row in range(5):
        one = slice(row, row + 1)
        alone = pgd(case.model, case.images[one], case.labels[one], **how)
        torch.testing.assert_close(together[one], alone, rtol=0, atol=1e-6)


@pytest.mark.parametrize("method", ["fgsm", "pgd", "minimal"])
def test_gradients_that_are_not_finite_end_in_no_success(method):
    case = posed(norm="l2")

    def model(x):  # the slope of the root is infinite, of its square NaN
        return case.model(x) + (0 * x).sqrt().flatten(1).sum(1, keepdim=True)

    other = replace(case, model=model)
    assert torch.equal(model(case.images), case.model(case.images))
    found = critical_distance(other, ATTACKS[method]().prepare(other), max_eps=3.0)
    assert (found.status != FOOLED).all()


def test_targets_are_reached_by_the_nearest_way():
    model, images = network(), images_of()
    targets = (model(images).argmax(1) + 1) % 4
    found = minimal(model, images, model(images).argmax(1), targets=targets)
    reached = model(found).argmax(1) == targets
    assert reached.float().mean() > 0.9
    free = minimal(model, images, model(images).argmax(1))
    lengths = [(x - images).flatten(1).norm(dim=1)[reached] for x in (found, free)]
    assert (lengths[0] >= lengths[1] * 0.99).all()


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_bounds_hold_where_an_image_lies_far_outside_of_them(norm):
    box = Bounds(torch.zeros(1), torch.ones(1))
    x, label = torch.tensor([[-0.5, 0.2]]), torch.tensor([0])
    found = pgd(network(pixels=2), x, label, eps=0.1, norm=norm, bounds=box)
    assert found.min() >= 0


def test_a_radius_of_0_changes_no_label_where_round_off_depends_on_the_batch():
    """Convolutions on a GPU round by the size of the batch, which tips an image on the border."""
    x, labels = torch.tensor([[1.0], [1e-9], [-1.0]]), torch.tensor([0, 0, 0])

    def model(images):
        return torch.cat([images, torch.full_like(images, 1e-8 * (len(images) < 3))], 1)

    batch = AttackBatch(model, x, labels, unbounded(x), "l2", "ce", seed=0, index=torch.arange(3))
    still = PreparedAttack(lambda rows, eps: x[rows])
    assert survivors(batch, still, [0.0]).tolist() == [[True, True, False]]


@pytest.mark.parametrize("norm", ["l2", "linf"])
def test_the_worst_is_no_weaker_than_its_parts(norm):
    generator = torch.Generator().manual_seed(0)
    net = build("mlp", (1, 6, 6), 4, {"hidden": [40, 40]}, generator).eval().requires_grad_(False)
    images = torch.rand(40, 1, 6, 6, generator=generator)
    labels, index = net(images).argmax(1), torch.arange(40)
    batch = AttackBatch(net, images, labels, unbounded(images), norm, "ce", 0, index)
    radii = {"l2": [0.1, 0.2, 0.4], "linf": [0.02, 0.04, 0.08]}[norm]
    worst = survivors(batch, ATTACKS["worst"]().prepare(batch), radii)
    assert 0 < int(worst.sum()) < worst.numel()
    for name in ("fgsm", "minimal"):
        assert (worst <= survivors(batch, ATTACKS[name]().prepare(batch), radii)).all(), name
    weakest = survivors(batch, ATTACKS["pgd"]().prepare(batch), radii)
    assert worst.sum() <= weakest.sum()


def test_adaptive_steps_shrink_where_the_loss_does_not_rise():
    def ridge(x):  # whose top is narrow: steps of constant length jump over it
        height = 1 - 40 * (x[:, 0] - 0.07).abs() + 0.1 * x[:, 1]
        return torch.stack([torch.full_like(height, 2), height], 1)

    images, labels = torch.zeros(1, 2), torch.tensor([0])
    found = adaptive_pgd(ridge, images, labels, eps=0.3, norm="linf", steps=40, loss="margin")
    assert ridge(found)[0, 1] > 0.9
    assert found.abs().max() <= 0.3 + 1e-6
    fixed = pgd(ridge, images, labels, eps=0.3, options=PGD(steps=40), loss="margin")
    assert ridge(found)[0, 1] >= ridge(fixed)[0, 1] - 1e-6


def test_steps_in_l1_spend_their_length_within_bounds():
    """A step moves as many pixels as it has length for: three radii of minimal ones fool all."""
    model, images = network(), images_of()
    labels = predict(model, images)
    box = Bounds(torch.zeros(40), torch.ones(40))
    nearest = minimal(model, images, labels, norm="l1", bounds=box)
    length = NORMS["l1"].length(nearest - images)
    fooled = length > 0
    assert fooled.double().mean() > 0.5
    found = pgd(model, images, labels, eps=3 * length, norm="l1", bounds=box)
    assert (predict(model, found) != labels)[fooled].double().mean() > 0.95


def test_steepest_first_is_the_solution_of_a_linear_program():
    rng = np.random.default_rng(0)
    for _ in range(20):
        slope, low, high = rng.normal(size=12), -rng.random(12), rng.random(12)
        budget = 4 * rng.random()
        rise = np.concatenate([slope, -slope])  # steps are up - down
        sides = [*zip(np.zeros(12), high, strict=True), *zip(np.zeros(12), -low, strict=True)]
        best = -linprog(-rise, A_ub=np.ones((1, 24)), b_ub=[budget], bounds=sides).fun
        arguments = [torch.from_numpy(v)[None] for v in (slope, low, high)]
        step = steepest_first(*arguments, torch.tensor([budget], dtype=torch.float64))
        assert float((step * arguments[0]).sum()) == pytest.approx(best, rel=1e-9)
        back = steepest_first(*arguments, torch.tensor([best], dtype=torch.float64), of_rise=True)
        assert float(back.abs().sum()) <= budget * (1 + 1e-9)
