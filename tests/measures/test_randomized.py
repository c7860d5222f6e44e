"""Layers too large to be held: exact as long as they fit, and leading eigenvalues beyond."""

import threading
from dataclasses import dataclass, field

import pytest
import torch

from specrob.distributed import Processes
from specrob.errors import MeasureError
from specrob.measures.covariance import Covariance
from specrob.measures.randomized_covariance import RandomizedEigenvalues, accumulator


def generator(seed=0):
    return torch.Generator().manual_seed(seed)


def activations(images, units, alpha):
    x = torch.randn(images, units, generator=generator())
    return x * torch.arange(1, units + 1) ** (-alpha / 2) + 3


@pytest.mark.parametrize("alpha", [1.0, 1.5])
def test_leading_eigenvalues_are_within_a_percent(alpha):
    x = activations(900, 700, alpha)
    sums = RandomizedEigenvalues(len(x), ranks=100, spare=100, generator=generator(1))
    for _ in range(sums.passes):
        for part in x.split(128):
            sums.add_(part)
    exact = Covariance(len(x))
    exact.add_(x)
    error = sums.eigenvalues() / exact.eigenvalues()[:100] - 1
    assert len(error) == 100
    assert error.max() < 1e-10  # they come from below
    assert error.min() > -0.01
    assert error[:50].min() > -1e-3
    assert torch.allclose(sums.variance, exact.variance)


@pytest.mark.parametrize(
    ("count", "units", "keep", "kind"),
    [
        (50_000, 2_000, False, Covariance),
        (50_000, 2_000, True, Covariance),
        (3_000, 65_536, False, Covariance),
        (50_000, 65_536, False, RandomizedEigenvalues),
        (200_000, 2_000, True, RandomizedEigenvalues),
    ],
)
def test_what_fits_is_exact(count, units, keep, kind):
    assert type(accumulator(count, units, keep=keep, generator=generator())) is kind


def test_what_does_not_fit_is_not_resampled_or_cut():
    sums = RandomizedEigenvalues(4, ranks=1, spare=0, generator=generator())
    sums.add_(torch.eye(4))
    with pytest.raises(MeasureError, match="drop `bootstrap`"):
        sums.coordinates()
    with pytest.raises(MeasureError, match="drop `sizes`"):
        sums.eigenvalues(torch.arange(2))


@dataclass(frozen=True)
class Side(Processes):
    """One of two threads in the place of two processes."""

    meeting: threading.Barrier = field(default_factory=lambda: threading.Barrier(2))
    brought: list = field(default_factory=lambda: [None, None])

    def sum(self, values):
        self.brought[self.rank] = values
        self.meeting.wait(timeout=10)
        whole = sum(self.brought)
        self.meeting.wait(timeout=10)
        return whole


@pytest.mark.parametrize(
    "make",
    [
        lambda processes: RandomizedEigenvalues(
            150, ranks=20, generator=generator(1), processes=processes
        ),
        lambda processes: Covariance(150, processes=processes),
        lambda processes: Covariance(150, keep=True, processes=processes),
    ],
)
def test_shared_batches_give_the_eigenvalues_of_all(make):
    x, first, found = activations(150, 200, 1.0), Side(0, 2), {}
    sides = (first, Side(1, 2, first.meeting, first.brought))

    def measure(side):
        sums = make(side)
        sums.begin_(x[:40])
        for _ in range(sums.passes):
            for number, part in enumerate(x.split(40)):
                sums.add_(part) if number % 2 == side.rank else sums.skip_(len(part))
        found[side.rank] = sums.eigenvalues()

    threads = [threading.Thread(target=measure, args=[side]) for side in sides]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    alone = make(Processes())
    for _ in range(alone.passes):
        for part in x.split(40):
            alone.add_(part)
    whole = alone.eigenvalues()
    for values in found.values():
        torch.testing.assert_close(values, whole, rtol=0, atol=1e-12 * float(whole[0]))
    assert len(found) == 2
