"""PyTorch checkpoints as models."""

import json
import os
import pickle

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

from specrob import artifacts
from specrob.data import ImageSet
from specrob.experiments.network_check import accuracy_warning
from specrob.models import build, parse_architecture

DIGITS = ("--data", "digits")


@pytest.fixture(scope="module")
def module():
    return build("mlp", (1, 8, 8), 10, {"hidden": [12, 9], "activation": "tanh"})


@pytest.mark.parametrize("nested", [None, "state_dict", "model"])
def test_a_checkpoint_answers_as_it_did(run, tmp_path, module, nested):
    state = {f"module.{name}": values for name, values in module.state_dict().items()}
    whole = {"epoch": 3, nested: state} if nested else state
    torch.save(whole, tmp_path / "net.pt")
    made = tmp_path / "net.safetensors"
    run("import", tmp_path / "net.pt", "--arch", "mlp,activation=tanh", *DIGITS, "-o", made)
    found = artifacts.read(str(made))
    assert found.fields["arch"] == "mlp"
    for name, values in module.state_dict().items():
        np.testing.assert_array_equal(found.arrays[name], values.numpy())
    run("spectrum", made, "-o", tmp_path / "spectrum.npz")


def test_the_checkpoints_of_several_seeds_are_imported_as_each_alone(
    run, tmp_path, module, monkeypatch
):
    monkeypatch.chdir(tmp_path)
    words = ("--arch", "mlp,activation=tanh", *DIGITS)
    for seed in (0, 3):
        state = {name: values + seed for name, values in module.state_dict().items()}
        torch.save(state, f"ck-{seed}.pt")
    run("import", "ck-{seed}.pt", *words, "-o", "ck-{seed}.safetensors")
    run("import", "ck-3.pt", *words, "-o", "alone.safetensors")
    first, second, alone = (
        artifacts.read(f"{name}.safetensors") for name in ("ck-0", "ck-3", "alone")
    )
    assert second.digest == alone.digest != first.digest
    command = ("specrob", "import", "ck-3.pt", *words, "-o", "ck-3.safetensors")
    assert second.provenance.command == command
    said = run("import", "ck-{seed}.pt", *words, "-o", "x.safetensors", code=2).stderr
    assert "--output: expected a file with {seed} in its name" in said
    said = run("import", "ck-0.pt", "ck-3.pt", *words, "-o", "x.safetensors", code=2).stderr
    assert "found `ck-3.pt`; name seeds as 'ck-{seed}.pt'" in said
    said = run("import", "ck-*.pt", *words, "-o", "x.safetensors", code=1).stderr
    assert "name files of several seeds as 'ck-{seed}.pt'" in said
    said = run("import", "no-{seed}.pt", *words, "-o", "x-{seed}.safetensors", code=1).stderr
    assert "expected files such as no-0.pt, found none" in said


def test_code_in_a_checkpoint_is_not_run(run, tmp_path):
    class Evil:
        def __reduce__(self):
            return os.mkdir, (str(tmp_path / "ran"),)

    torch.save({"state_dict": Evil()}, tmp_path / "evil.pt")
    (tmp_path / "plain.pt").write_bytes(pickle.dumps(Evil()))
    for name in ("evil.pt", "plain.pt"):
        words = (
            "import",
            tmp_path / name,
            "--arch",
            "mlp",
            *DIGITS,
            "-o",
            tmp_path / "net.safetensors",
        )
        assert "tensors alone" in run(*words, code=1).stderr
    assert not (tmp_path / "ran").exists()


@pytest.mark.parametrize(
    ("content", "told"),
    [(b"", "tensors alone"), (b"\x80\x02nonsense", "tensors alone"), (None, "no file")],
)
def test_broken_checkpoints_are_one_line(run, tmp_path, content, told):
    path = tmp_path / "net.pt"
    if content is not None:
        path.write_bytes(content)
    words = ("import", path, "--arch", "mlp", *DIGITS, "-o", tmp_path / "net.safetensors")
    assert told in run(*words, code=1).stderr


def test_what_holds_no_weights_is_refused(run, tmp_path):
    torch.save({"epoch": 3}, tmp_path / "net.pt")
    words = (
        "import",
        tmp_path / "net.pt",
        "--arch",
        "mlp",
        *DIGITS,
        "-o",
        tmp_path / "x.safetensors",
    )
    assert "expected a state dict" in run(*words, code=1).stderr
    assert "CHECKPOINT" in run("import", "--arch", "mlp", "-o", tmp_path / "x", code=2).stderr


