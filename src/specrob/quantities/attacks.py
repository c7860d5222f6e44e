"""The quantities of attacks: accuracies, critical distances, and numbers of images."""

import math
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np

from specrob.quantities.attack_names import attack_label
from specrob.quantities.quantity import Measured, Quantity, R
from specrob.results import Adversarial, Array, AttackResult, Distances, Robustness
from specrob.statistics.intervals import wilson_interval

SHARE, IN_NORM = "share of images", "attacked space, in the norm"
UNDER_ATTACK = "Accuracy under attack: {attack}"
DISTANCES = "Critical distances: {attack}"


def _labels(result: AttackResult) -> dict[str, str | int | float]:
    return {"attack": attack_label(result)}


def _clean(result: AttackResult, accuracy: float, images: int) -> Iterator[Measured]:
    if (result.targets or "").isdigit():
        return  # the images of the target class were left out
    low, high = wilson_interval(accuracy, images)
    yield Measured(accuracy, {}, f"{images} images", low=low, high=high, n=images)


def _median(result: Distances) -> Iterator[Measured]:
    return _median_of(result, result.distance, result.eps)


def _median_in_l2(result: Distances) -> Iterator[Measured]:
    if result.norm != "l2":  # no radius in L2 is known of the images that were not fooled
        yield from _median_of(result, result.distance_l2, np.full_like(result.eps, np.inf))


def _median_of(result: Distances, distance: Array, radii: Array) -> Iterator[Measured]:
    from specrob.censored_median import median_distance  # scipy.stats takes half a second

    median, n = median_distance(distance, radii), int((~np.isnan(distance)).sum())
    if math.isnan(median.value):
        yield Measured(None, _labels(result), n=n)
    else:
        yield Measured(median.value, _labels(result), low=median.low, high=median.high, n=n)


def _of_fooled(
    number: Callable[[Array], float], fewest: int
) -> Callable[[Distances], Iterator[Measured]]:
    """Return the getter of a number of the distances of those fooled, if they are enough."""

    def values(result: Distances) -> Iterator[Measured]:
        fooled = result.distance[np.isfinite(result.distance)].astype(np.float64)
        note = "of the fooled only" if np.isinf(result.distance).any() else ""
        value = number(fooled) if len(fooled) >= fewest else None
        yield Measured(value, _labels(result), note, n=len(fooled))

    return values


def _count(result: AttackResult, counted: Array, note: str = "") -> Iterator[Measured]:
    yield Measured(int(counted.sum()), _labels(result), note, n=len(counted))


def _fooled(result: Distances) -> Iterator[Measured]:
    attacked = result.was_attacked.sum()
    return _count(result, np.isfinite(result.distance), f"of {attacked}")


def _fooled_at_radii(result: Adversarial) -> Iterator[Measured]:
    wrong = result.prediction_adversarial != result.label
    for eps, row in zip(result.eps, wrong & (result.prediction == result.label), strict=True):
        number, images = int(row.sum()), len(result.index)
        yield Measured(number, _labels(result) | {"eps": float(eps)}, n=images)


def _clean_of_distances(result: Distances) -> Iterator[Measured]:
    accuracy = float(result.was_attacked.mean())
    return _clean(result, accuracy, len(result.status))


def _clean_row(record: type[R], get: Callable[[R], Iterator[Measured]]) -> Quantity[R]:
    row = "clean_accuracy", "clean accuracy", SHARE
    return Quantity(*row, record, get, "Accuracy", axis="test accuracy", of_all_images=True)


def _curve_row(
    kind: str,
    unit: str,
    get: Callable[[Robustness], Sequence[float | None]],
    images: Callable[[Robustness], int],
) -> Quantity[Robustness]:
    title, axis = (
        f"{kind} accuracy {{attack}} at {{eps}}",
        f"{kind} accuracy at $ε$ = {{eps}}",
    )

    def values(result: Robustness) -> Iterator[Measured]:
        pairs = zip(result.eps, get(result), strict=True)
        for eps, value in sorted(pairs, key=lambda pair: pair[0]):
            low, high = (None, None) if value is None else wilson_interval(value, images(result))
            yield Measured(
                value, _labels(result) | {"eps": eps}, low=low, high=high, n=images(result)
            )

    return Quantity(f"{kind}_accuracy", title, unit, Robustness, values, UNDER_ATTACK, axis)


def _distances_row(
    name: str,
    title: str,
    unit: str,
    get: Callable[[Distances], Iterator[Measured]],
    *,
    axis: str = "",
    is_detail: bool = False,
) -> Quantity[Distances]:
    return Quantity(name, title, unit, Distances, get, DISTANCES, axis, is_detail)


ATTACK_ROWS: tuple[Quantity[Any], ...] = (
    _clean_row(Robustness, lambda r: _clean(r, r.clean_accuracy, r.n_images)),
    _clean_row(Distances, _clean_of_distances),
    _curve_row(
        "relative",
        "share of attacked images",
        lambda r: r.relative_accuracy,
        lambda r: r.n_attacked,
    ),
    _curve_row("robust", SHARE, lambda r: r.robust_accuracy, lambda r: r.n_images),
    _distances_row(
        "distance", "median distance {attack}", IN_NORM, _median, axis="median critical distance"
    ),
    _distances_row(
        "distance_l2",
        "median distance {attack} in l2",
        "attacked space, L2",
        _median_in_l2,
        axis="median critical distance in L2",
    ),
    _distances_row(
        "mean_distance",
        "mean distance {attack}",
        IN_NORM,
        _of_fooled(lambda d: float(d.mean()), 1),
    ),
    _distances_row(
        "distance_deviation",
        "standard deviation of distance {attack}",
        IN_NORM,
        _of_fooled(lambda d: float(d.std(ddof=1)), 2),
        is_detail=True,
    ),
    _distances_row(
        "distance_variance",
        "variance of distance {attack}",
        "square of the attacked space, in the norm",
        _of_fooled(lambda d: float(d.var(ddof=1)), 2),
    ),
    _distances_row("fooled", "fooled {attack}", "images", _fooled),
    _distances_row(
        "censored", "censored {attack}", "images", lambda r: _count(r, np.isinf(r.distance))
    ),
    Quantity(
        "misclassified",
        "misclassified",
        "images",
        Distances,
        lambda r: _count(r, ~r.was_attacked),
    ),
    Quantity(
        "attacked", "attacked", "images", Adversarial, lambda r: _count(r, r.prediction == r.label)
    ),
    Quantity("fooled", "fooled {attack} at {eps}", "images", Adversarial, _fooled_at_radii),
)
