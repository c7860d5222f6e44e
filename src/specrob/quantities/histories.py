"""The quantities of a training's history: final loss, and how well penalties see a spectrum."""

from collections.abc import Iterator, Sequence
from typing import Any

from specrob.quantities.quantity import Measured, Quantity
from specrob.results import DRIFT, ESTIMATED_ALPHA, TRUE_ALPHA, Model


def _final_loss(model: Model) -> float | None:
    losses = _column(model, "loss")
    return losses[-1] if losses else None


def _drifts(model: Model) -> Iterator[Measured]:
    for layer, drifts in _by_layer(model, DRIFT):
        if drifts:
            yield Measured(sum(drifts) / len(drifts), {"layer": layer})


def _estimation_errors(model: Model) -> Iterator[Measured]:
    estimates = dict(_by_layer(model, ESTIMATED_ALPHA))
    for layer, exponents in _by_layer(model, TRUE_ALPHA):
        if exponents and estimates.get(layer):
            yield Measured(abs(exponents[-1] - estimates[layer][-1]), {"layer": layer})


def _by_layer(model: Model, start: str) -> Iterator[tuple[str, list[float]]]:
    for name in model.history or {}:
        if name.startswith(start):
            yield name.removeprefix(start), _column(model, name)


def _column(model: Model, name: str) -> list[float]:
    """Return the numbers of a curve; epochs without one are left out."""
    values: Any = (model.history or {}).get(name)
    numbers = values if isinstance(values, Sequence) and not isinstance(values, str) else ()
    return [value for value in numbers if isinstance(value, int | float)]


HISTORIES = (
    Quantity("train_loss", "training loss", "nats", Model, _final_loss, is_detail=True),
    Quantity(
        "drift",
        "drift of the eigenvectors of {layer} between renewals",
        "1 - squared cosine",
        Model,
        _drifts,
        is_detail=True,
    ),
    Quantity(
        "estimate_error",
        "|alpha - the penalty's estimate| of {layer}",
        "exponent",
        Model,
        _estimation_errors,
        is_detail=True,
    ),
)
