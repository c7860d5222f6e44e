"""The effect between two groups: over seeds, or over images of two single networks."""

from collections.abc import Sequence
from dataclasses import replace
from math import isinf, isnan

import numpy as np
from numpy.typing import NDArray

from specrob.comparisons.alike import QUANTITIES_BY_IMAGE
from specrob.comparisons.effect import Effect, exponential
from specrob.comparisons.images import ImageNumbers, image_numbers
from specrob.comparisons.measured_networks import Measurement
from specrob.errors import ArtifactError
from specrob.results.comparisons import Scale
from specrob.statistics.groups import Estimate, mean_against, mean_difference
from specrob.statistics.pairs import paired_t_test, resampled_mean, sign_test


def effect_between(
    a: Sequence[Measurement], b: Sequence[Measurement], *, paired: bool = False
) -> Effect:
    """Return the effect between the networks of two groups, whose numbers are of one quantity.

    Accuracies of attacked images and distances are over the images that all networks classify
    correctly; distances as the mean of their logs, censored ones at their budget. Groups are
    `paired` where they are the same networks, in one order, under two conditions.

    Raises
    ------
    ArtifactError
        If no image is classified correctly by all networks, or a number is infinite.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> from specrob.quantities.rows import rows_of
    >>> from specrob.results import Model
    >>> facts = {"arch": "mlp", "shape": (1, 2, 2), "classes": 2, "normalize": "none"}
    >>> def number(accuracy):
    ...     model = Artifact.of(Model(test_accuracy=accuracy, train_accuracy=1.0, **facts))
    ...     return Measurement(next(rows_of(model)), model)
    >>> effect = effect_between([number(0.75), number(0.5)], [number(0.5)])
    >>> effect.values_a, effect.effect, effect.p
    ([0.75, 0.5], 0.125, None)
    """
    quantity = a[0].row.quantity
    by_image = image_numbers([*a, *b]) if quantity in QUANTITIES_BY_IMAGE else None
    scale: Scale = "ratio" if by_image and quantity != "relative_accuracy" else "difference"
    if by_image is None:
        of_a, of_b = ([finite(one) for one in group] for group in (a, b))
    else:
        means = by_image.values.mean(1).tolist()
        of_a, of_b = means[: len(a)], means[len(a) :]
    estimate = mean_against(np.subtract(of_a, of_b), 0) if paired else mean_difference(of_a, of_b)
    images = None if by_image is None else by_image.values.shape[1]
    if len(a) == len(b) == 1 and by_image is not None:
        return _paired(by_image, scale)
    censored = None if by_image is None or scale != "ratio" else _censored(by_image, len(a))
    effect = _over_seeds(_readable(of_a, scale), _readable(of_b, scale), estimate)
    zeros = 0 if by_image is None else by_image.zeros
    return replace(effect, scale=scale, images=images, censored=censored, zeros=zeros)


def effect_above(values: Sequence[float], reference: float) -> Effect:
    """Return the effect of one group against a number.

    >>> effect = effect_above([1.0, 2.0, 3.0], 1.5)
    >>> effect.effect, [round(end, 2) for end in effect.interval]
    (0.5, [-1.98, 2.98])
    """
    effect = _over_seeds(list(values), [], mean_against(values, reference))
    return replace(effect, reference=reference)


def _over_seeds(
    values_a: Sequence[float], values_b: Sequence[float], estimate: Estimate
) -> Effect:
    """Return the effect of an estimate over seeds, without what its error does not allow."""
    varies = not isnan(estimate.df)
    return Effect(
        values_a=values_a,
        values_b=values_b,
        effect=estimate.value,
        interval=estimate.interval() if varies else None,
        interval_90=estimate.interval(0.90) if varies else None,
        p=estimate.p if varies else None,
        detectable=estimate.detectable if varies else None,
    )


def _censored(numbers: ImageNumbers, in_a: int) -> tuple[int, int]:
    of_a, of_b = numbers.is_censored[:in_a], numbers.is_censored[in_a:]
    return int(of_a.sum()), int(of_b.sum())


def finite(one: Measurement) -> float:
    """Return the number of a network.

    Raises
    ------
    ArtifactError
        If it is infinite.

    Examples
    --------
    >>> from specrob.artifacts import Artifact
    >>> from specrob.quantities.rows import rows_of
    >>> from specrob.results import Model
    >>> facts = {"arch": "mlp", "shape": (1, 2, 2), "classes": 2, "normalize": "none"}
    >>> model = Artifact.of(Model(test_accuracy=0.75, train_accuracy=1.0, **facts))
    >>> finite(Measurement(next(rows_of(model)), model))
    0.75
    """
    if isinf(one.value):
        raise ArtifactError(
            f"expected a finite {one.row.quantity} of {one.row.network}, found inf; measure up to "
            "larger radii"
        )
    return one.value


def _paired(numbers: ImageNumbers, scale: Scale) -> Effect:
    """Return the effect between two single networks, image by image."""
    a, b = numbers.values
    differences: NDArray[np.float64] = a - b
    low, high, low_90, high_90 = resampled_mean(differences, np.random.default_rng(0))
    p = paired_t_test(differences) if scale == "ratio" else sign_test(a > 0.5, b > 0.5)
    return Effect(
        values_a=_readable([float(a.mean())], scale),
        values_b=_readable([float(b.mean())], scale),
        effect=float(differences.mean()),
        interval=(low, high),
        interval_90=(low_90, high_90),
        p=p,
        scale=scale,
        basis="images",
        images=len(a),
        censored=_censored(numbers, 1) if scale == "ratio" else None,
        zeros=numbers.zeros,
    )


def _readable(values: Sequence[float], scale: Scale) -> list[float]:
    return [exponential(value) if scale == "ratio" else float(value) for value in values]
