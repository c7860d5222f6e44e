"""timm's networks by name: their shapes, weights and preprocessing, and what is missing."""

import json

import numpy as np
import pytest
import torch
from safetensors.torch import save_file
from typer.testing import CliRunner

from specrob.cli import app
from specrob.errors import ModelError
from specrob.models import build, untrained
from specrob.models.libraries import library_of

ARCH = "timm:test_resnet.r160_in1k"


HUB = "hf_hub:someone/net"


@pytest.fixture
def timm():
    return pytest.importorskip("timm")


@pytest.fixture
def hub(timm, monkeypatch, tmp_path):
    """Return a folder whose files are those of every repository, and let nothing be unpickled."""
    hub, folder = pytest.importorskip("huggingface_hub"), tmp_path / "hub"
    folder.mkdir()

    def download(repo_id, filename, **_):
        if not (folder / filename).is_file():
            raise hub.utils.EntryNotFoundError(f"no {filename}")
        return str(folder / filename)

    def unpickle(*_, **__):
        raise AssertionError("code could run")

    monkeypatch.setattr(hub, "hf_hub_download", download)
    monkeypatch.setattr(timm.models._hub, "hf_hub_download", download)
    for module, name in (
        (torch, "load"),
        (torch.hub, "load_state_dict_from_url"),
        (timm.models._builder, "load_custom_from_hf"),
        (type(timm.create_model("test_resnet")), "load_pretrained"),
    ):
        monkeypatch.setattr(module, name, unpickle, raising=False)
    return folder


def run(*words, code=0):
    result = CliRunner().invoke(app, [str(word) for word in words])
    assert result.exit_code == code, result.stderr
    return result


def test_a_network_has_the_shape_and_the_seed_that_are_asked_for(timm):
    first, same, other = (
        untrained("timm:test_resnet", (1, 32, 32), 7, {}, torch.Generator().manual_seed(seed))
        for seed in (0, 0, 1)
    )
    assert first.eval()(torch.zeros(2, 1, 32, 32)).shape == (2, 7)
    weights = [network.fc.weight for network in (first, same, other)]
    assert torch.equal(weights[0], weights[1])
    assert not torch.equal(weights[0], weights[2])


def test_a_transformer_takes_the_size_of_its_images(timm):
    vit = build("timm:test_vit", (3, 32, 32), 4, {"img_size": 32})
    assert vit.eval()(torch.zeros(1, 3, 32, 32)).shape == (1, 4)


def test_pretrained_weights_have_their_own_preprocessing(timm, hub, tmp_path):
    config = timm.get_pretrained_cfg("test_resnet.r160_in1k")
    mean, std = library_of(ARCH).statistics(ARCH, "DEFAULT")
    assert (mean.tolist(), std.tolist()) == (
        pytest.approx(config.mean),
        pytest.approx(config.std),
    )
    whole = timm.create_model("test_resnet")
    save_file(whole.state_dict(), hub / "model.safetensors")
    target = tmp_path / "net.safetensors"
    run("import", "--arch", f"{ARCH},weights=DEFAULT", "-o", target)
    info = json.loads(run("info", "--json", target).stdout)["summary"]
    assert (info["images"], info["normalize"]) == ("3x160x160", "standard")
    x = np.random.default_rng(0).random((24, 160, 160, 3), dtype=np.float32)
    labels = np.arange(24) % 10
    images = {"x_train": x, "y_train": labels, "x_test": x, "y_test": labels}
    np.savez(tmp_path / "data.npz", **images)
    run("spectrum", target, "--data", tmp_path / "data.npz", "-o", tmp_path / "s.npz")
    pixels = torch.from_numpy(x).permute(0, 3, 1, 2)
    scaled = (pixels - mean[:, None, None]) / std[:, None, None]
    with torch.no_grad():
        h = whole.eval().forward_head(whole.forward_features(scaled), pre_logits=True)
    expected = torch.linalg.eigvalsh(h.double().T.cov()).flip(0)[:10].numpy()
    found = np.load(tmp_path / "s.npz")["eigenvalues"][0, :10]
    np.testing.assert_allclose(found, expected, rtol=1e-3)


