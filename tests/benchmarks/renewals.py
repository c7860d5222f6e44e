"""A renewal of a spectral penalty's eigenvectors against one pass and one eigen-solution.

Run as ``python tests/benchmarks/renewals.py mnist.npz [UNITS]``; prints ratios, asserts nothing.
The floor is the products of a forward pass over all training images, those of the layer's
covariance in float32, and ``torch.linalg.eigh``; a network with batch normalization passes twice,
the first time for its statistics.
"""

import sys
import time

import torch

from specrob.data import load_image_set
from specrob.experiments.layer_covariance import whole_covariances
from specrob.models import build

BATCH = 3000


def seconds(function):
    """Return the time of a second call."""
    function()
    start = time.perf_counter()
    function()
    return time.perf_counter() - start


def main():
    """Print the table."""
    images = load_image_set(sys.argv[1], "train").pixels
    units = int((*sys.argv[2:], "2000")[0])
    print(f"{len(images)} images, {units} units, {torch.get_num_threads()} threads")
    for batch_norm in (False, True):
        options = {"hidden": units, "activation": "tanh", "batch_norm": batch_norm}
        shape = tuple(images.shape[1:])
        net = build("mlp", shape, 10, options, torch.Generator().manual_seed(0))
        weight = net.blocks[0].map.weight.detach()

        def renew(net=net):
            covariance = whole_covariances(images, BATCH, net, ["latent"])["latent"]
            return torch.linalg.eigh(covariance)

        def bare(weight=weight):
            products = torch.zeros(units, units)
            for part in images.flatten(1).split(BATCH):
                h = part @ weight.T
                products += h.T @ h
            return torch.linalg.eigh(products)

        ours, floor = seconds(renew), seconds(bare)
        name = "batch norm" if batch_norm else "plain"
        print(f"{name:10} {ours:6.2f} s, floor {floor:6.2f} s, ratio {ours / floor:.2f}")


if __name__ == "__main__":
    main()
