"""Attacks on a network's images: curves, critical distances, and the images themselves."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
import torch
from torch import Tensor

from specrob.errors import UsageError
from specrob.experiments.attack_plan import AttackPlan, attack_batches
from specrob.experiments.batching import Columns, RunContext, map_batches
from specrob.experiments.checkpoints import plain
from specrob.experiments.loading import LoadedModel
from specrob.geometry import NORMS
from specrob.linalg import lp_norms
from specrob.measures.attacks import AttackBatch, diagnostics
from specrob.measures.classification import predict
from specrob.measures.critical_distance import (
    LOWEST,
    STATUS,
    Distances,
    critical_distance,
    default_max_eps,
)
from specrob.measures.robustness import (
    Robustness,
    perturbed_at,
    robustness,
    survivors,
    survivors_by_distance,
)
from specrob.progress import Report


@dataclass(frozen=True)
class Curve:
    """Accuracies over radii, of which images, those images perturbed, and what to beware of."""

    robustness: Robustness
    attacked: np.ndarray
    images: Columns
    warnings: list[str]


def robustness_curve(
    subject: LoadedModel,
    threat: AttackPlan,
    eps: Sequence[float],
    *,
    monotone: bool = False,
    tolerance: float = 0.01,
    keep_images: bool = False,
    along: RunContext | None = None,
) -> Curve:
    """Return relative and robust accuracy at every radius; only correct images are attacked.

    Parameters
    ----------
    subject : LoadedModel
    threat : AttackPlan
    eps : sequence of float, pixel units of the attacked space
    monotone : bool
        Count an image as fooled at a radius if any radius up to it fools; this follows from the
        critical distances, so that many radii cost no more than one search.
    tolerance : float
        Of that search.
    keep_images : bool
        Also return the perturbed images, (B, E, ...).
    along : RunContext, optional
    """
    lowest = LOWEST * _far(subject, threat)

    def measure(problem: AttackBatch, report: Report) -> Columns:
        prepared = threat.prepare(problem)
        found = perturbed_at(problem, prepared, eps, report=report) if keep_images else {}
        if monotone:
            how = {"max_eps": max(eps), "lowest": min(max(eps), lowest), "tolerance": tolerance}
            distances = critical_distance(problem, prepared, **how, report=report)
            kept = survivors_by_distance(distances, eps).T
        elif keep_images:
            kept = found["prediction_adversarial"] == problem.labels[:, None]
        else:
            kept = survivors(problem, prepared, eps, report=report).T
        correct = (predict(problem.model, problem.images) == problem.labels).cpu()
        found |= {"kept": kept.cpu() & correct[:, None], "correct": correct}
        found |= diagnostics.gradient_signs(problem, threat.method)
        return found | diagnostics.weaker_survivors(problem, threat.method, eps, threat.prepare)

    asked = {"eps": list(eps), "monotone": monotone, "images": keep_images}
    columns = _by_batch(subject, threat, measure, asked, along or RunContext())
    found = robustness(columns["kept"].T, columns["correct"], eps)
    told = diagnostics.gradient_warnings(columns, columns["correct"])
    told += diagnostics.curve_warnings(
        threat.method,
        found.eps,
        found.relative_accuracy,
        weaker=_shares(columns, "weaker"),
        classes=subject.network.classes,
        **_scales(subject, threat),
    )
    saved = {name: column for name, column in columns.items() if name in SAVED}
    return Curve(found, columns["correct"].numpy(), saved, told)


SAVED = ("x", "prediction", "prediction_adversarial", "distance", "distance_l2")


def critical_distances(
    subject: LoadedModel,
    threat: AttackPlan,
    *,
    max_eps: float | None = None,
    tolerance: float = 0.01,
    radii: Sequence[float] = (),
    along: RunContext | None = None,
) -> tuple[Distances, list[str]]:
    """Return the critical distance of every image, up to a highest radius, and warnings.

    `max_eps` is by default 10 times the median norm of the images, in the norm of the attack, or
    the largest of the radii at which accuracy is wanted.

    Raises
    ------
    UsageError
        If one of the radii is beyond `max_eps`.
    """
    far = _far(subject, threat)
    highest = max_eps or max([far, *radii])
    if max(radii, default=0) > highest:
        raise UsageError(
            f"--max-eps: expected at least {max(radii):g}, the largest --eps, found {highest:g}"
        )

    def measure(problem: AttackBatch, report: Report) -> Columns:
        how = {"max_eps": highest, "lowest": min(highest, LOWEST * far), "tolerance": tolerance}
        found = critical_distance(problem, threat.prepare(problem), **how, report=report)
        columns = {f.name: getattr(found, f.name) for f in fields(Distances)}
        columns["status"] = torch.tensor([STATUS.index(name) for name in found.status])
        columns |= diagnostics.gradient_signs(problem, threat.method)
        return columns | diagnostics.weaker_attack_succeeds(
            problem, threat.method, found.distance, threat.prepare
        )

    asked = {"max_eps": highest, "tolerance": tolerance}
    columns = _by_batch(subject, threat, measure, asked, along or RunContext())
    status = columns["status"]
    told = diagnostics.gradient_warnings(columns, status != STATUS.index("misclassified"))
    told += diagnostics.distance_warnings(threat.method, columns, status == STATUS.index("fooled"))
    values = {f.name: columns[f.name] for f in fields(Distances)}
    return Distances(**{**values, "status": np.array(STATUS)[status.numpy()]}), told


def monotone_curve(found: Distances, eps: Sequence[float]) -> Robustness:
    """Return accuracy over radii, an image counting as fooled from its critical distance on."""
    attacked = torch.from_numpy(found.attacked)
    return robustness(survivors_by_distance(found, eps), attacked, eps)


def _by_batch(
    subject: LoadedModel,
    threat: AttackPlan,
    measure: Any,
    asked: dict[str, Any],
    along: RunContext,
) -> dict[str, Tensor]:
    """Return the columns of all images, measured problem by problem."""
    posed = list(attack_batches(subject, threat))
    facts = {"model": subject.digest, "selection": subject.images.selection}
    facts |= {**vars(threat), **asked}
    network, images = subject.network, subject.images
    facts |= {name: getattr(network, name) for name in ("arch", "options", "normalize")}
    facts |= {"device": images.pixels.device.type}
    facts |= {"torch": torch.__version__, "threads": torch.get_num_threads()}
    along.checkpoints.begin(plain(facts))

    def batch(at: int, report: Report) -> Columns:
        return {name: values.cpu() for name, values in measure(posed[at], report).items()}

    return map_batches([len(problem.labels) for problem in posed], batch, along)


def _shares(columns: Columns, name: str) -> list[float] | None:
    """Return relative accuracies of survivors, (B, E), or None where there are none."""
    attacked = int(columns["correct"].sum())
    return (columns[name].sum(0) / attacked).tolist() if name in columns and attacked else None


def _far(subject: LoadedModel, threat: AttackPlan) -> float:
    """Return a radius far past any distance, of all images, so that batches do not matter."""
    norm, _ = threat.resolved()
    return default_max_eps(subject.images.pixels, NORMS[norm].p)


def _scales(subject: LoadedModel, threat: AttackPlan) -> dict[str, float]:
    norm, _ = threat.resolved()
    box = subject.images.bounds(threat.bounds)
    widest = float((box.high - box.low).max()) if norm == "linf" else float("inf")
    scale = float(lp_norms(subject.images.pixels, NORMS[norm].p).mean())
    return {"scale": scale, "widest": widest if threat.method != "noise" else float("inf")}
