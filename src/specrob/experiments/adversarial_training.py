"""Adversarial training: an attack that perturbs every batch before a step.

Letters: ``B`` images of a batch.
"""

import torch
from torch import Tensor, nn

from specrob.learning.objective import PerturbBatch
from specrob.measures.attacks import AttackBatch
from specrob.measures.classification import predict
from specrob.norms import Bounds
from specrob.random import derive_seed
from specrob.settings.adversarial import AdversarialSettings


def perturb_with(settings: AdversarialSettings, bounds: Bounds, *, seed: int) -> PerturbBatch:
    """Return a function that perturbs the images of a batch, and says which the model gets right.

    It takes a model in evaluation mode, images, (B, ...), labels, (B,), their rows in the training
    set, (B,), and the epoch, and returns the perturbed images and which of the given ones are
    classified correctly, (B,).

    Of the iterates the last is taken, as in [1]_. The random numbers of an image depend on the
    seed, the epoch and its row alone, so that they are the same after a resumption and for any
    number of processes.

    The attack sees the model in evaluation mode, as in the Robustness library of [2]_: there
    the perturbation of an image does not depend on the others of its batch, dropout does not
    blur the gradient, the network is the one that is attacked after training, and no step of the
    attack updates the statistics of batch normalization. The code of [1]_ for CIFAR-10 attacks in
    training mode, which does all four.

    Parameters
    ----------
    settings : AdversarialSettings
    bounds : Bounds
        Those of all training images, of which a batch has some rows.
    seed : int

    References
    ----------
    .. [1] A. Madry et al., "Towards deep learning models resistant to adversarial attacks",
       arXiv:1706.06083.
    .. [2] L. Engstrom et al., "Robustness (Python library)", 2019,
       https://github.com/MadryLab/robustness.

    Examples
    --------
    >>> box = Bounds(torch.zeros(3), torch.ones(3))
    >>> two = lambda x: torch.cat([x, -x], 1)
    >>> perturb = perturb_with(AdversarialSettings.parse("fgsm,eps=0.5"), box, seed=0)
    >>> x, row = torch.tensor([[0.25], [0.75]]), torch.tensor([2, 0])
    >>> perturb(two, x, torch.tensor([0, 0]), row, 0)
    (tensor([[0.0000],
            [0.2500]]), tensor([True, True]))
    """
    attack, norm = settings.attack, settings.attack.norm_for(settings.norm)

    def perturb(
        model: nn.Module, images: Tensor, labels: Tensor, rows: Tensor, epoch: int
    ) -> tuple[Tensor, Tensor]:
        batch = AttackBatch(
            model=model,
            images=images,
            labels=labels,
            bounds=bounds.take(rows),
            norm=norm,
            loss=settings.loss,
            seed=derive_seed(seed, "adversarial training", epoch),
            index=rows,
            stop_when_fooled=False,
            keep_worst=False,
        )
        every = torch.arange(len(images), device=images.device)
        radius = images.new_full((len(images),), settings.eps)
        perturbed = attack.prepare(batch).perturb(every, radius).detach()
        return perturbed, predict(model, images) == labels

    return perturb
