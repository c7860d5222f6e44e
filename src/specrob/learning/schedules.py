"""How the learning rate changes: the factor of the first rate, by epoch.

Schedules are functions (epoch, epochs) -> float, found through `specrob.registry.SCHEDULES`.

References
----------
.. [1] "Exploring mechanisms of neural robustness", arXiv:2405.00679.
"""

import math


def constant(epoch: int, epochs: int) -> float:
    """Return 1."""
    return 1.0


def linear(epoch: int, epochs: int) -> float:
    """Fall to 0 in equal steps.

    >>> linear(5, 20)
    0.75
    """
    return 1 - epoch / epochs


def cosine(epoch: int, epochs: int) -> float:
    """Fall to 0 along half a cosine.

    >>> cosine(0, 10), round(cosine(5, 10), 3)
    (1.0, 0.5)
    """
    return (1 + math.cos(math.pi * epoch / epochs)) / 2


def exponential(epoch: int, epochs: int) -> float:
    """Fall to 1/100 in equal ratios."""
    return math.pow(0.01, epoch / epochs)


def paper_a(epoch: int, epochs: int) -> float:
    """Step as [1]_ did for a plain network: 1 to epoch 30, 0.5 to 90, then 0.2, 0.1 and 0.01.

    >>> [paper_a(epoch, 1000) for epoch in (29, 30, 90, 120, 160)]
    [1.0, 0.5, 0.2, 0.1, 0.01]
    """
    steps = ((30, 1.0), (90, 0.5), (120, 0.2), (160, 0.1))
    return next((factor for until, factor in steps if epoch < until), 0.01)


def paper_a_spectral(epoch: int, epochs: int) -> float:
    """Stay at 1 to epoch 90, then fall by e every 30 epochs, as [1]_ did with SpecReg."""
    return math.exp(-max(0, epoch - 90) / 30)
