"""How a layer's eigenvalues change with the pixels of chosen images."""

from collections.abc import Sequence
from typing import Any

import torch

from specrob.errors import DataError, MeasureError, ModelError
from specrob.experiments.loading import REPEATS, LoadedModel
from specrob.experiments.spectra import accumulate, default_layer
from specrob.measures.power_law import numerical_rank
from specrob.measures.randomized import RandomizedEigenvalues
from specrob.measures.sensitivity import Sensitivity, eigenvalue_gradient
from specrob.models.layers import layer_function
from specrob.progress import Report, silent

RANKS = (1, 10, 100)  # where none are asked for, as far as eigenvalues go


def map_sensitivity(
    subject: LoadedModel,
    *,
    ranks: Sequence[int] | None = None,
    layer: str | None = None,
    index: Sequence[int] = (0, 1, 2, 3),
    batch_size: int = 1000,
    report: Report = silent,
) -> Sensitivity:
    """Return d lambda_n / d x of a layer's covariance over all images, for some of them.

    Raises
    ------
    DataError, MeasureError, ModelError
        If an image or a rank is not there, the layer is too large, or there is no network.

    Examples
    --------
    >>> from specrob.experiments.loading import load_model
    >>> from specrob.experiments.image_request import ImageSettings
    >>> digits = load_model(None, ImageSettings(limit=50), arch=None, device=torch.device("cpu"))
    >>> map_sensitivity(digits, ranks=(1, 10), index=(3,)).maps.shape
    (2, 1, 1, 8, 8)
    """
    count, layer = len(subject.images), layer or default_layer(subject)
    if subject.network.arch in ("activations", REPEATS):
        raise ModelError("expected a model, found activations without the images behind them")
    if max(index) >= count:
        raise DataError(f"expected --index below {count}, the images, found {max(index)}")
    how = {"batch_size": batch_size, "keep": False, "seed": 0, "report": report}
    sums = accumulate(subject, [layer], lambda rows: subject.images.pixels[rows], **how)[layer]
    if isinstance(sums, RandomizedEigenvalues):
        raise MeasureError(
            f"expected a layer whose covariance can be held, found {layer} with "
            f"{len(sums.shift)} units over {count} images; lower --limit"
        )
    images = subject.images.pixels[list(index)]
    if ranks is None:
        whole = numerical_rank(sums.eigenvalues().cpu().numpy())
        ranks = [rank for rank in RANKS if rank <= whole]
    maps = eigenvalue_gradient(
        layer_function(subject.network.module, layer),
        images,
        mean=sums.mean.to(images),
        directions=sums.eigenvectors(ranks).to(images),
        n_images=count,
    )
    maps, images = maps.cpu().numpy(), images.cpu().numpy()
    chosen = subject.images.index[list(index)].cpu().numpy()
    return Sensitivity(maps, torch.tensor(ranks).numpy(), chosen, images)


def describe_sensitivity(subject: LoadedModel, layer: str | None) -> dict[str, Any]:
    """Return the facts of sensitivity maps that go into their result."""
    return {"of": layer or default_layer(subject), "normalize": subject.network.normalize}
