"""Images that a network represents as it does the images of a loaded model."""

from dataclasses import asdict

import torch
from torch import Tensor

from specrob.data import rows_at_a_time
from specrob.errors import DataError
from specrob.experiments.batch_loop import map_batches
from specrob.experiments.image_files import empty_file, filled
from specrob.experiments.loaded_model import LoadedModel
from specrob.experiments.run_context import RunContext
from specrob.measures.inversion import invert
from specrob.progress import Report
from specrob.random import others, uniforms
from specrob.results import ImageFile
from specrob.settings.inversion import InversionSettings, Start

MOST_IMAGES = 500  # of a batch


def invert_layer(
    loaded: LoadedModel,
    settings: InversionSettings,
    context: RunContext,
    *,
    before: ImageFile | None = None,
) -> ImageFile:
    """Return for every image another with nearly its activations in a layer, and its label.

    Parameters
    ----------
    before : ImageFile, optional
        What the file held that the images are to go to.

    Raises
    ------
    ModelError, DataError, UsageError, ArtifactError
        If there is no such layer, no other image to start from, or no file could hold the images;
        see `empty_file`.
    """
    images, layer = loaded.images, loaded.layer_function(settings.layer)
    box = images.bounds()
    facts = {**asdict(settings), "seed": context.seed}
    made_by = (
        f"inverted {settings.layer} from {settings.start} by {settings.steps} steps of "
        f"{settings.step_size:g}"
    )
    title = settings.images_title or f"{images.name} ({made_by})"
    empty = empty_file(loaded, title, facts, box, before)
    size = context.batch_size or rows_at_a_time(images.shape, MOST_IMAGES)
    batches = torch.arange(len(images)).split(size)

    def measure(at: int, report: Report) -> dict[str, Tensor]:
        rows = batches[at].to(images.device)
        x, residual = invert(
            layer,
            start_images(loaded, rows, settings.start, seed=context.seed),
            layer(images[rows]).detach(),
            steps=settings.steps,
            step_size=settings.step_size,
            bounds=box.take(rows),
            report=report,
        )
        return {"x": x, "residual": residual}

    checked = {**loaded.facts, **facts, "batch_size": size}
    context.begin_checkpoint(checked, loaded.normalize, images)
    columns = map_batches([len(rows) for rows in batches], measure, context)
    return filled(empty, loaded, columns["x"], images.labels.cpu(), columns["residual"])


def start_images(loaded: LoadedModel, rows: Tensor, start: Start, *, seed: int) -> Tensor:
    """Return where the descent starts for some of the images, (b, C, H, W).

    "other" is another of the images, "noise" uniform in [0, 1]; both are drawn for each image.
    """
    images = loaded.images
    index = images.index[rows]
    if start == "noise":
        shape = images.shape
        drawn = uniforms(shape, seed=seed, index=index.tolist(), stream="start pixels")
        return drawn.to(images.device)
    if len(images) < 2:
        raise DataError(
            "`start`: expected another image to start from, found one image; start from noise"
        )
    drawn = others(rows, len(images), seed=seed, index=index, stream="start images")
    return images[drawn]
