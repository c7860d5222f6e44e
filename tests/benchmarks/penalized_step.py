"""Steps of training under a penalty against the same written out plainly, in one run.

Run as ``python tests/benchmarks/penalized_step.py``; prints ratios, asserts nothing. A case
trains a network of one hidden layer for an epoch; beside it stands a loop of plain PyTorch that
computes the same penalty, and the share of that which the bare step without penalty takes.
"""

import statistics
import time
from functools import partial

import torch
from torch import nn
from torch.nn.functional import cross_entropy

from specrob.learning.objective import Objective
from specrob.learning.penalties import parse_penalties
from specrob.learning.supervised import train_supervised
from specrob.models import build
from specrob.settings.training import TrainingSettings

IMAGES, SIDE, UNITS, BATCH, TAU, PROBES = 2000, 28, 500, 1000, 10, 3


def seconds(*functions, repeats=7):
    """Return the median time of each function, called in turns, after one to warm up."""
    times = {function: [] for function in functions}
    for _ in range(repeats + 1):
        for function in functions:
            start = time.perf_counter()
            function()
            times[function].append(time.perf_counter() - start)
    return [statistics.median(taken[1:]) for taken in times.values()]


def network():
    """Return a network of one hidden layer, always with the same weights."""
    options = {"hidden": UNITS, "activation": "tanh"}
    return build("mlp", (1, SIDE, SIDE), 10, options, torch.Generator().manual_seed(0))


def own(images, labels, penalties):
    """Train for an epoch as `specrob train-sup` does."""
    train_supervised(
        network(),
        images,
        labels,
        TrainingSettings(epochs=1),
        Objective(parse_penalties(penalties)),
        batch_size=BATCH,
        generator=torch.Generator().manual_seed(0),
    )


def plain(images, labels, penalty):
    """Train for an epoch by a plain loop; the penalty is a function of a step's tensors."""
    model, generator = network().train(), torch.Generator().manual_seed(0)
    optimizer = torch.optim.Adam(model.parameters(), fused=True)
    hidden, latent, readout = model.blocks[0].map, model.blocks[0], model.readout
    seen = {}
    latent.register_forward_hook(lambda module, inputs, output: seen.update(latent=output))
    for rows in torch.randperm(len(images), generator=generator).split(BATCH):
        x = images[rows].requires_grad_(penalty in (random_jacobian, loss_jacobian))
        logits = model(x)
        losses = cross_entropy(logits, labels[rows], reduction="none")
        tensors = {"x": x, "logits": logits, "losses": losses, "latent": seen["latent"]}
        tensors |= {"weight": hidden.weight, "readout": readout.weight}
        optimizer.zero_grad()
        (losses.mean() + penalty(**tensors)).backward()
        optimizer.step()


def nothing(**tensors):
    """Return no penalty."""
    return 0.0


def spectral(latent, **tensors):
    """Return eq. (2) of arXiv:2012.04729 of the batch's own covariance."""
    centred = latent - latent.mean(0)
    products = (centred.T @ centred).detach()
    vectors = torch.linalg.eigh(products).eigenvectors.flip(1)
    eigenvalues = (centred @ vectors).square().sum(0) / (len(latent) - 1)
    ranks = torch.arange(TAU, len(eigenvalues) + 1)
    excess = eigenvalues[TAU - 1 :] * ranks / (TAU * eigenvalues[TAU - 1].detach()) - 1
    return 0.1 * (excess.square() + excess.clamp(min=0)).sum() / len(eigenvalues)


def hidden_jacobian(weight, **tensors):
    """Return the squared norm of the Jacobian of a linear map, which is its weight's."""
    return 1e-3 * weight.square().sum()


def random_jacobian(x, logits, **tensors):
    """Return the squared norm of the Jacobian of the logits by random projections."""
    classes, total = logits.shape[1], 0.0
    for _ in range(PROBES):
        v = nn.functional.normalize(torch.randn_like(logits), dim=1)
        (pulled,) = torch.autograd.grad((logits * v).sum(), x, create_graph=True)
        total = total + pulled.flatten(1).square().sum(1)
    return 1e-3 * classes / PROBES * total.mean()


def loss_jacobian(x, losses, **tensors):
    """Return the squared norm of the gradient of the loss by the image."""
    (pulled,) = torch.autograd.grad(losses.sum(), x, create_graph=True)
    return 1e-3 * pulled.flatten(1).square().sum(1).mean()


CASES = {
    "none": ([], nothing),
    "spectral": ([f"spectral=0.1,tau={TAU}"], spectral),
    "jacobian of hidden": (["jacobian=1e-3"], hidden_jacobian),
    "jacobian of logits": ([f"jacobian=1e-3,of=logits,n_proj={PROBES}"], random_jacobian),
    "jacobian of the loss": (["jacobian=1e-3,of=loss"], loss_jacobian),
}


def main():
    """Print the table."""
    generator = torch.Generator().manual_seed(0)
    images = torch.rand(IMAGES, 1, SIDE, SIDE, generator=generator)
    labels = torch.randint(10, (IMAGES,), generator=generator)
    steps = -(-IMAGES // BATCH)
    print(f"{BATCH} images, {SIDE**2} pixels, {UNITS} units, {torch.get_num_threads()} threads")
    print(f"{'penalty':22} {'ms a step':>10} {'plain':>10} {'ratio':>7} {'without':>8}")
    bare = None
    for name, (penalties, penalty) in CASES.items():
        both = partial(own, images, labels, penalties), partial(plain, images, labels, penalty)
        ours, reference = (taken / steps for taken in seconds(*both))
        bare = bare or reference
        numbers = f"{1e3 * ours:10.1f} {1e3 * reference:10.1f} {ours / reference:7.2f}"
        print(f"{name:22} {numbers} {bare / reference:8.2f}")


if __name__ == "__main__":
    main()
