"""Images that stay as stored are those that are loaded at once, bit for bit."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from PIL import Image

from specrob.artifacts import Artifact
from specrob.data import fit_transforms, load_image_set
from specrob.data.image_set import StoredPixels
from specrob.data.npz_file import read_npz
from specrob.errors import DataError
from specrob.experiments.attacks import robustness_curve
from specrob.experiments.distances import critical_distances
from specrob.experiments.loading import load_model
from specrob.experiments.run_context import RunContext
from specrob.experiments.smoothness import measure_smoothness
from specrob.experiments.spectra import measure_spectra
from specrob.settings.attacks import FGSM
from specrob.settings.images import ImageSettings, WeightSettings
from specrob.settings.measures import SmoothnessSettings, SpectrumSettings
from specrob.settings.robustness import AttackSettings, CurveSettings, DistanceSettings
from specrob.settings.transforms import TransformSpec

COLOUR = np.random.default_rng(0).integers(0, 256, (30, 9, 11, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    """Return the same images as an NPZ, compressed, as numbers, in Fortran's order, as files."""
    folder = tmp_path_factory.mktemp("stored")
    labels = np.arange(30) // 15
    for name, images, save in (
        ("plain", COLOUR, np.savez),
        ("compressed", COLOUR, np.savez_compressed),
        ("numbers", (COLOUR / 255).astype(np.float32), np.savez),
        ("double", COLOUR / 255, np.savez),
        ("fortran", np.asfortranarray(COLOUR), np.savez),
    ):
        save(folder / f"{name}.npz", x_test=images, y_test=labels)
    for at, picture in enumerate(COLOUR):
        home = folder / "folder" / "test" / str(at // 15)
        home.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture).save(home / f"{at:02}.png")
    return folder


SOURCES = ("plain.npz", "compressed.npz", "numbers.npz", "double.npz", "fortran.npz", "folder")


@pytest.mark.parametrize("source", SOURCES)
@pytest.mark.parametrize("how", [{}, {"resize": 7}, {"resize": "8:5", "normalize": "l2"}])
def test_both_are_the_same_images(files, source, how):
    known = load_image_set(str(files / "plain.npz"), "test", limit=20, **how)
    whole, stored = (
        load_image_set(str(files / source), "test", limit=20, keep=keep, **how)
        for keep in (2**28, 0)
    )
    assert isinstance(stored.source, StoredPixels)
    torch.testing.assert_close(whole.pixels, known.pixels, rtol=0, atol=1e-7)
    assert torch.equal(stored.pixels, whole.pixels)
    assert torch.equal(stored.high, whole.high)
    rows = torch.tensor([13, 2])
    assert torch.equal(stored.take(rows)[:1], whole.pixels[13:14])
    assert torch.equal(torch.cat(list(stored.parts())), whole.pixels)
    assert (stored.shape, len(stored)) == (whole.shape, 20)
    assert (stored.digest, stored.selection) == (whole.digest, whole.selection)
    is_same = source in ("plain.npz", "compressed.npz", "fortran.npz", "folder")
    assert (whole.digest == known.digest) is is_same


def test_transforms_are_applied_to_what_is_read(files):
    chain = [TransformSpec.parse("noise:0.1"), TransformSpec.parse("phase-scramble")]
    change = fit_transforms(chain, torch.empty(0, 1, 1, 1), seed=0)
    whole, stored = (
        load_image_set(str(files / "plain.npz"), "test", change=change, keep=keep)
        for keep in (2**28, 0)
    )
    assert torch.equal(stored[[5, 21]], whole.pixels[[5, 21]])
    assert stored.high.isinf().all()


def test_an_uncompressed_array_stays_in_the_file_after_its_checksum(files, tmp_path):
    images = read_npz(files / "plain.npz", "test").images
    assert isinstance(images, np.ndarray) and not images.flags.writeable
    np.testing.assert_array_equal(images, COLOUR)
    broken = bytearray((files / "plain.npz").read_bytes())
    broken[2000] ^= 1
    (tmp_path / "broken.npz").write_bytes(broken)
    with pytest.raises(DataError, match="found: bad checksum of x_test.npy; check `data`"):
        load_image_set(str(tmp_path / "broken.npz"), "test")


def test_measures_of_a_network_are_the_same(files):
    drawn, cpu = WeightSettings(arch="mlp,hidden=9", weights="initial"), torch.device("cpu")
    settings = ImageSettings(data=str(files / "plain.npz"))
    loaded = load_model(None, settings, weights=drawn, device=cpu)
    stored = replace(loaded, images=load_image_set(settings.data, "test", keep=0))
    attacked, context = AttackSettings(), RunContext(batch_size=7)
    for measure in (
        lambda one: measure_spectra(one, SpectrumSettings(noise=True), context),
        lambda one: measure_smoothness(one, SmoothnessSettings(), context).smoothness,
        lambda one: critical_distances(one, FGSM(), attacked, DistanceSettings(), context),
        lambda one: robustness_curve(one, FGSM(), attacked, CurveSettings(), context).robustness,
    ):
        found, expected = (Artifact.of(measure(one)) for one in (stored, loaded))
        assert found.fields == expected.fields
        for name, array in expected.arrays.items():  # products depend on where numbers lie
            if array.dtype.kind == "f":
                np.testing.assert_allclose(found.arrays[name], array, rtol=1e-4, atol=1e-7)
            else:
                np.testing.assert_array_equal(found.arrays[name], array)
