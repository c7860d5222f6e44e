"""Perturbed images as an artifact, verified after it has been written."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import torch

from specrob.artifacts import Artifact
from specrob.errors import MeasureError
from specrob.experiments.attack_plan import AttackPlan
from specrob.experiments.attacks import Curve
from specrob.experiments.loading import LoadedModel, require_classifier
from specrob.measures.classification import predict


def to_adversarial(
    curve: Curve, subject: LoadedModel, eps: Sequence[float], facts: Mapping[str, Any]
) -> Artifact:
    """Return the perturbed images of a curve, (E, B, C, H, W), with what became of each."""
    columns = {name: values.cpu().numpy() for name, values in curve.images.items()}
    arrays = {
        name: column if name == "prediction" else np.moveaxis(column, 1, 0)
        for name, column in columns.items()
    }
    own = {"index": subject.images.index, "label": subject.images.labels}
    arrays |= {name: values.cpu().numpy() for name, values in own.items()}
    arrays["eps"] = np.array(eps, dtype=np.float64)
    return Artifact("adversarial", arrays, {k: v for k, v in facts.items() if k != "warnings"})


def verify(written: Artifact, subject: LoadedModel, threat: AttackPlan) -> None:
    """Raise MeasureError unless the images as written have the labels that were found."""
    model, device = require_classifier(subject), subject.images.pixels.device
    for at, images in enumerate(written.arrays["x"]):
        batches = torch.from_numpy(images).to(device).split(threat.batch_size)
        found = torch.cat([predict(model, batch) for batch in batches]).cpu().numpy()
        wrong = int((found != written.arrays["prediction_adversarial"][at]).sum())
        if wrong:
            raise MeasureError(
                f"expected the labels that were found, found {wrong} others in the images as "
                f"written for eps {written.arrays['eps'][at]:g}; save them again"
            )
