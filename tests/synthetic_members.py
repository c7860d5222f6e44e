"""Networks whose true differences are known, as `specrob compare` reads them.

The log distance of image i under seed s of a group is the group's mean, a part of the image, which
all networks share, a part of the seed, and a part of both.
"""

from dataclasses import replace

import numpy as np

from specrob.artifacts import Artifact
from specrob.artifacts.folder import FolderEntry
from specrob.quantities.networks import NetworkResults
from specrob.results import Distances, ImageOutcomes, Model, Robustness

IMAGES, OVER_IMAGES, BOTH = 200, 0.5, 0.3  # number, standard deviations of the log
BUDGET = 30.0  # beyond which distances are censored; the median is 1
MISCLASSIFIED = 0.05


def groups(seeds, difference, over_seeds, rng, images=IMAGES):
    """Return two groups of members with distances, the first longer by a log ratio."""
    shared = rng.normal(0, OVER_IMAGES, images)
    return [
        [
            _member(f"{name}-{seed}", shared + mean + rng.normal(0, over_seeds), rng)
            for seed in range(seeds)
        ]
        for name, mean in (("a", difference), ("b", 0.0))
    ]


def _member(network, logs, rng):
    distance = np.exp(logs + rng.normal(0, BOTH, len(logs)))
    return of_distances(network, distance, BUDGET, rng.random(len(logs)) >= MISCLASSIFIED)


def of_distances(network, distance, budget, correct=True, norm="l2"):
    """Return a network with distances, (B,), those above a budget censored."""
    distance = np.asarray(distance, float)
    status = np.where(distance > budget, "censored", "fooled").astype("U13")
    status[~np.broadcast_to(correct, distance.shape)] = "misclassified"
    shown = np.where(status == "fooled", distance, np.inf)
    shown = np.where(status == "misclassified", np.nan, shown)
    label = np.zeros(len(distance), int)
    result = Distances(
        method="pgd",
        norm=norm,
        index=np.arange(len(distance)),
        label=label,
        prediction=label,
        prediction_adversarial=label,
        status=status,
        distance=shown,
        distance_l2=shown,
        eps=np.minimum(distance, budget),
    )
    return member(network, result)


def member(network, *results):
    """Return a network with results."""
    entries = [FolderEntry(f"{network}.{r.kind}", Artifact.of(r), network) for r in results]
    return NetworkResults(network, network.split("-")[0], int(network.split("-")[1]), entries)


def curve(network, kept, correct=None, eps=0.1):
    """Return a network whose images, (B,), kept their labels at one radius."""
    kept = np.asarray(kept, bool)
    correct = np.ones(len(kept), bool) if correct is None else np.asarray(correct, bool)
    result = Robustness(
        method="pgd",
        norm="linf",
        clean_accuracy=float(correct.mean()),
        n_images=len(kept),
        n_attacked=int(correct.sum()),
        eps=(eps,),
        relative_accuracy=(float(kept[correct].mean()),),
        robust_accuracy=(float((kept & correct).mean()),),
        outcomes=ImageOutcomes.of(np.arange(len(kept)), correct, (kept & correct)[None]),
    )
    return member(network, result)


def of_accuracy(test, train=None):
    """Return a model of an accuracy on test images, and on training images the same or another."""
    facts = {"arch": "mlp", "shape": (1, 8, 8), "classes": 10, "normalize": "none"}
    return Model(test_accuracy=test, train_accuracy=test if train is None else train, **facts)


def models(name, accuracies):
    """Return models of some accuracies, a seed each."""
    return [member(f"{name}-{seed}", of_accuracy(a)) for seed, a in enumerate(accuracies)]


def joined(*networks):
    """Return a network with the results of several of one name."""
    return replace(networks[0], entries=[e for one in networks for e in one.entries])


def changed(members, **fields):
    """Return networks whose results have other facts."""
    return [
        replace(m, entries=[
            replace(e, artifact=replace(e.artifact, fields={**e.artifact.fields, **fields}))
            for e in m.entries
        ])
        for m in members
    ]  # fmt: skip
