"""An effect with its intervals and p, on the scale on which it is estimated."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import exp, log

import numpy as np

from specrob.errors import ArtifactError
from specrob.results.comparisons import Basis, Scale
from specrob.settings.margins import parse_margin

Interval = tuple[float, float]


@dataclass(frozen=True, kw_only=True)
class Effect:
    """An effect on an additive scale: a difference, or the log of a ratio.

    Parameters
    ----------
    values_a, values_b : sequence of float
        One number a seed, as people read it.
    effect : float
    interval, interval_90 : pair of float or None
        95% and 90%.
    p, detectable : float or None
    scale : {"difference", "ratio"}
    basis : {"seeds", "images"}
    images : int or None
        Number of common images.
    censored : pair of int or None
        Number of distances of each group that are only known to be larger than was tried.
    zeros : int
        Number of distances of 0, taken as the smallest of the others.
    reference : float
        The number that a single group is compared with.
    """

    values_a: Sequence[float]
    values_b: Sequence[float]
    effect: float
    interval: Interval | None = None
    interval_90: Interval | None = None
    p: float | None = None
    detectable: float | None = None
    scale: Scale = "difference"
    basis: Basis = "seeds"
    images: int | None = None
    censored: tuple[int, int] | None = None
    zeros: int = 0
    reference: float = 0.0

    def margin(self, text: str | float | None) -> float | None:
        """Return a margin on the additive scale: that of a ratio is a share of 1.

        >>> one = Effect(values_a=[2.0], values_b=[4.0], effect=-2.0)
        >>> one.margin("5%"), one.margin(0.5), one.margin(None)
        (0.2, 0.5, None)
        """
        if text is None:
            return None
        number, is_share = parse_margin(str(text))
        if self.scale == "ratio":
            return log(1 + number)
        if not is_share:
            return number
        reference = self.values_b if len(self.values_b) else [self.reference]
        return number * abs(float(np.mean(reference)))


def exponential(log_ratio: float) -> float:
    """Return the ratio of distances, or the distance, of which this is the log.

    Raises
    ------
    ArtifactError
        If it is beyond the largest number of double precision.

    Examples
    --------
    >>> round(exponential(log(2)), 12)
    2.0
    """
    try:
        return exp(log_ratio)
    except OverflowError:
        raise ArtifactError(
            "expected distances whose ratio, with its interval, is below 1e308, found a larger "
            "one; look at the attack"
        ) from None
