"""A loaded model's images as batches for an attack, and the facts that results record of it."""

from collections.abc import Mapping
from dataclasses import asdict, fields, replace
from typing import TypeVar

from torch import Tensor

from specrob.devices import DTYPES
from specrob.errors import DataError, UsageError
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.run_context import RunContext
from specrob.experiments.targets import check_targets, target_classes
from specrob.linalg import lp_norms
from specrob.measures.attacks import AttackBatch, diagnostics
from specrob.measures.critical_distance import default_max_eps
from specrob.norm_balls import NORMS, Bounds
from specrob.results import AttackResult, Robustness
from specrob.settings.attacks import Attack, Norm
from specrob.settings.robustness import AttackSettings

BATCH_SIZE = 1000


def attack_batches(
    loaded: LoadedModel,
    attack: Attack,
    settings: AttackSettings,
    context: RunContext,
    levels: int | None = None,
    *,
    stop_when_fooled: bool = True,
) -> list[AttackBatch]:
    """Return the images batch by batch, ready for the attack.

    Raises
    ------
    UsageError
        If the attack does not take the norm, targets or the precision.
    DataError
        If pixels lie outside of the bounds, or the network has no such target.
    """
    model, norm = loaded.classifier(), attack.norm_for(settings.norm)
    attack.check_precision(settings.precision)
    check_targets(attack, settings.targets)
    targets = target_classes(loaded, settings.targets, seed=context.seed)
    if levels is not None and settings.bounds == "none":
        raise UsageError("`levels`: expected with bounds, found bounds none; drop one")
    box = loaded.images.bounds(settings.bounds)
    _check_bounds(loaded, box, settings.bounds)
    size, batches = context.batch_size or BATCH_SIZE, []
    for start in range(0, len(loaded.images), size):
        rows = slice(start, start + size)
        images = loaded.images.take(rows)
        batches.append(
            AttackBatch(
                model=model,
                images=images.pixels,
                labels=images.labels,
                bounds=box.take(rows),
                norm=norm,
                loss=settings.loss,
                seed=context.seed,
                index=images.index,
                gradient_dtype=DTYPES[settings.precision],
                levels=levels,
                # rounding may undo the first that fools
                stop_when_fooled=stop_when_fooled and levels is None,
                targets=None if targets is None else targets[rows],
            )
        )
    return batches


def _check_bounds(loaded: LoadedModel, box: Bounds, text: str) -> None:
    images = loaded.images.pixels
    outside = (box.clip(images) - images).abs().flatten(1).amax(1) > 1e-6
    if outside.any():
        first = int(outside.nonzero()[0])
        lowest, highest = float(images[first].min()), float(images[first].max())
        raise DataError(
            f"`bounds`: expected a range that holds the images, found {lowest:.4g} to "
            f"{highest:.4g} in image {int(loaded.images.index[first])} outside of {text}; widen it"
        )


def begin_checkpoint(
    loaded: LoadedModel,
    attack: Attack,
    settings: AttackSettings,
    context: RunContext,
    more: Mapping[str, object],
) -> None:
    """Begin a checkpoint with everything that the numbers depend on."""
    facts = {
        "model": loaded.digest,
        "arch": loaded.network.arch,
        "architecture_options": loaded.network.options,
        "method": attack.name,
        "options": attack.changed_options(),
        **asdict(settings),
        **more,
        "batch_size": context.batch_size or BATCH_SIZE,
    }
    context.begin_checkpoint(facts, loaded.normalize, loaded.images)


def far_radius(loaded: LoadedModel, norm: Norm) -> float:
    """Return a radius far past any distance, of all images, so that batches do not matter."""
    return default_max_eps(loaded.images.pixels, NORMS[norm].p)


def mean_norm(loaded: LoadedModel, norm: Norm) -> float:
    """Return the mean norm of the images: the scale on which a radius is large or small."""
    return float(lp_norms(loaded.images.pixels, NORMS[norm].p).mean())


def attack_facts(
    loaded: LoadedModel,
    attack: Attack,
    settings: AttackSettings,
    levels: int | None = None,
) -> AttackResult:
    """Return what every result of an attack records, before it is known which are attacked."""
    norm, images = attack.norm_for(settings.norm), loaded.images
    return AttackResult(
        method=attack.name,
        norm=norm,
        bounds=settings.bounds,
        loss=settings.loss,
        targets=None if settings.targets is None else str(settings.targets),
        eps_unit="std of each pixel" if attack.eps_is_std else f"{norm} length",
        options=attack.changed_options(),
        levels=levels,
        normalize=loaded.network.normalize,
        mean_image_norm=mean_norm(loaded, norm),
        selection=images.selection,
    )


def curve_warnings(
    loaded: LoadedModel,
    attack: Attack,
    settings: AttackSettings,
    result: Robustness,
    columns: Mapping[str, Tensor],
) -> list[str]:
    """Return warnings of a curve on the scales of the images and their pixels."""
    norm, weaker = attack.norm_for(settings.norm), None
    if "weaker" in columns and result.n_attacked:
        weaker = (columns["weaker"].sum(0) / result.n_attacked).tolist()
    box = loaded.images.bounds(settings.bounds)
    comparable = norm == "linf" and not attack.eps_is_std
    return diagnostics.curve_warnings(
        attack,
        result.eps,
        result.relative_accuracy,
        weaker=weaker,
        classes=loaded.network.classes,
        scale=mean_norm(loaded, norm),
        widest=float((box.high - box.low).max()) if comparable else float("inf"),
    )


R = TypeVar("R", bound=AttackResult)


def with_facts(result: R, facts: AttackResult) -> R:
    """Return a result with the facts of its attack."""
    return replace(result, **{f.name: getattr(facts, f.name) for f in fields(AttackResult)})


def on_cpu(columns: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """Return tensors by name on the CPU, where those of all batches are gathered."""
    return {name: values.cpu() for name, values in columns.items()}
