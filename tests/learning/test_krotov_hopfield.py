"""The local rule against a double loop over eq. (4) and (5) of arXiv:2405.00679."""

import pytest
import torch

from specrob.distributed import BatchShard
from specrob.learning.local_training import LocalState, train_local
from specrob.learning.rules.krotov_hopfield import KrotovHopfieldRule
from specrob.settings.local import KrotovHopfield, LocalSettings


def dense(synapses, images, rule, precision=torch.float64):
    """Return the change of every unit; those without a row have none."""
    change = KrotovHopfieldRule(rule).change(synapses, images, precision=precision)
    assert torch.equal(change.before, synapses[change.units])
    return torch.zeros_like(synapses).index_copy_(0, change.units, change.rows)


def by_hand(synapses, images, rule):
    """Sum over images and units, one synapse at a time; a stable sort breaks ties."""
    units, pixels = synapses.shape
    change = torch.zeros_like(synapses)
    for x in images:
        h = [
            sum(s * abs(s) ** (rule.p - 2) * xj for s, xj in zip(row, x, strict=True))
            for row in synapses.tolist()
        ]
        order = sorted(range(units), key=lambda i: -h[i])
        for i in range(units):
            g = 1.0 if i == order[0] else -rule.delta if i == order[rule.k - 1] else 0.0
            for j in range(pixels):
                decay = h[i] * synapses[i, j]
                change[i, j] += g * (rule.radius**rule.p * x[j] - decay)
    return change


def tensors(seed, units=5, pixels=4, images=7):
    generator = torch.Generator().manual_seed(seed)
    shape = {"generator": generator, "dtype": torch.float64}
    return torch.randn(units, pixels, **shape), torch.rand(images, pixels, **shape)


@pytest.mark.parametrize("k", [1, 2, 3, 5])
@pytest.mark.parametrize("p", [2.0, 3.0, 2.5])
def test_change_equals_the_double_loop(k, p):
    synapses, images = tensors(k)
    rule = KrotovHopfield(p=p, k=k, delta=0.3, radius=1.5)
    found = dense(synapses, images, rule) / len(images)
    torch.testing.assert_close(
        found, by_hand(synapses, images, rule) / len(images), rtol=0, atol=1e-12
    )


@pytest.mark.parametrize("k", [2, 3])
def test_ties_go_to_the_lowest_index(k):
    synapses = torch.ones(4, 3, dtype=torch.float64)
    images = torch.rand(2, 3, dtype=torch.float64, generator=torch.Generator().manual_seed(0))
    rule = KrotovHopfield(p=2, k=k)
    found = dense(synapses, images, rule)
    assert found.abs().sum(1).nonzero()[:, 0].tolist() == [0, k - 1]
    torch.testing.assert_close(found, by_hand(synapses, images, rule), rtol=0, atol=1e-12)


def trained(rule, synapses, images, batch_size=1000, seed=0, **settings):
    order = torch.Generator().manual_seed(seed).get_state()
    local = KrotovHopfieldRule(rule)
    how = LocalSettings(hidden=len(synapses), **settings)
    return train_local(local, images, how, LocalState(synapses, order), batch_size=batch_size)


def test_a_step_is_the_normalized_change():
    synapses, images = tensors(3)
    rule, before = KrotovHopfield(), synapses.clone()
    change = by_hand(synapses, images, rule)
    KrotovHopfieldRule(rule).stepper(synapses, precision=torch.float64)(images, 0.02)
    expected = before + 0.02 * change / change.abs().max()
    torch.testing.assert_close(synapses, expected, rtol=0, atol=1e-12)


@pytest.mark.parametrize("precision", [torch.float32, torch.bfloat16])
def test_the_cached_weight_follows_the_synapses(precision):
    synapses, images = (t.float() for t in tensors(5, units=30, pixels=20, images=40))
    alone, rule = synapses.clone(), KrotovHopfieldRule()
    update_ = rule.stepper(synapses, precision=precision)
    for part in images.split(10):
        update_(part, 0.05)
        rule.stepper(alone, precision=precision)(part, 0.05)
    assert torch.equal(synapses, alone)


def test_no_change_leaves_the_synapses_as_they_are():
    synapses = torch.eye(3)
    KrotovHopfieldRule().update_(synapses, torch.zeros(4, 3), 0.1, BatchShard())
    assert torch.equal(synapses, torch.eye(3))


def test_float32_step_equals_the_dense_formula():
    synapses, images = (t.float() for t in tensors(4, units=60, pixels=50, images=40))
    rule = KrotovHopfield()
    weight = synapses * synapses.abs()
    h = images @ weight.T
    order = h.sort(dim=1, descending=True, stable=True).indices
    g = torch.zeros_like(h).scatter_(1, order[:, :1], 1.0).scatter_(1, order[:, 1:2], -rule.delta)
    expected = g.T @ images - (g * h).sum(0)[:, None] * synapses
    found = dense(synapses, images, rule, torch.float32)
    torch.testing.assert_close(found, expected, rtol=1e-5, atol=1e-5 * expected.abs().max().item())


def test_rows_converge_to_the_radius():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(100, 6, generator=generator)
    rule = KrotovHopfield(p=3, delta=0.0, radius=2.0)
    start = torch.randn(3, 6, generator=generator)
    state = trained(rule, start, images, epochs=300, batch_size=20)
    synapses = state.synapses
    winners = (images @ (synapses * synapses.abs()).T).argmax(1).unique()
    norms = synapses[winners].abs().pow(3).sum(1).pow(1 / 3)
    torch.testing.assert_close(norms, torch.full_like(norms, 2.0), rtol=0, atol=0.01)
    assert KrotovHopfieldRule(rule).converged(synapses)[winners].all()
    assert state.epoch == 300


def test_the_wrong_attractor_is_seen():
    rule = KrotovHopfieldRule(KrotovHopfield(p=3))
    row = -torch.ones(1, 8) / 8 ** (1 / 3)
    assert rule.wrong_attractor(row).all()
    assert not rule.wrong_attractor(-row).any()


def test_patience_stops_a_converged_run():
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(50, 4, generator=generator)
    start = torch.randn(2, 4, generator=generator)
    rule = KrotovHopfield(delta=0.0)
    assert trained(rule, start, images, epochs=2000, batch_size=50, patience=3).epoch < 2000


def test_training_changes_neither_start_nor_images():
    start, images = (t.float() for t in tensors(1))
    before = start.clone(), images.clone()
    trained(KrotovHopfield(), start, images, epochs=2, batch_size=3)
    assert torch.equal(start, before[0])
    assert torch.equal(images, before[1])
