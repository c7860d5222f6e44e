"""Intrinsic dimensions of representations."""

from dataclasses import dataclass

from specrob.results.record import Record, Result


@dataclass(frozen=True, kw_only=True)
class DimensionEstimate(Record):
    """The intrinsic dimension of a layer over images, with its 95% interval and bound 1 + 2/d.

    `duplicates` counts the images that equal one before them, as pixels or in the layer; they are
    left out. Without a dimension there is a reason.
    """

    source: str
    layer: str
    size: int
    n_images: int
    duplicates: int
    dimension: float | None
    low: float | None = None
    high: float | None = None
    bound: float | None = None
    bound_low: float | None = None
    bound_high: float | None = None
    reason: str | None = None

    def __post_init__(self) -> None:
        known = [self.low, self.high, self.bound, self.bound_low, self.bound_high]
        if self.dimension is None and self.reason is None:
            raise ValueError("an estimate without a dimension and without a reason")
        if self.dimension is not None and None in known:
            raise ValueError("an estimate without an interval or a bound")


@dataclass(frozen=True, kw_only=True)
class Dimension(Result):
    """Intrinsic dimensions of layers, from the distances of the two nearest neighbours."""

    kind = "dimension"
    format = "json"
    maker = "dimension"
    parallel = ("estimates",)

    estimates: tuple[DimensionEstimate, ...]
    discard: float
    transform: tuple[str, ...] | None = None
