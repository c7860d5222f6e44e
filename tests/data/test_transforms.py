"""Noise, PCA projections and ZCA of the pixels, from training images only."""

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from specrob.data import fit_transforms, load_image_set, stimulus_dimension
from specrob.errors import DataError, UsageError
from specrob.experiments.images import load_split
from specrob.settings.images import ImageSettings
from specrob.settings.transforms import TransformSpec

TRAIN = load_image_set("digits", "train").pixels
TEST = load_image_set("digits", "test").pixels


def changed(*words, images=TEST, seed=0):
    wanted = [TransformSpec.parse(word) for word in words]
    return fit_transforms(wanted, TRAIN, seed=seed)(images, range(len(images)))


def flat(images):
    return images.flatten(1).double().numpy()


def test_pca_is_scikit_learns_with_the_training_basis():
    model = PCA(5).fit(flat(TRAIN))
    expected = model.inverse_transform(model.transform(flat(TEST)))
    np.testing.assert_allclose(flat(changed("pca:5")), expected, atol=1e-6)


def test_zca_whitens_the_training_images_and_keeps_them_upright():
    white = flat(changed("zca:1e-6", images=TRAIN))
    covariance = np.cov(white.T)
    values = np.linalg.eigvalsh(covariance)
    assert np.allclose(values[-50:], 1, atol=1e-2)
    varying = TRAIN.flatten(1).var(0).numpy() > 0.01
    pairs = zip(flat(TRAIN).T[varying], white.T[varying], strict=True)
    assert min(np.corrcoef(a, b)[0, 1] for a, b in pairs) > 0.1


def test_noise_has_its_std_and_depends_on_index_and_seed_alone():
    noise = changed("noise:0.3") - TEST
    assert abs(float(noise.std()) - 0.3) < 0.005
    wanted = fit_transforms([TransformSpec.parse("noise:0.3")], TRAIN, seed=0)
    torch.testing.assert_close(wanted(TEST[5:7], [5, 6]), changed("noise:0.3")[5:7])
    assert not torch.equal(changed("noise:0.3", seed=1), changed("noise:0.3"))
    assert changed("noise:0.3").min() < 0  # not clipped


def test_transforms_chain_in_order():
    after = changed("pca:4", "noise:0.1") - changed("pca:4")
    assert np.linalg.matrix_rank(flat(after), tol=1e-3) > 40
    before = flat(changed("noise:0.1", "pca:4"))
    assert np.linalg.matrix_rank(before - before.mean(0), tol=1e-3) == 4
    two = (changed("noise:0.1", "noise:0.1") - TEST).std()
    assert abs(float(two) - 0.1 * 2**0.5) < 0.005  # two draws, not one twice


@pytest.mark.parametrize(
    ("words", "dimension"),
    [
        *[(["pca:8"], 8), (["pca:8", "zca"], 8), (["pca:8", "noise:1"], None), (["zca"], None)],
        *[(["pca:8", "phase-scramble"], None), (["phase-scramble", "pca:8"], 8)],
    ],
)
def test_the_dimension_of_the_stimuli(words, dimension):
    assert stimulus_dimension([TransformSpec.parse(word) for word in words]) == dimension


def test_pixels_come_before_normalization_and_have_no_bounds():
    settings = ImageSettings(transform=(TransformSpec.parse("pca:3"),))
    images, data = load_split(settings, "test", "l2")
    expected = changed("pca:3")
    expected /= expected.flatten(1).norm(dim=1).reshape(-1, 1, 1, 1)
    torch.testing.assert_close(images.pixels, expected)
    assert images.high.isinf().all()
    assert data.name == "digits (scikit-learn), pca:3"
    assert sorted(data.digests) == ["test", "train"]


@pytest.mark.parametrize(
    "text", ["pca", "pca:0", "pca:1.5", "zca:", "zca:-1", "noise", "blur:3", "phase-scramble:2"]
)
def test_other_words_are_refused(text):
    with pytest.raises(UsageError, match="expected"):
        TransformSpec.parse(text)


def test_more_components_than_pixels_are_refused():
    with pytest.raises(DataError, match="up to 64"):
        changed("pca:65")
