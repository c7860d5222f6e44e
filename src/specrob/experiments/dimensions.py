"""Intrinsic dimensions of layers over images.

Letters: ``B`` images, ``N`` units.
"""

from dataclasses import replace

import torch
from torch import Tensor

from specrob.errors import DataError, MeasureError
from specrob.experiments.layer_sums import Activations
from specrob.experiments.representations import INPUT, ImageRepresentation, Representation
from specrob.experiments.run_context import RunContext
from specrob.experiments.spectra import sources_of
from specrob.measures.dimension import smoothness_bound
from specrob.measures.intrinsic_dimension import two_nn
from specrob.measures.nearest_neighbours import distinct_rows, nearest_neighbours
from specrob.progress import Report, report_part
from specrob.results import Dimension, DimensionEstimate
from specrob.settings.measures import DimensionSettings


def measure_dimensions(
    representation: Representation, settings: DimensionSettings, context: RunContext
) -> Dimension:
    """Return the intrinsic dimension of some layers: of images first, then of noise and the null.

    Images that equal one before them, as pixels or in the layer, are left out and counted. The
    activations of one layer at a time are held; ``2 B^2 N`` operations compare them.

    Raises
    ------
    DataError, UsageError
        If `noise` or `null` is set where there is no network, or there are two repeats.
    MeasureError
        If no dimension can be measured.

    Examples
    --------
    >>> from specrob.artifacts import Data
    >>> from specrob.experiments.representations import RecordedActivations
    >>> plane = torch.rand(900, 2, generator=torch.Generator().manual_seed(0)) @ torch.eye(2, 9)
    >>> recorded = RecordedActivations(plane[None], Data("-", "activations", "", {}))
    >>> (one,) = measure_dimensions(recorded, DimensionSettings(), RunContext()).estimates
    >>> f"{one.dimension:.2f}, {one.low:.2f} to {one.high:.2f}"
    '2.11, 1.93 to 2.29'
    """
    if representation.n_repeats > 1:
        raise DataError("expected `x` (images, units), found two repeats; save one, or their mean")
    layers = settings.layer or (representation.default_layer,)
    count, batch_size = len(representation), context.batch_size or representation.batch_size
    responses: dict[str, Activations] = {
        source: respond
        for _, own in sources_of(representation, settings, context.seed)
        for source, respond in own.items()
    }
    distinct = {
        source: distinct_rows(_collect(respond, INPUT, count, batch_size))
        for source, respond in responses.items()
    }
    parts = [(layer, source) for layer in layers for source in responses]
    estimates, errors = [], []
    for number, (layer, source) in enumerate(parts):
        x = _collect(responses[source], layer, count, batch_size)
        report = report_part(context.report, number * count, count, len(parts) * count)
        found, error = _estimate(x, distinct[source], settings.discard, report)
        estimates.append(replace(found, source=source, layer=layer))
        errors.append(error)
    if errors[0] is not None and None not in errors:
        raise errors[0]
    return Dimension(
        estimates=tuple(estimates),
        discard=settings.discard,
        transform=_transforms(representation),
    )


def _transforms(representation: Representation) -> tuple[str, ...] | None:
    if not isinstance(representation, ImageRepresentation):
        return None
    return tuple(map(str, representation.transforms)) or None


def _collect(respond: Activations, layer: str, count: int, batch_size: int) -> Tensor:
    """Return the activations of a layer for all images, (B, N)."""
    x = torch.empty(0)
    for start in range(0, count, batch_size):
        rows = slice(start, min(start + batch_size, count))
        batch = respond(rows, [layer])[layer]
        if start == 0:
            x = batch.new_empty(count, batch.shape[1])
        x[rows] = batch
    return x


def _estimate(
    x: Tensor, distinct: Tensor, discard: float, report: Report
) -> tuple[DimensionEstimate, MeasureError | None]:
    """Return the dimension of activations, (B, N), and why there is none.

    `distinct` holds the positions of the distinct images.
    """
    points = x if len(distinct) == len(x) else x[distinct.to(x.device)]
    rows = distinct_rows(points)
    points = points if len(rows) == len(points) else points[rows.to(x.device)]
    estimate = DimensionEstimate(
        source="",
        layer="",
        size=int((x.amax(0) != x.amin(0)).sum()),
        n_images=len(x),
        duplicates=len(x) - len(points),
        dimension=None,
        reason="",
    )
    try:
        found = two_nn(nearest_neighbours(points, 2, report), discard)
    except MeasureError as error:
        return replace(estimate, reason=str(error).partition(";")[0]), error
    estimate = replace(
        estimate,
        dimension=found.dimension,
        low=found.low,
        high=found.high,
        bound=smoothness_bound(found.dimension),
        bound_low=smoothness_bound(found.high),
        bound_high=smoothness_bound(found.low),
        reason=None,
    )
    return estimate, None
