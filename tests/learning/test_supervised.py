"""Supervised training against closed forms."""

import pytest
import torch
from torch import nn

from specrob.learning.penalties import Batch
from specrob.learning.supervised import Objective, train_supervised
from specrob.registry import PENALTIES, SCHEDULES
from specrob.settings.training import TrainingSettings


def linear(generator):
    layer = nn.Linear(2, 2)
    nn.init.normal_(layer.weight, generator=generator)
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
