"""The quantities of a training's history: losses, accuracies, and how penalties see a spectrum."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from typing import Any

from specrob.artifacts.validation import conforms
from specrob.quantities.attack_names import attack_settings
from specrob.quantities.quantity import Measured, Quantity
from specrob.results import (
    DRIFT,
    ESTIMATED_ALPHA,
    ROBUST_TRAIN_ACCURACY,
    TRUE_ALPHA,
    AttackResult,
    Facts,
    Model,
)


def _final_loss(model: Model) -> Iterator[Measured]:
    note = "of perturbed images" if model.training and model.training.adversarial else ""
    for loss in _column(model, "loss")[-1:]:
        yield Measured(loss, note=note)


@dataclass(frozen=True, kw_only=True)
class _TrainingAttack:
    """What a model records of the attack of its training."""

    method: str
    norm: str
    eps: float
    loss: str | None = None
    options: Facts | None = None


def _robust_accuracy(model: Model) -> Iterator[Measured]:
    plain: Any = model.training and model.training.adversarial
    if not conforms(plain, _TrainingAttack):
        return
    attack = {f.name: plain[f.name] for f in fields(_TrainingAttack) if f.name in plain}
    labels = {name: attack.pop(name) for name in ("method", "norm", "eps")}
    made = AttackResult(method=labels["method"], norm=labels["norm"], **attack)
    note = "over the last epoch, while the weights changed"
    for accuracy in _column(model, ROBUST_TRAIN_ACCURACY)[-1:]:
        yield Measured(accuracy, {**labels, "settings": attack_settings(made)}, note)


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
        ROBUST_TRAIN_ACCURACY,
        "robust train accuracy {method} {norm} {settings} at {eps}",
        "share of images",
        Model,
        _robust_accuracy,
        axis="accuracy on perturbed training images",
    ),
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
