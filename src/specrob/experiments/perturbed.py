"""Perturbed images as a result, verified after it has been written."""

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np
import torch
from torch import Tensor

from specrob.artifacts import Artifact
from specrob.errors import MeasureError
from specrob.experiments.attack_batches import batch_size_of, with_facts
from specrob.experiments.image_files import empty_file
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.run_context import RunContext
from specrob.measures.attacks import AttackBatch, PreparedAttack
from specrob.measures.classification import predict
from specrob.measures.robustness import perturbed_images, survivors
from specrob.progress import Report
from specrob.quantities.attack_names import attack_label
from specrob.results import ATTACK_OPTIONS, Adversarial, Array, AttackResult, ImageFile
from specrob.settings.robustness import AttackSettings, CurveSettings, SaveSettings


def perturbed_columns(
    batch: AttackBatch,
    prepared: PreparedAttack,
    eps: Sequence[float],
    saved: SaveSettings,
    report: Report,
) -> dict[str, Tensor]:
    """Return the perturbed images that are asked for, and which of them are ``fooled``, (B, E).

    Nothing where none are.
    """
    columns: dict[str, Tensor] = {}
    if saved.save_data is not None:
        every = torch.arange(len(batch.labels), device=batch.labels.device)
        x = prepared.perturb(every, batch.images.new_full((len(every),), eps[0]))
        prepared = PreparedAttack(lambda rows, _: x[rows])
        survive = survivors(batch, prepared, eps, report=report)
        columns = {"data": x, "goal": batch.goal, "fooled": ~survive.T}
    if saved.save is not None:
        columns |= perturbed_images(batch, prepared, eps, report=report)
        classes = columns["prediction_adversarial"]
        columns |= {"fooled": torch.stack([batch.fools(each) for each in classes.T], 1)}
    return columns


def perturbed_file(
    loaded: LoadedModel,
    settings: AttackSettings,
    curve: CurveSettings,
    saved: SaveSettings,
    facts: AttackResult,
    context: RunContext,
    before: ImageFile | None,
) -> ImageFile:
    """Return the file of perturbed images to learn from, still without them; see `empty_file`."""
    (eps,) = curve.eps
    made = {name: getattr(facts, name) for name in ATTACK_OPTIONS}
    made |= {"eps": eps, "seed": context.seed}
    made_by = f"{attack_label(facts)} eps {eps:g}".replace(",", "")
    title = saved.images_title or f"{loaded.images.name} ({made_by})"
    return empty_file(loaded, title, made, loaded.images.bounds(settings.bounds), before)


def perturbed_result(
    columns: Mapping[str, Tensor],
    loaded: LoadedModel,
    eps: Sequence[float],
    facts: AttackResult,
) -> Adversarial:
    """Return the perturbed images of a curve, (E, B, C, H, W), with what became of each."""

    def by_radius(name: str) -> Array:
        return np.moveaxis(columns[name].numpy(), 1, 0)

    images = Adversarial(
        method=facts.method,
        norm=facts.norm,
        eps=np.array(eps, dtype=np.float64),
        index=loaded.images.index.cpu().numpy(),
        label=loaded.images.labels.cpu().numpy(),
        prediction=columns["prediction"].numpy(),
        prediction_adversarial=by_radius("prediction_adversarial"),
        distance=by_radius("distance"),
        distance_l2=by_radius("distance_l2"),
        x=by_radius("x"),
    )
    return with_facts(images, replace(facts, warnings=None))


def verify_perturbed(written: Artifact, loaded: LoadedModel, context: RunContext) -> None:
    """Raise MeasureError unless the model still labels the images in the file as recorded."""
    model, device = loaded.classifier(), loaded.images.device
    for at, images in enumerate(written.arrays["x"]):
        pixels = torch.from_numpy(images).to(device)
        batches = torch.split(pixels, batch_size_of(loaded, context))
        labels = torch.cat([predict(model, batch) for batch in batches]).cpu().numpy()
        wrong = int((labels != written.arrays["prediction_adversarial"][at]).sum())
        if wrong:
            raise MeasureError(
                f"expected the recorded labels, found {wrong} others in the images of the file "
                f"for eps {written.arrays['eps'][at]:g}; save them again"
            )
