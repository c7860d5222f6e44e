"""Robust accuracy under `--method worst` and `pgd` against the four parts of AutoAttack.

Run as ``python tests/benchmarks/worst_case.py MODEL IMAGES.npz NORM EPS... [--number N]``;
prints how many images keep their label, and CPU times; asserts nothing. The parts are
torchattacks': APGD-CE and APGD-T of 100 steps, FAB-T of 100, and Square of 5,000 queries, one
after the other on the images that stand. All keep pixels within [0, 1], and all images are
attacked at each radius anew.

References
----------
F. Croce and M. Hein, "Reliable evaluation of adversarial robustness with an ensemble of diverse
parameter-free attacks", arXiv:2003.01690.
"""

import argparse
import contextlib
import io
import time

import torch

from specrob.artifacts import read
from specrob.experiments.loading import load_model
from specrob.measures.attacks import AttackBatch
from specrob.norms import Bounds
from specrob.settings.attacks import PGD
from specrob.settings.images import ImageSettings
from specrob.settings.named_attacks import attack_type


def ours(model, x, y, norm, eps, attack):
    """Return which images keep their label under one of our attacks."""
    batch = AttackBatch(
        model=model,
        images=x,
        labels=y,
        bounds=Bounds(torch.zeros(len(x)), torch.ones(len(x))),
        norm=norm,
        loss="ce",
        seed=0,
        index=torch.arange(len(x)),
    )
    every = torch.arange(len(x))
    perturbed = attack.prepare(batch).perturb(every, torch.full((len(x),), eps))
    return model(perturbed).argmax(1) == y


def parts(model, norm, eps, classes):
    """Return the four parts in the order in which AutoAttack runs them."""
    import torchattacks  # not in the test extra, with which every file here is collected

    how = {"norm": {"l2": "L2", "linf": "Linf"}[norm], "eps": eps, "seed": 0}
    return {
        "APGD-CE": torchattacks.APGD(model, **how, steps=100, loss="ce"),
        "APGD-T": torchattacks.APGDT(model, **how, steps=100, n_classes=classes),
        "FAB-T": torchattacks.FAB(model, **how, steps=100, n_classes=classes, multi_targeted=True),
        "Square": torchattacks.Square(model, **how, n_queries=5000),
    }


def autoattack(model, x, y, norm, eps, classes):
    """Return which images keep their label under all parts, and what each part left."""
    stand, left = torch.ones(len(x), dtype=torch.bool), []
    for name, attack in parts(model, norm, eps, classes).items():
        rows = stand.nonzero()[:, 0]
        if len(rows):
            with contextlib.redirect_stdout(io.StringIO()):
                perturbed = attack(x[rows], y[rows])
            length = (
                (perturbed - x[rows]).flatten(1).norm(dim=1, p=2 if norm == "l2" else torch.inf)
            )
            assert (length <= eps * (1 + 1e-4)).all(), name
            stand[rows] = model(perturbed).argmax(1) == y[rows]
        left.append(f"{name} {int(stand.sum())}")
    return stand, ", ".join(left)


def main():
    """Print a table."""
    parser = argparse.ArgumentParser()
    parser.add_argument("model")
    parser.add_argument("images")
    parser.add_argument("norm", choices=["l2", "linf"])
    parser.add_argument("eps", type=float, nargs="+")
    parser.add_argument("--number", type=int, default=200)
    given = parser.parse_args()
    settings = ImageSettings(data=given.images, limit=given.number)
    loaded = load_model(read(given.model), settings, device=torch.device("cpu"))
    model, x, y = loaded.network.module, loaded.images.pixels, loaded.images.labels
    right = model(x).argmax(1) == y
    x, y = x[right], y[right]
    print(
        f"{given.number} images, {len(x)} right, {torch.get_num_threads()} threads, {given.norm}"
    )
    for eps in given.eps:
        for name, attack in {"worst": attack_type("worst")(), "pgd": PGD()}.items():
            start = time.process_time()
            kept = ours(model, x, y, given.norm, eps, attack)
            used = time.process_time() - start
            print(f"eps {eps:g}: {name} keeps {int(kept.sum())}, {used:.1f} s", flush=True)
        start = time.process_time()
        stand, left = autoattack(model, x, y, given.norm, eps, loaded.network.classes)
        print(f"eps {eps:g}: {left}, {time.process_time() - start:.1f} s", flush=True)


if __name__ == "__main__":
    main()
