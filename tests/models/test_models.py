"""Networks against their equations, their layers by name, and their files."""

import numpy as np
import pytest
import torch

from specrob.artifacts import decode, encode
from specrob.errors import ModelError, UsageError
from specrob.models import (
    Network,
    Standardized,
    activations,
    build,
    from_artifact,
    from_weights,
    parse_architecture,
    to_artifact,
)
from specrob.registry import ARCHITECTURES

SHAPE = (1, 16, 17)
OPTIONS = {
    "kh": {"hidden": 6, "p": 3.0},
    "local": {"hidden": 6, "rule": "krotov-hopfield"},
    "hybrid": {"hidden": 6, "p": 3.0, "power": 4.5},
    "shlp": {"hidden": 6, "power": 2.0, "batch_norm": True},
    "mlp": {"hidden": [7, 5], "activation": "tanh", "batch_norm": True},
    "cnn-b": {},
    "cnn-d": {"activation": "sigmoid"},
    "linear": {},
}


def network(arch, normalize="none"):
    module = build(arch, SHAPE, 4, OPTIONS[arch], torch.Generator().manual_seed(0))
    if arch in ("kh", "local", "hybrid"):
        module.hidden.synapses.normal_(generator=torch.Generator().manual_seed(1))
        module.hidden.refresh_()
    if normalize == "standard":
        module = Standardized(module, torch.tensor([0.3]), torch.tensor([2.0]))
    return Network(module.eval(), arch, OPTIONS[arch], SHAPE, 4, normalize)


def images():
    return torch.rand(5, *SHAPE, generator=torch.Generator().manual_seed(2))


def test_every_architecture_is_tested():
    assert set(OPTIONS) == set(ARCHITECTURES)


@pytest.mark.parametrize("arch", OPTIONS)
@pytest.mark.parametrize("normalize", ["none", "standard", "l3"])
def test_files_answer_like_what_was_written(arch, normalize):
    written = network(arch, normalize)
    found = from_artifact(decode(encode(to_artifact(written))))
    assert (found.arch, found.shape, found.classes) == (arch, SHAPE, 4)
    assert found.normalize == normalize
    assert torch.equal(found.module(images()), written.module(images()))
    assert not found.module.training


@pytest.mark.parametrize("arch", OPTIONS)
def test_raw_weights_are_sized_by_their_shapes(arch):
    written = network(arch)
    arrays = {k: v.numpy() for k, v in written.module.state_dict().items()}
    extra = {k: v for k, v in OPTIONS[arch].items() if k in ("power", "p", "rule", "activation")}
    text = ",".join([arch, *(f"{k}={v}" for k, v in extra.items())])
    found = from_weights(
        arrays, parse_architecture(text), shape=SHAPE, classes=4, normalize="none"
    )
    assert torch.equal(found.module(images()), written.module(images()))


def test_the_equations():
    hybrid, x = network("hybrid").module, images().flatten(1)
    s = hybrid.hidden.synapses
    h = x @ (s * s.abs()).T
    expected = h.clamp(min=0).pow(4.5) @ hybrid.readout.weight.T + hybrid.readout.bias
    torch.testing.assert_close(hybrid(images()), expected)


def test_layers_by_name_also_below_the_preprocessing():
    names = ["input", "hidden", "latent", "penultimate", "logits", "readout"]
    with torch.no_grad():
        found = activations(network("shlp", "standard").module, images(), names)
    assert torch.equal(found["latent"], found["penultimate"])
    assert torch.equal(found["logits"], found["readout"])
    assert torch.equal(found["input"], images().flatten(1))
    assert found["hidden"].shape == (5, 6)


def test_an_unknown_layer_names_those_there_are():
    with pytest.raises(ModelError, match="found `hiden`; it has .*hidden"):
        activations(network("shlp").module, images(), ["hiden"])


def test_standardization_is_part_of_the_model():
    plain, behind = network("linear"), network("linear", "standard")
    expected = plain.module((images() - 0.3) / 2)
    torch.testing.assert_close(behind.module(images()), expected)


def test_initial_weights_are_he_normal():
    hidden = build("shlp", (3, 16, 16), 10, {"hidden": 200}, torch.Generator()).hidden
    assert np.isclose(hidden.weight.std().item(), (2 / 768) ** 0.5, rtol=0.01)


@pytest.mark.parametrize("text", ["shlq", "shlp,power", "", "no such"])
def test_requests_that_mean_nothing(text):
    with pytest.raises(UsageError, match="`arch`"):
        parse_architecture(text)


@pytest.mark.parametrize("name", ["nowhere:net", "json:net", "json:", ":net"])
def test_factories_that_are_not_there(name):
    with pytest.raises(ModelError, match="importable"):
        build(name, SHAPE, 4, {})


@pytest.mark.parametrize(("name", "value"), [("readout.weight", np.nan), ("readout.bias", np.inf)])
def test_weights_that_are_not_finite_are_refused(name, value):
    artifact = to_artifact(network("linear"))
    artifact.arrays[name].flat[0] = value
    with pytest.raises(ModelError, match="1 NaN or inf"):
        from_artifact(artifact)


def test_what_a_file_claims_takes_no_memory():
    artifact = to_artifact(network("shlp"))
    artifact.fields["options"]["hidden"] = 10**12
    with pytest.raises(ModelError, match=r"expected `hidden\.weight` of shape"):
        from_artifact(artifact)


def test_pretrained_networks_bring_their_weights_and_statistics(monkeypatch):
    torchvision = pytest.importorskip("torchvision")
    whole = torchvision.models.resnet18(num_classes=1000)
    fetched = dict(whole.state_dict())
    monkeypatch.setattr(
        torchvision.models._api, "load_state_dict_from_url", lambda *_, **__: fetched
    )
    found = build("torchvision:resnet18", (3, 32, 32), 7, {"weights": "IMAGENET1K_V1"})
    assert found.fc.out_features == 7
    assert torch.equal(found.conv1.weight, whole.conv1.weight)


def test_weights_that_cannot_be_fetched_are_one_line(monkeypatch):
    torchvision = pytest.importorskip("torchvision")

    def offline(*_, **__):
        raise OSError("no route")

    monkeypatch.setattr(torchvision.models._api, "load_state_dict_from_url", offline)
    with pytest.raises(ModelError, match="no route"):
        build("torchvision:resnet18", (3, 32, 32), 7, {"weights": "DEFAULT"})
    with pytest.raises(ModelError, match="it has IMAGENET1K_V1"):
        build("torchvision:resnet18", (3, 32, 32), 7, {"weights": "V9"})


@pytest.mark.parametrize("arch", OPTIONS)
def test_names_that_always_resolve(arch):
    module, names = network(arch).module, ["input", "hidden", "latent", "penultimate", "logits"]
    found = activations(module, images(), names)
    assert {name: len(values) for name, values in found.items()} == dict.fromkeys(names, 5)
    final = [m for m in module.modules() if isinstance(m, torch.nn.Linear)]
    if final:
        assert found["penultimate"].shape[1] == final[-1].in_features
