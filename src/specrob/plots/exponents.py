"""The exponent that all figures show of a network: the same number by the same rule.

It is corrected for the number of images where that exponent has an interval, else as fitted; of
several seeds it is the mean, corrected where those of all seeds are.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from specrob.results import Fit

CORRECTED = "bias-corrected"  # for the number of images


@dataclass(frozen=True)
class Exponent:
    """An exponent, and what a reader has to know of it.

    Parameters
    ----------
    values : tuple of float
        Of each seed that has one.
    seeds : int
        Of how many.
    corrected : bool
        For the number of images.
    refuted : int
        Number of seeds whose spectrum is no power law.
    """

    values: tuple[float, ...]
    seeds: int
    corrected: bool
    refuted: int

    @property
    def mean(self) -> float:
        """The mean over seeds."""
        return float(np.mean(self.values))

    @property
    def deviation(self) -> float:
        """The standard deviation over seeds; 0 for one."""
        return float(np.std(self.values, ddof=1)) if len(self.values) > 1 else 0.0

    @property
    def number(self) -> str:
        """The exponent as text, with its deviation over seeds."""
        return f"{self.mean:.2f}" + (f" ± {self.deviation:.2f}" if len(self.values) > 1 else "")

    @property
    def verdict(self) -> str:
        """That the spectrum is no power law, where a test says so."""
        if not self.refuted:
            return ""
        few = f" in {self.refuted} of {self.seeds}" if self.refuted < self.seeds else ""
        return f"no power law{few}"


def exponent_of(fits: Sequence[Fit], seeds: int = 1) -> Exponent | None:
    """Return the exponent of the fits of some seeds to one spectrum each; None where none has one.

    >>> facts = {"source": "images", "layer": "x", "size": 9, "range": (1, 9), "stderr": 0.1}
    >>> one, other = Fit(alpha=1.0, **facts), Fit(alpha=1.1, power_law=False, **facts)
    >>> found = exponent_of([one, other], seeds=2)
    >>> found.number, found.verdict, found.corrected
    ('1.05 ± 0.07', 'no power law in 1 of 2', False)
    """
    there = [fit for fit in fits if fit.alpha is not None]
    if not there:
        return None
    corrected = all(fit.is_corrected for fit in there)
    values = [fit.alpha_corrected if corrected else fit.alpha for fit in there]
    refuted = sum(fit.power_law is False for fit in there)
    finite = tuple(float(value) for value in values if value is not None)
    return Exponent(finite, max(seeds, len(there)), corrected, refuted)
