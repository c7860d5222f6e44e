"""Steps of training under paper B's conditions against their bare products and eigen-solutions.

Run as ``python tests/benchmarks/step_floor.py [WIDTH] [BATCH]``; prints ratios, asserts nothing.
A condition trains an mlp of three tanh layers for an epoch. Its floor is the time of the matrix
products, factorizations and eigen-solutions that its equations need, each done once with the same
sizes and precision and nothing else: no non-linearity, no bias, no optimizer.
"""

import statistics
import sys
import time

import torch

from specrob.data import load_image_set
from specrob.experiments.layer_covariance import whole_covariances
from specrob.learning.objective import Objective
from specrob.learning.penalties import parse_penalties
from specrob.learning.supervised import train_supervised
from specrob.models import build
from specrob.settings.training import TrainingSettings

PIXELS, CLASSES, STEPS, REPEATS = 784, 10, 4, 5
# condition -> layer that is whitened, penalties, what they cost
CONDITIONS = {
    "mlp-van": (None, [], []),
    "mlp-wh": ("blocks.1", [], ["whiten"]),
    "mlp-last": (None, ["spectral=2,refresh=epoch"], ["spectral"]),
    "mlp-last-wh": ("blocks.1", ["spectral=2,refresh=epoch"], ["whiten", "spectral"]),
    "mlp-all": (None, ["spectral=2,refresh=epoch,layers=all"], ["spectral"] * 3),
    "mlp-step": (None, ["spectral=2,refresh=step"], ["spectral", "eigenvectors"]),
    "mlp-jac": (None, ["jacobian=0.01,of=logits,n_proj=1,half=true"], ["jacobian"]),
    "mlp-jacloss": (None, ["jacobian=0.01,of=loss"], ["jacobian"]),
}


def products(width, batch):
    """Return functions that do the products of a plain step, and those of each further cost."""
    x = torch.rand(batch, PIXELS)
    h, z = torch.randn(batch, width), torch.randn(batch, CLASSES)
    first, inner, last = (torch.randn(a, b) for a, b in _shapes(width))
    centred = (h - h.mean(0)).double()
    covariance = centred.T @ centred + torch.eye(width).double()

    def forward():
        return x @ first, h @ inner, h @ inner, h @ last

    def by_weights():
        return x.T @ h, h.T @ h, h.T @ h, h.T @ z

    def by_inputs():
        return h @ inner.T, h @ inner.T, z @ last.T

    def plain():
        return forward(), by_weights(), by_inputs()

    def whiten():
        factor = torch.linalg.cholesky(centred.T @ centred + covariance).float()
        return [torch.linalg.solve_triangular(factor, h.T, upper=False) for _ in range(2)], [
            h.T @ h,
            h @ inner,
        ]

    def spectral():
        return h @ inner, h @ inner.T

    def eigenvectors():
        return torch.linalg.eigh(h.T @ h)

    def jacobian():  # once down to the pixels, and the gradient of that by both its factors
        down = h @ first.T, *by_inputs()
        return down, by_weights(), forward()

    return {
        "plain": plain,
        "whiten": whiten,
        "spectral": spectral,
        "eigenvectors": eigenvectors,
        "jacobian": jacobian,
    }


def _shapes(width):
    return (PIXELS, width), (width, width), (width, CLASSES)


def trainer(images, labels, width, batch, whitened, penalties):
    """Return a function that trains for an epoch as `specrob train-sup` does."""
    options = {"hidden": [width] * 3, "activation": "tanh"}
    options |= {"whiten": whitened} if whitened else {}
    model = build("mlp", (1, 28, 28), CLASSES, options, torch.Generator().manual_seed(0))
    fitted = {
        name: penalty.for_network(("blocks.0", "blocks.1", "blocks.2"))
        for name, penalty in parse_penalties(penalties).items()
    }
    for penalty in fitted.values():  # renewals are measured by renewals.py
        if penalty.is_due(0, STEPS):
            penalty.refresh_(whole_covariances(images, batch, model, penalty.layers))

    def train():
        train_supervised(
            model,
            images,
            labels,
            TrainingSettings(epochs=1, lr=1e-4),
            Objective(fitted),
            batch_size=batch,
            generator=torch.Generator().manual_seed(0),
        )

    for penalty in fitted.values():
        object.__setattr__(penalty, "is_due", lambda step, steps: False)
    return train


def seconds(*functions):
    """Return the median time of each function, called in turns, after one to warm up."""
    times = [[] for _ in functions]
    for _ in range(REPEATS + 1):
        for taken, function in zip(times, functions, strict=True):
            start = time.perf_counter()
            function()
            taken.append(time.perf_counter() - start)
    return [statistics.median(taken[1:]) for taken in times]


def main():
    """Print the table."""
    width, batch = (int(word) for word in (sys.argv[1:] + ["500", "750"][len(sys.argv) - 1 :]))
    generator = torch.Generator().manual_seed(0)
    digits = load_image_set("digits", "train", resize=28).pixels
    images = digits[torch.randint(len(digits), (STEPS * batch,), generator=generator)]
    labels = torch.randint(CLASSES, (len(images),), generator=generator)
    bare = products(width, batch)
    print(f"3 x {width} units, {batch} images a batch, {torch.get_num_threads()} threads")
    print(f"{'condition':14} {'ms a step':>10} {'floor':>8} {'ratio':>6} {'to plain':>9}")
    vanilla = None
    for name, (whitened, penalties, costs) in CONDITIONS.items():
        parts = [bare[part] for part in ["plain", *costs]]
        train = trainer(images, labels, width, batch, whitened, penalties)
        ours, floor = seconds(train, lambda parts=parts: [part() for part in parts])
        step, floor = 1e3 * ours / STEPS, 1e3 * floor
        vanilla = vanilla or step
        print(f"{name:14} {step:10.1f} {floor:8.1f} {step / floor:6.2f} {step / vanilla:9.2f}")


if __name__ == "__main__":
    main()
