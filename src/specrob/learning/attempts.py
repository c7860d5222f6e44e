"""Layers that are trained one after another until one is accepted; needs no torch.

References
----------
.. [1] "Exploring mechanisms of neural robustness", arXiv:2405.00679. Its text says that some
   synapses do not converge (section A.1); its released code accepts a layer if fewer than 10%
   of the units are further than 0.01 from R, and trains again else.
"""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any

from specrob.results import Attempt

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

    Examples
    --------
    >>> is_accepted(1800, 2000), is_accepted(1801, 2000)
    (False, True)
    """
    return learned > ENOUGH * units


@dataclass(frozen=True)
class Tried:
    """The facts of attempts, as a checkpoint holds them."""

    tried: list[Attempt]


@dataclass
class Attempts:
    """The layers trained so far, and the synapses of the one in which most units have learned.

    Parameters
    ----------
    synapses : Tensor, (N, D), or None

    Examples
    --------
    >>> attempts = Attempts()
    >>> counts = {"epochs": 10, "converged": 9, "wrong_attractor": 0, "never_winning": 0}
    >>> for number, learned in enumerate((5, 7, 7)):
    ...     attempt = Attempt(attempt=number, learned=learned, accepted=False, **counts)
    ...     attempts.add_(attempt, f"synapses {number}")
    >>> attempts.best.attempt, attempts.synapses
    (1, 'synapses 1')
    """

    tried: list[Attempt] = field(default_factory=list)
    synapses: "Tensor | None" = None

    @property
    def best(self) -> Attempt:
        """The one in which most units have learned, the first of several."""
        return max(self.tried, key=lambda attempt: attempt.learned)

    def add_(self, attempt: Attempt, synapses: "Tensor") -> None:
        """Count an attempt, and keep its synapses if they are the best."""
        self.tried.append(attempt)
        if self.best is attempt:
            self.synapses = synapses

    def to_arrays(self) -> "tuple[dict[str, Tensor], dict[str, Any]]":
        """Return the tensors and the facts of a checkpoint."""
        arrays = {} if self.synapses is None else {"best": self.synapses}
        return arrays, {"tried": [asdict(attempt) for attempt in self.tried]}

    @classmethod
    def from_arrays(cls, arrays: "Mapping[str, Tensor]", facts: Mapping[str, Any]) -> "Attempts":
        """Return the attempts that `to_arrays` gave."""
        return cls([Attempt(**attempt) for attempt in facts["tried"]], arrays.get("best"))
