"""Eigenvalues against numpy's on the same float32 activations cast to float64."""

import subprocess
import sys
import time

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from specrob.errors import MeasureError
from specrob.measures.covariance import Covariance
from specrob.measures.spectrum import LayerSpectrum, centred_patch, gather


def activations(images, units, seed=0):
    generator = torch.Generator().manual_seed(seed)
    scale = torch.arange(1, units + 1).float() ** -0.8
    mixing = torch.randn(units, units, generator=generator)
    return (torch.randn(images, units, generator=generator) * scale) @ mixing + 3


def wide(images, units):
    return torch.randn(images, units, generator=torch.Generator().manual_seed(0)).cumsum(1)


def streamed(x, batch):
    sums = Covariance(len(x))
    for part in x.split(batch):
        sums.add_(part)
    return sums


def numpy_eigenvalues(x):
    return np.linalg.eigvalsh(np.cov(x.double().numpy().T))[::-1]


def assert_same(found, expected):
    error, largest = np.abs(found - expected), expected[0]
    large = expected > 1e-6 * largest
    assert (error[large] <= 1e-8 * expected[large]).all()
    assert (error[~large] <= 1e-12 * largest).all()


@pytest.mark.parametrize("batch", [1, 7, 1000])
@pytest.mark.parametrize(("images", "units"), [(500, 60), (60, 60), (40, 90)])
def test_eigenvalues_equal_numpys(images, units, batch):
    x = activations(images, units)
    found = streamed(x, batch).eigenvalues().numpy()
    assert_same(found, numpy_eigenvalues(x)[: len(found)])
    assert len(found) == min(images, units)


def test_images_that_were_not_added_are_missed():
    sums = Covariance(4)
    sums.add_(activations(2, 3))
    with pytest.raises(MeasureError, match="expected 4 images in all, found 2"):
        sums.eigenvalues()


@pytest.mark.parametrize(("images", "units"), [(500, 60), (40, 90)])
def test_eigenvalues_equal_scikit_learns(images, units):
    x = activations(images, units)
    model = PCA(svd_solver="full").fit(x.double().numpy())
    found = streamed(x, 64).eigenvalues().numpy()
    assert_same(found, model.explained_variance_[: len(found)])


@pytest.mark.parametrize(("images", "units"), [(2500, 60), (60, 9000)])
def test_batches_do_not_matter(images, units):
    x = activations(images, units) if units < 1000 else wide(images, units)
    whole, *parts = (streamed(x, batch).eigenvalues() for batch in (1000, 7, 1))
    for part in parts:
        assert (part - whole).abs().max() < 1e-10 * whole[0]


@pytest.mark.parametrize(("images", "units"), [(300, 40), (30, 64)])
def test_kept_activations_give_the_same(images, units):
    x = activations(images, units)
    kept = Covariance(images, keep=True)
    for part in x.split(13):
        kept.add_(part)
    assert_same(kept.eigenvalues().numpy(), streamed(x, 50).eigenvalues().numpy())
    inner = kept.coordinates() @ kept.coordinates().T
    centred = x.double() - x.double().mean(0)
    torch.testing.assert_close(inner, centred @ centred.T, rtol=1e-9, atol=1e-9 * inner.max())
    torch.testing.assert_close(kept.variance, x.double().var(0))


@pytest.mark.parametrize("images", [300, 30])
@pytest.mark.parametrize("size", [10, 50])
def test_sizes_are_the_first_units_of_the_same_sums(images, size):
    x = activations(images, 64)
    sums = streamed(x, 16)
    found = sums.eigenvalues(torch.arange(size)).numpy()
    assert_same(found, numpy_eigenvalues(x[:, :size])[: len(found)])


def test_units_that_never_vary_are_dropped():
    x = activations(100, 20)
    x[:, [3, 7]] = 0
    x[:, 11] = 5.5
    sums = streamed(x, 10)
    assert (~sums.varying()).nonzero()[:, 0].tolist() == [3, 7, 11]
    kept = [i for i in range(20) if i not in (3, 7, 11)]
    assert_same(
        sums.eigenvalues(sums.varying().nonzero()[:, 0]).numpy(), numpy_eigenvalues(x[:, kept])
    )


def test_sizes_are_units_also_where_images_are_fewer():
    x = activations(40, 90)
    values = streamed(x, 7).eigenvalues()
    found = gather([LayerSpectrum(values, "images", "hidden", 90, 40, 0)])
    assert found.size.tolist() == [90]
    assert found.eigenvalues.shape == (1, 40)


def test_sums_hold_no_graph():
    x = activations(20, 5).requires_grad_()
    assert not streamed(x, 10).eigenvalues().requires_grad


def test_activations_that_are_not_finite_are_refused():
    x = activations(10, 3)
    x[2, 1] = torch.nan
    with pytest.raises(MeasureError, match="finite"):
        streamed(x, 5).eigenvalues()


def test_one_image_has_no_covariance():
    with pytest.raises(MeasureError, match="at least 2"):
        Covariance(1)


def test_patches_are_centred_and_hold_all_channels():
    patch = centred_patch((3, 32, 32), 500)
    assert len(patch) == 3 * 12 * 12
    rows = (patch[:144] // 32).unique()
    assert rows.tolist() == list(range(10, 22))


@pytest.mark.slow
@pytest.mark.parametrize(
    ("images", "units", "gibibytes"), [(50_000, 2_000, 1.5), (3_000, 65_536, 4)]
)
def test_memory_and_time_at_scale(images, units, gibibytes):
    """Peak memory of a process with all of PyTorch in it; 2 minutes for either."""
    code = f"""
import resource, torch
from specrob.measures.covariance import Covariance
sums, draws = Covariance({images}), torch.Generator().manual_seed(0)
for start in range(0, {images}, 500):
    sums.add_(torch.randn(500, {units}, generator=draws))
assert len(sums.eigenvalues()) == {min(images, units)}
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / 2**30)
"""
    started = time.monotonic()
    found = subprocess.check_output([sys.executable, "-c", code], text=True)
    assert float(found) < gibibytes
    assert time.monotonic() - started < 120


@pytest.mark.parametrize("units", [20, 60, 90])
@pytest.mark.parametrize("keep", [None, True])
def test_distances_are_those_of_the_covariance(units, keep):
    """From the covariance, from kept images, and from the Gram matrix; as many or more images."""
    x = torch.randn(60, units, generator=torch.Generator().manual_seed(0)) + 3
    sums = Covariance(60, keep=keep)
    for batch in x.split(25):
        sums.add_(batch)
    centred = x.double().numpy() - x.double().numpy().mean(0)
    for ridge, found in zip([0.5, 2.0], sums.distances([0.5, 2.0]).numpy(), strict=True):
        inverse = np.linalg.inv(np.cov(centred.T) + ridge * np.eye(units))
        np.testing.assert_allclose(found, np.einsum("in,nm,im->i", centred, inverse, centred))


@pytest.mark.parametrize("batch", [1, 7, 50, 100])
def test_probes_are_evenly_spaced_whatever_the_batches(batch, monkeypatch):
    monkeypatch.setattr("specrob.measures.covariance.PROBES", 12)
    x = torch.randn(100, 6, generator=torch.Generator().manual_seed(0))
    sums = Covariance(100)
    for part in x.split(batch):
        sums.add_(part)
    assert torch.equal(sums.probes, x[::9])
