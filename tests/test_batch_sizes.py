"""Images at a time where nobody says how many: fewer of large ones."""

import pytest
import torch
from torch import nn

from specrob.data import rows_at_a_time
from specrob.experiments import inversion, monitoring
from specrob.experiments.in_memory import images_in_memory, model_in_memory
from specrob.experiments.layer_covariance import layer_covariance
from specrob.experiments.run_context import RunContext
from specrob.random import others
from specrob.settings.inversion import InversionSettings


class Recorder(nn.Module):
    """The identity, with the sizes of its batches."""

    def __init__(self):
        super().__init__()
        self.sizes = []

    def forward(self, x):
        self.sizes.append(len(x))
        return x.flatten(1)


@pytest.mark.parametrize(("pixels", "sizes"), [(2**24, [25]), (640, [10, 10, 5])])
def test_of_training_monitors_and_covariances(pixels, sizes, monkeypatch):
    """Images of 64 pixels, of which a batch may hold so many."""
    monkeypatch.setitem(rows_at_a_time.__globals__, "NUMBERS", pixels)
    images = torch.rand(25, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    monitored, summed = Recorder(), Recorder()
    monitor = monitoring.TrainingMonitor(
        images, torch.zeros(25, dtype=torch.long), {}, training_images=images
    )
    monitor(monitored)
    assert monitored.sizes == sizes
    layer_covariance(summed, images, "logits")
    assert summed.sizes == sizes


@pytest.mark.parametrize(("pixels", "sizes"), [(2**24, [25]), (640, [10, 10, 5])])
def test_of_inversions(pixels, sizes, monkeypatch):
    monkeypatch.setitem(rows_at_a_time.__globals__, "NUMBERS", pixels)
    net = nn.Sequential(nn.Flatten(), nn.Linear(64, 10))
    images = torch.rand(25, 1, 8, 8, generator=torch.Generator().manual_seed(0))
    found, invert = [], inversion.invert

    def recorded(layer, start, *args, **options):
        found.append(len(start))
        return invert(layer, start, *args, **options)

    monkeypatch.setattr(inversion, "invert", recorded)
    shown, data = images_in_memory(images)
    loaded = model_in_memory(net, shown, data)
    inversion.invert_layer(loaded, InversionSettings(layer="logits", steps=1), RunContext())
    assert found == sizes


def test_random_positions_move_to_the_device_as_whole_numbers(monkeypatch):
    """MPS has no float64."""
    moved, to = [], torch.Tensor.to
    monkeypatch.setattr(torch.Tensor, "to", lambda x, *a: moved.append(x.dtype) or to(x, *a))
    own = torch.arange(4)
    assert (others(own, 4, seed=0, index=own, stream="targets") != own).all()
    assert moved == [torch.int64]