def test_pretrained_weights_come_by_name(run, tmp_path, monkeypatch):
    torchvision = pytest.importorskip("torchvision")
    whole = torchvision.models.resnet18(num_classes=1000)
    monkeypatch.setattr(
        torchvision.models._api, "load_state_dict_from_url", lambda *_, **__: whole.state_dict()
    )
    made = tmp_path / "resnet18.safetensors"
    words = ("--arch", "torchvision:resnet18,weights=DEFAULT", "--data", "noise:3x32x32")
    run("import", *words, "--limit", 5, "-o", made)
    found = artifacts.read(str(made))
    assert (found.fields["classes"], found.fields["normalize"]) == (1000, "standard")
    np.testing.assert_allclose(found.arrays["mean"].ravel(), [0.485, 0.456, 0.406], atol=1e-6)


@pytest.fixture(scope="module")
def linear(tmp_path_factory):
    """Return a checkpoint, images standardized by hand that it classifies, and such of others."""
    folder, rng = tmp_path_factory.mktemp("linear"), np.random.default_rng(0)
    net = build("linear", (1, 4, 4), 5, {}, torch.Generator().manual_seed(0)).eval()
    torch.save(net.state_dict(), folder / "net.pt")
    x = rng.random((300, 1, 4, 4), dtype=np.float32)
    with torch.no_grad():
        label = net((torch.from_numpy(x) - 0.5) / 0.1).argmax(1).numpy()
    for name, y in {"right": label, "permuted": (label + 1) % 5, "twelve": label + 7}.items():
        np.savez(folder / f"{name}.npz", x_train=x[:90], y_train=y[:90], x_test=x, y_test=y)
    return folder


def test_import_computes_the_accuracy_and_records_it(run, linear, tmp_path):
    words = ("import", linear / "net.pt", "--arch", "linear", "--data", linear / "right.npz")
    how = ("--normalize", "mean=0.5,std=0.1", "-o", tmp_path / "net.safetensors")
    told = run(*words, *how).stderr
    assert told.endswith("normalize mean=0.5,std=0.1, test accuracy 1\n")
    assert artifacts.read(str(how[-1])).fields["test_accuracy"] == 1
    assert "train accuracy 1\n" in run(*words, *how, "--split", "train").stderr
    run("attack", how[-1], "--eps", 0, "-o", tmp_path / "robustness.json")


@pytest.mark.parametrize(
    ("how", "told"),
    [
        (["--normalize", "mean=0.5,std=0.1"], "another --normalize than mean=0.5,std=0.1, or its"),
        ([], "--normalize (standard, or mean=M,std=S) was forgotten, or its classes are in anoth"),
    ],
)
def test_an_accuracy_of_chance_is_a_warning(run, linear, tmp_path, how, told):
    words = ("import", linear / "net.pt", "--arch", "linear", "--data", linear / "permuted.npz")
    lines = run(*words, *how, "-o", tmp_path / "net.safetensors").stderr.splitlines()
    assert len(lines) == 2
    assert "on 300 images is near that of guessing one of 5 classes (0.2)" in lines[1]
    assert told in lines[1]
    assert run(*words, *how, "-q", "-o", tmp_path / "net.safetensors").stderr == ""


def test_labels_beyond_the_classes_are_refused(run, linear, tmp_path):
    words = ("import", linear / "net.pt", "--arch", "linear", "--data", linear / "twelve.npz")
    told = run(*words, "-o", tmp_path / "net.safetensors", code=1).stderr
    assert "expected labels below 5, the model's classes" in told


def test_without_labels_no_accuracy_is_claimed(run, linear, tmp_path):
    words = ("import", linear / "net.pt", "--arch", "linear", "-o", tmp_path / "net.safetensors")
    for how, told in {
        ("--shape", "1x4x4"): "no accuracy was checked: no images are named; name them as --data",
        ("--data", "noise:1x4x4"): "no accuracy was checked: the images are all of one class",
    }.items():
        lines = run(*words, *how).stderr.splitlines()
        assert told in lines[1] and len(lines) == 2
        assert "test_accuracy" not in artifacts.read(str(words[-1])).fields


def test_logits_that_are_not_finite_are_refused(run, linear, tmp_path):
    state = torch.load(linear / "net.pt", weights_only=True)
    huge = {name: torch.full_like(values, 3e38) for name, values in state.items()}
    torch.save(huge, tmp_path / "net.pt")
    words = ("import", tmp_path / "net.pt", "--arch", "linear", "-o", tmp_path / "x.safetensors")
    for how in (("--shape", "1x4x4"), ("--data", linear / "right.npz")):
        told = run(*words, *how, code=1).stderr
        assert "expected finite logits, found NaN or inf for" in told and told.count("\n") == 1
    assert not words[-1].exists()


