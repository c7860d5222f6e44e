"""Attacks on a network of one hidden layer against their bare products, Foolbox and torchattacks.

Run as ``python tests/benchmarks/attacks.py [MODEL IMAGES.npz]``; prints ratios, asserts nothing.
Without files, weights and images are random, of the sizes of CIFAR-10 and 2,000 units.
"""

import contextlib
import io
import statistics
import sys
import time
import warnings

import torch

from specrob.artifacts import read
from specrob.experiments.loading import load_model
from specrob.linalg import lp_norms
from specrob.measures.attacks import StepSize, minimal, pgd
from specrob.models import build
from specrob.norms import Bounds
from specrob.settings.attacks import PGD
from specrob.settings.images import ImageSettings

IMAGES, STEPS, EPS = 1000, 20, 0.01


def seconds(function, repeats=3):
    """Return the median time of a call, after one to warm up."""
    times = []
    for _ in range(repeats + 1):
        start = time.perf_counter()
        with contextlib.redirect_stdout(io.StringIO()):
            function()
        times.append(time.perf_counter() - start)
    return statistics.median(times[1:])


def case():
    """Return a network, images in [0, 1] that it classifies correctly, and labels."""
    if len(sys.argv) > 2:
        subject = load_model(
            read(sys.argv[1]),
            ImageSettings(data=sys.argv[2]),
            device=torch.device("cpu"),
        )
        model, x, y = subject.network.module, subject.images.pixels, subject.images.labels
        right = torch.cat([model(part).argmax(1) for part in x.split(1000)]) == y
        return model, x[right][:IMAGES], y[right][:IMAGES]
    generator = torch.Generator().manual_seed(0)
    model = (
        build("shlp", (3, 32, 32), 10, {"hidden": 2000}, generator).eval().requires_grad_(False)
    )
    x = torch.rand(IMAGES, 3, 32, 32, generator=generator)
    return model, x, model(x).argmax(1)


def products(model, x):
    """Return what PGD cannot do without: in every step the first layer forwards and backwards."""
    weight = next(w for w in model.parameters() if w.ndim == 2)
    flat = x.flatten(1)
    h = flat @ weight.T
    return lambda: [(torch.mm(flat, weight.T), torch.mm(h, weight)) for _ in range(STEPS)]


def main():
    """Print the tables."""
    import foolbox
    import torchattacks

    warnings.simplefilter("ignore")
    model, x, y = case()
    box = Bounds(torch.zeros(len(x)), torch.ones(len(x)))
    seen = foolbox.PyTorchModel(model, bounds=(0, 1), device="cpu")
    options = PGD(steps=STEPS, step_size=StepSize(0.125))
    how = {"options": options, "bounds": box, "eps": EPS}
    linf = foolbox.attacks.LinfPGD(rel_stepsize=0.125, steps=STEPS, random_start=False)
    public = torchattacks.PGD(model, EPS, 0.125 * EPS, STEPS, random_start=False)
    runs = {
        "bare products": products(model, x),
        "float32": lambda: pgd(model, x, y, **how),
        "float32, stopping": lambda: pgd(model, x, y, **how, stop=True),
        "bfloat16": lambda: pgd(model, x, y, **how, gradient_dtype=torch.bfloat16),
        "Foolbox": lambda: linf.run(seen, x, y, epsilon=EPS),
        "torchattacks": lambda: public(x, y),
    }
    print(f"PGD Linf, {len(x)} images, {STEPS} steps, {torch.get_num_threads()} threads")
    bare = None
    for name, run in runs.items():
        taken = seconds(run)
        bare = bare or taken
        found = run()
        right = "" if isinstance(found, list) else f"accuracy {_accuracy(model, found, y):.4f}"
        print(f"  {name:18} {taken:7.2f} s  {taken / bare:5.2f}  {right}")
    x, y, box = x[:200], y[:200], box.take(torch.arange(200))
    ddn = foolbox.attacks.DDNAttack(steps=100)
    print("minimum norm, L2, 200 images")
    for name, run in {
        "minimal": lambda: minimal(model, x, y, bounds=box),
        "Foolbox DDN, 100": lambda: ddn(seen, x, y, epsilons=None)[1],
    }.items():
        length = lp_norms(run() - x).median()
        print(f"  {name:18} {seconds(run):7.2f} s  median {length:.5f}")


def _accuracy(model, x, y):
    return (model(x).argmax(1) == y).float().mean().item()


if __name__ == "__main__":
    main()
