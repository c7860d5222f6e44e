"""The quantities of certified distances."""

from collections.abc import Callable, Iterator

import numpy as np

from specrob.quantities.quantity import Labels, Measured, Quantity, share_of_images
from specrob.results import Array, CertifiedDistances
from specrob.settings.certificates import CertificateSettings
from specrob.statistics.intervals import wilson_interval

TOPIC, WHERE = "Certified distances", "{norm}"
CLOSE = 1.5  # up to which ratio of upper and lower an interval counts as close
IN_NORM = "attacked space, in the norm"


def _labels(result: CertifiedDistances) -> Labels:
    usual = CertificateSettings()
    names = "steps", "radii", "tolerance", "rounding"
    known = {name: getattr(result, name) for name in names}  # results of others may lack some
    words = [f"{k} {v}" for k, v in known.items() if v not in (None, getattr(usual, k))]
    settings = {"settings": ", ".join(words)} if words else {}
    return {"method": "certified", "norm": result.norm, "bounds": result.bounds, **settings}


def _clean(result: CertifiedDistances) -> Iterator[Measured]:
    yield share_of_images(np.isfinite(result.lower))


def _median(result: CertifiedDistances) -> Iterator[Measured]:
    attacked = int(np.isfinite(result.lower).sum())
    if attacked:
        median = result.median()
        ends = median.low, median.high
        yield Measured(median.value, _labels(result), "", None, *ends, n=attacked)


def _uncertified(result: CertifiedDistances) -> Iterator[Measured]:
    attacked = int(np.isfinite(result.lower).sum())
    number = int((result.status == "uncertified").sum())
    yield Measured(number, _labels(result), f"of {attacked}", n=attacked)


def _of_both(
    number: Callable[[Array, Array], float], *, is_share: bool
) -> Callable[[CertifiedDistances], Iterator[Measured]]:
    """Return the getter of a number of lower and upper bounds, of the images that have both."""

    def values(result: CertifiedDistances) -> Iterator[Measured]:
        if result.upper is None:
            return
        both = np.isfinite(result.lower) & np.isfinite(result.upper)
        if not both.any():
            return
        value, n = number(result.lower[both], result.upper[both]), int(both.sum())
        low, high = wilson_interval(value, n) if is_share else (None, None)
        left = int(np.isfinite(result.lower).sum()) - n
        note = f"upper by {result.upper_by}" + f", {left} without one left out" * bool(left)
        yield Measured(value, _labels(result), note, low=low, high=high, n=n)

    return values


CERTIFICATES = (
    Quantity(
        "clean_accuracy",
        "clean accuracy",
        "share of images",
        CertifiedDistances,
        _clean,
        "Accuracy",
        axis="test accuracy",
        of_all_images=True,
    ),
    Quantity(
        "certified_distance",
        f"median certified distance {WHERE}",
        IN_NORM,
        CertifiedDistances,
        _median,
        TOPIC,
        "median certified distance",
    ),
    Quantity(
        "certified_share",
        f"median share of the distance that is certified {WHERE}",
        "share",
        CertifiedDistances,
        _of_both(lambda lower, upper: float(np.median(lower / upper)), is_share=False),
        TOPIC,
        "certified share of the distance",
    ),
    Quantity(
        "certified_within",
        f"images whose distance is known within a factor of {CLOSE} {WHERE}",
        "share of attacked images",
        CertifiedDistances,
        _of_both(lambda lower, upper: float((upper <= CLOSE * lower).mean()), is_share=True),
        TOPIC,
    ),
    Quantity(
        "uncertified",
        f"uncertified {WHERE}",
        "images",
        CertifiedDistances,
        _uncertified,
    ),
)
