"""The table of all numbers that artifacts hold, and the iterator that reads them.

`specrob info`, the line that a command prints, the tables of reports and the figures of relations
read it. A new measure adds its rows here.
"""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from specrob.artifacts import Artifact, to_result
from specrob.artifacts.contract import record_of
from specrob.quantities.attacks import ATTACK_ROWS, SHARE
from specrob.quantities.certificates import CERTIFICATES
from specrob.quantities.dimensions import DIMENSIONS
from specrob.quantities.exponents import EXPONENTS
from specrob.quantities.histories import HISTORIES
from specrob.quantities.local_smoothness import PREDICTOR_ROWS
from specrob.quantities.measures import INVERSIONS, LANDSCAPES, NORM_ROWS, SENSITIVITIES, SPECTRA
from specrob.quantities.quantity import Measured, Number, Quantity, Value
from specrob.results import Checkpoint, Model, Result


def quantities_of(result: Artifact | Result, **labels: str) -> Iterator[Value]:
    """Yield all numbers of an artifact or a record, in the order of the table.

    Parameters
    ----------
    result : Artifact or Result
    **labels : str
        What every number is labelled with besides, for instance ``network="kh"``.

    Raises
    ------
    ArtifactError
        If the artifact is not what the record of its kind says.

    Examples
    --------
    >>> from specrob.results import Robustness
    >>> curve = {"eps": (0.1,), "relative_accuracy": (0.5,), "robust_accuracy": (0.25,)}
    >>> facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 0.5, "n_images": 4}
    >>> for one in quantities_of(Robustness(n_attacked=2, **facts, **curve), network="kh"):
    ...     print(one.title, one.value, one.labels["network"])
    clean accuracy 0.5 kh
    relative accuracy pgd l2 at 0.1 0.5 kh
    robust accuracy pgd l2 at 0.1 0.25 kh
    """
    artifact = result if isinstance(result, Artifact) else Artifact.of(result)
    record = to_result(artifact, record_of(artifact.kind))
    for quantity in QUANTITIES:
        says_nothing = quantity.of_all_images and artifact.provenance.chosen
        if quantity.kind == artifact.kind and not says_nothing:
            yield from quantity.values(record, labels)


def of_all_units(values: Iterable[Value]) -> list[Value]:
    """Return the values without those of spectra of fewer units of the same layer."""
    ordered = list(values)
    largest = {_layer(one): _size(one) for one in sorted(ordered, key=_size)}
    return [one for one in ordered if _size(one) == largest[_layer(one)]]


def _layer(one: Value) -> tuple[object, ...]:
    return one.name, one.labels.get("source"), one.labels.get("layer")


def _size(one: Value) -> int:
    return int(one.labels.get("size", 0))


def _of_model(
    name: str, title: str, unit: str, get: Callable[[Model], Number | None], topic: str = ""
) -> Quantity[Model]:
    return Quantity(name, title, unit, Model, get, topic)


def _pruned(model: Model) -> Iterator[Measured]:
    if model.pruning is not None:
        one_mode = ", whose variances have one mode" if model.pruning.threshold is None else ""
        yield Measured(model.pruning.pruned, note=f"of {model.pruning.of} units{one_mode}")


def _threshold(model: Model) -> float | None:
    return model.pruning.threshold if model.pruning else None


def _epoch(run: Checkpoint) -> int | None:
    """Return the epochs that are done, where a state has them."""
    epoch = run.state.get("epoch")
    return epoch if isinstance(epoch, int) else None


ACCURACY, THRESHOLD = "Accuracy", "variance threshold"
NETWORKS: tuple[Quantity[Any], ...] = (
    _of_model("units", "units", "units", lambda m: m.units),
    _of_model("converged", "converged", "units", lambda m: m.converged),
    _of_model("learned", "outside the wrong attractor", "units", lambda m: m.learned),
    _of_model("wrong_attractor", "in the wrong attractor", "units", lambda m: m.wrong_attractor),
    _of_model("never_winning", "never winning", "units", lambda m: m.never_winning),
    Quantity("pruned", "pruned", "units", Model, _pruned),
    _of_model(
        "respectrum_train_alpha",
        "alpha of the read-out's input on training images",
        "exponent",
        lambda m: m.respectrum.train_alpha if m.respectrum else None,
    ),
    _of_model(
        "respectrum_test_alpha",
        "alpha of the read-out's input on test images",
        "exponent",
        lambda m: m.respectrum.test_alpha if m.respectrum else None,
    ),
    _of_model("pruning_threshold", THRESHOLD, "synapse squared", _threshold),
    _of_model("test_accuracy", "test accuracy", SHARE, lambda m: m.test_accuracy, ACCURACY),
    _of_model("train_accuracy", "train accuracy", SHARE, lambda m: m.train_accuracy, ACCURACY),
    Quantity("epoch", "epochs done", "epochs", Checkpoint, _epoch),
)
QUANTITIES = (
    *NETWORKS,
    *HISTORIES,
    *ATTACK_ROWS,
    *CERTIFICATES,
    *EXPONENTS,
    *DIMENSIONS,
    *SPECTRA,
    *SENSITIVITIES,
    *INVERSIONS,
    *LANDSCAPES,
    *NORM_ROWS,
    *PREDICTOR_ROWS,
)


def largest_radius(values: Iterable[Value]) -> float:
    """Return the radius whose accuracies are shown where none is chosen; 0 where there is none.

    >>> from specrob.results import Robustness
    >>> facts = {"method": "pgd", "norm": "l2", "clean_accuracy": 1.0, "n_images": 4}
    >>> curve = {"eps": (0.1, 0.3), "relative_accuracy": (0.5, 0), "robust_accuracy": (0.5, 0)}
    >>> largest_radius(quantities_of(Robustness(n_attacked=4, **facts, **curve)))
    0.3
    """
    return max((float(one.labels.get("eps", 0.0)) for one in values), default=0.0)
