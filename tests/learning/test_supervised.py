"""Supervised training against closed forms."""

from copy import deepcopy
from dataclasses import replace

import pytest
import torch
from torch import nn

from specrob.errors import ModelError
from specrob.learning.objective import Objective
from specrob.learning.penalties import Batch
from specrob.learning.supervised import train_supervised
from specrob.registry import PENALTIES, SCHEDULES
from specrob.settings.optimization import OptimizerSettings, StoppingSettings
from specrob.settings.training import TrainingSettings


def linear(generator):
    layer = nn.Linear(2, 2)
    nn.init.normal_(layer.weight, generator=generator)
    nn.init.zeros_(layer.bias)
    return layer


def separable(generator):
    labels = torch.randint(0, 2, (200,), generator=generator)
    images = torch.randn(200, 2, generator=generator) * 0.3
    images[:, 0] += 2 * labels - 1.0
    return images, labels


def test_separable_classes_are_learned():
    generator = torch.Generator().manual_seed(0)
    images, labels = separable(generator)
    model = linear(generator)
    how = TrainingSettings(epochs=60, lr=0.05)
    history = train_supervised(model, images, labels, how, batch_size=20, generator=generator)
    assert history.train_accuracy[-1] > 0.98
    assert history.loss[-1] < history.loss[0]
    assert not model.training


def test_weights_that_are_lost_in_the_last_step_are_an_error():
    """The loss is that before the step."""
    generator = torch.Generator().manual_seed(0)
    images, labels = separable(generator)
    how = TrainingSettings(epochs=1, lr=1e30)
    objective = Objective({"l2": PENALTIES["l2"](1e20)})
    with pytest.raises(ModelError, match="finite loss and weights, found others in epoch 0"):
        train_supervised(
            *(linear(generator), images, labels, how, objective),
            batch_size=200,
            generator=generator,
        )


def l2_of(model, coefficient):
    batch = Batch(model, torch.zeros(1, 2), torch.zeros(1), {}, {}, torch.Generator())
    return PENALTIES["l2"](coefficient)(batch).detach()


def test_l2_penalty_is_the_sum_of_squares_and_shrinks_weights():
    model = nn.Linear(3, 2)
    expected = 0.5 * sum((w.detach() ** 2).sum() for w in model.parameters())
    torch.testing.assert_close(l2_of(model, 0.5), expected)
    sizes = []
    for coefficient in (0.0, 0.1):
        generator = torch.Generator().manual_seed(0)
        images, labels = separable(generator)
        model = linear(generator)
        how = TrainingSettings(epochs=40, lr=0.05)
        objective = Objective({"l2": PENALTIES["l2"](coefficient)})
        history = train_supervised(model, images, labels, how, objective, generator=generator)
        sizes.append(float(model.weight.detach().norm()))
    assert sizes[1] < sizes[0]
    assert history.penalties["l2"][-1] > 0


OPTIMIZERS = {
    "adam": lambda weights: torch.optim.Adam(weights, lr=0.05),
    "amsgrad": lambda weights: torch.optim.Adam(weights, lr=0.05, amsgrad=True),
    "sgd:0.9": lambda weights: torch.optim.SGD(weights, lr=0.05, momentum=0.9),
    "sgd": lambda weights: torch.optim.SGD(weights, lr=0.05),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_steps_are_those_of_the_optimizer(name):
    """Batches of all images, whose order does not matter, against a loop written out."""
    images, labels = separable(torch.Generator().manual_seed(0))
    model, plain = (linear(torch.Generator().manual_seed(1)) for _ in range(2))
    how = TrainingSettings(epochs=30, lr=0.05, optimizer=OptimizerSettings.parse(name))
    train_supervised(model, images, labels, how, batch_size=200, generator=torch.Generator())
    optimizer = OPTIMIZERS[name](plain.parameters())
    for _ in range(30):
        optimizer.zero_grad()
        nn.functional.cross_entropy(plain(images), labels).backward()
        optimizer.step()
    torch.testing.assert_close(model.weight, plain.weight, rtol=1e-4, atol=1e-5)


def test_bfloat16_rounds_products_and_not_weights():
    generator = torch.Generator().manual_seed(0)
    images, labels = separable(generator)
    start = linear(generator)
    changes = []
    for precision in ("float32", "bfloat16"):
        model = deepcopy(start)
        how = TrainingSettings(epochs=1, lr=1e-3, precision=precision)
        how = replace(how, optimizer=OptimizerSettings("sgd"))
        train_supervised(model, images, labels, how, batch_size=200, generator=generator)
        assert model.weight.dtype == torch.float32
        changes.append((model.weight - start.weight).detach())
    exact, rounded = changes
    # bfloat16 has 8 bits; a change of 1e-3 would be lost in weights of 8 bits
    assert 0 < (exact - rounded).norm() < 2**-6 * exact.norm()


@pytest.mark.parametrize("level", ["train_accuracy=0.9", "train_loss=0.3", "train_loss=0"])
def test_training_ends_after_the_first_epoch_at_the_level(level):
    images, labels = separable(torch.Generator().manual_seed(0))
    stopping, histories = StoppingSettings.parse(level), []
    for until in (None, stopping):
        how = TrainingSettings(epochs=60, lr=0.05, until=until)
        generator = torch.Generator().manual_seed(0)
        model = linear(torch.Generator().manual_seed(1))
        histories.append(
            train_supervised(model, images, labels, how, batch_size=20, generator=generator)
        )
    whole, stopped = histories
    met = [
        stopping.is_met(loss=loss, accuracy=accuracy)
        for loss, accuracy in zip(whole.loss, whole.train_accuracy, strict=True)
    ]
    epochs = met.index(True) + 1 if any(met) else 60
    assert stopped.loss == whole.loss[:epochs]
    assert stopped.has_reached(stopping) == (level != "train_loss=0") == (epochs < 60)


def test_frozen_parameters_are_neither_trained_nor_penalized():
    model = nn.Sequential(nn.Linear(2, 2), nn.Linear(2, 2))
    model[0].requires_grad_(False)
    before = model[0].weight.clone()
    only = 2.0 * sum((w.detach() ** 2).sum() for w in model[1].parameters())
    torch.testing.assert_close(l2_of(model, 2.0), only)
    images, labels = separable(torch.Generator().manual_seed(0))
    how = TrainingSettings(epochs=2)
    train_supervised(model, images, labels, how, generator=torch.Generator())
    assert torch.equal(model[0].weight, before)


@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_start_at_one_and_never_rise(name):
    factors = [SCHEDULES[name](epoch, 200) for epoch in range(200)]
    assert factors[0] == 1
    assert all(b <= a for a, b in zip(factors, factors[1:], strict=False))
    assert factors[-1] > 0
