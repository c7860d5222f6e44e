"""Accuracy over radii of a loaded model's images under an attack.

References
----------
.. [1] A. Ilyas et al., "Adversarial examples are not bugs, they are features", arXiv:1905.02175.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace

from torch import Tensor

from specrob.experiments.attack_batches import (
    attack_batches,
    attack_facts,
    begin_checkpoint,
    curve_warnings,
    far_radius,
    with_facts,
)
from specrob.experiments.batch_loop import map_batches
from specrob.experiments.image_files import filled
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.perturbed import perturbed_columns, perturbed_file, perturbed_result
from specrob.experiments.run_context import RunContext
from specrob.experiments.targets import without_target
from specrob.measures.attacks import AttackBatch, PreparedAttack, diagnostics, prepare_attack
from specrob.measures.classification import predict
from specrob.measures.critical_distance import (
    FOOLED,
    LOWEST,
    MISCLASSIFIED,
    critical_distance,
)
from specrob.measures.robustness import robustness, survivors, survivors_by_distance
from specrob.progress import Report
from specrob.results import Adversarial, ImageFile, Robustness
from specrob.settings.attack import Attack
from specrob.settings.robustness import AttackSettings, CurveSettings, SaveSettings


@dataclass(frozen=True)
class Curve:
    """Accuracies over radii, and the perturbed images where they were asked for.

    `images` are those at every radius, `data` the ones to learn from.
    """

    robustness: Robustness
    images: Adversarial | None = None
    data: ImageFile | None = None


def robustness_curve(
    loaded: LoadedModel,
    attack: Attack,
    settings: AttackSettings,
    curve: CurveSettings,
    context: RunContext,
    *,
    saved: SaveSettings = SaveSettings(),
    before: ImageFile | None = None,
) -> Curve:
    """Return relative and robust accuracy at every radius; only correct images are attacked.

    A monotone curve counts an image as fooled at a radius if any radius up to it fools. It
    follows from the critical distances, so that many radii cost no more than one search. Images
    of the one class that is the target are left out. Images to learn from, where `saved` asks
    for them, are all perturbed, as in [1]_; `before` is what their file held.
    """
    saved.check_radii(curve.eps)
    loaded = without_target(loaded, settings.targets)
    is_data = saved.save_data is not None
    batches = attack_batches(
        loaded, attack, settings, context, curve.levels, stop_when_fooled=not is_data
    )
    facts = attack_facts(loaded, attack, settings, curve.levels)
    data = (
        perturbed_file(loaded, settings, curve, saved, facts, context, before) if is_data else None
    )
    eps, norm = curve.eps, attack.norm_for(settings.norm)
    lowest = LOWEST * far_radius(loaded, norm)

    def measure(at: int, report: Report) -> dict[str, Tensor]:
        batch = batches[at]
        prepared = prepare_attack(attack, batch)
        columns = perturbed_columns(batch, prepared, eps, saved, report)
        correct = predict(batch.model, batch.images) == batch.labels
        if curve.curve == "monotone":
            survive = _survivors_up_to(batch, prepared, eps, lowest, report)
        elif "fooled" in columns:
            survive = ~columns["fooled"].T
        else:
            survive = survivors(batch, prepared, eps, report=report)
        columns |= {"survive": survive.T.to(correct.device) & correct[:, None]}
        columns |= {"correct": correct, **diagnostics.gradient_signs(batch, attack)}
        return columns | diagnostics.weaker_survivors(batch, attack, eps)

    settings_used = {**asdict(curve), "images": saved.save is not None, "data": is_data}
    begin_checkpoint(loaded, attack, settings, context, settings_used)
    columns = map_batches(batches.sizes, measure, context)
    correct = columns["correct"]
    index = loaded.images.index.cpu()
    result = robustness(columns["survive"].T, correct, eps, index, method=attack.name, norm=norm)
    warnings = diagnostics.gradient_warnings(columns, correct)
    warnings += curve_warnings(loaded, attack, settings, result, columns)
    attacked = loaded.images.selection_of(correct.numpy())
    facts = replace(facts, attacked=attacked, curve=curve.curve, warnings=tuple(warnings))
    return Curve(
        with_facts(result, facts),
        perturbed_result(columns, loaded, eps, facts) if saved.save is not None else None,
        data and filled(data, loaded, columns["data"], columns["goal"]),
    )


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
