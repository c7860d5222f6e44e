"""Certified distances against the nearest images that Foolbox and torchattacks find.

Both keep pixels within [0, 1], so that the distances are certified within these bounds; what is
certified for any pixels has to hold too.
"""

import warnings

import numpy as np
import pytest
import torch

from specrob import certified_distances
from specrob.data import load_image_set
from specrob.learning.supervised import train_supervised
from specrob.models import build
from specrob.norms import NORMS
from specrob.settings.training import TrainingSettings

warnings.simplefilter("ignore")
pytestmark = [pytest.mark.slow, pytest.mark.filterwarnings("ignore")]
ARCHITECTURES = {
    "linear": ("linear", {}),
    "shlp": ("shlp", {"hidden": 100}),
    "power": ("shlp", {"hidden": 60, "power": 4.5}),
    "relu": ("mlp", {"hidden": [60, 40]}),
    "batch norm": ("mlp", {"hidden": [60, 40], "batch_norm": True}),
    "tanh": ("mlp", {"hidden": [60, 40], "activation": "tanh"}),
    "sigmoid": ("mlp", {"hidden": [60, 40], "activation": "sigmoid"}),
}
IMAGES = 100


def trained(name, seed):
    """Return a network trained on the digits, and test images that it classifies correctly."""
    arch, options = ARCHITECTURES[name]
    train, test = load_image_set("digits", "train"), load_image_set("digits", "test")
    generator = torch.Generator().manual_seed(seed)
    net = build(arch, train.shape, 10, options, generator)
    how = TrainingSettings(epochs=40, lr=3e-3)
    pixels, labels = train.pixels, train.labels
    train_supervised(net, pixels, labels, how, batch_size=100, generator=generator)
    net = net.eval().requires_grad_(False)
    correct = net(test.pixels).argmax(1) == test.labels
    return net, test.pixels[correct][:IMAGES], test.labels[correct][:IMAGES]


def rivals(net, norm, radius):
    """Yield the names of attacks and functions to perturbed images."""
    import foolbox
    import torchattacks

    seen = foolbox.PyTorchModel(net, bounds=(0, 1), device="cpu")
    minimal = {
        "l1": [
            foolbox.attacks.L1FMNAttack(steps=300),
            foolbox.attacks.EADAttack(steps=200, binary_search_steps=5),
        ],
        "l2": [foolbox.attacks.DDNAttack(steps=300), foolbox.attacks.L2FMNAttack(steps=300)],
        "linf": [foolbox.attacks.LInfFMNAttack(steps=300)],
    }
    for attack in minimal[norm]:
        yield type(attack).__name__, lambda x, y, a=attack: a(seen, x, y, epsilons=None)[1]
    if norm == "l1":  # torchattacks has APGD in L1 alone, whose steps leave its ball
        return
    named = {"l2": "L2", "linf": "Linf"}[norm]
    how = {"norm": named, "eps": radius, "seed": 0}
    yield "FAB", torchattacks.FAB(net, **how, steps=20, n_classes=10)
    for loss in ("ce", "dlr"):
        yield f"APGD {loss}", torchattacks.APGD(net, **how, steps=50, loss=loss)


@pytest.mark.parametrize("seed", [0, 1])
@pytest.mark.parametrize("norm", NORMS)
@pytest.mark.parametrize("name", ARCHITECTURES)
def test_no_public_attack_is_nearer_than_what_is_certified(name, norm, seed):
    net, images, labels = trained(name, seed)
    found = {
        bounds: torch.tensor(
            certified_distances(net, images, labels, norm=norm, bounds=bounds).lower
        )
        for bounds in ("none", "0:1")
    }
    assert (found["0:1"] > 0).all()
    fooled_by = []
    for radius in (float(found["0:1"].median()), 1.5 * float(found["0:1"].median())):
        for rival, attack in rivals(net, norm, radius):
            perturbed = attack(images, labels)
            fooled = net(perturbed).argmax(1) != labels
            away = NORMS[norm].length((perturbed - images).double())
            for bounds, lower in found.items():
                assert (away[fooled] >= lower[fooled]).all(), (rival, bounds)
            fooled_by += [rival] * bool(fooled.any())
    assert len(set(fooled_by)) >= 2, fooled_by  # else the test says nothing
    assert np.isfinite(found["none"]).all()
