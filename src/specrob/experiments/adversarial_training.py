"""Adversarial training: an attack that perturbs every batch before a step."""

from collections.abc import Callable

import torch
from torch import Tensor, nn

from specrob.measures.attacks import AttackBatch
from specrob.norm_balls import Bounds
from specrob.settings.robustness import AdversarialSettings

PerturbBatch = Callable[[nn.Module, Tensor, Tensor, Tensor], Tensor]


def perturb_with(settings: AdversarialSettings, bounds: Bounds) -> PerturbBatch:
    """Return a function of a model, images, labels and rows that perturbs the images.

    The bounds are those of all training images, of which a batch has some rows.

    >>> box = Bounds(torch.zeros(3), torch.ones(3))
    >>> two = lambda x: torch.cat([x, -x], 1)
    >>> perturb = perturb_with(AdversarialSettings.parse("fgsm,eps=0.5"), box)
    >>> x, row = torch.tensor([[0.25], [0.75]]), torch.tensor([2, 0])
    >>> perturb(two, x, torch.tensor([0, 0]), row)
    tensor([[0.0000],
            [0.2500]])
    """
    attack, norm = settings.attack, settings.attack.norm_for(settings.norm)

    def perturb(model: nn.Module, images: Tensor, labels: Tensor, rows: Tensor) -> Tensor:
        batch = AttackBatch(
            model=model,
            images=images,
            labels=labels,
            bounds=bounds.take(rows),
            norm=norm,
            loss=settings.loss,
            seed=0,
            index=rows,
            stop_when_fooled=False,
        )
        every = torch.arange(len(images), device=images.device)
        radius = images.new_full((len(images),), settings.eps)
        return attack.prepare(batch).perturb(every, radius).detach()

    return perturb
