"""Steps of adversarial training against plain ones, in one run: time and floating-point work.

Run as ``python tests/benchmarks/adversarial_training.py [BATCH]``; prints ratios, asserts nothing.
The work of a plain step is a forward pass, and a backward pass to the weights and the layers. The
floor of an adversarial step is that, and for each step of the attack a forward pass and a backward
pass to the image; the rest is a forward pass of the clean images, for their accuracy, and the
random start. Work and floor are in plain steps. ``bare`` is the time divided by that of the same
loop written out in plain PyTorch, without clean accuracy; ``start`` is the share of the start.
"""

import statistics
import sys
import time
from functools import partial

import torch
from torch.nn.functional import cross_entropy
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from specrob.experiments.adversarial_training import perturb_with
from specrob.learning.objective import Objective
from specrob.learning.supervised import train_supervised
from specrob.models import build
from specrob.norms import Bounds
from specrob.settings.adversarial import AdversarialSettings
from specrob.settings.training import TrainingSettings

CLASSES, BATCHES, STEPS, EPS, REPEATS = 10, 2, 7, 0.1, 5
SHAPES = {"MNIST": (1, 28, 28), "CIFAR-10": (3, 32, 32)}
NETWORKS = {
    "mlp": ("mlp", {"hidden": [500] * 3}),
    "mlp, batch norm": ("mlp", {"hidden": [500] * 3, "batch_norm": True}),
    "cnn-b": ("cnn-b", {}),
    "cnn-d": ("cnn-d", {}),
}


class Work(TorchDispatchMode):
    """The floating-point operations of matrix products and convolutions."""

    def __init__(self):
        super().__init__()
        self.total = 0

    def __torch_dispatch__(self, function, types, args=(), kwargs=None):
        result = function(*args, **(kwargs or {}))
        count = flop_registry.get(function._overloadpacket)
        self.total += count(*args, **(kwargs or {}), out_val=result) if count else 0
        return result


def seconds(*functions):
    """Return the median time of each function, called in turns, after one to warm up."""
    times = [[] for _ in functions]
    for _ in range(REPEATS + 1):
        for taken, function in zip(times, functions, strict=True):
            start = time.perf_counter()
            function()
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken[1:]) for taken in times]


def work(function):
    """Return the floating-point operations of a function."""
    with Work() as counted:
        function()
    return counted.total


def train(model, images, labels, batch, objective):
    """Train for an epoch as `specrob train-sup` does."""
    train_supervised(
        model,
        images,
        labels,
        TrainingSettings(epochs=1, lr=1e-4),
        objective,
        batch_size=batch,
        generator=torch.Generator().manual_seed(0),
    )


def bare(model, images, labels, batch):
    """Train adversarially for an epoch, written out; starts and steps as in `main`."""
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-4)
    for x, y in zip(images.split(batch), labels.split(batch), strict=True):
        model.eval()
        moved = x
        for _ in range(STEPS):
            moved = moved.detach().requires_grad_()
            (slope,) = torch.autograd.grad(cross_entropy(model(moved), y), moved)
            moved = moved.detach() + 2.5 * EPS / STEPS * slope.sign()
            moved = moved.clamp(x - EPS, x + EPS).clamp(0, 1)
        model.train()
        optimizer.zero_grad()
        cross_entropy(model(moved), y).backward()
        optimizer.step()


def floor(model, images, labels):
    """Return the work of a plain step, and the least of an adversarial one."""
    model.eval()
    plain = work(lambda: cross_entropy(model(images), labels).backward())
    watched = images.clone().requires_grad_()

    def to_images():
        torch.autograd.grad(cross_entropy(model(watched), labels), watched)

    return plain, plain + STEPS * work(to_images)


def main():
    """Print the table."""
    batch = int(sys.argv[1]) if sys.argv[1:] else 200
    generator = torch.Generator().manual_seed(0)
    print(f"{batch} images, {STEPS} attack steps, {torch.get_num_threads()} threads")
    head = f"{'plain ms':>9} {'ms':>8} " + "".join(
        f"{name:>7}" for name in ("ratio", "bare", "work", "floor", "start")
    )
    print(f"{'network':28} {head}")
    for images_name, shape in SHAPES.items():
        images = torch.rand(BATCHES * batch, *shape, generator=generator)
        labels = torch.randint(CLASSES, (len(images),), generator=generator)
        bounds = Bounds(torch.zeros(len(images)), torch.ones(len(images)))
        attacks = [
            AdversarialSettings.parse(f"pgd,eps={EPS},random_start={start}")
            for start in ("true", "false")
        ]
        adversarial = [Objective(perturb=perturb_with(each, bounds, seed=0)) for each in attacks]
        for name, (arch, options) in NETWORKS.items():
            model = build(arch, shape, CLASSES, options, torch.Generator().manual_seed(0))
            run = [
                partial(train, model, images, labels, batch, each)
                for each in (Objective(), *adversarial)
            ]
            run.append(partial(bare, model, images, labels, batch))
            plain, ours, unstarted, written = (1e3 * taken / BATCHES for taken in seconds(*run))
            plain_work, least = floor(model, images[:batch], labels[:batch])
            our_work = work(run[1]) / BATCHES
            ratios = (
                *(ours / plain, ours / written, our_work / plain_work, least / plain_work),
                (ours - unstarted) / ours,
            )
            numbers = f"{plain:9.1f} {ours:8.1f} " + "".join(f"{ratio:7.2f}" for ratio in ratios)
            print(f"{name + ', ' + images_name:28} {numbers}", flush=True)


if __name__ == "__main__":
    main()
