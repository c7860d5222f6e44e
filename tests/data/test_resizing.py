"""--resize N: squares of N pixels from every source, antialiased."""

import numpy as np
import pytest
import torch
from PIL import Image
from torchvision.transforms.v2 import functional

from specrob.artifacts import digest
from specrob.data import load_image_set, resizing
from specrob.data.resizing import resize
from specrob.errors import DataError, UsageError
from specrob.settings.images import parse_resize


def random_images(*shape):
    return torch.rand(shape, generator=torch.Generator().manual_seed(0))


@pytest.mark.parametrize("side", [3, 8, 16, 45])
@pytest.mark.parametrize("shape", [(32, 32), (20, 30), (31, 16), (9, 40)])
def test_it_is_resize_and_centre_crop_of_torchvision(side, shape):
    images = random_images(5, 3, *shape)
    expected = functional.center_crop(functional.resize(images, side, antialias=True), side)
    torch.testing.assert_close(resize(images, side), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("shape", [(40, 32), (20, 51)])
def test_a_smaller_crop_is_that_of_torchvision(shape):
    """The usual evaluation on ImageNet, "resize 256, crop 224", at an eighth of its size."""
    images = random_images(5, 3, *shape)
    expected = functional.center_crop(functional.resize(images, 32, antialias=True), 28)
    torch.testing.assert_close(resize(images, "32:28"), expected, rtol=0, atol=1e-6)


@pytest.mark.parametrize("text", ["0", "8:9", "8:", ":8", "8:4:2", "a", "12345", "-3"])
def test_other_sizes_are_refused(text):
    with pytest.raises(UsageError, match="expected N or N:CROP"):
        parse_resize(text)


def test_stripes_finer_than_the_new_pixels_become_grey():
    stripes = (torch.arange(64) % 2).float().expand(1, 1, 64, 64)
    grey = resize(stripes, 16)[..., 2:-2]
    assert (grey - 0.5).abs().max() < 0.01
    aliased = torch.nn.functional.interpolate(stripes, (16, 16), mode="nearest")
    assert not aliased.any()


@pytest.mark.parametrize("side", [2, 7, 16, 50])
def test_pixels_stay_within_an_image_and_keep_their_mean(side):
    images = random_images(40, 3, 32, 32) ** 3
    found = resize(images, side)
    assert found.dtype == torch.float32
    assert (found.amin((1, 2, 3)) >= images.amin((1, 2, 3))).all()
    assert (found.amax((1, 2, 3)) <= images.amax((1, 2, 3))).all()
    assert abs(found.mean() - images.mean()) < 0.005
    flat = torch.full((1, 1, 32, 32), 0.3)
    assert torch.equal(resize(flat, side), flat[..., :1, :1].expand(1, 1, side, side))


def test_few_at_a_time_give_the_same(monkeypatch):
    images = random_images(30, 3, 20, 20)
    whole = resize(images, 9)
    monkeypatch.setattr(resizing, "CHUNK", 7 * 3 * 20 * 20)
    torch.testing.assert_close(resize(images, 9), whole, rtol=0, atol=1e-6)


COLOUR = np.random.default_rng(0).integers(0, 256, (6, 3, 12, 12)).astype(np.uint8)
STORED = {
    "channels first": COLOUR,
    "channels last": COLOUR.transpose(0, 2, 3, 1),
    "flattened": COLOUR.reshape(6, -1),
    "float": COLOUR / 255,
}


@pytest.mark.parametrize("layout", STORED)
def test_an_npz_in_any_layout(tmp_path, layout):
    split = {"x_test": STORED[layout], "y_test": np.arange(6) % 3}
    np.savez(tmp_path / "a.npz", **split, name="faces")
    found = load_image_set(str(tmp_path / "a.npz"), "test", resize=5, limit=4)
    pixels = torch.from_numpy(COLOUR).float() / 255
    torch.testing.assert_close(found.pixels, resize(pixels, 5)[:4], rtol=0, atol=1e-6)
    assert (found.name, found.resize) == ("faces, 5x5", 5)
    assert found.digest == load_image_set(str(tmp_path / "a.npz"), "test").digest
    assert found.selection != load_image_set(str(tmp_path / "a.npz"), "test", limit=4).selection


@pytest.mark.parametrize(("spec", "shape"), [("digits", (1, 5, 5)), ("noise:3x8x12:9", (3, 5, 5))])
def test_other_sources(spec, shape):
    found, whole = (load_image_set(spec, "test", resize=side, limit=50) for side in (5, None))
    assert found.pixels.shape[1:] == shape
    torch.testing.assert_close(found.pixels, resize(whole.pixels, 5), rtol=0, atol=1e-6)
    assert found.digest == whole.digest


def test_images_of_that_size_are_the_same_images():
    asked, plain = load_image_set("digits", "test", resize=8), load_image_set("digits", "test")
    assert torch.equal(asked.pixels, plain.pixels)
    assert (asked.name, asked.resize, asked.selection) == (plain.name, None, plain.selection)


def pictures(folder, sizes):
    """Write a picture of each size (width, height) into one class of the test split."""
    rng = np.random.default_rng(0)
    (folder / "test" / "a").mkdir(parents=True)
    made = [rng.integers(0, 256, (height, width, 3)).astype(np.uint8) for width, height in sizes]
    for n, picture in enumerate(made):
        Image.fromarray(picture).save(folder / "test" / "a" / f"{n}.png")
    return made


def test_a_folder_of_pictures_of_several_sizes(tmp_path):
    made = pictures(tmp_path, [(8, 8), (20, 10), (9, 30)])
    with pytest.raises(DataError, match=r"of one size in .* found 8x8 and 20x10; set `resize`"):
        load_image_set(str(tmp_path), "test")
    found = load_image_set(str(tmp_path), "test", resize=8)
    for image, picture in zip(found.pixels, made, strict=True):
        expected = torch.from_numpy(picture.transpose(2, 0, 1)[None]).float() / 255
        torch.testing.assert_close(image, resize(expected, 8)[0])
    assert (len(found), found.name) == (3, f"{tmp_path.name}, 8x8")
    assert len(load_image_set(str(tmp_path), "test", resize=8, limit=2)) == 2


def test_a_folder_of_one_size_has_the_digest_of_its_pictures(tmp_path):
    made = pictures(tmp_path / "one", [(9, 7)] * 3)
    labels = np.zeros(3, np.int64)
    expected = digest({"images": np.stack(made), "labels": labels})
    for side in (None, 4):
        assert load_image_set(str(tmp_path / "one"), "test", resize=side).digest == expected
    square = load_image_set(str(tmp_path / "one"), "test", resize=7)
    assert square.pixels.shape == (3, 3, 7, 7)
    assert square.resize == 7


def test_sizes_of_pictures_count_in_the_digest(tmp_path):
    """Byte after byte these folders hold the same."""
    found = set()
    for name, second in (("wide", (6, 2)), ("high", (2, 6)), ("square", (4, 3))):
        folder = tmp_path / name / "test" / "a"
        folder.mkdir(parents=True)
        for n, size in enumerate([(3, 2), second]):
            Image.new("RGB", size).save(folder / f"{n}.png")
        found.add(load_image_set(str(tmp_path / name), "test", resize=2).digest)
    assert len(found) == 3


def test_rows_of_numbers_are_no_images_to_resize(tmp_path):
    np.savez(tmp_path / "a.npz", x_test=np.zeros((3, 50)), y_test=np.zeros(3, np.int64))
    with pytest.raises(DataError, match="found rows of 50 numbers; drop `resize`"):
        load_image_set(str(tmp_path / "a.npz"), "test", resize=4)
