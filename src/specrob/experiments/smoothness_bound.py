"""The bound 1 + 2/d of an exponent, for stimuli of a known or an estimated dimension."""

from dataclasses import replace

from specrob.artifacts import Data, Provenance
from specrob.errors import MeasureError
from specrob.measures.dimension import smoothness_bound
from specrob.results import Dimension, DimensionEstimate, Fit


def with_bound(fit: Fit, dimension: float | DimensionEstimate) -> Fit:
    """Return the fit beside the bound, which has an interval where the dimension is an estimate.

    >>> fit = Fit(source="images", layer="x", size=9, range=(1, 9), alpha=1.0, stderr=0.1)
    >>> with_bound(fit, 8).bound
    1.25
    """
    if not isinstance(dimension, DimensionEstimate):
        return replace(fit, dimension=dimension, bound=smoothness_bound(dimension))
    return replace(
        fit,
        dimension=dimension.dimension,
        dimension_ci=dimension.interval,
        bound=dimension.bound,
        bound_ci=dimension.bound_interval,
    )


def dimension_of_images(result: Dimension) -> DimensionEstimate:
    """Return the estimate of the images themselves: that of the layer input.

    Raises
    ------
    MeasureError
        If there is none.

    Examples
    --------
    >>> facts = {"source": "images", "size": 9, "n_images": 50, "duplicates": 0}
    >>> facts |= {"low": 3, "high": 5, "bound": 1.5, "bound_low": 1.4, "bound_high": 1.7}
    >>> estimates = [DimensionEstimate(layer=one, dimension=4, **facts) for one in ("x", "input")]
    >>> dimension_of_images(Dimension(estimates=tuple(estimates), discard=0.1)).layer
    'input'
    """
    there = [one for one in result.estimates if one.source == "images" and one.dimension]
    found = [one for one in there if one.layer == "input"]
    if len(found) != 1:
        layers = ", ".join(one.layer for one in there) or "none"
        raise MeasureError(
            f"`dimension`: expected a file with the dimension of the layer input, found {layers}; "
            "make one with `specrob dimension images`"
        )
    return found[0]


def check_same_images(dimension: Provenance, spectrum: Provenance) -> None:
    """Raise MeasureError where a dimension is known to be of other images than a spectrum.

    >>> one, other = (Provenance(data=Data(n, n, "", {"test": n})) for n in ("mnist", "digits"))
    >>> check_same_images(one, one)
    >>> check_same_images(one, other)
    Traceback (most recent call last):
    specrob.errors.MeasureError: `dimension`: expected that of the images of the spectrum, \
digits, found that of mnist; make one with `specrob dimension images` and the same `data`, \
`resize` and `transform`
    """
    found, wanted = dimension.lineage_data(), spectrum.lineage_data()
    if found is None or wanted is None:
        return
    both = found.digests.keys() & wanted.digests.keys()
    same = all(found.digests[split] == wanted.digests[split] for split in both)
    if not both:
        same = (found.source, found.root) == (wanted.source, wanted.root)
    if not same or (found.transform, found.resize) != (wanted.transform, wanted.resize):
        raise MeasureError(
            f"`dimension`: expected that of the images of the spectrum, {wanted.name}"
            f"{_size(wanted)}, found that of {found.name}{_size(found)}; make one with `specrob "
            "dimension images` and the same `data`, `resize` and `transform`"
        )


def _size(data: Data) -> str:
    return f" (resized to {data.resize})" if data.resize else ""
