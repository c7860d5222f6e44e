"""Adversarial training: its perturbations against closed forms, and what it leaves as it was."""

import numpy as np
import pytest
import torch
from torch import nn

from specrob.errors import UsageError
from specrob.experiments.adversarial_training import perturb_with
from specrob.learning.objective import Objective
from specrob.learning.supervised import train_supervised
from specrob.norms import NORMS, Bounds
from specrob.settings.adversarial import AdversarialSettings
from specrob.settings.training import TrainingSettings

PIXELS, IMAGES, EPS = 6, 8, 0.25
WIDE = Bounds(torch.full((IMAGES,), -10.0), torch.full((IMAGES,), 10.0))
ROWS = torch.arange(IMAGES)


@pytest.fixture
def linear():
    """Return a linear map to two classes, images, labels, and the gradients of the loss."""
    generator = torch.Generator().manual_seed(0)
    model = nn.Linear(PIXELS, 2)
    nn.init.normal_(model.weight, generator=generator)
    nn.init.zeros_(model.bias)
    images = torch.rand(IMAGES, PIXELS, generator=generator)
    labels = torch.randint(2, (IMAGES,), generator=generator)
    weight = model.weight.detach()
    return model, images, labels, weight[1 - labels] - weight[labels]


def perturbed(text, images, labels, model, *, seed=0, epoch=0, rows=ROWS, bounds=WIDE):
    perturb = perturb_with(AdversarialSettings.parse(text), bounds, seed=seed)
    return perturb(model, images, labels, rows, epoch)


@pytest.mark.parametrize(
    ("words", "tolerance"),
    [
        ("pgd,eps=0.25", 1e-6),
        ("pgd,eps=0.25,step_size=0.2abs", 1e-6),
        ("pgd,eps=0.25,norm=l2,random_start=false", 1e-6),
        ("pgd,eps=0.25,norm=l2,steps=20,step_size=1abs", 1e-5),  # from anywhere in the ball
        ("fgsm,eps=0.25,norm=l2", 1e-6),
    ],
)
def test_on_a_linear_model_images_move_along_the_weights_by_eps(linear, words, tolerance):
    """The loss of two classes grows fastest along w_other - w_label, and eps along it is most."""
    model, images, labels, slope = linear
    found, correct = perturbed(words, images, labels, model)
    geometry = NORMS["l2" if "l2" in words else "linf"]
    expected = EPS * geometry.steepest(slope)
    torch.testing.assert_close(found - images, expected, rtol=0, atol=tolerance)
    assert torch.equal(correct, model(images).argmax(1) == labels)


def test_absolute_steps_are_lengths_and_unit_steps_have_length_one_in_l2(linear):
    model, images, labels, slope = linear
    words = "pgd,eps=9,random_start=false,steps=3,step_size=0.1abs"
    for norm, geometry in NORMS.items():
        found, _ = perturbed(f"{words},norm={norm}", images, labels, model)
        torch.testing.assert_close(found - images, 0.3 * geometry.steepest(slope))


@pytest.mark.parametrize("norm", NORMS)
def test_random_starts_are_those_of_seed_epoch_and_row(linear, norm):
    model, images, labels, _ = linear
    words = f"pgd,eps=1,steps=1,step_size=1e-6abs,norm={norm}"
    start, _ = perturbed(words, images, labels, model)
    again, _ = perturbed(words, images, labels, model)
    assert torch.equal(start, again)
    assert (NORMS[norm].length(start - images) <= 1 + 1e-5).all()
    for other in ({"seed": 1}, {"epoch": 1}, {"rows": ROWS.flip(0)}):
        differs, _ = perturbed(words, images, labels, model, **other)
        assert (NORMS[norm].length(differs - start) > 0.01).all(), other
    part = [5, 2]  # another batch: the same rows begin where they began
    few, _ = perturbed(words, images[part], labels[part], model, rows=ROWS[part])
    torch.testing.assert_close(few, start[part], rtol=0, atol=1e-5)


