"""--weights initial: every weight is the seed's, also of a factory that brings trained ones."""

import random

import numpy as np
import pytest
import torch

from specrob.errors import ModelError
from specrob.models import build, untrained

FACTORIES = """
import torch
from torch import nn

TRAINED = None


class Scale(nn.Module):
    def __init__(self, drawn=False):
        super().__init__()
        self.scale = nn.Parameter(torch.randn(6) if drawn else torch.ones(6))

    def forward(self, x):
        return self.scale * x


class Average(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.full((6,), 3.0))

    def forward(self, x):
        if self.training:
            self.mean = 0.9 * self.mean + 0.1 * x.mean(0)
        return x - self.mean


class Centred(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.full((1,), 0.5))

    def forward(self, x):
        return x - self.mean


def pretrained(middle=None):
    parts = [Centred(), nn.Flatten(), nn.Linear(4, 6), nn.BatchNorm1d(6), nn.ReLU()]
    net = nn.Sequential(*parts, *([middle] if middle else []), nn.Linear(6, 3))
    for n, values in enumerate([*net.parameters(), *net.buffers()]):
        if values.is_floating_point():
            nn.init.constant_(values, n + 2)
    return net


def partly():
    net = pretrained()
    net[-1] = nn.Linear(6, 3)
    nn.init.orthogonal_(net[-1].weight)
    nn.init.zeros_(net[-1].bias)
    return net


def cached():
    global TRAINED
    TRAINED = TRAINED or pretrained()
    return TRAINED


def half():
    net = pretrained()
    net[-1] = nn.Linear(6, 3)
    nn.init.constant_(net[-1].weight, 7)
    return net


class Attending(nn.Module):
    def __init__(self):
        super().__init__()
        self.attention, self.readout = nn.MultiheadAttention(4, 2), nn.Linear(4, 3)
        for values in self.parameters():
            nn.init.constant_(values, 7)

    def forward(self, x):
        x = x.flatten(1)
        return self.readout(self.attention(x, x, x)[0])


def tied():
    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 3))
    net[2].weight = net[1].weight
    return net


def by_numpy():
    import numpy as np

    net = nn.Sequential(nn.Flatten(), nn.Linear(4, 3))
    net[1].weight.data = torch.tensor(np.random.normal(size=(3, 4))).float()
    return net


def scaled():
    return pretrained(Scale())


def drawn_scale():
    net = pretrained(Scale())
    net[5] = Scale(drawn=True)
    return net


def averaged():
    return pretrained(Average())
"""


@pytest.fixture(autouse=True, scope="module")
def here(tmp_path_factory):
    folder = tmp_path_factory.mktemp("factories")
    (folder / "untrainednets.py").write_text(FACTORIES)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(folder)
        yield


def drawn(name, seed=0):
    return untrained(
        f"untrainednets:{name}", (1, 2, 2), 3, {}, torch.Generator().manual_seed(seed)
    )


@pytest.mark.parametrize("name", ["pretrained", "partly", "cached", "half", "tied", "by_numpy"])
def test_no_trained_weight_is_left(name):
    """The same seed gives the same weights, and of another all but constants differ."""
    first, same = ({k: v.clone() for k, v in drawn(name).state_dict().items()} for _ in "ab")
    other = drawn(name, seed=1).state_dict()
    for key, values in first.items():
        assert torch.equal(values, same[key]), key
        if values.ndim == 2:
            assert not torch.isclose(values, other[key]).any(), key
    assert all(len(values.unique()) > 1 for values in first.values() if values.ndim == 2)


def test_batch_norm_begins_anew_and_constants_stay():
    net = drawn("pretrained")
    assert torch.equal(net[3].running_mean, torch.zeros(6))
    assert torch.equal(net[3].running_var, torch.ones(6))
    assert torch.equal(net[3].weight, torch.ones(6))
    assert net[0].mean.item() > 1  # what training does not change is the network's own
    assert not net.training


def test_what_a_factory_draws_itself_is_kept():
    readout = drawn("partly")[-1].weight
    torch.testing.assert_close(readout @ readout.T, torch.eye(3), rtol=0, atol=1e-5)
    assert drawn("drawn_scale")[5].scale.unique().numel() == 6
    with torch.random.fork_rng(devices=[]):
        built = build("untrainednets:partly", (1, 2, 2), 3, {}, torch.Generator().manual_seed(4))
    assert torch.equal(built[-1].weight, drawn("partly", seed=4)[-1].weight)


def test_attention_is_drawn():
    weights = [drawn("Attending", seed).attention.in_proj_weight for seed in (0, 0, 1)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.isclose(weights[0], weights[2]).any()


@pytest.mark.parametrize(
    ("name", "told"), [("scaled", "`5.scale` of a Scale"), ("averaged", "`5.mean` of a Average")]
)
def test_what_cannot_be_drawn_is_named(name, told):
    with pytest.raises(ModelError, match=f"that `seed` draws, found {told} that has no reset_par"):
        drawn(name)


def test_random_states_of_others_are_left_alone():
    torch.manual_seed(5)
    before = torch.get_rng_state(), random.getstate(), np.random.get_state()[1].copy()  # noqa: NPY002
    drawn("pretrained")
    assert torch.equal(torch.get_rng_state(), before[0])
    assert random.getstate() == before[1]
    assert (np.random.get_state()[1] == before[2]).all()  # noqa: NPY002


def test_local_layers_are_drawn_as_training_begins():
    layer = untrained("kh", (1, 2, 2), 3, {"hidden": 500}, torch.Generator().manual_seed(0))
    assert abs(layer.hidden.synapses.std() - 1) < 0.05
    assert torch.equal(layer.hidden.weight, layer.hidden.synapses * layer.hidden.synapses.abs())


def test_torchvision_keeps_its_own_distributions():
    """Its residual networks draw convolutions with the standard deviation sqrt(2 / outputs)."""
    pytest.importorskip("torchvision")
    name, seed = "torchvision:resnet18", torch.Generator().manual_seed(0)
    net = untrained(name, (3, 32, 32), 10, {}, seed)
    weight = net.layer1[0].conv1.weight
    assert float(weight.detach().std()) == pytest.approx((2 / (64 * 9)) ** 0.5, rel=0.02)
    assert torch.equal(net.fc.weight, build(name, (3, 32, 32), 10, {}, seed).fc.weight)


def test_pretrained_weights_that_an_option_names_are_not_loaded():
    """Nothing is downloaded for them."""
    words = ("torchvision:squeezenet1_1", (3, 32, 32), 10)
    named, plain = (
        untrained(*words, options, torch.Generator().manual_seed(0))
        for options in ({"weights": "IMAGENET1K_V1"}, {})
    )
    pairs = zip(named.parameters(), plain.parameters(), strict=True)
    assert all(torch.equal(one, other) for one, other in pairs)
