"""A layer's eigenvalues against their bare parts and scikit-learn, in one run.

Run as ``python tests/benchmarks/spectrum.py``; prints ratios, asserts nothing.
"""

import statistics
import time

import numpy as np
import torch
from sklearn.decomposition import PCA

from specrob.measures.covariance import Covariance
from specrob.measures.randomized_covariance import scales_of

IMAGES, UNITS, BATCH = 10_000, 2_000, 1_000


def seconds(function, repeats=5):
    """Return the median time of a call, after one to warm up."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        function()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def spectrum(x, scales=False):
    """Return the eigenvalues as `specrob spectrum` finds them, with the scales of the images."""
    sums = Covariance(len(x))
    for part in x.split(BATCH):
        sums.add_(part)
    values = sums.eigenvalues()
    if scales:
        scales_of(sums, values)
    return values


def main():
    """Print the table."""
    generator = torch.Generator().manual_seed(0)
    x = torch.randn(IMAGES, UNITS, generator=generator) * torch.arange(1, UNITS + 1) ** -0.5
    wide = x.double()
    moments = wide.T @ wide
    print(f"{IMAGES} images, {UNITS} units, {torch.get_num_threads()} threads, float64")
    product = seconds(lambda: wide.T @ wide)
    solution = seconds(lambda: torch.linalg.eigvalsh(moments))
    bare = product + solution
    print(f"one product {product:.2f} s + one eigvalsh {solution:.2f} s  {bare:6.2f} s   1.00")
    own = seconds(lambda: spectrum(x))
    print(f"{'spectrum':40}  {own:6.2f} s  {own / bare:5.2f}")
    both = seconds(lambda: spectrum(x, scales=True))
    print(f"{'spectrum and scales of the images':40}  {both:6.2f} s  {both / bare:5.2f}")
    plain = wide.numpy()
    other = seconds(lambda: PCA(svd_solver="full").fit(plain), repeats=1)
    print(f"{'scikit-learn PCA(svd_solver=full)':40}  {other:6.2f} s  {other / bare:5.2f}")
    print(f"scikit-learn / spectrum  {other / own:.1f}")
    error = np.abs(spectrum(x).numpy() / PCA(svd_solver="full").fit(plain).explained_variance_ - 1)
    print(f"largest relative difference  {error.max():.1e}")


if __name__ == "__main__":
    main()
