"""A loaded model's images as batches for an attack, and the facts that results record of it."""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict, fields, replace
from typing import TypeVar

import torch
from torch import Tensor

from specrob.data import ImageSet, row_slices, rows_at_a_time
from specrob.devices import DTYPES
from specrob.errors import DataError, UsageError
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.run_context import RunContext
from specrob.experiments.targets import check_targets, target_classes
from specrob.linalg import lp_norms
from specrob.measures.attacks import AttackBatch, diagnostics
from specrob.measures.critical_distance import default_max_eps
from specrob.norms import NORMS, Bounds
from specrob.results import AttackResult, Robustness
from specrob.settings.attack import Attack, Norm
from specrob.settings.certificates import CertificateSettings
from specrob.settings.robustness import AttackSettings


class AttackBatches:
    """Batches of images, some `rows` each, made ready by `build` when they are taken."""

    def __init__(self, rows: Sequence[slice], build: Callable[[slice], AttackBatch]):
        self.rows, self.build = rows, build

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def sizes(self) -> list[int]:
        """The number of images of each batch."""
        return [rows.stop - rows.start for rows in self.rows]

    def __getitem__(self, at: int) -> AttackBatch:
        return self.build(self.rows[at])

    def __iter__(self) -> Iterator[AttackBatch]:
        return map(self.build, self.rows)


def attack_batches(
    loaded: LoadedModel,
    attack: Attack,
    settings: AttackSettings,
    context: RunContext,
    levels: int | None = None,
    *,
    stop_when_fooled: bool = True,
) -> AttackBatches:
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
    if levels is not None and bounds_of(loaded, settings) == "none":
        raise UsageError("`levels`: expected with bounds, found bounds none; drop one")
    images, box = loaded.images, loaded.images.bounds(settings.bounds)
    slices = list(row_slices(len(images), batch_size_of(loaded, context)))
    for rows in slices:
        check_bounds(images.take(rows), box.take(rows), settings.bounds)

    def build(rows: slice) -> AttackBatch:
        return AttackBatch(
            model=model,
            images=images[rows],
            labels=images.labels[rows],
            bounds=box.take(rows),
            norm=norm,
            loss=settings.loss,
            seed=context.seed,
            index=images.index[rows],
            gradient_dtype=DTYPES[settings.precision],
            levels=levels,
            # rounding may undo the first that fools
            stop_when_fooled=stop_when_fooled and levels is None,
            targets=None if targets is None else targets[rows],
        )

    return AttackBatches(slices, build)


def batch_size_of(loaded: LoadedModel, context: RunContext) -> int:
    """Return how many images are attacked at a time, fewer of large ones by default."""
    return context.batch_size or rows_at_a_time(loaded.images.shape)


def bounds_of(loaded: LoadedModel, settings: AttackSettings | CertificateSettings) -> str:
    """Return the bounds in words; the valid ones of transformed images are none."""
    unbounded = settings.bounds == "valid" and bool(loaded.images.high.isinf().all())
    return "none" if unbounded else settings.bounds


def check_bounds(images: ImageSet, box: Bounds, text: str) -> None:
    """Raise DataError if pixels lie outside of bounds, which are `text` in words."""
    pixels = images.pixels
    outside = (box.clip(pixels) - pixels).abs().flatten(1).amax(1) > 1e-6
    if outside.any():
        first = int(outside.nonzero()[0])
        lowest, highest = float(pixels[first].min()), float(pixels[first].max())
        raise DataError(
            f"`bounds`: expected a range that holds the images, found {lowest:.4g} to "
            f"{highest:.4g} in image {int(images.index[first])} outside of {text}; widen it"
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
        **loaded.facts,
        "method": attack.name,
        "options": attack.changed_options(),
        **asdict(settings),
        **more,
        "batch_size": batch_size_of(loaded, context),
    }
    context.begin_checkpoint(facts, loaded.normalize, loaded.images)


def far_radius(loaded: LoadedModel, norm: Norm) -> float:
    """Return a radius far past any distance, of all images, so that batches do not matter."""
    # black images have no length
    return default_max_eps(_norms(loaded.images, norm)[:, None], math.inf) or 1.0


def mean_norm(loaded: LoadedModel, norm: Norm) -> float:
    """Return the mean norm of the images: the scale on which a radius is large or small."""
    return float(_norms(loaded.images, norm).mean())


def _norms(images: ImageSet, norm: Norm) -> Tensor:
    """Return the norm of each image, (B,)."""
    return torch.cat([lp_norms(part, NORMS[norm].p) for part in images.parts()])


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
        bounds=bounds_of(loaded, settings),
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
