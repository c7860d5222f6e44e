"""Random critical distances: along one direction, and as A's code estimates them.

    python random_distances.py cifar10.npz kh.safetensors bp.safetensors --images 1000

Along one direction (`specrob crit-dist --method random --bounds none`) an image has one distance.
A's code draws Gaussian noise anew at each of 400 sizes, does not clamp it, and takes the first
size whose draw fools; its distance is the length of that draw. This is the smallest of many
draws: if the share P(r) of all draws of size r fools an image, its distance is at most r_k with
the probability 1 - prod_{j <= k} (1 - P(r_j)), so that a few percent a size are enough. The last
column but one is the median that follows from shares of draws of its own, the last the mean P
at that median.
"""

import argparse
from math import prod

import numpy as np
import torch

from specrob.artifacts.streams import read
from specrob.censored_median import median_distance
from specrob.experiments.distances import critical_distances
from specrob.experiments.loading import load_model
from specrob.experiments.run_context import RunContext
from specrob.measures.classification import predict
from specrob.settings.attacks import Random
from specrob.settings.images import ImageSettings
from specrob.settings.robustness import AttackSettings, DistanceSettings

LOW, HIGH, SIZES = 1e-4, 30.0, 400  # lengths in the attacked space; config.yaml's eps
COARSE, DRAWS = 40, 25  # sizes at which shares are counted, and draws at each


def open_model(model, data, images):
    """Return a model with those of the first test images that it classifies correctly."""
    settings = ImageSettings(data=data, limit=images)
    loaded = load_model(read(model), settings, device=torch.device("cpu"))
    network = loaded.network.module
    known = torch.cat([predict(network, part) for part in loaded.images.pixels.split(1000)])
    return network, loaded.images.take(known == loaded.images.labels), loaded


def noise(images, size, generator):
    """Return Gaussian noise for images, (B, ...), whose expected length is about `size`."""
    pixels = prod(images.shape[1:])
    return torch.randn(images.shape, generator=generator) * (size / pixels**0.5)


@torch.no_grad()
def first_of_fresh_draws(network, images, sizes, seed=0):
    """Return the length of the first of fresh draws that fools each image, inf if none, (B,)."""
    generator = torch.Generator().manual_seed(seed)
    distance = torch.full((len(images),), torch.inf)
    for size in sizes:
        left = distance.isinf().nonzero()[:, 0]
        drawn = noise(images.pixels[left], size, generator)
        fooled = predict(network, images.pixels[left] + drawn) != images.labels[left]
        distance[left[fooled]] = drawn[fooled].flatten(1).norm(dim=1)
    return distance.numpy()


@torch.no_grad()
def fooling_shares(network, images, sizes, seed=1):
    """Return the share of draws of each size that fool each image, (B, R)."""
    generator = torch.Generator().manual_seed(seed)
    shares = torch.zeros(len(images), len(sizes))
    for at, size in enumerate(sizes):
        for _ in range(DRAWS):
            drawn = noise(images.pixels, size, generator)
            shares[:, at] += predict(network, images.pixels + drawn) != images.labels
    return shares.numpy() / DRAWS


def median_of_first(shares, coarse, sizes):
    """Return the median of the first size that fools, and the mean share that fools there."""
    steps = np.log(sizes)
    each = np.stack([np.interp(steps, np.log(coarse), row) for row in shares])
    below = (1 - np.cumprod(1 - each, axis=1)).mean(0)
    middle = np.interp(0.5, below, sizes)
    return middle, np.interp(np.log(middle), steps, each.mean(0))


def main():
    """Print a row for each model."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", help="images: a name or an NPZ")
    parser.add_argument("models", nargs="+", metavar="model", help="model files")
    parser.add_argument("--images", type=int, default=1000, help="first so many test images")
    given = parser.parse_args()
    sizes = np.geomspace(LOW, HIGH, SIZES)
    print("| model | images | one direction | A's estimator | ratio | calculated | fooled there |")
    print("|---|---|---|---|---|---|---|")
    for model in given.models:
        network, images, loaded = open_model(model, given.data, given.images)
        free, farthest = AttackSettings(bounds="none"), DistanceSettings(max_eps=HIGH)
        found = critical_distances(loaded, Random(), free, farthest, RunContext())
        fresh = first_of_fresh_draws(network, images, sizes)
        single = found.distance[found.status != "misclassified"]
        one, first = (
            float(median_distance(x, np.full(len(x), HIGH)).value) for x in (single, fresh)
        )
        coarse = np.geomspace(LOW, HIGH, COARSE)
        middle, share = median_of_first(fooling_shares(network, images, coarse), coarse, sizes)
        row = f"{one:.3f} | {first:.3f} | {one / first:.2f} | {middle:.3f} | {share:.1%}"
        print(f"| {model} | {len(images)} | {row} |", flush=True)


if __name__ == "__main__":
    main()