OWN = """
from torch import nn


def net(width=6):
    return nn.Sequential(nn.Flatten(), nn.Linear(3 * 8 * 8, width), nn.ReLU(), nn.Linear(width, 7))
"""


@pytest.mark.parametrize(
    ("arch", "shape", "classes"),
    [("linear", "3x8x8", 4), ("cnn-d", "3x16x16", 5), ("shapednets:net,width=9", "3x8x8", 7)],
)
def test_a_shape_stands_for_images(run, tmp_path, monkeypatch, arch, shape, classes):
    """Classes are those of the read-out, or of the logits of one's own network."""
    (tmp_path / "shapednets.py").write_text(OWN)
    monkeypatch.syspath_prepend(tmp_path)
    sides = tuple(map(int, shape.split("x")))
    wanted = parse_architecture(arch)
    made = build(wanted.name, sides, classes, wanted.options)
    torch.save(made.state_dict(), tmp_path / "net.pt")
    out = tmp_path / "net.safetensors"
    run("import", tmp_path / "net.pt", "--arch", arch, "--shape", shape, "-o", out)
    found = artifacts.read(str(out))
    assert (found.fields["shape"], found.fields["classes"]) == (list(sides), classes)
    assert found.provenance.data is None
    wrong = run("attack", out, "--arch", arch, code=1).stderr
    assert f"expected images of shape {sides} for the model, found (1, 8, 8)" in wrong
    assert wrong.count("\n") == 1
    name = "noise:" + shape
    run(
        "attack", out, "--arch", arch, "--data", name, "--eps", 0, "--bounds", "none", "--limit", 9
    )


def test_standardized_channels_need_images(run, tmp_path, module):
    torch.save(module.state_dict(), tmp_path / "net.pt")
    words = ("import", tmp_path / "net.pt", "--arch", "mlp,activation=tanh")
    how = ("--normalize", "standard", "-o", tmp_path / "net.safetensors")
    assert "--data beside standard" in run(*words, "--shape", "1x8x8", *how, code=2).stderr
    run(*words, *DIGITS, *how)


def test_pretrained_weights_know_their_shape(run, tmp_path, monkeypatch):
    torchvision = pytest.importorskip("torchvision")
    whole = torchvision.models.resnet18(num_classes=1000)
    monkeypatch.setattr(
        torchvision.models._api, "load_state_dict_from_url", lambda *_, **__: whole.state_dict()
    )
    words = ("import", "--arch", "torchvision:resnet18,weights=DEFAULT")
    made = tmp_path / "resnet18.safetensors"
    for how, shape in (((), [3, 224, 224]), (("--shape", "3x64x64"), [3, 64, 64])):
        run(*words, *how, "-o", made)
        assert artifacts.read(str(made)).fields["shape"] == shape


def test_what_images_raw_weights_are_measured_on_is_said(run, tmp_path, module):
    weights = {name: values.numpy() for name, values in module.state_dict().items()}
    save_file(weights, tmp_path / "raw.safetensors")
    words = ("spectrum", tmp_path / "raw.safetensors", "--arch", "mlp,activation=tanh", "-o")
    told = "which images its weights belong to; using the digits, unless --data names others"
    silent = [run(*words, tmp_path / "s.npz", *how).stderr for how in (DIGITS, ["--quiet"])]
    assert told in run(*words, tmp_path / "s.npz").stderr
    assert not any(told in line for line in silent)


def test_a_checkpoint_elsewhere_is_sent_to_import(run, tmp_path, module):
    """Also one that an old PyTorch wrote, which is no archive."""
    for name, how in {"new.pt": {}, "old.pth": {"_use_new_zipfile_serialization": False}}.items():
        torch.save(module.state_dict(), tmp_path / name, **how)
        for command in ("attack", "spectrum", "info"):
            told = run(command, tmp_path / name, code=1).stderr
            assert told.endswith(
                f"{name}, found a PyTorch checkpoint (.pt); make a model of it with "
                "`specrob import`\n"
            )


