"""Your own mean and standard deviation of the channels, wherever a normalization is named."""

import json

import numpy as np
import pytest
import torch
from safetensors.numpy import save_file

import specrob
from specrob import artifacts
from specrob.comparisons.alike import attacked_space
from specrob.errors import UsageError
from specrob.models import build, from_artifact
from specrob.settings.normalization import Normalization

MEAN, STD = (0.49, 0.48, 0.45), (0.25, 0.24, 0.26)
OWN = "mean=0.49+0.48+0.45,std=0.25+0.24+0.26"


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return a folder with the weights of a linear network, and images that it classifies."""
    folder = tmp_path_factory.mktemp("own")
    net = build("linear", (3, 4, 4), 5, {}, torch.Generator().manual_seed(0)).eval()
    torch.save(net.state_dict(), folder / "net.pt")
    save_file({k: v.numpy() for k, v in net.state_dict().items()}, folder / "net.safetensors")
    x = np.random.default_rng(0).random((60, 3, 4, 4), dtype=np.float32)
    y = net(by_hand(x)).argmax(1).numpy()
    y[:5] = 0, 1, 2, 3, 4  # or not all classes might be there
    np.savez(folder / "images.npz", x_train=x, y_train=y, x_test=x, y_test=y)
    return folder, net, x


def by_hand(x):
    mean, std = (torch.tensor(v).reshape(3, 1, 1) for v in (MEAN, STD))
    return (torch.from_numpy(x) - mean) / std


def test_a_model_file_standardizes_by_your_numbers_and_remembers_them(run, files, tmp_path):
    folder, net, x = files
    made = tmp_path / "net.safetensors"
    words = ("--arch", "linear", "--data", folder / "images.npz", "--normalize", OWN)
    run("import", folder / "net.pt", *words, "-o", made)
    found = from_artifact(artifacts.read(str(made)))
    assert found.normalize == OWN
    torch.testing.assert_close(found.module(torch.from_numpy(x)), net(by_hand(x)))


def test_radii_are_those_of_pixels_as_with_standard(run, files):
    """A critical distance is that of the linear map by pixels, whose channels are divided."""
    folder, net, x = files
    words = (folder / "net.safetensors", "--arch", "linear", "--data", folder / "images.npz")
    how = ("--normalize", OWN, "--method", "pgd", "--norm", "l2", "--bounds", "none")
    result = run("crit-dist", *words, *how, "--limit", 20)
    found = artifacts.decode(result.stdout_bytes)
    weight = net.readout.weight.detach().numpy() / np.repeat(STD, 16)
    logits = net(by_hand(x)).detach().numpy()
    for row, index in enumerate(found.arrays["index"]):
        if found.arrays["status"][row] == "misclassified":
            continue
        label = logits[index].argmax()
        others = [k for k in range(5) if k != label]
        margins = [logits[index, label] - logits[index, k] for k in others]
        lengths = [np.linalg.norm(weight[label] - weight[k]) for k in others]
        nearest = min(m / n for m, n in zip(margins, lengths, strict=True))
        assert nearest * 0.999 <= found.arrays["distance"][row] < nearest * 1.6


def test_one_number_stands_for_all_channels_also_in_training(run, tmp_path):
    made, spread = tmp_path / "net.safetensors", tmp_path / "out.json"
    words = ("--arch", "linear", "--epochs", 1, "--data", "digits", "--limit", 50)
    run("train-sup", *words, "--normalize", "std=1/4,mean=0.5", "-o", made)
    arrays = artifacts.read(str(made)).arrays
    assert (arrays["mean"].ravel().tolist(), arrays["std"].ravel().tolist()) == ([0.5], [0.25])
    for again in ([], ["--normalize", "mean=0.5,std=0.25"]):
        run("attack", made, "--eps", 0, "--limit", 9, *again, "-o", spread)
        assert json.loads(spread.read_text())["normalize"] == "std=1/4,mean=0.5"
    told = run("attack", made, "--normalize", "mean=0.5,std=0.2", code=2).stderr
    assert "--normalize: expected std=1/4,mean=0.5, which the model file records" in told


def test_half_names_a_mean_and_a_deviation_of_one_half(run, tmp_path):
    made, spread = tmp_path / "net.safetensors", tmp_path / "out.json"
    words = ("--arch", "linear", "--epochs", 1, "--limit", 50, "--normalize", "half")
    run("train-sup", *words, "-o", made)
    found = artifacts.read(str(made))
    assert found.fields["normalize"] == "half"
    net, x = from_artifact(found).module.eval(), torch.rand(5, 1, 8, 8)
    weight, bias = net.net.readout.weight, net.net.readout.bias
    torch.testing.assert_close(net(x), (2 * x - 1).flatten(1) @ weight.T + bias)
    for again in ([], ["--normalize", "mean=0.5,std=0.5"]):
        run("attack", made, "--eps", 0, "--limit", 9, *again, "-o", spread)
        assert json.loads(spread.read_text())["normalize"] == "half"
    assert attacked_space(artifacts.read(str(spread))) == "pixels"


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("mean=0.5", "expected mean and std, found `mean=0.5`"),
        ("mean=0.5,std=0", "expected a number above 0, found `0`"),
        ("mean=0.5,0.4,std=1", "expected key=value, each key once, found `0.4`"),
        ("mean=a,std=1", "expected a number such as 0.03 or 8/255, found `a`"),
        ("loud", "expected none, standard, lP .* or mean=M"),
    ],
)
def test_other_words_are_told_how_to_write_it(text, told):
    with pytest.raises(UsageError, match=told):
        Normalization.parse(text)


def test_the_number_of_channels_has_to_fit(run, files, tmp_path):
    folder, *_ = files
    words = ("import", folder / "net.pt", "--arch", "linear", "--data", folder / "images.npz")
    how = ("--normalize", "mean=0.5+0.4,std=0.2", "-o", tmp_path / "net.safetensors")
    told = run(*words, *how, code=1).stderr
    assert "--normalize: expected one number for each of 3 channels, or one for all" in told
    assert (
        "expected none or lP for a local layer"
        in run("train-kh", "--normalize", OWN, code=2).stderr
    )


def test_a_module_of_your_own_is_shown_standardized_images(files):
    _, net, x = files
    loaded = specrob.load_model(net, x, np.zeros(60, int), normalize=OWN)
    torch.testing.assert_close(loaded.classifier()(torch.from_numpy(x)), net(by_hand(x)))
    with pytest.raises(UsageError, match="without training images"):
        specrob.load_model(net, x, np.zeros(60, int), normalize="standard")
