"""Phase scrambling: what it keeps, and that all else is random."""

import numpy as np
import pytest
import torch
from scipy.stats import kstest

from specrob.data import fit_transforms, load_image_set
from specrob.data.phase_scrambling import scramble_phases
from specrob.experiments.images import load_split
from specrob.settings.images import ImageSettings
from specrob.settings.transforms import TransformSpec

TEST = load_image_set("digits", "test").pixels
SCRAMBLE = TransformSpec.parse("phase-scramble")


def colours(*shape):
    """Return images whose channels are correlated, float64."""
    drawn = torch.randn(2, *shape, generator=torch.Generator().manual_seed(0)).double()
    return 0.5 + 0.2 * (drawn[0] + drawn[1].mean(1, keepdim=True))


def scrambled(images, **how):
    return scramble_phases(images, range(len(images)), **{"seed": 0, **how})


def test_a_field_of_phases_is_of_seed_draw_and_index_alone():
    whole = scrambled(TEST)
    backwards = list(range(len(TEST)))[::-1]
    one_by_one = torch.cat([scramble_phases(TEST[[i]], [i], seed=0) for i in backwards[-5:]])
    torch.testing.assert_close(one_by_one.flip(0), whole[:5], rtol=0, atol=1e-6)
    same = TEST[:1].expand(4, -1, -1, -1)  # one image at four positions
    first, second = scrambled(same), scrambled(same, seed=1)
    for other in (second, scrambled(same, draw=1), first.roll(1, 0)):
        assert all(not torch.isclose(a, b).all() for a, b in zip(first, other, strict=True))


@pytest.mark.parametrize("shape", [(1, 8, 8), (3, 5, 7), (3, 6, 5), (2, 1, 9)])
def test_amplitudes_means_and_cross_spectra_are_kept(shape):
    images = colours(4, *shape)
    after = scrambled(images)
    assert not torch.isclose(after, images).all()
    before, found = torch.fft.fft2(images), torch.fft.fft2(after)
    torch.testing.assert_close(found.abs(), before.abs(), rtol=0, atol=1e-12)
    torch.testing.assert_close(after.mean((2, 3)), images.mean((2, 3)), rtol=0, atol=1e-14)
    crossed = [torch.einsum("bcyx,bdyx->bcdyx", f, f.conj()) for f in (before, found)]
    torch.testing.assert_close(crossed[1], crossed[0], rtol=0, atol=1e-10)


def test_phases_are_uniform_and_those_of_different_frequencies_independent():
    found = torch.fft.fft2(scrambled(TEST).double())[:, 0, 1:4, 1:4]  # none is another's conjugate
    loud = found.abs() > 1e-3  # elsewhere the phase is that of the rounding
    turns = torch.where(loud, found.angle() / (2 * torch.pi), torch.nan) % 1
    assert loud.float().mean() > 0.95
    assert kstest(turns[loud], "uniform").pvalue > 0.01
    between = (turns[:, 0, 0] - turns[:, 1, 2]) % 1
    assert kstest(between[~between.isnan()], "uniform").pvalue > 0.01
    digits = torch.fft.fft2(TEST.double())[:, 0, 1, 1].angle() / (2 * torch.pi) % 1
    assert kstest(digits, "uniform").pvalue < 1e-6  # whose own phases are not


def test_the_covariance_of_images_at_all_places_is_kept_in_expectation():
    """Where all shifts of an image are equally likely, the covariance is that of amplitudes."""
    image = colours(1, 2, 4, 4)[0]
    shifts = torch.stack([image.roll((y, x), (1, 2)) for y in range(4) for x in range(4)])
    expected = np.cov(shifts.flatten(1).T, bias=True)
    copies = shifts.repeat(400, 1, 1, 1)
    found = np.cov(scrambled(copies).flatten(1).T, bias=True)
    variance = expected.diagonal().mean()
    assert np.abs(found - expected).max() < 6 * variance / len(copies) ** 0.5
    assert np.abs(expected - np.diag(expected.diagonal())).max() > 0.3 * variance


def test_images_that_stand_at_one_place_lose_their_mean():
    """An image shown again and again varies after scrambling, by its amplitudes."""
    copies = TEST[:1].expand(2000, -1, -1, -1)
    after = scrambled(copies).double()
    power = TEST[0].double().var(correction=0)
    torch.testing.assert_close(after.var(0).mean(), power, rtol=0.05, atol=0)
    assert after.min() < -0.1 and after.max() > 1.1  # not clipped


def test_it_chains_with_others_in_order():
    train = load_image_set("digits", "train").pixels
    project = TransformSpec.parse("pca:4")

    def changed(*specs):
        return fit_transforms(specs, train, seed=0)(TEST, range(len(TEST))).flatten(1).double()

    last = changed(SCRAMBLE, project)  # on the components of scrambled training images
    assert torch.linalg.matrix_rank(last - last.mean(0), tol=1e-3) == 4
    projected = changed(project)
    expected = scrambled(projected.reshape(TEST.shape), draw=2).flatten(1)
    torch.testing.assert_close(changed(project, SCRAMBLE), expected, rtol=0, atol=1e-5)
    twice = changed(SCRAMBLE, SCRAMBLE)
    assert not torch.isclose(twice, changed(SCRAMBLE)).all(1).any()


def test_phases_of_the_splits_are_independent_and_a_basis_is_of_the_same_training_images():
    train = load_image_set("digits", "train").pixels
    expected = scrambled(train, draw=1)
    images, data = load_split(ImageSettings(transform=(SCRAMBLE,)), "train", "none")
    torch.testing.assert_close(images.pixels, expected, rtol=0, atol=1e-6)
    assert (data.name, sorted(data.digests)) == (
        "digits (scikit-learn), phase-scramble",
        ["train"],
    )
    assert images.high.isinf().all()
    images, _ = load_split(ImageSettings(transform=(SCRAMBLE,)), "test", "none")
    torch.testing.assert_close(images.pixels, scrambled(TEST), rtol=0, atol=1e-6)
    chain = (SCRAMBLE, TransformSpec.parse("zca:1e-6"))
    white, _ = load_split(ImageSettings(split="train", transform=chain), "test", "none")
    values = torch.linalg.eigvalsh(torch.cov(white.pixels.flatten(1).double().T))
    assert values[-50:].allclose(torch.ones(50).double(), atol=0.01)
