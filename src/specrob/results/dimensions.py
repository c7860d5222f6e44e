"""Intrinsic dimensions of representations."""

from dataclasses import dataclass

from specrob.results.record import Record, Result


@dataclass(frozen=True, kw_only=True)
class DimensionEstimate(Record):
    """The intrinsic dimension of a layer over images, with its 95% interval and bound 1 + 2/d.

    Parameters
    ----------
    source : str
        What responded: ``images``, ``initial`` (images in the network before training), or
        ``noise``.
    layer : str
        Name of the layer; ``input`` for the images themselves.
    size : int, 0 or more
        Number of units that vary over the images.
    n_images : int
        Number of images, duplicates included.
    duplicates : int, 0 or more
        Number of images that equal one before them, as pixels or in the layer; they are left out.
    dimension : float or None, above 0
        Intrinsic dimension d by the ratio of the distances of the two nearest neighbours; None
        where it could not be estimated, see `reason`.
    low, high : float or None, above 0
        95% interval of `dimension`, from `low` to `high`; None without it.
    bound : float or None, above 1
        ``1 + 2/d``, above which the asymptotic exponent of a smooth code lies; None without d.
    bound_low, bound_high : float or None, above 1
        95% interval of `bound`, from `bound_low` to `bound_high`; None without it.
    reason : str or None
        Why there is no dimension; None where there is one.
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
        if self.dimension is None:
            if self.reason is None:
                raise ValueError("an estimate without a dimension and without a reason")
            return
        low, high = self.interval
        bound, (bound_low, bound_high) = self.bound, self.bound_interval
        if not 0 < low <= self.dimension <= high:
            raise ValueError(f"a dimension of {self.dimension} with interval {low} to {high}")
        if bound is None or not 0 < bound_low <= bound <= bound_high:
            raise ValueError(f"a bound of {bound} with interval {bound_low} to {bound_high}")

    @property
    def interval(self) -> tuple[float, float]:
        """The interval of the dimension; raises ValueError without one."""
        return _ends(self.low, self.high)

    @property
    def bound_interval(self) -> tuple[float, float]:
        """The interval of the bound; raises ValueError without one."""
        return _ends(self.bound_low, self.bound_high)


def _ends(low: float | None, high: float | None) -> tuple[float, float]:
    if low is None or high is None:
        raise ValueError("an estimate without an interval or a bound")
    return low, high


@dataclass(frozen=True, kw_only=True)
class Dimension(Result):
    """Intrinsic dimensions of layers, from the distances of the two nearest neighbours.

    Parameters
    ----------
    estimates : tuple of DimensionEstimate
        An estimate for every layer (``--layer``) and, in each, for every source.
    discard : float, 0 to 0.9
        Share of the largest ratios of distances that is discarded (``--discard``).
    transform : tuple of str or None
        What was done to the pixels (``--transform``), in order, with the seed of what is random;
        None where nothing was, or activations were recorded.
    """

    kind = "dimension"
    format = "json"
    maker = "dimension"
    parallel = ("estimates",)

    estimates: tuple[DimensionEstimate, ...]
    discard: float
    transform: tuple[str, ...] | None = None
