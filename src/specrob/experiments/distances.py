"""Critical distances of a loaded model's images under an attack."""

from collections.abc import Mapping, Sequence
from dataclasses import fields, replace

import numpy as np
import torch
from torch import Tensor

from specrob.errors import ArtifactError, UsageError
from specrob.experiments.attack_batches import (
    attack_batches,
    attack_facts,
    begin_checkpoint,
    far_radius,
    with_facts,
)
from specrob.experiments.batch_loop import map_batches
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.run_context import RunContext
from specrob.experiments.targets import without_target
from specrob.measures.attacks import diagnostics, prepare_attack
from specrob.measures.critical_distance import (
    FOOLED,
    LOWEST,
    MISCLASSIFIED,
    BatchDistances,
    critical_distance,
)
from specrob.measures.robustness import robustness, survivors_by_distance
from specrob.progress import Report
from specrob.registry import ATTACKS
from specrob.results import STATUS, Array, AttackResult, Distances, Robustness
from specrob.settings.attack import Attack
from specrob.settings.robustness import AttackSettings, DistanceSettings


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

    Images of the one class that is the target are left out.

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
    loaded = without_target(loaded, settings.targets)
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
        return columns | diagnostics.weaker_attack_succeeds(batch, attack, measured.distance)

    settings_used = {"max_eps": highest, "tolerance": distance.tolerance}
    begin_checkpoint(loaded, attack, settings, context, settings_used)
    columns = map_batches(batches.sizes, measure, context)
    fooled, attacked = columns["status"] == FOOLED, columns["status"] != MISCLASSIFIED
    warnings = diagnostics.gradient_warnings(columns, attacked)
    warnings += diagnostics.distance_warnings(attack, columns, fooled)
    facts = attack_facts(loaded, attack, settings)
    result = _distances(columns, facts, distance.tolerance)
    selection = loaded.images.selection_of(attacked.numpy())
    return with_facts(result, replace(facts, attacked=selection, warnings=tuple(warnings)))


def _distances(columns: Mapping[str, Tensor], facts: AttackResult, tolerance: float) -> Distances:
    def array(name: str) -> Array:
        return columns[name].numpy()

    if not np.isin(array("status"), np.arange(len(STATUS))).all():  # of a hostile checkpoint
        raise ArtifactError(
            f"expected a status of 0 to {len(STATUS) - 1} of each image in the checkpoint, found "
            "another; begin anew"
        )
    return Distances(
        method=facts.method,
        norm=facts.norm,
        index=array("index"),
        label=array("label"),
        prediction=array("prediction"),
        prediction_adversarial=array("prediction_adversarial"),
        status=np.array(STATUS)[array("status")],
        distance=array("distance"),
        distance_l2=array("distance_l2"),
        eps=array("eps"),
        tolerance=tolerance,
    )


def monotone_curve(distances: Distances, eps: Sequence[float]) -> Robustness:
    """Return accuracy over radii, an image counting as fooled from its critical distance on."""
    attacked = torch.from_numpy(distances.was_attacked)
    fooled = torch.from_numpy(distances.status == STATUS[FOOLED])
    survive = survivors_by_distance(fooled, attacked, torch.from_numpy(distances.eps), eps)
    method, norm, index = distances.method, distances.norm, torch.from_numpy(distances.index)
    result = robustness(survive, attacked, eps, index, method=method, norm=norm)
    result = with_facts(result, distances)
    return replace(result, curve="monotone", tolerance=distances.tolerance)
