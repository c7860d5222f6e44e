"""Certified radii in L2 of a network of one hidden layer against their bare products.

Run as ``python tests/benchmarks/certificates.py MODEL IMAGES.npz [NUMBER]``; prints ratios,
asserts nothing. The floor is, in float64: the eigenvectors of the first weights' Gram matrix,
once; at each of 10 radii two products of all images with the weights, one of them with their
absolute values; and for one rival class of each image three bounds and their two gradients, each a
product with that matrix.
"""

import sys
import time

import torch

from specrob.artifacts import read
from specrob.experiments.bounded_network import bounded_network
from specrob.experiments.loading import load_model
from specrob.measures.certificates import certified_radius
from specrob.settings.certificates import CertificateSettings
from specrob.settings.images import ImageSettings

BATCH, RADII = 100, CertificateSettings.radii


def main():
    """Print the table."""
    number = int((*sys.argv[3:], "500")[0])
    images = ImageSettings(data=sys.argv[2], limit=number)
    loaded = load_model(read(sys.argv[1]), images, device=torch.device("cpu"))
    model, x, labels = loaded.network.module, loaded.images.pixels, loaded.images.labels
    right = model(x).argmax(1) == labels
    x, labels = x[right], labels[right]
    weight = bounded_network(model, x.shape[1:]).stages[1].weight
    start = time.perf_counter()
    network = bounded_network(model, x.shape[1:])
    for some in torch.arange(len(x)).split(BATCH):
        certified_radius(network, x[some], labels[some], max_eps=100.0)
    ours = time.perf_counter() - start

    start = time.perf_counter()
    torch.linalg.eigh(weight @ weight.T)
    units = len(weight)
    square = torch.rand(units, units, dtype=torch.float64)
    for some in x.flatten(1).double().split(BATCH):
        for _ in range(RADII):
            for matrix in (weight, weight.abs()):
                h = some @ matrix.T
            for _ in range(2 * (CertificateSettings.steps + 1) - 1):
                h = h @ square / units
    floor = time.perf_counter() - start
    threads = torch.get_num_threads()
    print(f"{len(x)} images, {units} units, {x[0].numel()} pixels, {threads} threads")
    print(f"{ours:.1f} s, floor {floor:.1f} s, ratio {ours / floor:.2f}")


if __name__ == "__main__":
    main()
