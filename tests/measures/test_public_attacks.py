"""Attacks against Foolbox and torchattacks: the same settings, the same perturbed images."""

import warnings

import pytest
import torch
from torch import nn

from specrob.measures.attacks import StepSize, fgsm, minimal, pgd
from specrob.norms import NORMS, Bounds
from specrob.settings.attacks import PGD

warnings.simplefilter("ignore")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
EPS = {"linf": 0.05, "l2": 1.0}  # norms in which both packages step as we do


@pytest.fixture(scope="module")
def case():
    """Return a trained digit classifier, images in [0, 1] and labels, misclassified ones too.

    In float64: in float32 the textbook cross entropy of the other packages loses the direction of
    its gradient where the network is sure (see `specrob.measures.attacks.batch`).
    """
    from specrob.data import load_image_set

    train, test = load_image_set("digits", "train"), load_image_set("digits", "test")
    torch.manual_seed(0)
    model = nn.Sequential(nn.Flatten(), nn.Linear(64, 200), nn.ReLU(), nn.Linear(200, 10))
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    for _ in range(60):
        optimizer.zero_grad()
        nn.functional.cross_entropy(model(train.pixels), train.labels).backward()
        optimizer.step()
    model.eval().requires_grad_(False)
    return model.double(), test.pixels.double(), test.labels


def ours(case, method, norm):
    model, images, labels = case
    box = Bounds(images.new_zeros(len(images)), images.new_ones(len(images)))
    how = {"eps": EPS[norm], "norm": norm, "bounds": box}
    if method == "fgsm":
        return fgsm(model, images, labels, **how)
    options = PGD(steps=10, step_size=StepSize(0.25))
    return pgd(model, images, labels, **how, options=options, keep="last")


def foolbox_of(case, method, norm):
    import foolbox

    model, images, labels = case
    attacks = {
        ("fgsm", "linf"): lambda: foolbox.attacks.LinfFastGradientAttack(random_start=False),
        ("fgsm", "l2"): lambda: foolbox.attacks.L2FastGradientAttack(random_start=False),
        ("pgd", "linf"): lambda: foolbox.attacks.LinfProjectedGradientDescentAttack(
            rel_stepsize=0.25, steps=10, random_start=False
        ),
        ("pgd", "l2"): lambda: foolbox.attacks.L2ProjectedGradientDescentAttack(
            rel_stepsize=0.25, steps=10, random_start=False
        ),
    }
    seen = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    # `run` perturbs every image, also those that are misclassified to begin with
    return attacks[method, norm]().run(seen, images, labels, epsilon=EPS[norm])


@pytest.mark.parametrize("norm", EPS)
@pytest.mark.parametrize("method", ["fgsm", "pgd"])
def test_perturbed_images_are_those_of_foolbox(case, method, norm):
    model, images, _ = case
    own, other = ours(case, method, norm), foolbox_of(case, method, norm)
    assert (own - images).abs().max() > 0
    assert ((own - other).abs() <= 1e-5).float().mean() >= 0.999
    assert torch.equal(model(own).argmax(1), model(other).argmax(1))


@pytest.mark.parametrize("norm", EPS)
@pytest.mark.parametrize("method", ["fgsm", "pgd"])
def test_relative_accuracy_is_that_of_torchattacks(case, method, norm):
    import torchattacks

    model, images, labels = case
    attacks = {
        ("fgsm", "linf"): lambda: torchattacks.FGSM(model, eps=EPS["linf"]),
        ("pgd", "linf"): lambda: torchattacks.PGD(
            model, eps=EPS["linf"], alpha=0.25 * EPS["linf"], steps=10, random_start=False
        ),
        ("pgd", "l2"): lambda: torchattacks.PGDL2(
            model, eps=EPS["l2"], alpha=0.25 * EPS["l2"], steps=10, random_start=False
        ),
    }
    if (method, norm) not in attacks:
        pytest.skip("torchattacks has no L2 form of FGSM")
    correct = model(images).argmax(1) == labels
    other = attacks[method, norm]()(images, labels)
    kept = [
        (model(x).argmax(1) == labels)[correct].float().mean().item()
        for x in (ours(case, method, norm), other)
    ]
    assert kept[0] < 0.9
    assert kept[0] == pytest.approx(kept[1], abs=0.003)


@pytest.mark.parametrize("norm", NORMS)
def test_minimal_distances_are_below_those_of_foolbox(case, norm):
    import foolbox

    model, images, labels = case
    correct = model(images).argmax(1) == labels
    images, labels = images[correct][:200], labels[correct][:200]
    box = Bounds(images.new_zeros(200), images.new_ones(200))
    rival = {
        "l1": foolbox.attacks.L1FMNAttack,
        "l2": foolbox.attacks.DDNAttack,
        "linf": foolbox.attacks.LInfFMNAttack,
    }[norm]
    seen = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    _, other, _ = rival(steps=100)(seen, images, labels, epsilons=None)
    own = minimal(model, images, labels, norm=norm, bounds=box)
    assert (model(own).argmax(1) != labels).all()
    fooled = model(other).argmax(1) != labels  # by FMN in L1 two of three
    assert fooled.double().mean() > 0.6
    medians = [NORMS[norm].length(x - images)[fooled].median() for x in (own, other)]
    assert medians[0] <= medians[1] * (1 + 3e-4 * (norm == "l1"))  # lines are halved 12 times


@pytest.mark.parametrize("norm", EPS)
@pytest.mark.parametrize("steps", [1, 10])
def test_images_perturbed_towards_targets_are_those_of_foolbox(case, norm, steps):
    import foolbox

    model, images, labels = case
    targets = (labels + 1) % 10
    box = Bounds(images.new_zeros(len(images)), images.new_ones(len(images)))
    options = PGD(steps=steps, step_size=StepSize(0.25))
    how = {"eps": EPS[norm], "norm": norm, "bounds": box, "targets": targets, "keep": "last"}
    own = pgd(model, images, labels, options=options, **how)
    rival = {
        "l2": foolbox.attacks.L2ProjectedGradientDescentAttack,
        "linf": foolbox.attacks.LinfProjectedGradientDescentAttack,
    }[norm](rel_stepsize=0.25, steps=steps, random_start=False)
    seen = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    aim = foolbox.criteria.TargetedMisclassification(targets)
    other = rival.run(seen, images, aim, epsilon=EPS[norm])
    assert (own - images).abs().max() > 0
    assert ((own - other).abs() <= 1e-5).float().mean() >= 0.999


def test_minimal_distances_to_targets_are_below_those_of_foolbox(case):
    import foolbox

    model, images, labels = case
    correct = model(images).argmax(1) == labels
    images, labels = images[correct][:100], labels[correct][:100]
    targets = (labels + 1) % 10
    box = Bounds(images.new_zeros(100), images.new_ones(100))
    seen = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    aim = foolbox.criteria.TargetedMisclassification(targets)
    _, other, reached = foolbox.attacks.DDNAttack(steps=100)(seen, images, aim, epsilons=None)
    own = minimal(model, images, labels, norm="l2", bounds=box, targets=targets)
    assert torch.equal(model(own).argmax(1), targets)
    medians = [NORMS["l2"].length(x - images)[reached].median() for x in (own, other)]
    assert medians[0] <= medians[1]