def test_a_whole_module_is_one_clean_line(run, tmp_path, module):
    torch.save(torch.nn.Sequential(torch.nn.Flatten()), tmp_path / "net.pt")
    words = ("import", tmp_path / "net.pt", "--arch", "mlp", *DIGITS, "-o", tmp_path / "x")
    told = run(*words, code=1).stderr
    assert told == (
        f"specrob import: expected a PyTorch checkpoint of tensors alone in {tmp_path}/net.pt, "
        "found a pickled torch.nn.modules.container.Sequential, as in a whole module; save "
        "model.state_dict() by itself\n"
    )


@pytest.mark.parametrize(
    ("correct", "classes", "is_near"),
    [
        (126, 10, True),  # beyond its 95% interval, though not by much
        (199, 10, True),
        (201, 10, False),
        (55 * 10, 2, True),
        (61 * 10, 2, False),
        (15, 100, True),
        (25, 100, False),
    ],
)
def test_an_accuracy_below_twice_chance_is_doubted(correct, classes, is_near):
    labels = torch.arange(1000)
    pixels, high = torch.zeros(1000, 1, 1, 1), torch.ones(1000)
    images = ImageSet(pixels, labels % classes, labels, high, classes, "none", "")
    told = accuracy_warning(correct, images, "none")
    assert (told is not None) == is_near
    if told:
        assert "`normalize` (standard, or mean=M,std=S) was forgotten" in told


FACTORY = """
from torch import nn


def net(width=6, slope=0.0):
    layers = nn.Linear(64, width), nn.LeakyReLU(slope), nn.Linear(width, 10)
    return nn.Sequential(nn.Flatten(), *layers)


def other(width=6):
    return net(width)
"""


@pytest.fixture
def made(run, tmp_path, monkeypatch):
    """Return a model file of a factory that is 9 units wide."""
    (tmp_path / "optionnets.py").write_text(FACTORY)
    monkeypatch.syspath_prepend(tmp_path)
    torch.save(build("optionnets:net", (1, 8, 8), 10, {"width": 9}).state_dict(), tmp_path / "w")
    run(
        "import", tmp_path / "w", "--arch", "optionnets:net,width=9", *DIGITS, "-o", tmp_path / "n"
    )
    return tmp_path / "n"


@pytest.mark.parametrize(
    ("arch", "told"),
    [
        (
            "net,width=8",
            "expected `1.weight` of shape (8, 64), found (9, 64); change width in --ar",
        ),
        (
            "net,slope=0.5",
            "expected slope=0.0 of --arch, with which the model file was made, foun",
        ),
        ("nett", "expected a optionnets:nett as --arch says, found the factory `optionnets:net`;"),
    ],
)
def test_options_that_are_not_those_of_the_file_are_refused(run, made, arch, told):
    result = run("attack", made, "--arch", f"optionnets:{arch}", "--eps", 0, code=1)
    assert told in result.stderr and result.stderr.count("\n") == 1
    assert "add --arch" not in result.stderr


def test_options_that_are_those_of_the_file_may_be_repeated(run, made):
    results = [
        run("attack", made, "--arch", f"optionnets:{arch}", "--eps", 0, "--limit", 9).stdout
        for arch in ("net", "net,width=9", "net,slope=0")
    ]
    accuracies = [json.loads(text)["clean_accuracy"] for text in results]
    assert accuracies == [accuracies[0]] * 3


@pytest.mark.parametrize(
    ("arch", "code", "told"),
    [
        ("resnet18", 2, "found `resnet18`; did you mean `torchvision:resnet18`?"),
        ("", 2, "found none; choose one of shlp, "),
        ("", 2, "hf_hub:NAME or package.module:factory"),
        ("optionnets:ne", 1, "found no `ne` in optionnets; did you mean `net`?"),
        ("optionnets:qqq", 1, "found no `qqq` in optionnets; choose one of net, other"),
        ("optionnets:net", 1, "found (9, 64); change width or slope in --arch"),
        ("optionnets:other,width=5", 1, "found (9, 64); change width in --arch"),
        ("optionnets.net", 2, "found `optionnets.net`; did you mean `optionnets:net`?"),
        ("nowhere.resnet18", 2, "did you mean `torchvision:resnet18`?"),
        (
            "optionnets:net,widht=9",
            1,
            "takes (width, slope), found `widht`; did you mean `width`?",
        ),
    ],
)
def test_a_wrong_architecture_is_told_which_there_are(run, made, arch, code, told):
    words = ["import", made.parent / "w", *DIGITS, "-o", made.parent / "x"]
    result = run(*words, *(["--arch", arch] if arch else []), code=code)
    assert told in result.stderr and result.stderr.count("\n") == 1
