"""Images from every source, layout and normalization."""

import numpy as np
import pytest
import torch
from PIL import Image

from specrob.data import channel_statistics, load_image_set, minibatches, normalize_
from specrob.errors import DataError, UsageError
from specrob.linalg import lp_norms


def save(path, images, labels=None, **extra):
    labels = np.arange(len(images)) % 3 if labels is None else labels
    splits = {"x_train": images, "y_train": labels, "x_test": images, "y_test": labels}
    np.savez(path, **splits, **extra)
    return str(path)


def test_digits_are_split_once_and_for_all():
    train, test = load_image_set("digits", "train"), load_image_set("digits", "test")
    assert (len(train), len(test)) == (1437, 360)
    assert train.pixels.shape[1:] == (1, 8, 8)
    assert (float(train.pixels.min()), float(train.pixels.max())) == (0, 1)
    counts = torch.bincount(test.labels)
    assert counts.max() - counts.min() <= 3
    assert train.digest == load_image_set("digits", "train").digest != test.digest


COLOUR = np.random.default_rng(0).integers(0, 256, (6, 3, 4, 4)).astype(np.uint8)
LAYOUTS = {
    "channels first": (COLOUR, COLOUR),
    "channels last": (COLOUR.transpose(0, 2, 3, 1), COLOUR),
    "flattened colour": (COLOUR.reshape(6, -1), COLOUR),
    "grey": (COLOUR[:, 0], COLOUR[:, :1]),
    "flattened grey": (COLOUR[:, 0].reshape(6, -1), COLOUR[:, :1]),
    "grey with a channel": (COLOUR[:, 0, :, :, None], COLOUR[:, :1]),
}


@pytest.mark.parametrize("layout", LAYOUTS)
@pytest.mark.parametrize("as_float", [False, True])
def test_layouts_become_channels_first(tmp_path, layout, as_float):
    stored, expected = LAYOUTS[layout]
    stored = stored / 255 if as_float else stored
    found = load_image_set(save(tmp_path / "a.npz", stored, name="mine"), "test")
    torch.testing.assert_close(found.pixels, torch.from_numpy(expected / 255).float())
    assert found.name == "mine"
    assert found.classes == 3


def test_folders_of_class_folders(tmp_path):
    for split in ("train", "val"):
        for label, colour in enumerate(("red", "blue")):
            folder = tmp_path / split / f"class{label}"
            folder.mkdir(parents=True)
            for n in range(2):
                Image.new("RGB", (5, 4), colour).save(folder / f"{n}.png")
    found = load_image_set(str(tmp_path), "test")
    assert found.pixels.shape == (4, 3, 4, 5)
    assert found.labels.tolist() == [0, 0, 1, 1]
    assert found.pixels[0, :, 0, 0].tolist() == [1, 0, 0]


def test_white_noise_has_its_shape_and_std():
    found = load_image_set("noise:3x4x5:0.2", "test", limit=2000)
    assert found.pixels.shape == (2000, 3, 4, 5)
    assert abs(found.pixels.std() - 0.2) < 0.002
    assert not torch.equal(
        found.pixels[:5], load_image_set("noise:3x4x5:0.2", "train", limit=5).pixels
    )


@pytest.mark.parametrize("p", [1, 2, 3, 2.5])
def test_images_are_divided_by_their_own_norm(p):
    raw, found = (
        load_image_set("digits", "test"),
        load_image_set("digits", "test", normalize=f"l{p:g}"),
    )
    torch.testing.assert_close(lp_norms(found.pixels, p), torch.ones(360))
    torch.testing.assert_close(found.high, 1 / lp_norms(raw.pixels, p))
    box = found.bounds()
    assert (found.pixels <= box.high[:, None, None, None]).all()
    assert box.low.abs().max() == 0


def test_an_image_of_zeros_stays_as_it_is():
    images = torch.zeros(1, 1, 2, 2)
    assert normalize_(images, "l3").item() == 1
    assert not images.any()


def test_channels_are_standardized_by_exact_statistics():
    images = torch.rand(50, 3, 6, 6, generator=torch.Generator().manual_seed(0))
    mean, std = channel_statistics([images])
    flat = images.double().transpose(0, 1).flatten(1)
    torch.testing.assert_close(mean.double(), flat.mean(1), rtol=1e-6, atol=0)
    torch.testing.assert_close(std.double(), flat.std(1, correction=0), rtol=1e-6, atol=0)


def test_limits_keep_the_digest_and_the_classes():
    some, whole = load_image_set("digits", "test", limit=3), load_image_set("digits", "test")
    assert len(some) == 3
    assert (some.digest, some.classes) == (whole.digest, 10)


@pytest.mark.parametrize("bounds", ["none", "0:1", "-0.5:2"])
def test_bounds_of_ones_own(bounds):
    box = load_image_set("digits", "test", limit=2).bounds(bounds)
    ends = [-np.inf, np.inf] if bounds == "none" else [float(b) for b in bounds.split(":")]
    assert [box.low[0].item(), box.high[1].item()] == ends


@pytest.mark.parametrize(
    ("images", "labels", "message"),
    [
        (np.full((3, 4, 4), 200.0), None, "divide float images by 255"),
        (np.full((3, 4, 4), np.nan), None, "expected finite pixels in"),
        (COLOUR.astype(np.int32), None, "uint8 or float"),
        (np.zeros((3, 7, 7, 7)), None, r"found \(3, 7, 7, 7\)"),
        (COLOUR, np.zeros(5, int), "one label per image"),
        (COLOUR, np.linspace(0, 1, 6), "integers from 0"),
        (COLOUR, np.array([-1, 0, 1, 0, 1, 0]), "integers from 0"),
    ],
)
def test_bad_images_are_refused(tmp_path, images, labels, message):
    with pytest.raises(DataError, match=message):
        load_image_set(save(tmp_path / "bad.npz", images, labels), "test")


@pytest.mark.parametrize("spec", ["cifar1O", "noise:3x32", "noise:0x2x2", "nowhere"])
def test_specifications_that_mean_nothing_are_usage_errors(spec):
    with pytest.raises(UsageError, match="expected"):
        load_image_set(spec, "test")


@pytest.mark.parametrize("normalize", ["l", "l0.5", "L2", "standard2", ""])
def test_normalizations_that_mean_nothing_are_usage_errors(normalize):
    with pytest.raises(UsageError, match="`normalize`"):
        load_image_set("digits", "test", limit=1, normalize=normalize)


def test_minibatches_hold_every_image_once():
    found = list(minibatches(10, 4, torch.Generator().manual_seed(0)))
    assert [len(rows) for rows in found] == [4, 4, 2]
    assert sorted(torch.cat(found).tolist()) == list(range(10))
