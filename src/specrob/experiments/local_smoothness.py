"""How fast the logits of a network change at each image, and what that says of its distance.

Letters: ``B`` images.
"""

from collections.abc import Iterator, Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from specrob.censored_median import median_distance
from specrob.errors import ModelError
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.reference_distances import ReferenceDistances
from specrob.measures.local_smoothness import PREDICTORS, logits_and_gram
from specrob.results import LocalSmoothness, Predictor
from specrob.statistics.correlations import rank_correlation

ENTRIES = 2**26  # of the Jacobians in memory at a time
RESAMPLES = 500  # of the images, for the interval of a correlation
Column = NDArray[np.float64]


def local_columns(loaded: LoadedModel, rows: slice) -> dict[str, Tensor]:
    """Return what may predict the distances of some images, and their predictions, (b,) each.

    Raises
    ------
    ModelError
        If logits or gradients are not finite.
    """
    model, images = loaded.network.module, loaded.images
    size = max(1, ENTRIES // (loaded.network.classes * images[:1].numel()))
    parts: list[dict[str, Tensor]] = []
    for at in range(rows.start, rows.stop, size):
        some = slice(at, min(rows.stop, at + size))
        logits, gram = logits_and_gram(model, images[some])
        if not (logits.isfinite().all() and gram.isfinite().all()):
            raise ModelError("expected finite logits and gradients, found inf or NaN")
        labels = images.labels[some]
        columns = {name: measure(logits, gram, labels) for name, measure in PREDICTORS.items()}
        parts.append({**columns, "prediction": logits.argmax(1)})
    return {name: torch.cat([part[name] for part in parts]) for name in parts[0]}


def local_smoothness(
    loaded: LoadedModel, columns: Mapping[str, Tensor], known: ReferenceDistances | None
) -> LocalSmoothness:
    """Return the columns of all images beside their distances, if they are known."""
    arrays = {name: columns[name].cpu().numpy() for name in (*PREDICTORS, "prediction")}
    return LocalSmoothness(
        index=loaded.images.index.cpu().numpy(),
        label=loaded.images.labels.cpu().numpy(),
        **arrays,
        certified_distance=known.certified if known else None,
        distance=known.distance if known else None,
        distance_by=known.by if known else None,
        normalize=loaded.normalize,
    )


def predictors(result: LocalSmoothness, *, seed: int) -> tuple[Predictor, ...]:
    """Return the median of each measure, and its rank correlation with the distances.

    They are of the images that are classified correctly, and that were attacked where distances
    are known. An image that nothing fooled is further than all others. The seed is that of the
    resampled images behind the intervals of correlations.
    """
    correct = result.prediction == result.label
    distance = None
    if result.distance is not None:
        correct &= ~np.isnan(result.distance)
        distance = result.distance[correct]
    return tuple(
        _predictor(name, column[correct], distance, np.random.default_rng(seed))
        for name, column in _columns(result)
    )


def _columns(result: LocalSmoothness) -> Iterator[tuple[str, Column]]:
    for name in (*PREDICTORS, "certified_distance"):
        column = getattr(result, name)
        if column is not None:
            yield name, column


def _predictor(
    name: str, values: Column, distance: Column | None, rng: np.random.Generator
) -> Predictor:
    median = median_distance(values, values)
    correlation = None
    if distance is not None and len(values) > 1:
        correlation = rank_correlation(values, distance, rng, replicates=RESAMPLES)
    return Predictor(
        name=name,
        n=len(values),
        median=_finite(median.value),
        low=_finite(median.low),
        high=_finite(median.high),
        correlation=_finite(correlation.value) if correlation else None,
        correlation_low=_finite(correlation.low) if correlation else None,
        correlation_high=_finite(correlation.high) if correlation else None,
    )


def _finite(number: float) -> float | None:
    return number if np.isfinite(number) else None
