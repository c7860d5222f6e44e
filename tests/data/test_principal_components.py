"""The basis of training images: found once, kept, verified, and refused where it is too large."""

import numpy as np
import pytest
import torch

from specrob.data import principal_components as components
from specrob.data.principal_components import principal_components
from specrob.errors import DataError
from specrob.experiments.images import load_split
from specrob.settings.images import ImageSettings
from specrob.settings.transforms import TransformSpec


@pytest.fixture
def folder(tmp_path, monkeypatch):
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    return tmp_path / "hub" / "specrob"


def shown(*words, **how):
    chain = tuple(map(TransformSpec.parse, words))
    images, _ = load_split(ImageSettings(transform=chain, **how), "test", "none")
    return images.pixels


def refuse(*_):
    raise AssertionError("expected no decomposition")


def test_a_basis_is_found_once_for_all_numbers_of_components(folder, monkeypatch):
    first = shown("pca:3")
    assert len(list(folder.iterdir())) == 1
    monkeypatch.setattr(torch.linalg, "eigh", refuse)
    assert torch.equal(shown("pca:3"), first)
    assert not torch.equal(shown("zca"), shown("pca:9"))
    for other in (("noise:0.1", "pca:3"), ("pca:3", "zca")):  # of other images
        with pytest.raises(AssertionError):
            shown(*other)
    with pytest.raises(AssertionError):
        shown("pca:3", resize=6)


def test_a_chain_of_random_transforms_is_kept_by_its_seed(folder):
    for seed in (0, 1):
        chain = (TransformSpec.parse("noise:0.1"), TransformSpec.parse("zca"))
        load_split(ImageSettings(transform=chain), "test", "none", seed=seed)
    assert len(list(folder.iterdir())) == 2


@pytest.mark.parametrize("at", [0.3, 0.99, None])
def test_broken_files_are_made_again(folder, at):
    first = shown("pca:3")
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    changed = bytearray(whole[:-50] if at is None else whole)
    if at is not None:
        changed[int(at * len(whole))] ^= 255
    file.write_bytes(changed)
    assert torch.equal(shown("pca:3"), first)
    assert [each.read_bytes() for each in folder.iterdir()] == [whole]


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("vectors", lambda array: array.astype(np.float32)),
        ("vectors", lambda array: array.astype(complex)),
        ("vectors", lambda array: array * np.nan),
        ("mean", lambda array: array[:-1]),
        ("values", lambda array: array[:, None]),
    ],
)
def test_whole_files_of_other_arrays_are_made_again(folder, name, change):
    first = shown("zca")
    (file,) = folder.iterdir()
    whole = file.read_bytes()
    with np.load(file) as kept:
        arrays = dict(kept)
    np.savez(file, **{**arrays, name: change(arrays[name])})
    assert torch.equal(shown("zca"), first)
    assert file.read_bytes() == whole


def test_a_folder_that_cannot_be_written_is_no_obstacle(folder, tmp_path):
    (tmp_path / "hub").write_text("a file, not a folder")
    assert len(shown("pca:3")) == 360
    assert [each.name for each in tmp_path.iterdir()] == ["hub"]


def test_images_given_in_parts_have_the_covariance_of_all(monkeypatch):
    images = torch.randn(50, 2, 3, 3, generator=torch.Generator().manual_seed(0))
    monkeypatch.setattr(components, "rows_at_a_time", lambda shape: 7)
    found = principal_components(images)
    expected = torch.cov(images.flatten(1).double().T)
    again = found.vectors * found.values @ found.vectors.T
    torch.testing.assert_close(again, expected, rtol=0, atol=1e-12)
    torch.testing.assert_close(found.mean, images.flatten(1).double().mean(0))


def test_large_images_are_refused_with_the_cost():
    with pytest.raises(DataError, match=r"D\^2 numbers, found 150528 pixels .*`resize` 64"):
        principal_components(torch.zeros(1, 3, 224, 224).expand(5, -1, -1, -1))
