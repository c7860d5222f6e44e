"""The effect between two groups: over seeds, or over images of two single networks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from math import exp, isinf, isnan, log

import numpy as np
from numpy.typing import NDArray

from specrob.comparisons.images import ImageNumbers, image_numbers
from specrob.comparisons.select_numbers import QUANTITIES_BY_IMAGE, Measurement
from specrob.errors import ArtifactError
from specrob.results.comparisons import Basis, Scale
from specrob.settings.claims import parse_margin
from specrob.statistics.groups import Estimate, mean_against, mean_difference
from specrob.statistics.pairs import log_rank, resampled_mean, sign_test

MIN_SEEDS = 3  # in a group, for a statement about its kind of network
Interval = tuple[float, float]


@dataclass(frozen=True)
class Effect:
    """An effect on an additive scale: a difference, or the log of a ratio.

    Parameters
    ----------
    values_a, values_b : sequence of float
        One number a seed, as people read it.
    effect : float
    interval, inner : pair of float or None
        95% and 90%.
    p, detectable : float or None
    scale : {"difference", "ratio"}
    basis : {"seeds", "images"}
    images : int or None
        Number of common images.
    censored : pair of int or None
        Number of distances of each group that are only known to be larger than was tried.
    reference : float
        The number that a single group is compared with.
    """

    values_a: Sequence[float]
    values_b: Sequence[float]
    effect: float
    interval: Interval | None
    inner: Interval | None
    p: float | None
    detectable: float | None
    scale: Scale
    basis: Basis
    images: int | None
    censored: tuple[int, int] | None = None
    reference: float = 0.0

    def margin(self, text: str | float | None) -> float | None:
        """Return a margin on the additive scale: that of a ratio is a share of 1.

        >>> one = Effect([2.0], [4.0], -2.0, None, None, None, None, "difference", "seeds", None)
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


def effect_between(a: Sequence[Measurement], b: Sequence[Measurement], seed: int = 0) -> Effect:
    """Return the effect between the members of two groups, whose numbers are of one quantity.

    Accuracies of attacked images and distances are over the images that all members classify
    correctly; distances as the mean of their logs, censored ones at their budget.
    """
    quantity = a[0].row.quantity
    by_image = image_numbers([*a, *b]) if quantity in QUANTITIES_BY_IMAGE else None
    scale: Scale = "ratio" if by_image and quantity != "relative_accuracy" else "difference"
    if by_image is None:
        of_a, of_b = ([finite(one) for one in group] for group in (a, b))
    else:
        means = by_image.values.mean(1).tolist()
        of_a, of_b = means[: len(a)], means[len(a) :]
    estimate = mean_difference(of_a, of_b)
    images = None if by_image is None else by_image.values.shape[1]
    if len(a) == len(b) == 1 and by_image is not None:
        return _paired(by_image, scale, seed)
    censored = None if by_image is None or scale != "ratio" else _censored(by_image, len(a))
    effect = _over_seeds(_readable(of_a, scale), _readable(of_b, scale), estimate)
    return replace(effect, scale=scale, images=images, censored=censored)


def effect_above(values: Sequence[float], reference: float) -> Effect:
    """Return the effect of one group against a number."""
    effect = _over_seeds(list(values), [], mean_against(values, reference))
    return replace(effect, reference=reference)


def _over_seeds(
    values_a: Sequence[float], values_b: Sequence[float], estimate: Estimate
) -> Effect:
    """Return the effect of an estimate over seeds, without what its error does not allow."""
    varies = not isnan(estimate.df)
    return Effect(
        values_a,
        values_b,
        effect=estimate.value,
        interval=None if isnan(estimate.stderr) else estimate.interval(),
        inner=estimate.interval(0.90) if varies else None,
        p=estimate.p if varies else None,
        detectable=estimate.detectable if varies else None,
        scale="difference",
        basis="seeds",
        images=None,
    )


def _censored(numbers: ImageNumbers, in_a: int) -> tuple[int, int]:
    of_a, of_b = numbers.is_censored[:in_a], numbers.is_censored[in_a:]
    return int(of_a.sum()), int(of_b.sum())


def finite(one: Measurement) -> float:
    """Return the number of a member; raises ArtifactError where it is infinite."""
    if isinf(one.value):
        raise ArtifactError(
            f"expected a finite {one.row.quantity} of {one.row.file}, found inf; measure up to "
            "larger radii"
        )
    return one.value


def _paired(numbers: ImageNumbers, scale: Scale, seed: int) -> Effect:
    """Return the effect between two single networks, image by image."""
    a, b = numbers.values
    differences: NDArray[np.float64] = a - b
    low, high, *inner = resampled_mean(differences, np.random.default_rng(seed))
    if scale == "ratio":
        fooled = [np.exp(v[~c]) for v, c in zip((a, b), numbers.is_censored, strict=True)]
        beyond = [np.exp(v[c]) for v, c in zip((a, b), numbers.is_censored, strict=True)]
        p = log_rank(*fooled, *beyond)
    else:
        p = sign_test(a > 0.5, b > 0.5)
    return Effect(
        _readable([float(a.mean())], scale),
        _readable([float(b.mean())], scale),
        float(differences.mean()),
        (low, high),
        (inner[0], inner[1]),
        p,
        None,
        scale,
        "images",
        len(a),
        _censored(numbers, 1) if scale == "ratio" else None,
    )


def _readable(values: Sequence[float], scale: Scale) -> list[float]:
    return [exp(value) if scale == "ratio" else float(value) for value in values]
