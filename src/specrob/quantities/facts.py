"""What a reader has to know of an artifact besides its numbers, kind by kind."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from specrob import results
from specrob.artifacts import Artifact, to_result
from specrob.artifacts.contract import record_of
from specrob.artifacts.validation import conforms
from specrob.learning.attempts import ENOUGH
from specrob.quantities.attack_names import attack_settings
from specrob.registry import ARCHITECTURES

Facts = dict[str, object]  # what JSON can hold; None is left out


def facts_of(artifact: Artifact) -> Facts:
    """Return the facts of an artifact.

    >>> import numpy as np
    >>> facts_of(Artifact("arrays", {"x": np.zeros((2, 3))}))
    {'x': 'float64 (2, 3)'}
    """
    record = to_result(artifact, record_of(artifact.kind))
    facts = _facts(record) or {
        name: f"{array.dtype} {array.shape}"
        for name, array in artifact.arrays.items()
        if isinstance(record, results.Arrays | results.Weights)
    }
    return {name: value for name, value in facts.items() if value is not None}


def _facts(record: results.Result) -> Facts:
    match record:
        case results.Model():
            return _model(record)
        case results.Robustness():
            return _attack(record, record.n_images)
        case results.Distances() | results.Adversarial():
            return _attack(record, len(record.index))
        case results.CertifiedDistances():
            return _certified(record)
        case results.ImageFile():
            return _images(record)
        case results.Landscape():
            points, span = f"{len(record.v)}x{len(record.u)}", float(abs(record.u).max())
            return {"image": int(record.index), "points": points, "span": span}
        case results.Sensitivity():
            return {"images": len(record.index), "layer": record.of}
        case results.Smoothness():
            return {"images": record.n_images}
        case results.Spectrum():
            return {"weights": record.weights, "layer": _left_out(record)}
        case results.Checkpoint():
            return {**_measured(record.state), **record.settings}
    return {}


@dataclass(frozen=True)
class _Batches:
    """What the state of a measure says of its images."""

    done: list[int]
    batches: list[int]
    shard: tuple[int, int] | None = None


def _measured(state: Mapping[str, Any]) -> Facts:
    """Return which shard a state is of, and how many images are measured; nothing of training.

    >>> _measured({"done": [1], "batches": [20, 9], "shard": [2, 2]})
    {'shard': '2 of 2', 'images measured': '9 of 29'}
    """
    if not conforms(state, _Batches):
        return {}
    sizes, shard = state["batches"], state.get("shard")
    images = sum(sizes[batch] for batch in state["done"] if 0 <= batch < len(sizes))
    return {
        **({"shard": f"{shard[0]} of {shard[1]}"} if shard else {}),
        "images measured": f"{images} of {sum(sizes)}",
    }


def _left_out(spectrum: results.Spectrum) -> str | None:
    """Return layers with the units that were left out, since they never vary; None without any."""
    if spectrum.dropped is None:
        return None
    counts = {
        f"initial {layer}" if source == "initial" else str(layer): (int(size), int(dropped))
        for source, layer, size, dropped in sorted(
            zip(spectrum.source, spectrum.layer, spectrum.size, spectrum.dropped, strict=True),
            key=lambda row: row[2],
        )
        if dropped > 0
    }
    return (
        " and ".join(
            f"{layer} {size} units ({dropped} more never {'varies' if dropped == 1 else 'vary'})"
            for layer, (size, dropped) in counts.items()
        )
        or None
    )


def _certified(result: results.CertifiedDistances) -> Facts:
    names = ("norm", "bounds", "rounding", "steps", "radii")
    facts = {name: getattr(result, name) for name in names}
    return {
        **facts,
        "images": len(result.index),
        "warning": "; ".join(warnings_of(result)) or None,
    }


def _images(result: results.ImageFile) -> Facts:
    counts = [f"{len(x)} {split}" for split, x, _ in result.parts()]
    return {"title": str(result.name), "images": ", ".join(counts)}


def _attack(result: results.AttackResult, images: int) -> Facts:
    return {
        "method": result.method,
        "norm": result.norm,
        "settings": attack_settings(result) or None,
        "unit of eps": result.eps_unit and result.eps_unit.replace(" length", " norm"),
        "images": images,
        "warning": "; ".join(warnings_of(result)) or None,
    }


def _model(model: results.Model) -> Facts:
    return {
        "architecture": model.arch,
        "local rule": local_rule(model),
        "images": "x".join(map(str, model.shape)),
        "normalize": model.normalize,
        "local layer": _verdict(model),
        "attempts": _attempts(model),
        "stopped": _stopped(model.training),
        "warning": "; ".join(warnings_of(model)) or None,
    }


def local_rule(model: results.Model) -> str | None:
    """Return the name of the rule that trained the local layer; None where there is none.

    >>> facts = {"shape": (1, 1, 2), "classes": 2, "normalize": "none"}
    >>> local_rule(results.Model(arch="kh", options={"hidden": 2, "p": 3}, **facts))
    'krotov-hopfield'
    """
    is_local = ARCHITECTURES.is_tagged(model.arch, "local") or model.units is not None
    name, *_ = str((model.options or {}).get("rule", "krotov-hopfield")).split(",")
    return name if is_local else None


def _verdict(model: results.Model) -> str | None:
    if model.accepted is None:
        return None
    needed = f"more than {ENOUGH:.0%} of the units have to converge outside the wrong attractor"
    return "accepted" if model.accepted else f"not accepted ({needed})"


def _attempts(model: results.Model) -> str | None:
    learned = [str(attempt.learned) for attempt in model.attempts or ()]
    if len(learned) < 2:
        return None
    return f"{len(learned)}, with {', '.join(learned)} units outside the wrong attractor"


def _stopped(training: results.Training | None) -> str | None:
    if training is None or not (training.until and training.reached):
        return None
    return f"after {training.epochs_taken} epochs, at {training.until}"


def warnings_of(record: results.Result) -> list[str]:
    """Return what a reader of a result has to be warned of.

    >>> training = results.Training(batch_size=8, batch_below_layers=("hidden",))
    >>> facts = {"shape": (1, 1, 2), "classes": 2, "normalize": "none", "training": training}
    >>> warnings_of(results.Model(arch="shlp", **facts))
    ['batches of 8 are smaller than the layer hidden']
    """
    if isinstance(record, results.AttackResult | results.CertifiedDistances):
        return list(record.warnings or ())
    if isinstance(record, results.Model):
        return list(_training_warnings(record.training or results.Training()))
    return []


def _training_warnings(training: results.Training) -> Iterator[str]:
    if layers := training.batch_below_layers:
        yield f"batches of {training.batch_size} are smaller than the layer {', '.join(layers)}"
    if training.until and not training.reached:
        yield f"{training.until} was not reached in {training.epochs_taken} epochs"
    attack = training.adversarial
    eps = attack.get("eps") if isinstance(attack, Mapping) and attack.get("norm") == "linf" else 0
    if isinstance(eps, int | float) and eps > 1:
        yield (
            f"eps {eps:g} of the attack in training is wider than the range of a pixel, 1: it "
            f"seems to be in units of 0 to 255; write {eps:g}/255 instead"
        )
