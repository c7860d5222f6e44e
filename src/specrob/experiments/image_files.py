"""Images made of those of a loaded model, as a file that every command reads by `data`."""

import numpy as np
from torch import Tensor

from specrob.errors import DataError, UsageError
from specrob.experiments.loaded_model import LoadedModel
from specrob.norms import Bounds
from specrob.results import Facts, ImageFile
from specrob.settings.normalization import Normalization


def empty_file(
    loaded: LoadedModel, title: str, settings: Facts, box: Bounds, before: ImageFile | None
) -> ImageFile:
    """Return the file of images that are made of those of a model, still without images.

    Parameters
    ----------
    title : str
        What they are called.
    settings : mapping
        What they depend on, beside the network.
    box : Bounds
        The range of their pixels.
    before : ImageFile, optional
        What the file held before; a split that is not made now stays.

    Raises
    ------
    DataError
        If the network divides images by their norm: it would divide the new ones by another.
    UsageError
        If pixels could be outside of [0, 1], which no image set can hold.
    ArtifactError
        If the file held images made in another way.
    """
    if Normalization.parse(loaded.normalize).p is not None:
        raise DataError(
            "expected a network that is shown pixels, to write images for `data`, found one that "
            f"divides each image by its norm ({loaded.normalize}), which would divide the new "
            "ones by another; take a network of another `normalize`"
        )
    if loaded.data.transform:
        raise DataError(
            "expected a network that is shown pixels, to write images for `data`, found one whose "
            f"images are transformed ({', '.join(loaded.data.transform)}); set `transform` none, "
            "or take another network"
        )
    low, high = float(box.low.min()), float(box.high.max())
    if low < 0 or high > 1:
        raise UsageError(
            f"`bounds`: expected pixels from 0 to 1 in images for `data`, found {low:g} to "
            f"{high:g}; narrow the bounds"
        )
    made = ImageFile(
        name=np.array(title),
        settings={
            "network": loaded.digest,
            "arch": loaded.network.arch,
            **({"code": loaded.code} if loaded.code else {}),
            "data": loaded.data.source,
            "transform": list(loaded.images.transform),
            **settings,
        },
        digests=dict(loaded.data.digests),
    )
    if before is not None:
        made.require_same(before, "the file")
    return made


def filled(
    empty: ImageFile, loaded: LoadedModel, x: Tensor, y: Tensor, residual: Tensor | None = None
) -> ImageFile:
    """Return the file with images made of all of a model's images, as their split."""
    return empty.with_split(
        loaded.images.split,
        x.numpy(),
        y.numpy(),
        loaded.images.labels.cpu().numpy(),
        None if residual is None else residual.numpy(),
    )
