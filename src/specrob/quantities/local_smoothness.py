"""The quantities of what may predict an image's critical distance."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

from specrob.quantities.quantity import Measured, Quantity, share_of_images
from specrob.results import LocalSmoothness, Predictor, Smoothness

LOGITS, LENGTH = "logit / attacked space", "attacked space"
# what is measured at an image -> the name of its median, words, unit
MEASURES: Mapping[str, tuple[str | None, str, str]] = {
    "jacobian_norm": ("local_jacobian_norm", "Jacobian norm of the logits", LOGITS),
    "spectral_norm": ("local_spectral_norm", "spectral norm of the logits' Jacobian", LOGITS),
    "margin": ("margin", "margin", "logit"),
    "margin_over_jacobian_norm": (
        "margin_over_jacobian_norm",
        "margin over the Jacobian norm",
        LENGTH,
    ),
    "margin_over_spectral_norm": (
        "margin_over_spectral_norm",
        "margin over the spectral norm",
        LENGTH,
    ),
    "linear_distance": ("linear_distance", "distance if logits were linear", f"{LENGTH}, L2"),
    "certified_distance": (None, "certified distance", LENGTH),  # whose median `certify` gives
}
IN_LINE = ("jacobian_norm", "margin", "linear_distance", "certified_distance")
TOPIC = "What predicts distances"


def _found(result: Smoothness, name: str) -> Iterator[Predictor]:
    return (one for one in result.predictors or () if one.name == name)


def _median(name: str) -> Callable[[Smoothness], Iterator[Measured]]:
    def values(result: Smoothness) -> Iterator[Measured]:
        for one in _found(result, name):
            yield Measured(one.median, low=one.low, high=one.high, n=one.n)

    return values


def _correlation(name: str) -> Callable[[Smoothness], Iterator[Measured]]:
    def values(result: Smoothness) -> Iterator[Measured]:
        labels = {"method": str(result.distance_by)}
        for one in _found(result, name):
            if one.correlation is not None:
                ends = one.correlation_low, one.correlation_high
                yield Measured(one.correlation, labels, "", None, *ends, n=one.n)

    return values


def _correct(result: LocalSmoothness) -> Iterator[Measured]:
    yield share_of_images(result.prediction == result.label)


PREDICTOR_ROWS: tuple[Quantity[Any], ...] = (
    Quantity(
        "clean_accuracy",
        "clean accuracy",
        "share of images",
        LocalSmoothness,
        _correct,
        "Accuracy",
        axis="test accuracy",
        of_all_images=True,
    ),
    *(
        Quantity(name, f"median {words}", unit, Smoothness, _median(measure), is_detail=True)
        for measure, (name, words, unit) in MEASURES.items()
        if name
    ),
    *(
        Quantity(
            f"{measure}_correlation",
            f"rank correlation of {words} and distance {{method}}",
            "1",
            Smoothness,
            _correlation(measure),
            TOPIC,
            is_detail=measure not in IN_LINE,
        )
        for measure, (_, words, _) in MEASURES.items()
    ),
)
