"""Critical distances of the images of one network, or of its seeds together.

Letters: ``B`` images.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from specrob.plots.style import Array
from specrob.results import CENSORED, Distances

UNKNOWN = float("nan")


@dataclass(frozen=True)
class Sample:
    """Distances of the images that were fooled, ascending, and how many were attacked.

    Parameters
    ----------
    fooled : ndarray, (fooled images,)
    attacked : int
    budget : float
        The largest radius that was tried in vain: nothing is known beyond it. Infinite where all
        were fooled, NaN where it is not known.
    median, low, high : float
        The Kaplan-Meier median; infinite where it was not reached, NaN where none was attacked.
        The ends are those of its 95% interval, or the range of the seeds' medians.
    seeds : tuple of Sample
        Where several are pooled.
    """

    fooled: Array
    attacked: int
    budget: float = np.inf
    median: float = UNKNOWN
    low: float = UNKNOWN
    high: float = UNKNOWN
    seeds: "tuple[Sample, ...]" = ()

    def share(self) -> Array:
        """Return the share of the attacked images fooled up to each distance.

        >>> Sample(np.array([1.0, 2.0]), 4).share()
        array([0.25, 0.5 ])
        """
        return np.arange(1, len(self.fooled) + 1) / max(self.attacked, 1)

    def share_at(self, distance: Array) -> Array:
        """Return the share fooled up to some distances.

        >>> Sample(np.array([1.0, 2.0]), 4).share_at(np.array([0.5, 1.5]))
        array([0.  , 0.25])
        """
        fooled = np.searchsorted(self.fooled, distance, side="right")
        return np.asarray(fooled / max(self.attacked, 1))

    def quantile(self, share: float) -> float:
        """Return the distance up to which a share of the attacked images is fooled, or inf.

        >>> Sample(np.array([1.0, 2.0, 3.0]), 6).quantile(0.5)
        3.0
        >>> Sample(np.array([1.0]), 4).quantile(0.5)
        inf
        """
        rank = max(int(np.ceil(share * self.attacked - 1e-9)), 1)
        return float(self.fooled[rank - 1]) if rank <= len(self.fooled) else np.inf


def sample_of(results: Sequence[Distances], *, in_l2: bool = False) -> Sample:
    """Return the distances of the images of one network, or those of its seeds together.

    >>> facts = {"method": "pgd", "norm": "l2"} | dict.fromkeys(
    ...     ("index", "label", "prediction", "prediction_adversarial"), np.arange(3)
    ... )
    >>> status = np.array(["fooled", "censored", "misclassified"])
    >>> distance, eps = np.array([3.0, np.inf, np.nan]), np.full(3, 9.0)
    >>> lengths = {"distance": distance, "distance_l2": distance, "eps": eps}
    >>> found = sample_of([Distances(status=status, **lengths, **facts)])
    >>> found.fooled, found.attacked, found.budget
    (array([3.]), 2, 9.0)
    """
    samples = [_sample(*_columns(one, in_l2)) for one in results]
    if len(samples) == 1:
        return samples[0]
    columns = zip(*(_columns(one, in_l2) for one in results), strict=True)
    pooled = _sample(*map(np.concatenate, columns))
    medians = [one.median for one in samples]
    return Sample(
        pooled.fooled,
        pooled.attacked,
        pooled.budget,
        pooled.median,
        min(medians),
        max(medians),
        tuple(samples),
    )


def _columns(result: Distances, in_l2: bool) -> tuple[Array, Array]:
    """Return distances, inf where censored and NaN where not attacked, and radii tried, (B,)."""
    distance = np.array(result.distance_l2 if in_l2 else result.distance, dtype=float)
    distance[~result.was_attacked] = np.nan
    distance[result.status == CENSORED] = np.inf
    unknown = in_l2 and result.norm != "l2"  # radii in another norm say nothing in L2
    return distance, np.full_like(distance, np.inf) if unknown else result.eps.astype(float)


def _sample(distance: Array, radii: Array) -> Sample:
    from specrob.censored_median import median_distance  # scipy.stats takes half a second

    fooled = np.sort(distance[np.isfinite(distance)])
    tried = radii[np.isinf(distance)]
    budget = float(tried.max()) if len(tried) else np.inf
    if len(tried) and not np.isfinite(budget):
        budget = UNKNOWN
    median = median_distance(distance, radii)
    attacked = int((~np.isnan(distance)).sum())
    return Sample(fooled, attacked, budget, median.value, median.low, median.high)