@pytest.mark.parametrize(
    "described",
    [
        {},
        {"custom_load": "hf", "hf_hub_filename": "pytorch_model.bin"},
        {"custom_load": True, "source": "", "file": "pytorch_model.bin"},
        {"source": "", "state_dict": {"fc.bias": "none"}},
    ],
    ids=["named", "custom", "file", "state"],
)
def test_weights_are_read_from_safetensors_alone(timm, hub, described):
    whole = timm.create_model("test_resnet", num_classes=4)
    config = {"classifier": "fc", "first_conv": "conv1.0", "num_classes": 4, **described}
    text = json.dumps({"architecture": "test_resnet", "pretrained_cfg": config})
    (hub / "config.json").write_text(text)
    torch.save(whole.state_dict(), hub / "pytorch_model.bin")
    make = library_of(HUB).builder(HUB)
    with pytest.raises(ModelError, match="as safetensors, which hold no code, found no model.saf"):
        make((3, 32, 32), 4, weights="DEFAULT")
    save_file(whole.state_dict(), hub / "model.safetensors")
    made = make((3, 32, 32), 4, weights="DEFAULT").state_dict()
    assert all(torch.equal(made[name], values) for name, values in whole.state_dict().items())
    (hub / "model.safetensors").write_bytes(b"no weights")
    with pytest.raises(ModelError, match="with weights DEFAULT, found: "):
        make((3, 32, 32), 4, weights="DEFAULT")


def test_the_read_out_is_named_without_a_network(timm, monkeypatch):
    monkeypatch.setattr(timm, "create_model", None)
    assert library_of(ARCH).head("timm:test_resnet") == "fc"
    monkeypatch.setattr(timm.models, "get_pretrained_cfg", lambda _: timm.models.PretrainedCfg())
    with pytest.raises(ModelError, match="expected a network with a read-out, found timm:test"):
        library_of(ARCH).head("timm:test_resnet")


def test_initial_weights_from_the_command_line(timm):
    words = ("spectrum", "--arch", "timm:test_resnet", "--weights", "initial")
    first, second = (run(*words, "--data", "noise:3x64x64", "--limit", 24).stdout for _ in "ab")
    assert first == second


def test_unknown_names_weights_and_no_network_are_one_line(timm, monkeypatch):
    words = ("spectrum", "--data", "noise:3x64x64", "--limit", 20, "--arch")
    said = run(*words, "timm:resnet18x", "--weights", "initial", code=1).stderr
    assert "found `resnet18x`; did you mean `resnet" in said
    said = run(*words, "timm:resnet18", "--weights", "nope", code=1).stderr
    assert "with weights nope, found: Invalid pretrained tag (nope)" in said
    said = run(*words, "timm:resnet18,depth=3", "--weights", "initial", code=2).stderr
    assert "expected options that timm:resnet18 takes, found depth=3" in said

    def offline(*_, **__):
        raise FileNotFoundError("no network\nretrying")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", offline)
    monkeypatch.setattr(timm, "create_model", offline)
    monkeypatch.setattr(timm.models, "load_model_config_from_hf", offline)
    for arch, weights in (
        ("timm:resnet18", "DEFAULT"),
        ("hf_hub:timm/resnet18.a1_in1k", "DEFAULT"),
        ("hf_hub:timm/resnet18.a1_in1k", "initial"),
    ):
        said = run(*words, arch, "--weights", weights, code=1).stderr
        assert "on the network, found neither (FileNotFoundError); fetch it" in said
        assert said.count("\n") == 1
    said = run(*words, "hf_hub:timm/resnet18.a1_in1k", "--weights", "a1_in1k", code=1).stderr
    assert "found `a1_in1k`; the name says which" in said


def test_without_timm(monkeypatch):
    def missing(name):
        raise ImportError(f"No module named '{name}'")

    monkeypatch.setattr("specrob.models.timm_models.import_module", missing)
    for arch in ("timm:resnet18", "hf_hub:timm/resnet18.a1_in1k"):
        said = run("spectrum", "--arch", arch, "--weights", "initial", code=1).stderr
        assert f"expected the package timm for {arch}, found none; install specrob with" in said