def test_the_command_line_takes_the_steps_of_madry_unless_told_otherwise():
    default = AdversarialSettings.parse("pgd,eps=0.1").attack
    assert (default.steps, default.random_start) == (7, True)
    told = AdversarialSettings.parse("pgd,eps=0.1,steps=3,random_start=false").attack
    assert (told.steps, told.random_start) == (3, False)
    with pytest.raises(UsageError, match="steps"):
        AdversarialSettings.parse("fgsm,eps=0.1,steps=3")


class Watched(nn.Module):
    """A network with batch normalization and dropout that notes how it is called."""

    def __init__(self):
        super().__init__()
        layers = nn.Linear(PIXELS, 9), nn.BatchNorm1d(9), nn.Dropout(0.5), nn.Linear(9, 2)
        self.layers, self.calls = nn.Sequential(*layers), []

    def forward(self, x):
        self.calls.append((self.training, torch.is_grad_enabled() and x.requires_grad))
        return self.layers(x)


def test_attack_steps_see_evaluation_mode_and_leave_statistics_and_gradients(linear):
    """A step is a clean pass, 7 gradients of the images, and one pass in training mode."""
    _, images, labels, _ = linear
    model = Watched().train()
    seen = []

    def perturb(model, images, labels, rows, epoch):
        before = {name: value.clone() for name, value in model.state_dict().items()}
        result = perturb_with(AdversarialSettings.parse("pgd,eps=0.1"), WIDE, seed=0)(
            model, images, labels, rows, epoch
        )
        assert all(torch.equal(value, before[n]) for n, value in model.state_dict().items())
        assert all(weight.grad is None for weight in model.parameters())
        seen.append(epoch)
        return result

    train_supervised(
        model,
        images,
        labels,
        TrainingSettings(epochs=1),
        Objective(perturb=perturb),
        generator=torch.Generator(),
    )
    assert seen == [0]
    assert sorted(model.calls) == [(False, False), *[(False, True)] * 7, (True, False)]
    assert model.layers[1].num_batches_tracked == 1


def test_the_history_holds_the_accuracy_of_images_as_they_are_and_perturbed(linear):
    """At a learning rate of nearly 0 both are those of the fixed network."""
    model, images, labels, slope = linear
    perturb = perturb_with(AdversarialSettings.parse("pgd,eps=0.25"), WIDE, seed=0)
    history = train_supervised(
        model,
        images,
        labels,
        TrainingSettings(epochs=2, lr=1e-9),
        Objective(perturb=perturb),
        batch_size=3,
        generator=torch.Generator(),
    )
    moved = images + EPS * slope.sign()
    clean, robust = ((model(x).argmax(1) == labels).float().mean().item() for x in (images, moved))
    assert clean > robust
    assert history.train_accuracy == pytest.approx([clean] * 2)
    assert history.observed["robust_train_accuracy"] == pytest.approx([robust] * 2)
    loss = nn.functional.cross_entropy(model(moved), labels).item()
    assert history.loss == pytest.approx([loss] * 2, rel=1e-4)


def test_weights_get_no_gradient_during_attack_steps():
    """Counted: an attack step costs a forward pass and as much again, without the weights'."""
    from torch.utils.flop_counter import FlopCounterMode

    model = nn.Sequential(nn.Linear(50, 40), nn.Tanh(), nn.Linear(40, 2)).eval()
    images, labels = torch.rand(IMAGES, 50), torch.zeros(IMAGES, dtype=torch.int64)

    def work(function):
        with FlopCounterMode(display=False) as counted:
            function()
        return counted.get_total_flops()

    forward = work(lambda: model(images))
    steps = [
        work(
            lambda n=n: perturbed(
                f"pgd,eps=0.1,steps={n}", images, labels, lambda x: model(x.clone())
            )
        )
        for n in (1, 2, 7)
    ]
    np.testing.assert_array_equal(np.array(steps), forward * np.array([2 + 1, 4 + 1, 14 + 1]))
