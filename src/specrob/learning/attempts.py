"""Layers that are trained one after another until one is accepted; needs no torch.

Letters: ``D`` pixels, ``N`` hidden units.

References
----------
.. [1] "Exploring mechanisms of neural robustness", arXiv:2405.00679. Its text says that some
   synapses do not converge (section A.1); its released code accepts a layer if fewer than 10%
   of the units are further than 0.01 from R, and trains again else.
"""

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from torch import Tensor

ENOUGH = 0.9  # share of converged units above which a layer is accepted, as in [1]_


def is_accepted(learned: int, units: int) -> bool:
    """Return whether so many units of all have converged that the layer is accepted.

    Units in the wrong attractor have norm R too, but answer no image. [1]_ counts them as
    converged; here they do not count, or a layer of which nothing but they is left would do.

    Parameters
    ----------
    learned : int
        Units that have converged outside the wrong attractor.
    units : int

    Examples
    --------
    >>> is_accepted(1800, 2000), is_accepted(1801, 2000)
    (False, True)
    """
    return learned > ENOUGH * units


@dataclass(frozen=True)
class Attempt:
    """One trained layer of those of a seed.

    Parameters
    ----------
    attempt : int, 0 or more
        Which random numbers it had.
    epochs : int
    converged, wrong_attractor, never_winning : int
        Units.
    learned : int
        Units that have converged outside the wrong attractor.
    accepted : bool
    """

    attempt: int
    epochs: int
    converged: int
    wrong_attractor: int
    never_winning: int
    learned: int
    accepted: bool


@dataclass
class Attempts:
    """The layers trained so far, and the synapses of the one in which most units have learned.

    Parameters
    ----------
    tried : list of Attempt
    best : Tensor, (N, D), or None

    Examples
    --------
    >>> attempts = Attempts()
    >>> for attempt, learned in enumerate((5, 7, 7)):
    ...     attempts.add_(Attempt(attempt, 10, 9, 0, 0, learned, False), f"synapses {attempt}")
    >>> attempts.kept.attempt, attempts.best
    (1, 'synapses 1')
    """

    tried: list[Attempt] = field(default_factory=list)
    best: "Tensor | None" = None

    @property
    def kept(self) -> Attempt:
        """The one in which most units have learned, the first of several."""
        return max(self.tried, key=lambda one: one.learned)

    def add_(self, attempt: Attempt, synapses: "Tensor") -> None:
        """Count an attempt, and keep its synapses if they are the best."""
        self.tried.append(attempt)
        if self.kept is attempt:
            self.best = synapses
