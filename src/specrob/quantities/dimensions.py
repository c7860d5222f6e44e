"""The quantities of intrinsic dimensions."""

from collections.abc import Iterator

from specrob.quantities.quantity import Labels, Measured, Quantity
from specrob.results import Dimension, DimensionEstimate


def _dimensions(result: Dimension) -> Iterator[Measured]:
    for one in result.estimates:
        n = one.n_images - one.duplicates
        note = one.reason or f"{one.duplicates} duplicates left out" * bool(one.duplicates)
        yield Measured(one.dimension, _labels(one), note, low=one.low, high=one.high, n=n)


def _bounds(result: Dimension) -> Iterator[Measured]:
    for one in result.estimates:
        if one.bound is not None:
            n = one.n_images - one.duplicates
            yield Measured(one.bound, _labels(one), low=one.bound_low, high=one.bound_high, n=n)


def _labels(one: DimensionEstimate) -> Labels:
    return {"source": one.source, "layer": one.layer, "size": one.size}


WHICH, TOPIC = "{source} {layer} {size}", "Intrinsic dimension"
DIMENSIONS = (
    Quantity(
        "intrinsic_dimension",
        f"intrinsic dimension {WHICH}",
        "1",
        Dimension,
        _dimensions,
        TOPIC,
        "intrinsic dimension of {layer}",
    ),
    Quantity(
        "intrinsic_bound",
        f"1 + 2/d {WHICH}",
        "1",
        Dimension,
        _bounds,
        TOPIC,
        "$1 + 2/d$ of {layer}",
    ),
)
