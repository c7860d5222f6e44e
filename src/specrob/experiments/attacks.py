"""Accuracy over radii and critical distances of a loaded model's images under an attack."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace

import numpy as np
import torch
from torch import Tensor

from specrob.errors import UsageError
from specrob.experiments.attack_batches import (
    attack_batches,
    attack_facts,
    begin_checkpoint,
    curve_warnings,
    far_radius,
    on_cpu,
    with_facts,
)
from specrob.experiments.batch_loop import map_batches
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.perturbed import perturbed_result
from specrob.experiments.run_context import RunContext
from specrob.measures.attacks import AttackBatch, PreparedAttack, diagnostics, prepare_attack
from specrob.measures.classification import predict
from specrob.measures.critical_distance import (
    FOOLED,
    LOWEST,
    MISCLASSIFIED,
    STATUS,
    BatchDistances,
    critical_distance,
)
from specrob.measures.robustness import (
    perturbed_images,
    robustness,
    survivors,
    survivors_by_distance,
)
from specrob.progress import Report
from specrob.registry import ATTACKS
from specrob.results import Adversarial, AttackResult, Distances, Robustness
from specrob.settings.attacks import Attack
from specrob.settings.robustness import AttackSettings, CurveSettings, DistanceSettings


@dataclass(frozen=True)
class Curve:
    """Accuracies over radii, and the perturbed images where they were asked for."""

    robustness: Robustness
    images: Adversarial | None = None


def robustness_curve(
    loaded: LoadedModel,
    attack: Attack,
    settings: AttackSettings,
    curve: CurveSettings,
    context: RunContext,
    *,
    keep_images: bool = False,
) -> Curve:
    """Return relative and robust accuracy at every radius; only correct images are attacked.

    A monotone curve counts an image as fooled at a radius if any radius up to it fools. It
    follows from the critical distances, so that many radii cost no more than one search.
    """
    batches = attack_batches(loaded, attack, settings, context, curve.levels)
    eps, norm = curve.eps, attack.norm_for(settings.norm)
    lowest = LOWEST * far_radius(loaded, norm)

    def measure(at: int, report: Report) -> dict[str, Tensor]:
        batch = batches[at]
        prepared = prepare_attack(attack, batch)
        columns = perturbed_images(batch, prepared, eps, report=report) if keep_images else {}
        correct = predict(batch.model, batch.images) == batch.labels
        if curve.curve == "monotone":
            survive = _survivors_up_to(batch, prepared, eps, lowest, report)
        elif keep_images:
            survive = (columns["prediction_adversarial"] == batch.labels[:, None]).T
        else:
            survive = survivors(batch, prepared, eps, report=report)
        columns |= {"survive": survive.T.to(correct.device) & correct[:, None]}
        columns |= {"correct": correct, **diagnostics.gradient_signs(batch, attack)}
        return on_cpu(columns | diagnostics.weaker_survivors(batch, attack, eps))

    settings_used = {
        "eps": eps,
        "curve": curve.curve,
        "levels": curve.levels,
        "images": keep_images,
    }
    begin_checkpoint(loaded, attack, settings, context, settings_used)
    columns = map_batches([len(batch.labels) for batch in batches], measure, context)
    correct = columns["correct"]
    index = loaded.images.index.cpu()
    result = robustness(columns["survive"].T, correct, eps, index, method=attack.name, norm=norm)
    warnings = diagnostics.gradient_warnings(columns, correct)
    warnings += curve_warnings(loaded, attack, settings, result, columns)
    facts = attack_facts(loaded, attack, settings, correct.numpy(), curve.levels)
    facts = replace(facts, curve=curve.curve, warnings=tuple(warnings))
    images = perturbed_result(columns, loaded, eps, facts) if keep_images else None
    return Curve(with_facts(result, facts), images)


def _survivors_up_to(
    batch: AttackBatch,
    prepared: PreparedAttack,
    eps: Sequence[float],
    lowest: float,
    report: Report,
) -> Tensor:
    """Return which images nothing up to each radius fools, (E, B), bool."""
    measured = critical_distance(
        batch,
        prepared,
        max_eps=max(eps),
        lowest=min(max(eps), lowest),
        report=report,
    )
    return survivors_by_distance(
        measured.status == FOOLED, measured.status != MISCLASSIFIED, measured.eps, eps
    )


def critical_distances(
    loaded: LoadedModel,
    attack: Attack,
    settings: AttackSettings,
    distance: DistanceSettings,
    context: RunContext,
    *,
    radii: Sequence[float] = (),
) -> Distances:
    """Return the critical distance of every image, up to a highest radius.

    By default the highest radius is 10 times the median norm of the images, or the largest of the
    radii at which accuracy is wanted afterwards.

    Raises
    ------
    UsageError
        If the attack has no distance, or one of the radii is beyond `max_eps`.
    """
    if attack.eps_is_std:
        raise UsageError(
            f"`attack`: expected {' or '.join(ATTACKS.names('distance'))}, found {attack.name}; "
            "choose one of these"
        )
    batches = attack_batches(loaded, attack, settings, context)
    far = far_radius(loaded, attack.norm_for(settings.norm))
    highest = distance.max_eps or max([far, *radii])
    if max(radii, default=0) > highest:
        raise UsageError(
            f"`max_eps`: expected at least {max(radii):g}, the largest `eps`, found {highest:g}"
        )

    def measure(at: int, report: Report) -> dict[str, Tensor]:
        batch = batches[at]
        measured = critical_distance(
            batch,
            prepare_attack(attack, batch),
            max_eps=highest,
            lowest=min(highest, LOWEST * far),
            tolerance=distance.tolerance,
            report=report,
        )
        columns = {f.name: getattr(measured, f.name) for f in fields(BatchDistances)}
        columns |= diagnostics.gradient_signs(batch, attack)
        return on_cpu(
            columns | diagnostics.weaker_attack_succeeds(batch, attack, measured.distance)
        )

    settings_used = {"max_eps": highest, "tolerance": distance.tolerance}
    begin_checkpoint(loaded, attack, settings, context, settings_used)
    columns = map_batches([len(batch.labels) for batch in batches], measure, context)
    fooled, attacked = columns["status"] == FOOLED, columns["status"] != MISCLASSIFIED
    warnings = diagnostics.gradient_warnings(columns, attacked)
    warnings += diagnostics.distance_warnings(attack, columns, fooled)
    facts = attack_facts(loaded, attack, settings, attacked.numpy())
    result = _distances(columns, facts, distance.tolerance)
    return with_facts(result, replace(facts, warnings=tuple(warnings)))


def _distances(columns: Mapping[str, Tensor], facts: AttackResult, tolerance: float) -> Distances:
    arrays = {name: column.numpy() for name, column in columns.items()}
    return Distances(
        method=facts.method,
        norm=facts.norm,
        index=arrays["index"],
        label=arrays["label"],
        prediction=arrays["prediction"],
        prediction_adversarial=arrays["prediction_adversarial"],
        status=np.array(STATUS)[arrays["status"]],
        distance=arrays["distance"],
        distance_l2=arrays["distance_l2"],
        eps=arrays["eps"],
        tolerance=tolerance,
    )


def monotone_curve(distances: Distances, eps: Sequence[float]) -> Robustness:
    """Return accuracy over radii, an image counting as fooled from its critical distance on."""
    attacked = torch.from_numpy(distances.status != STATUS[MISCLASSIFIED])
    fooled = torch.from_numpy(distances.status == STATUS[FOOLED])
    survive = survivors_by_distance(fooled, attacked, torch.from_numpy(distances.eps), eps)
    method, norm, index = distances.method, distances.norm, torch.from_numpy(distances.index)
    result = robustness(survive, attacked, eps, index, method=method, norm=norm)
    result = with_facts(result, distances)
    return replace(result, curve="monotone", tolerance=distances.tolerance)
