"""Lower bounds of the critical distances of a loaded model's images.

Letters: ``B`` images.
"""

from collections.abc import Callable, Sequence
from dataclasses import asdict

import numpy as np
import torch
from torch import Tensor, nn

from specrob.data import row_slices
from specrob.errors import ModelError
from specrob.experiments.attack_batches import bounds_of, check_bounds, far_radius
from specrob.experiments.batch_loop import map_batches
from specrob.experiments.bounded_network import bounded_network
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.reference_distances import bounds_warnings, check_order, upper_bounds
from specrob.experiments.run_context import RunContext
from specrob.measures.certificates import BoundedNetwork, certified_radius
from specrob.measures.classification import predict
from specrob.norms import NORMS
from specrob.progress import Report
from specrob.quantities.attack_names import attack_label
from specrob.results import MISCLASSIFIED, CertifiedDistances, Distances
from specrob.settings.certificates import CertificateSettings

BATCH = 100  # default batch size
UNCERTIFIED, CERTIFIED = "uncertified", "certified"


def certified_distances(
    loaded: LoadedModel,
    settings: CertificateSettings,
    context: RunContext,
    *,
    found: Distances | None = None,
) -> CertifiedDistances:
    """Return a radius for every image within which its label is proved not to change.

    Parameters
    ----------
    found : Distances, optional
        Critical distances of the same network and images, which stand beside the bounds.

    Raises
    ------
    ModelError
        If a layer of the network has no known bounds, or its layers one after the other do not
        give its logits.
    DataError
        If pixels lie outside of the bounds, or `found` lacks images or is of another norm.
    MeasureError
        If a distance that was found is below its bound, so that one of both is wrong.
    """
    images, words = loaded.images, bounds_of(loaded, settings)
    upper = None if found is None else upper_bounds(loaded, settings, found)
    rows = list(row_slices(len(images), context.batch_size or BATCH))
    measure = _measure(loaded, settings, rows)
    facts = {**loaded.facts, "command": "certify", **asdict(settings)}
    context.begin_checkpoint(facts, loaded.normalize, images)
    columns = map_batches([some.stop - some.start for some in rows], measure, context)
    lower, index = columns["lower"].numpy(), images.index.cpu().numpy()
    if upper is not None:
        check_order(lower, upper, index)
    wrong = np.isnan(lower)
    return CertifiedDistances(
        norm=settings.norm,
        bounds=words,
        index=index,
        label=images.labels.cpu().numpy(),
        prediction=columns["prediction"].numpy(),
        status=np.select([wrong, lower > 0], [MISCLASSIFIED, CERTIFIED], UNCERTIFIED),
        lower=lower,
        lower_l2=lower * NORMS[settings.norm].l2_radius_inside(images[:1].numel()),
        upper=upper,
        upper_by=None if found is None else attack_label(found),
        steps=settings.steps,
        radii=settings.radii,
        tolerance=settings.tolerance,
        rounding=settings.rounding,
        normalize=loaded.normalize,
        selection=images.selection,
        attacked=images.selection_of(~wrong),
        warnings=bounds_warnings(words, found),
    )


def _measure(
    loaded: LoadedModel, settings: CertificateSettings, rows: Sequence[slice]
) -> Callable[[int, Report], dict[str, Tensor]]:
    """Return the function that measures the images of a batch."""
    model, images = loaded.classifier(), loaded.images
    network = bounded_network(model, images.shape)
    highest = far_radius(loaded, settings.norm)
    box = images.bounds(settings.bounds)
    for some in rows:
        check_bounds(images.take(some), box.take(some), settings.bounds)
    is_bounded = bounds_of(loaded, settings) != "none"

    def measure(at: int, report: Report) -> dict[str, Tensor]:
        x, labels = images[rows[at]], images.labels[rows[at]]
        prediction = predict(model, x)
        _check_chain(network, model, x)
        correct = (prediction == labels).nonzero()[:, 0]
        lower = x.new_full((len(x),), torch.nan, dtype=torch.float64)
        lower[correct] = certified_radius(
            network,
            x[correct],
            labels[correct],
            norm=settings.norm,
            bounds=box.take(rows[at]).take(correct) if is_bounded else None,
            max_eps=highest,
            settings=settings,
            report=report,
        )
        return {"lower": lower, "prediction": prediction}

    return measure


def _check_chain(network: BoundedNetwork, model: nn.Module, images: Tensor) -> None:
    """Raise ModelError where the stages do not give the logits of the model."""
    with torch.no_grad():
        ours, theirs = network.forward(images).cpu(), model(images).double().cpu()
    scale = ours.abs().amax().clamp(min=1e-30)
    if not bool(((ours - theirs).abs() <= 1e-3 * scale).all()):
        raise ModelError(
            "expected a network that is what its layers give one after the other, found other "
            "logits; its distances cannot be certified"
        )
